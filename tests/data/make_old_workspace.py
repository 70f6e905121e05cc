"""Makes `old_workspace/` by the code of an earlier version; README.md says how."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
from PIL import Image

from crack import settings
from crack.data.dataset import load_dataset
from crack.inference.prediction import Label
from crack.inference.predictor import Predictor
from crack.inspections.history import element_history
from crack.inspections.records import InspectedPhoto, Verdict, VerdictKind
from crack.inspections.store import add_photo, create_inspection, give_verdict
from crack.runs.registry import find_model
from crack.runs.run import list_runs
from tests.conftest import draw_concrete, draw_crack, write_graph

HOME = settings.home()
PER_CLASS = 12
TRAIN = "train walls --image-size 64 --batch-size 8 --views 2 --fine-tune-epochs 2"
LEFT_OUT = (
    "cache",
    "keras",
    "inspections.db.lock",
    "runs/.lock",
    "runs/*/checkpoints/*",
    "runs/*/tensorboard",
    "runs/*/process.json",
    "runs/*/stop",
)


def crack(arguments: str) -> None:
    """Run a command of the program."""
    subprocess.run([sys.executable, "-m", "crack", *arguments.split()], check=True)


def jpeg(pixels: np.ndarray) -> bytes:
    """Return a small file of a picture."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("L").save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def add_dataset(rng: np.random.Generator) -> None:
    """Add a dataset with images that belong to one photo, and one left out."""
    parts = io.StringIO()
    rows = csv.writer(parts, lineterminator="\n")
    rows.writerow(["file", "photo"])
    source = HOME.parent / "walls.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for class_name in ("Positive", "Negative"):
            for number in range(PER_CLASS):
                patch = draw_concrete(rng)
                if class_name == "Positive":
                    draw_crack(patch, rng)
                file = f"{class_name}/{number:02d}.jpg"
                archive.writestr(file, jpeg(patch))
                rows.writerow([file, f"{class_name}-{number // 2}"])
        archive.writestr("Negative/broken.jpg", b"no photo")
        archive.writestr("photos.csv", parts.getvalue())
    crack(f"dataset add walls {source}")


def stop_a_run() -> None:
    """Start a training, and stop it after two epochs."""
    training = subprocess.Popen(
        [sys.executable, "-m", "crack", *TRAIN.split(), "--frozen-epochs", "200"]
    )
    while not (runs := list_runs()) or len(runs[0].history) < 2:
        time.sleep(0.1)
    crack(f"runs stop {runs[0].id}")
    training.wait()


def finish_a_run() -> None:
    """Train, and give the model a graph that is small; the card stays as it is."""
    crack(f"{TRAIN} --frozen-epochs 3")
    run = list_runs()[0]
    for name in ("graph.xml", "graph.bin", "model.keras"):
        (run.model_folder / name).unlink()
    write_graph(run.model_folder, zero=140, slope=-0.15)
    crack(f"models promote {run.id} walls-1")


def inspect(rng: np.random.Generator) -> None:
    """Inspect an element twice; its crack has grown."""
    model = find_model("walls-1")
    predictor = Predictor(model.folder)
    accepted = Verdict(VerdictKind.ACCEPT)
    corrected = Verdict(VerdictKind.CORRECT, Label.CRACK)
    for day, width, last in (
        (date(2026, 3, 1), 0.2, corrected),
        (date(2026, 9, 1), 0.35, accepted),
    ):
        inspection = create_inspection("Bridge 7", "Pier 2", day, model, "After rain")
        kept = []
        for name, tone in (("dark.jpg", 60), ("grey.jpg", 140), ("light.jpg", 200)):
            photo = np.full((96, 128, 3), tone) + rng.normal(0, 12, (96, 128, 1))
            content = jpeg(photo.clip(0, 255).astype(np.uint8))
            kept.append(add_answer(predictor, inspection.id, name, content))
        add_answer(predictor, inspection.id, "broken.jpg", b"no photo")
        measured = replace(accepted, width_mm=width, exposure="aci-humid", note="Rust")
        give_verdict(kept[0].id, measured)
        give_verdict(kept[1].id, Verdict(VerdictKind.CANNOT_TELL))
        give_verdict(kept[2].id, last)


def add_answer(
    predictor: Predictor, inspection_id: str, name: str, content: bytes
) -> InspectedPhoto:
    """Ask about a photo and keep it with its answer."""
    (answer,) = predictor.predict([(name, content)])
    return add_photo(inspection_id, content, answer, mm_per_pixel=0.5)


def told() -> dict[str, object]:
    """Return what the earlier version says of it all."""
    model, dataset = find_model("walls-1"), load_dataset("walls")
    files = list(dataset.samples["file"][::8])
    answers = Predictor(model.folder).predict((f, dataset.path(f)) for f in files)
    return {
        "fingerprint": dataset.fingerprint,
        "runs": {run.id: run.status for run in list_runs()},
        "probability": {a.file: a.probability for a in answers},
        "history": [
            [str(entry.inspection.inspected_on), entry.state, entry.status]
            for entry in element_history("Bridge 7", "Pier 2")
        ],
    }


def clear() -> None:
    """Delete what is large, or means nothing on another machine."""
    for pattern in LEFT_OUT:
        for path in HOME.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    rng = np.random.default_rng(17)
    add_dataset(rng)
    stop_a_run()
    finish_a_run()
    inspect(rng)
    HOME.with_suffix(".json").write_text(json.dumps(told(), indent=2) + "\n")
    clear()
