"""One table of a dataset: a row per image, to be filtered and sorted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.evaluation.metrics import DECISION
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.inference.thresholds import Thresholds

NO_SPLIT = "no split"
"""Part of an image that a split does not know."""

Interval = tuple[float, float]
"""The least and the greatest value, both included."""

_ALL: Interval = (-inf, inf)
_PROBLEM = "problem: "  # before the name of the column of a problem


@dataclass(frozen=True)
class Answers:
    """What a model says of images of a dataset.

    Attributes:
        images: With the probabilities.
        thresholds: Which turn these into answers.
    """

    images: ScoredImages
    thresholds: Thresholds


@dataclass(frozen=True)
class Wanted:
    """Which images are wanted; "" and None stand for any.

    Attributes:
        class_name: Their label.
        part: Of the split.
        problem: A name among those given to `image_table`.
        files: As in `Dataset.samples`.
        answer: Of the model: a value of `crack.inference.prediction.Label`.
        right: Whether the model is on the right side of 50 %.
        intervals: By column: `side`, `brightness`, `contrast`, `sharpness` or
            `probability`.
    """

    class_name: str = ""
    part: str = ""
    problem: str = ""
    files: frozenset[str] | None = None
    answer: str = ""
    right: bool | None = None
    intervals: Mapping[str, Interval] | None = None


def image_table(
    dataset: Dataset,
    split: pd.DataFrame | None,
    problems: Mapping[str, NDArray[np.bool_]],
    answers: Answers | None = None,
) -> pd.DataFrame:
    """Return a row per image, in the order of the samples.

    Args:
        dataset: With the images.
        split: Columns file and split.
        problems: By name, shape (n,): which images have it.
        answers: What a model says of them.

    Returns:
        The columns of `Dataset.samples`; `side` (the shorter one, in px), `split`, one
        for each problem, and with answers also `probability` (of a crack, NaN for an
        image that was not asked about), `answer` and `right`.
    """
    table = dataset.samples.copy()
    table["side"] = np.minimum(table["width"], table["height"])
    part = (
        {} if split is None else dict(zip(split["file"], split["split"], strict=True))
    )
    table["split"] = [part.get(file, NO_SPLIT) for file in table["file"]]
    for name, has in problems.items():
        table[_PROBLEM + name] = has
    if answers is not None:
        _add_answers(table, dataset.is_crack, answers)
    return table


def _add_answers(
    table: pd.DataFrame, is_crack: NDArray[np.bool_], answers: Answers
) -> None:
    images = answers.images
    said = [ANSWERS[place].value for place in images.answers(answers.thresholds)]
    rows = pd.Index(images.file).get_indexer(pd.Index(table["file"]))
    asked = rows >= 0
    probability = np.where(asked, images.probability[rows], np.nan)
    table["probability"] = probability
    table["answer"] = np.where(asked, np.array(said, dtype=object)[rows], "")
    # By the label of today: that of the evaluation may have been corrected since.
    table["right"] = asked & (is_crack == (probability >= DECISION))
    table["wrong"] = asked & ~table["right"]


def problem_names(table: pd.DataFrame) -> dict[str, int]:
    """Return how many images have each problem, without those that none has."""
    names = [column for column in table if str(column).startswith(_PROBLEM)]
    counts = {
        str(name).removeprefix(_PROBLEM): int(table[name].sum()) for name in names
    }
    return {name: number for name, number in counts.items() if number}


def filtered(table: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the wanted rows of a table.

    A problem, or an answer of a model, that the table does not know is no condition.

    Args:
        table: Of `image_table`.
        wanted: Which images.
    """
    keep = np.ones(len(table), np.bool_)
    equal = {"class": wanted.class_name, "split": wanted.part, "answer": wanted.answer}
    for column, value in equal.items():
        if value and column in table:
            keep &= (table[column] == value).to_numpy()
    if wanted.files is not None:
        keep &= table["file"].isin(wanted.files).to_numpy()
    flags = {_PROBLEM + wanted.problem: bool(wanted.problem)}
    flags |= {"right": wanted.right is True, "wrong": wanted.right is False}
    for column, asked in flags.items():
        if asked and column in table:
            keep &= table[column].to_numpy()
    for column, (least, greatest) in (wanted.intervals or {}).items():
        if (least, greatest) != _ALL and column in table:
            keep &= table[column].between(least, greatest).to_numpy()
    return table[keep]


def ordered(table: pd.DataFrame, column: str, *, ascending: bool) -> pd.DataFrame:
    """Return a table sorted by a column; equal rows stay in their order.

    Args:
        table: Of `image_table`.
        column: One of its columns; rows without a value come last.
        ascending: Whether the least value comes first.
    """
    return table.sort_values(column, ascending=ascending, kind="stable")
