"""The images of a dataset that look most like one of them to a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.exploration.features import kept_records

_ROWS = 256  # at once: as floats they stay in the cache of the processor


@dataclass(frozen=True)
class Alike:
    """Images like one of a dataset.

    Attributes:
        nearest: Files with their likeness, the cosine of the features, up to 1.
        compared: Number of images whose features are known.
    """

    nearest: tuple[tuple[str, float], ...]
    compared: int


def images_alike(
    folder: Path, dataset: Dataset, file: str, number: int
) -> Alike | None:
    """Return the images most like one, near-copies of it left out.

    Only what is kept of the features is used: nothing is looked at anew.

    Args:
        folder: Of the model.
        dataset: With the images.
        file: Of the image.
        number: How many.

    Returns:
        None if the features of the image are not known.

    Raises:
        CrackError: The model cannot be used.
    """
    kept = kept_records(folder)
    samples = dataset.samples
    own = np.flatnonzero((samples["file"] == file).to_numpy())
    if kept is None or not len(own):
        return None
    places = _places(kept, samples["sha256"])
    if places[own[0]] < 0:
        return None
    looked_for = kept["row"][places[own[0]]].astype(np.float32)
    cosine = np.concatenate(
        [
            kept["row"][first : first + _ROWS].astype(np.float32) @ looked_for
            for first in range(0, len(kept), _ROWS)
        ]
    )
    groups = samples["group"].to_numpy()
    others = np.flatnonzero((places >= 0) & (groups != groups[own[0]]))
    likeness = cosine[places[others]]
    order = np.argsort(-likeness, kind="stable")[:number]
    files = samples["file"].to_numpy()
    nearest = [(str(files[others[at]]), float(likeness[at])) for at in order]
    return Alike(tuple(nearest), int((places >= 0).sum()))


def _places(kept: NDArray[np.void], hashes: pd.Series[str]) -> NDArray[np.int64]:
    """Return the record of each image, -1 where there is none."""
    names = pd.Index(kept["image"].copy().view("S32").ravel())
    place_of = pd.Series(np.arange(len(names)), index=names)
    place_of = place_of[~names.duplicated(keep="last")]
    wanted = np.array([bytes.fromhex(text) for text in hashes], "S32")
    places: NDArray[np.int64] = place_of.reindex(wanted, fill_value=-1).to_numpy()
    return places
