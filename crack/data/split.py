"""Which samples train a model and which ones judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.errors import CrackError

SplitMethod = Literal["grouped", "random"]

# A fifth of the samples judges the model, and a fifth of those only once, at the end.
# The smaller part comes first: it has the least choice of groups that fit.
_SHARES = {"test": 0.04, "val": 0.16}

_COLUMNS = ["file", "class", "group", "split"]


class Leak(TypedDict):
    """How far the judging samples were seen in training, as near-copies."""

    count: int
    """Number of val and test samples with a group member in train."""
    total: int
    """Number of val and test samples."""
    share: float
    """`count / total`, 0 to 1."""


def make_split(dataset: Dataset, method: SplitMethod, seed: int) -> pd.DataFrame:
    """Split into 80 % train, 16 % val and 4 % test, each class in these shares.

    Args:
        dataset: What to split.
        method: "grouped" keeps near-copies on one side, "random" ignores them.
        seed: The same seed gives the same split.

    Returns:
        Columns `file`, `class`, `group` (near-copies share one, with either method)
        and `split` ("train", "val" or "test"); rows in the order of the samples.

    Raises:
        CrackError: A class is too small to be in all three.
    """
    frame = dataset.samples[["file", "class", "group"]].reset_index(drop=True)
    grouped = method == "grouped"
    unit = frame["group"].to_numpy() if grouped else np.arange(len(frame))
    units = pd.DataFrame({"unit": unit, "class": frame["class"]})
    # A picture labelled both ways has one side all the same: that of its first sample.
    sizes = units.groupby("unit", sort=True)["class"].agg(["size", "first"])
    rng = np.random.default_rng(seed)
    side: dict[int, str] = {}
    for class_name in dataset.class_names:
        of_class = sizes[sizes["first"] == class_name]["size"]
        _check_enough(class_name, of_class, grouped=grouped)
        side.update(_deal(of_class.iloc[rng.permutation(len(of_class))]))
    return frame.assign(split=[side[u] for u in unit.tolist()])


def write_split(path: Path, frame: pd.DataFrame) -> None:
    """Write a split as CSV."""
    frame[_COLUMNS].to_csv(path, index=False)


def read_split(path: Path) -> pd.DataFrame:
    """Return the split written at `path`.

    Raises:
        FileNotFoundError: There is no such file.
    """
    # A class named "1" or "NA" must stay text.
    text = {"file": str, "class": str, "split": str}
    return pd.read_csv(path, dtype=text, keep_default_na=False)


def leak(split: pd.DataFrame) -> Leak:
    """Count the val and test samples that have a near-copy in train."""
    in_train = split["split"] == "train"
    judging = split[~in_train]
    count = int(judging["group"].isin(split.loc[in_train, "group"]).sum())
    total = len(judging)
    return Leak(count=count, total=total, share=count / total if total else 0.0)


def _check_enough(class_name: str, sizes: pd.Series[int], *, grouped: bool) -> None:
    if len(sizes) >= 3:
        return
    what = "groups of near-copies" if grouped else "images"
    raise CrackError(
        f"Train, val and test need every class, so at least 3 {what} of each; "
        f"{class_name} has {len(sizes)}.",
        "Add images that are not copies of those already there.",
    )


def _deal(sizes: pd.Series[int]) -> dict[int, str]:
    """Give every unit of one class its side, taking units as they come.

    Args:
        sizes: Number of samples of each unit (the index), at least three, shuffled.
    """
    side: dict[int, str] = {}
    total = int(sizes.sum())
    for keep_back, (name, share) in zip((2, 1), _SHARES.items(), strict=True):
        taken = _fill(sizes, max(1, round(share * total)), keep_back)
        side.update(dict.fromkeys(sizes.index[taken], name))
        sizes = sizes[~taken]
    return side | dict.fromkeys(sizes.index, "train")


def _fill(sizes: pd.Series[int], room: int, keep_back: int) -> NDArray[np.bool_]:
    """Choose the units that still fit, at least one, and leave `keep_back` of them."""
    taken = np.zeros(len(sizes), dtype=np.bool_)
    for position, size in enumerate(sizes):
        if size <= room and taken.sum() < len(sizes) - keep_back:
            taken[position] = True
            room -= size
    if not taken.any():
        taken[int(np.argmin(sizes))] = True
    return taken
