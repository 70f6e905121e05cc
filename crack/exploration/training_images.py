"""The training images that look most like others to a model, as explanations do.

Likeness is the cosine of the features below the head (Papernot and McDaniel 2018,
arXiv:1803.04765, "Deep k-nearest neighbors").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset, dataset_names, load_dataset
from crack.data.split import read_split
from crack.errors import CrackError
from crack.evaluation.holdout import SPLIT_FILE
from crack.exploration.features import Done, features_of
from crack.inference.card import ModelCard

MOST_IMAGES = 3000
"""Of the training images that are compared; more would take minutes."""

_SEED = 17


@dataclass(frozen=True)
class TrainingImages:
    """Training images of a model, with what it sees in them.

    Attributes:
        dataset: Those of them that are compared and can be read.
        features: float32 array (images, channels), each row of length 1.
    """

    dataset: Dataset
    features: NDArray[np.float32]

    def nearest(
        self, features: NDArray[np.float32], number: int
    ) -> list[tuple[str, float]]:
        """Return the files most like an image, with their likeness up to 1.

        Args:
            features: Shape (channels,), of length 1: what the model sees in the image.
            number: How many.
        """
        alike = self.features @ features
        places = np.argsort(-alike, kind="stable")[:number]
        files = self.dataset.samples["file"].to_numpy()
        return [(str(files[place]), float(alike[place])) for place in places]


def training_images(folder: Path, progress: Done) -> TrainingImages:
    """Return the training images of a model; each is looked at once, then kept.

    Args:
        folder: Of the model.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The dataset it was trained on is not here, or has changed.
    """
    dataset = _trained_on(folder)
    rng = np.random.default_rng(_SEED)
    chosen = np.sort(rng.permutation(len(dataset.samples))[:MOST_IMAGES])
    compared = replace(dataset, samples=dataset.samples.iloc[chosen])
    features = features_of(folder, compared, progress)
    readable = np.flatnonzero(np.isfinite(features).all(axis=1))
    compared = replace(compared, samples=compared.samples.iloc[readable])
    return TrainingImages(compared, features[readable])


def _trained_on(folder: Path) -> Dataset:
    """Return the dataset of a model, with its training images alone."""
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
    trained = split["file"][split["split"] == "train"]
    samples = dataset.samples
    return replace(dataset, samples=samples[samples["file"].isin(trained)])
