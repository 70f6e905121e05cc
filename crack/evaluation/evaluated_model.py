"""The evaluations of a model: where they are, how one is begun, and which there are.

They are under a hash of all that they depend on, and of what says which images are held
out.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crack import settings, storage
from crack.access import change
from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.evaluation.holdout import SEEN_FILE, SPLIT_FILE, Part, judged_samples
from crack.evaluation.kept import (
    ABOUT_FILE,
    IMAGES_FILE,
    PARTIAL_FILE,
    About,
    Evaluation,
)
from crack.inference.card import ModelCard
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import GRAPH_FILE


def of_model(folder: Path) -> Path:
    """Return where everything is kept that was evaluated of a model.

    Args:
        folder: Of the model.
    """
    card = ModelCard.read(folder)
    times = tuple(path.stat().st_mtime_ns for path in _files(folder) if path.exists())
    trained_on = card.dataset.get("fingerprint", "")
    key = _content_hash(
        folder, times, card.strongest_weight, card.image_size, trained_on
    )
    return settings.evaluations_dir() / key


def begin(folder: Path, dataset: Dataset, part: Part) -> Evaluation:
    """Return the evaluation of a model on a part of a dataset; begin it if need be.

    Args:
        folder: Of the model.
        dataset: What it is evaluated on.
        part: Those held out from the model, or all.

    Raises:
        CrackError: There are no images to judge, or they are not known.
    """
    return find(folder, dataset, part) or _begin(folder, dataset, part)


@change("begin an evaluation", on="{result.about[model]} on {dataset.name}")
def _begin(folder: Path, dataset: Dataset, part: Part) -> Evaluation:
    path = _path(folder, dataset, part)
    judged = judged_samples(folder, dataset, part)
    places = dataset.samples["file"].isin(judged.samples["file"]).to_numpy()
    images = pd.DataFrame(
        {
            "file": dataset.samples["file"][places],
            "is_crack": dataset.is_crack[places],
            "group": dataset.groups[places],
            "sha256": dataset.samples["sha256"][places],
        }
    )
    known = _judged_before(folder, images)
    about: About = {
        "model": ModelCard.read(folder).name,
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.fingerprint,
        "part": part,
        "images": len(images),
        "remark": judged.remark,
        "note": dataset.note,
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
    }
    with storage.new_folder(path) as made:
        images.to_csv(made / IMAGES_FILE, index=False, lineterminator="\n")
        storage.write_jsonl(made / PARTIAL_FILE, known)
        storage.write_json(made / ABOUT_FILE, about)
    return Evaluation(path)


def _judged_before(folder: Path, images: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what the model said of the same contents in earlier evaluations.

    So a dataset of which one image was relabelled is not judged anew.

    Args:
        folder: Of the model.
        images: Columns file and sha256.

    Returns:
        Rows as of `ScoreRow`, with the file.
    """
    known = []
    for evaluation in _complete_evaluations(folder):
        try:
            known.append(evaluation.scores_of_contents())
        except CrackError:  # it says so where it is opened; here it only saves time
            continue
    if not known:
        return []
    scores = pd.concat(known).drop_duplicates("sha256")
    same = images[["file", "sha256"]].merge(scores, on="sha256")
    rows: list[dict[str, Any]] = same.drop(columns="sha256").to_dict("records")  # type: ignore[assignment]
    return rows


def find(folder: Path, dataset: Dataset, part: Part) -> Evaluation | None:
    """Return the evaluation of a model on a part of a dataset, None before it begins.

    Args:
        folder: Of the model.
        dataset: What it is evaluated on.
        part: Those held out from the model, or all.
    """
    path = _path(folder, dataset, part)
    return Evaluation(path) if (path / ABOUT_FILE).is_file() else None


def evaluations_of(folder: Path) -> list[Evaluation]:
    """Return the finished evaluations of a model, the newest first.

    Args:
        folder: Of the model.
    """
    finished = _complete_evaluations(folder)
    return sorted(finished, key=lambda each: each.about["begun"], reverse=True)


def _complete_evaluations(folder: Path) -> list[Evaluation]:
    parent = of_model(folder)
    found = [Evaluation(path.parent) for path in parent.glob(f"[!.]*/{ABOUT_FILE}")]
    return [evaluation for evaluation in found if evaluation.complete]


def _path(folder: Path, dataset: Dataset, part: Part) -> Path:
    name = f"{dataset.name}-{part}-{dataset.fingerprint}"
    return of_model(folder) / name


@lru_cache(maxsize=64)
def _content_hash(folder: Path, times: tuple[int, ...], *of_card: float | str) -> str:
    """Return a hash of all that an evaluation depends on.

    Args:
        folder: Of the model.
        times: Of the last changes of its files.
        of_card: The values of the card that it depends on.
    """
    content = hashlib.sha256(repr(of_card).encode())
    for path in _files(folder):
        if path.exists():
            content.update(path.read_bytes())
    return content.hexdigest()[:16]


def _files(folder: Path) -> tuple[Path, ...]:
    graph = folder / GRAPH_FILE
    others = (OOD_FILE, SEEN_FILE, SPLIT_FILE)
    return graph, graph.with_suffix(".bin"), *(folder / name for name in others)
