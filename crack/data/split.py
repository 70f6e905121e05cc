"""Which samples a model is trained on, and which it is tested on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.errors import CrackError

SplitMethod = Literal["grouped", "random"]

SHARES = {"train": 0.8, "val": 0.16, "test": 0.04}
"""A fifth of the samples tests the model, and a fifth of those only at the end."""

_LOPSIDED = 0.1  # distance from a share

_COLUMNS = ["file", "class", "group", "split"]


class Leak(TypedDict):
    """How many val and test samples have a group member in train."""

    count: int
    """Number of val and test samples with a group member in train."""
    total: int
    """Number of val and test samples."""
    share: float
    """`count / total`, 0 to 1."""


def make_split(dataset: Dataset, method: SplitMethod, seed: int) -> pd.DataFrame:
    """Split into train, val and test, each class in the shares of `SHARES`.

    Args:
        dataset: What to split.
        method: "grouped" keeps near-copies and the images of one photo on one side,
            "random" does not.
        seed: The same seed gives the same split.

    Returns:
        Columns `file`, `class`, `group` (see `Dataset.groups`, with either method) and
        `split` ("train", "val" or "test"); rows in the order of the samples.

    Raises:
        CrackError: A class has too few samples for all three.
    """
    frame = dataset.samples[["file", "class"]].reset_index(drop=True)
    frame["group"] = dataset.groups
    unit = frame["group"] if method == "grouped" else pd.RangeIndex(len(frame))
    counts = frame.groupby([unit, "class"]).size().unstack(fill_value=0)
    first = frame["class"].groupby(unit).first()
    rng = np.random.default_rng(seed)
    shuffled: list[int] = []
    for class_name in dataset.class_names:
        _check_enough(class_name, int((counts[class_name] > 0).sum()), method)
        of_class = first.index[first == class_name]
        shuffled += of_class[rng.permutation(len(of_class))].tolist()
    side = _deal(counts.loc[shuffled])
    return frame.assign(split=[side[u] for u in unit.tolist()])


def write_split(path: Path, frame: pd.DataFrame) -> None:
    """Write a split as CSV."""
    frame[_COLUMNS].to_csv(path, index=False)


def read_split(path: Path) -> pd.DataFrame:
    """Return the split written at `path`.

    Raises:
        FileNotFoundError: There is no such file.
        CrackError: It is damaged.
    """
    # A class named "1" or "NA" must stay text.
    text = {"file": str, "class": str, "split": str}
    try:
        split = pd.read_csv(path, dtype=text, keep_default_na=False)
        whole = text.keys() <= set(split) and split["split"].isin(SHARES).all()
    except ValueError:
        whole = False
    if not whole:
        raise CrackError(
            f"{path}, which says what was trained on, is damaged or incomplete.",
            "Copy it back from a backup, or train again.",
        )
    return split


def split_fingerprint(split: pd.DataFrame) -> str:
    """Return a hash of which file is in which part: the identity of the split.

    Args:
        split: Columns file and split.
    """
    rows = sorted(split[["file", "split"]].itertuples(index=False, name=None))
    text = "\n".join(map(",".join, rows))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def leak(split: pd.DataFrame) -> Leak:
    """Count the val and test samples with a near-copy or part of their photo in train.

    Args:
        split: As made by `make_split`.
    """
    in_train = split["split"] == "train"
    judging = split[~in_train]
    count = int(judging["group"].isin(split.loc[in_train, "group"]).sum())
    total = len(judging)
    return Leak(count=count, total=total, share=count / total if total else 0.0)


def is_lopsided(split: pd.DataFrame) -> bool:
    """Return whether a class is far from the shares of `SHARES`.

    Far is more than 10 percentage points in one of them, as happens with few groups.

    Args:
        split: As made by `make_split`.
    """
    wanted = pd.Series(SHARES)
    found = pd.crosstab(split["class"], split["split"], normalize="index")
    distance = (found.reindex(columns=wanted.index, fill_value=0) - wanted).abs()
    return bool((distance > _LOPSIDED).to_numpy().any())


def _check_enough(class_name: str, units: int, method: SplitMethod) -> None:
    if units >= 3:
        return
    together = "groups of images that belong together"
    raise CrackError(
        "Train, val and test need every class, so at least 3 "
        f"{together if method == 'grouped' else 'images'} of each; "
        f"{class_name} has {units}.",
        "Add images that are not copies of those already there, from other photos.",
    )


def _deal(counts: pd.DataFrame) -> dict[int, str]:
    """Assign each unit to a part, in the order of the units.

    Args:
        counts: Number of samples of each class (the columns) in each unit (the index,
            shuffled); every class is in at least three.
    """
    side: dict[int, str] = {}
    total = counts.sum().to_numpy()
    # The smaller part comes first: it has the least choice of groups that fit.
    for keep_back, name in ((2, "test"), (1, "val")):
        room = np.maximum(1, np.round(SHARES[name] * total)).astype(np.int64)
        taken = _fill(counts.to_numpy(), room, keep_back)
        side.update(dict.fromkeys(counts.index[taken], name))
        counts = counts[~taken]
    return side | dict.fromkeys(counts.index, "train")


def _fill(
    counts: NDArray[np.int64], room: NDArray[np.int64], keep_back: int
) -> NDArray[np.bool_]:
    """Choose units that still fit, and leave some.

    Args:
        counts: Shape (units, classes): samples of each class.
        room: Shape (classes,): wanted samples of each.
        keep_back: Units of each class to leave.

    Returns:
        Shape (units,): which are taken; of each class at least one.
    """
    taken = np.zeros(len(counts), dtype=np.bool_)
    left = (counts > 0).sum(axis=0)  # units of each class not taken
    for position, size in enumerate(counts):
        if not room.any():
            break
        if (size <= room).all() and (left - (size > 0) >= keep_back).all():
            taken[position] = True
            left -= size > 0
            room = room - size
    share = (counts / counts.sum(axis=0)).sum(axis=1)
    # The class in the fewest units first: one of those may bring the other class too.
    for of_class in counts.T[np.argsort(left, kind="stable")]:
        if of_class[taken].any():
            continue
        # One that is small for the classes it brings, and leaves enough of the other
        # class. There always is one: if all have both classes, as many of the other
        # are left as of this one.
        brings = (counts[:, ~counts[taken].any(axis=0)] > 0).sum(axis=1)
        fits = (of_class > 0) & ~taken
        fits &= (left - (counts > 0) >= keep_back).all(axis=1)
        chosen = int(np.argmin(np.where(fits, share / np.maximum(1, brings), np.inf)))
        taken[chosen] = True
        left -= counts[chosen] > 0
    return taken
