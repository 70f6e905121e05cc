"""Which images a model may be evaluated on: those it has not seen, by content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.checked import BAD_ARRAY
from crack.data.dataset import Dataset
from crack.data.split import make_split, read_split, split_fingerprint
from crack.errors import CrackError
from crack.inference.card import ModelCard

SEEN_FILE, SPLIT_FILE = "seen.npy", "split.csv"

_PHOTO = "photo_sha256"

_ON_ALL = "Evaluate on all images (on the command line: --split all)."

Part = Literal["test", "all"]
"""What to evaluate a model on: the images held out from it, or all of them."""


@dataclass(frozen=True)
class Judged:
    """What a model is evaluated on.

    Attributes:
        samples: Columns file and class.
        remark: What a reader must know about the numbers, "" if nothing.
    """

    samples: pd.DataFrame
    remark: str = ""


def contents(samples: pd.DataFrame) -> list[str]:
    """Return the hashes of images, and of the photos they are known to be cut from.

    Args:
        samples: As in `Dataset`.

    Returns:
        SHA-256 in hexadecimal, for `write_seen` and `add_seen`.
    """
    images = samples["sha256"].tolist()
    if _PHOTO not in samples:
        return images
    return [*images, *filter(None, samples[_PHOTO].unique())]


def write_seen(folder: Path, sha256: Iterable[str]) -> None:
    """Record which images a model was trained and calibrated on.

    Args:
        folder: Of the model.
        sha256: Of each image file, and of the photos they are parts of, in hexadecimal.
    """
    np.save(folder / SEEN_FILE, np.unique(_numbers(sha256)))


def add_seen(folder: Path, sha256: Iterable[str]) -> None:
    """Add images to the record of what a model was trained and calibrated on.

    Args:
        folder: Of the model.
        sha256: As of `write_seen`.

    Raises:
        CrackError: The model has no record of what it has seen.
    """
    np.save(folder / SEEN_FILE, np.union1d(_seen(folder), _numbers(sha256)))


def seen_samples(folder: Path, dataset: Dataset) -> NDArray[np.bool_]:
    """Return which samples a model has seen: themselves, or one of their group.

    Images are compared by content, so they are also found in a dataset of another name
    or among other images. So are the photos they were cut from, as far as both datasets
    know them: tiles cut anew share no file with those of before.

    Args:
        folder: Of the model.
        dataset: Whose samples.

    Returns:
        Shape (n,).

    Raises:
        CrackError: The model has no record of what it has seen.
    """
    known, samples = _seen(folder), dataset.samples
    seen = np.isin(_numbers(samples["sha256"]), known)
    if _PHOTO in samples:
        told = (samples[_PHOTO] != "").to_numpy()
        seen[told] |= np.isin(_numbers(samples.loc[told, _PHOTO]), known)
    return np.isin(dataset.groups, dataset.groups[seen])


def fingerprints(folder: Path) -> dict[str, str]:
    """Return hashes that tell whether two models learned from the same images.

    Args:
        folder: Of the model.

    Returns:
        By what is hashed, in words; what the model has not kept is missing.
    """
    found = {}
    if (folder / SPLIT_FILE).is_file():
        found["the split"] = split_fingerprint(_own_split(folder))
    if (folder / SEEN_FILE).is_file():
        found["what it was trained and calibrated on"] = _hash(_seen(folder).tobytes())
    return found


def judged_samples(folder: Path, dataset: Dataset, part: Part) -> Judged:
    """Return the samples of a dataset to evaluate a model on.

    The test samples are those of the run the model came from if it was trained on this
    very dataset. If it has seen a part of the dataset, they are the rest; otherwise
    those of the grouped split with the default seed.

    Args:
        folder: Of the model.
        dataset: With the samples.
        part: Those held out from the model, or all.

    Raises:
        CrackError: There are none, or they are not known.
    """
    seen = seen_samples(folder, dataset)
    if part == "all":
        return _all_samples(dataset, seen)
    own = ModelCard.read(folder).dataset.get("fingerprint") == dataset.fingerprint
    if seen.any() and not own:
        return _unseen_samples(dataset, seen)
    split = _own_split(folder) if own else _fresh_split(dataset)
    test = split[split["split"] == "test"]
    if test.empty:
        raise CrackError("The test split is empty.", _ON_ALL)
    return Judged(test[["file", "class"]])


def _all_samples(dataset: Dataset, seen: NDArray[np.bool_]) -> Judged:
    samples = dataset.samples[["file", "class"]]
    if not seen.any():
        return Judged(samples)
    return Judged(
        samples,
        f"{seen.sum()} of these {len(seen)} samples, near-copies of them or other "
        "parts of their photos were used to train the model, so the numbers flatter "
        "it.",
    )


def _unseen_samples(dataset: Dataset, seen: NDArray[np.bool_]) -> Judged:
    if seen.all():
        raise CrackError(
            f"The model has seen all of '{dataset.name}'.",
            "Evaluate it on other images.",
        )
    unseen = dataset.samples.loc[~seen, ["file", "class"]]
    return Judged(
        unseen,
        f"{seen.sum()} of the {len(seen)} samples, near-copies of them or other parts "
        "of their photos were used to train the model. It is evaluated on the other "
        f"{len(unseen)}.",
    )


def _fresh_split(dataset: Dataset) -> pd.DataFrame:
    try:
        return make_split(dataset, "grouped", seed=17)
    except CrackError as error:
        # Samples too few to split can still be evaluated on.
        raise CrackError(error.message, _ON_ALL) from error


def _own_split(folder: Path) -> pd.DataFrame:
    try:
        return read_split(folder / SPLIT_FILE)
    except FileNotFoundError as error:
        raise CrackError(
            f"The model '{folder.name}' has no {SPLIT_FILE}, which says what it was "
            "trained on.",
            f"Promote its run again. {_ON_ALL}",
        ) from error


def _seen(folder: Path) -> NDArray[np.uint64]:
    try:
        seen: NDArray[np.uint64] = np.load(folder / SEEN_FILE)
    except FileNotFoundError as error:
        raise CrackError(
            f"The model in {folder} does not say what it was trained on: {SEEN_FILE} "
            "is missing.",
            "Train it again.",
        ) from error
    except BAD_ARRAY as error:
        raise CrackError(
            f"{folder / SEEN_FILE}, which says what the model was trained on, is "
            "damaged.",
            "Promote its run again, or choose another model.",
        ) from error
    return seen


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _numbers(sha256: Iterable[str]) -> NDArray[np.uint64]:
    """Return the first 64 bits: enough to tell millions of files apart."""
    return np.array([int(text[:16], base=16) for text in sha256], dtype=np.uint64)
