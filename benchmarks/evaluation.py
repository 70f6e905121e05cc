"""How fast a model is evaluated, and how fast thresholds are redrawn.

    python -m benchmarks.evaluation MODEL DATASET

Judges up to 2,000 images of a dataset as `crack evaluate` does, and passes the same
images through the predictor alone, in turns. Then makes up 40,000 scores in a workspace
of its own and moves a threshold on the Evaluate page, as Streamlit's own test runs it:
the whole script, which takes longer than the part that a browser asks for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest  # noqa: TID251 - the pages are measured

from crack import storage
from crack.data.dataset import Dataset, load_dataset
from crack.evaluation.evaluated_model import begin
from crack.evaluation.kept import Evaluation
from crack.inference.predictor import Predictor
from crack.runs.registry import Model, find_model
from crack.settings import PROJECT

IMAGES = 2000
PREDICTIONS = 40_000
ROUNDS = 3
_MOVES = 15


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("dataset")
    options = parser.parse_args()
    model, dataset = find_model(options.model), load_dataset(options.dataset)
    ratio, rate = _rates(model, dataset)
    print(f"evaluation: {rate:.0f} images/s, {ratio:.1%} of the predictor's rate")
    first, again = _redraw(model)
    print(f"{PREDICTIONS:,} predictions: first {first:.0f} ms, moved {again:.0f} ms")


def _rates(model: Model, dataset: Dataset) -> tuple[float, float]:
    """Return the rate of an evaluation, as a share of the predictor's and by itself."""
    predictor = Predictor(model.folder)
    rng = np.random.default_rng(17)
    order = rng.permutation(len(dataset.samples))[:IMAGES]
    files = list(dataset.samples["file"].iloc[order])
    ratios, rates = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in predictor.predict((file, dataset.path(file)) for file in files):
            pass
        alone = time.perf_counter() - began
        with tempfile.TemporaryDirectory() as scratch:
            evaluation = _begun(Path(scratch), files)
            began = time.perf_counter()
            evaluation.go_on(predictor, dataset, lambda *_: None)
            kept = time.perf_counter() - began
        ratios.append(alone / kept)
        rates.append(len(files) / kept)
    return statistics.median(ratios), statistics.median(rates)


def _begun(folder: Path, files: list[str]) -> Evaluation:
    """Return an evaluation of these files that has not judged any."""
    images = pd.DataFrame({"file": files, "is_crack": True, "group": range(len(files))})
    images.to_csv(folder / "images.csv", index=False)
    about = {"model": "", "dataset": "", "images": len(files), "seconds": 0.0}
    storage.write_json(folder / "about.json", about)
    return Evaluation(folder)


def _redraw(model: Model) -> tuple[float, float]:
    """Return the milliseconds of the first view of the thresholds, and of a move."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CRACK_HOME"] = home
        _make_up(model, Path(home))
        app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=300)
        app.query_params["evaluate_part"] = "All"
        app.switch_page("pages/model/evaluate.py")
        app.run()
        began = time.perf_counter()
        app.segmented_control(key="evaluate_view").set_value("Thresholds").run()
        first = time.perf_counter() - began
        app.segmented_control(key="thresholds_policy").set_value("By hand").run()
        times = []
        for move in range(_MOVES):
            began = time.perf_counter()
            app.slider(key="thresholds_share").set_value(50 + move).run()
            times.append(time.perf_counter() - began)
            if app.exception:
                raise SystemExit(app.exception[0].message)
    return 1000 * first, 1000 * statistics.median(times)


def _make_up(model: Model, home: Path) -> None:
    """Fill a workspace with a dataset without images, and an evaluation on it."""
    rng = np.random.default_rng(17)
    is_crack = np.arange(PREDICTIONS) % 2 == 0
    files = [f"{'crack' if c else 'sound'}/{n}.png" for n, c in enumerate(is_crack)]
    samples = pd.DataFrame(
        {
            "file": files,
            "class": np.where(is_crack, "crack", "sound"),
            "width": 227,
            "height": 227,
            "bytes": 1000,
            "sha256": [f"{n:064x}" for n in range(PREDICTIONS)],
            "brightness": 0.5,
            "contrast": 0.1,
            "sharpness": 100.0,
            "group": range(PREDICTIONS),
        }
    )
    folder = home / "datasets" / "many"
    folder.mkdir(parents=True)
    samples.to_csv(folder / "samples.csv", index=False)
    (folder / "unreadable.csv").write_text("file,reason\n")
    about = {
        "class_names": ["crack", "sound"],
        "crack_class": "crack",
        "root": str(home / "photos"),
        "source": "made up",
        "added": "2026-11-25T12:00:00+00:00",
    }
    storage.write_json(folder / "dataset.json", about)
    evaluation = begin(model.folder, load_dataset("many"), "all")
    log_odds = rng.normal(np.where(is_crack, 3, -3), 2)
    scores = pd.DataFrame(
        {
            "file": files,
            "is_crack": is_crack,
            "group": range(PREDICTIONS),
            "log_odds": log_odds,
            "strongest": log_odds,
            "distance": 0.0,
            "look": False,
        }
    )
    scores.to_csv(evaluation.path / "scores.csv", index=False)
    storage.write_json(evaluation.path / "baselines.json", {"baselines": []})


if __name__ == "__main__":
    main()
