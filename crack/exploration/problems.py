"""What may be wrong with a dataset, as lists of images to look through.

Nothing here is a verdict: each list says what it means, the worst image first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.exploration.judgement import Judgement
from crack.inference.image_quality import BLURRED, SMALL

# Of 6,000 images, as they are, darkened, brightened and blurred, these two tell 95 % of
# those that the check of photos (crack.inference.image_quality) calls dark, and 88 % of
# those it calls overexposed; of what they tell, 98 and 99 % are
# (`python -m benchmarks.index_faults`).
_DARK, _DARK_DEVIATIONS = 0.25, 1.64  # 95 % of the pixels are darker
_BURNT, _BURNT_DEVIATIONS = 0.98, 0.67  # 25 % of the pixels are lighter

_WRONG = 50  # % probability of the label
_FAR_OUT = 3  # times the distance of the quartiles (Tukey 1977)

Row = tuple[str, ...]
"""Files that are looked at together: one image, or copies of one picture."""

_Found = tuple[tuple[Row, ...] | None, tuple[str, ...]]


@dataclass(frozen=True)
class Problem:
    """A list of images with something in common that may be wrong.

    Attributes:
        key: Its name in the address and in the edits.
        title: Its name for the reader.
        meaning: What it means and where the limit is, as a sentence.
        rows: What to look at, the worst first; None if it is not known yet, as nobody
            had the images looked at.
        remark: Of each row, what made it be here, "" if nothing needs to be said.
    """

    key: str
    title: str
    meaning: str
    rows: tuple[Row, ...] | None
    remarks: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """Number of images in all rows."""
        return sum(len(row) for row in self.rows or ())

    def open_rows(self, dataset: Dataset) -> list[int]:
        """Return the places of the rows in which an image is left to look at.

        Args:
            dataset: With its edits.
        """
        kept, changed = dataset.kept, dataset.changes
        return [
            place
            for place, row in enumerate(self.rows or ())
            if any((f, self.key) not in kept and f not in changed for f in row)
        ]

    def among(self, files: pd.Series[str]) -> NDArray[np.bool_]:
        """Return which of some images are in the list.

        Args:
            files: As in `Dataset.samples`.
        """
        wanted = {file for row in self.rows or () for file in row}
        return files.isin(wanted).to_numpy()


def problems(
    dataset: Dataset, image_size: int, judgement: Judgement | None
) -> list[Problem]:
    """Return all lists, those without the network first.

    Args:
        dataset: To look through.
        image_size: Side of the input of the network in px.
        judgement: What a model makes of the images, None if it was not asked.
    """
    return [
        *_of_light(dataset.samples),
        _too_small(dataset.samples, image_size),
        _blurred(dataset, judgement),
        *_copies(dataset.samples),
        _wrong_labels(dataset, judgement),
        _outliers(dataset, judgement),
    ]


def _of_light(samples: pd.DataFrame) -> Iterable[Problem]:
    mean, deviation = (samples[key].to_numpy() for key in ("brightness", "contrast"))
    yield Problem(
        "dark",
        "Dark",
        "19 of 20 pixels are darker than a quarter of white, judged by mean and "
        "spread of the brightness: detail drowns in noise.",
        *_worst_first(samples, mean, is_dark(mean, deviation)),
    )
    yield Problem(
        "overexposed",
        "Overexposed",
        "A quarter of the pixels is at 98 % of white or above, judged by mean and "
        "spread of the brightness: fine cracks are burnt out.",
        *_worst_first(samples, -mean, is_overexposed(mean, deviation)),
    )


def is_dark(
    mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which images are dark by mean and deviation of their brightness."""
    dark: NDArray[np.bool_] = mean + _DARK_DEVIATIONS * deviation < _DARK
    return dark


def is_overexposed(
    mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which images are overexposed by mean and deviation of their brightness."""
    burnt: NDArray[np.bool_] = mean + _BURNT_DEVIATIONS * deviation >= _BURNT
    return burnt


def _too_small(samples: pd.DataFrame, image_size: int) -> Problem:
    side = samples[["width", "height"]].min(axis=1).to_numpy()
    limit = SMALL * image_size
    return Problem(
        "small",
        "Too small",
        f"A side is below {limit:.0f} px; the network looks at {image_size} px, so "
        "most of the pixels it sees would be invented.",
        *_worst_first(samples, side, side < limit, "{:.0f} px on the shorter side"),
    )


def _blurred(dataset: Dataset, judgement: Judgement | None) -> Problem:
    found: _Found = (None, ())
    if judgement is not None:
        values = judgement.sharpness
        found = _worst_first(
            dataset.samples, values, values < BLURRED, "sharpness {:.2f}"
        )
    return Problem(
        "blurred",
        "Blurred",
        f"Sharpness at the sharpest edges is below {BLURRED}, as for photos that are "
        "judged: edges are washed out over 2 px and more.",
        *found,
    )


def _copies(samples: pd.DataFrame) -> Iterable[Problem]:
    by_group = samples.groupby("group")
    contents = by_group["sha256"].transform("nunique").to_numpy()
    classes = by_group["class"].transform("nunique").to_numpy()
    exact = samples["sha256"].duplicated(keep=False)
    yield Problem(
        "exact",
        "Exact copies",
        "The same file is in the dataset more than once, byte for byte: it counts "
        "double. One of each row is enough.",
        _rows(samples[exact], "sha256"),
    )
    yield Problem(
        "near",
        "Near-copies",
        "One picture saved again, cropped a little, mirrored or turned by quarters. A "
        "grouped split keeps them on one side, so they may stay.",
        _rows(samples[contents > 1], "group"),
    )
    yield Problem(
        "both",
        "In both classes",
        "Copies or near-copies of one picture have different labels: one of them is "
        "likely wrong.",
        _rows(samples[classes > 1], "group"),
    )


def _wrong_labels(dataset: Dataset, judgement: Judgement | None) -> Problem:
    found: _Found = (None, ())
    if judgement is not None:
        probable = 100 * judgement.label_probability(dataset.is_crack)
        found = _worst_first(
            dataset.samples,
            probable,
            probable < _WRONG,
            "probability of its label {:.1f} %",
        )
    return Problem(
        "label",
        "Labels that look wrong",
        "Judged by all images but its near-copies, the other label is more probable. "
        "Many of them are right, only hard to tell.",
        *found,
    )


def _outliers(dataset: Dataset, judgement: Judgement | None) -> Problem:
    found: _Found = (None, ())
    if judgement is not None:
        far = judgement.strangeness
        found = _worst_first(dataset.samples, -far, _far_out(far))
    return Problem(
        "outlier",
        "Unlike all others",
        "To the network its ten most similar images are far away: beyond the upper "
        "quartile by three times the distance between the quartiles. It may not "
        "belong here, or be a rare case worth keeping.",
        *found,
    )


def _far_out(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(values.shape, np.bool_)
    lower, upper = np.percentile(known, [25, 75])
    far_out: NDArray[np.bool_] = values > upper + _FAR_OUT * (upper - lower)
    return far_out


def _worst_first(
    samples: pd.DataFrame,
    values: NDArray[Any],
    listed: NDArray[np.bool_],
    words: str = "",
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Return the listed images, the least value first, and a remark on each."""
    places = np.flatnonzero(listed)
    places = places[np.argsort(values[places], kind="stable")]
    files = samples["file"].to_numpy()[places]
    remarks = (words.format(values[place]) for place in places)
    return tuple((file,) for file in files), tuple(remarks)


def _rows(samples: pd.DataFrame, column: str) -> tuple[Row, ...]:
    """Return the files that share a value, the longest rows first."""
    by_value = samples.groupby(column, sort=False)["file"]
    rows = [tuple(files) for _, files in by_value]
    return tuple(sorted(rows, key=len, reverse=True))
