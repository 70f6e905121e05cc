"""Which images a model has seen before it is judged, by their content."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.errors import CrackError

SEEN_FILE = "seen.npy"


def write_seen(folder: Path, sha256: Iterable[str]) -> None:
    """Write down what a model was trained and calibrated on.

    Args:
        folder: Of the model.
        sha256: Of each image file, in hexadecimal.
    """
    np.save(folder / SEEN_FILE, np.unique(_numbers(sha256)))


def seen_samples(folder: Path, dataset: Dataset) -> NDArray[np.bool_]:
    """Return which samples a model knows: seen themselves, or one of their group.

    It is told by content, so also where the images lie in a dataset of another name or
    among others.

    Args:
        folder: Of the model.
        dataset: Whose samples.

    Returns:
        Shape (n,).

    Raises:
        CrackError: The model does not say what it has seen.
    """
    try:
        known = np.load(folder / SEEN_FILE)
    except FileNotFoundError as error:
        raise CrackError(
            f"The model in {folder} does not say what it was trained on: {SEEN_FILE} "
            "is missing.",
            "Train it again.",
        ) from error
    seen = np.isin(_numbers(dataset.samples["sha256"]), known)
    return np.isin(dataset.groups, dataset.groups[seen])


def _numbers(sha256: Iterable[str]) -> NDArray[np.uint64]:
    """Return the first 64 bits: enough to tell millions of files apart."""
    return np.array([int(text[:16], base=16) for text in sha256], dtype=np.uint64)
