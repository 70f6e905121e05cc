"""The training images that look most like others to a model, as explanations do.

Likeness is the cosine of the features below the head (Papernot and McDaniel 2018,
arXiv:1803.04765, "Deep k-nearest neighbors").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import storage
from crack.access import read_only
from crack.checked import BAD_ARRAY
from crack.data.dataset import Dataset, dataset_names, load_dataset
from crack.data.images import decode_image, resize_image
from crack.data.split import read_split
from crack.errors import CrackError
from crack.evaluation.evaluate import Done
from crack.evaluation.evaluated_model import of_model
from crack.evaluation.holdout import SPLIT_FILE
from crack.inference.card import ModelCard
from crack.inference.engine import BATCH, Engine
from crack.inference.predictor import GRAPH_FILE

MOST_IMAGES = 3000
"""Of the training images that are compared; more would take minutes."""

_FILE = "training-features.npz"
_FEATURES = 2  # place among the outputs of the graph
_SEED = 17


@dataclass(frozen=True)
class TrainingImages:
    """Training images of a model, with what it sees in them.

    Attributes:
        dataset: They are from.
        files: As in `Dataset.samples`.
        features: float32 array (images, channels), each row of length 1.
    """

    dataset: Dataset
    files: tuple[str, ...]
    features: NDArray[np.float32]

    def nearest(
        self, described: NDArray[np.float32], number: int
    ) -> list[tuple[str, float]]:
        """Return the files most like an image, with their likeness up to 1.

        Args:
            described: Shape (channels,), as of `describe`.
            number: How many.
        """
        alike = self.features @ described
        places = np.argsort(-alike, kind="stable")[:number]
        return [(self.files[place], float(alike[place])) for place in places]


def training_images(folder: Path, progress: Done) -> TrainingImages:
    """Return the training images of a model; looked at once, then kept.

    Args:
        folder: Of the model.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The dataset it was trained on is not here, or has changed.
    """
    dataset, files = _trained_on(folder)
    path = of_model(folder) / _FILE
    try:
        with np.load(path) as kept:
            names, features = tuple(kept["files"].tolist()), kept["features"]
    except BAD_ARRAY:
        rng = np.random.default_rng(_SEED)
        chosen = sorted(rng.permutation(len(files))[:MOST_IMAGES].tolist())
        names = tuple(files[place] for place in chosen)
        features = describe(folder, dataset, names, progress).astype(np.float16)
        if not read_only():
            _keep(path, names, features)
    return TrainingImages(dataset, names, features.astype(np.float32))


def _keep(path: Path, names: tuple[str, ...], features: NDArray[np.float16]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        np.savez(file, files=np.array(names), features=features)
    storage.settle(partial, path)


def describe(
    folder: Path, dataset: Dataset, files: Sequence[str], progress: Done
) -> NDArray[np.float32]:
    """Return what a model sees in images, each as a row of length 1.

    Args:
        folder: Of the model.
        dataset: With the images.
        files: Which of them.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: An image can no longer be read.
    """
    side = ModelCard.read(folder).image_size
    engine = Engine(folder / GRAPH_FILE, side=side)
    rows = []
    for first, outputs in engine.stream(_batches(dataset, files, side)):
        pooled = outputs[_FEATURES].mean((1, 2))
        rows.append(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))
        progress(min(first + BATCH, len(files)), len(files))
    return np.concatenate(rows) if rows else np.empty((0, 0), np.float32)


def _batches(
    dataset: Dataset, files: Sequence[str], side: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for first in range(0, len(files), BATCH):
        paths = [dataset.path(file) for file in files[first : first + BATCH]]
        pictures = [resize_image(decode_image(path), side, side) for path in paths]
        yield first, np.stack(pictures)


def _trained_on(folder: Path) -> tuple[Dataset, list[str]]:
    """Return the dataset of a model, and its training images."""
    about = ModelCard.read(folder).dataset
    name = about.get("name", "")
    if name not in dataset_names():
        raise CrackError(
            f"The images the model was trained on, '{name}', are not on this computer.",
            "Models trained here show the nearest of theirs.",
        )
    dataset = load_dataset(name)
    if dataset.fingerprint != about.get("fingerprint"):
        raise CrackError(
            f"The dataset '{name}' has changed since the model was trained on it.",
            "Models trained on it as it is show the nearest images.",
        )
    split = read_split(folder / SPLIT_FILE)
    return dataset, list(split["file"][split["split"] == "train"])
