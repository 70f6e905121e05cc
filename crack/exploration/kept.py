"""What was worked out for the images of a dataset, kept by their content.

`cache/exploration/WHAT-MODEL-DATASET.npz` holds a value for each image, so that an edit
of one image does not cost minutes of work on all others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack import settings, storage
from crack.access import read_only
from crack.data.dataset import Dataset
from crack.exploration.features import model_hash

_IMAGES, _FINGERPRINT = "images", "fingerprint"


@dataclass(frozen=True)
class Kept:
    """What is known of the images of a dataset.

    Attributes:
        values: By name, shape (n, ...) in the order of the samples; NaN for an image
            that was not in the dataset then.
        up_to_date: Whether it was worked out for the dataset as it is.
    """

    values: Mapping[str, NDArray[np.float32]]
    up_to_date: bool


def kept_file(what: str, folder: Path, dataset: Dataset) -> Path:
    """Return where it is kept.

    Args:
        what: Of which kind, such as "map".
        folder: Of the model it depends on.
        dataset: With the images.
    """
    name = f"{what}-{model_hash(folder)}-{dataset.name}.npz"
    return settings.cache_dir() / "exploration" / name


def keep(
    file: Path, dataset: Dataset, values: Mapping[str, NDArray[np.float32]]
) -> None:
    """Keep values of all images of a dataset; in read-only mode nothing is kept.

    Args:
        file: As of `kept_file`.
        dataset: With the images.
        values: By name, shape (n, ...).
    """
    if read_only():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # Two visitors may ask for it at once.
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    arrays: dict[str, Any] = {
        _IMAGES: dataset.samples["sha256"].to_numpy(dtype="S64"),
        _FINGERPRINT: np.array(dataset.fingerprint),
        **values,
    }
    with partial.open("wb") as content:
        np.savez(content, **arrays)
    storage.settle(partial, file)


def recall(file: Path, dataset: Dataset) -> Kept | None:
    """Return what is kept of the images of a dataset, None if nothing is.

    Args:
        file: As of `kept_file`.
        dataset: With the images, perhaps edited since.
    """
    try:
        with np.load(file) as content:
            values = dict(content)
        images, fingerprint = values.pop(_IMAGES), values.pop(_FINGERPRINT)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # a cache may be lost
        return None
    place_of = pd.Series(np.arange(len(images)), index=images)
    place_of = place_of[~place_of.index.duplicated()]  # copies have one content
    hashes = dataset.samples["sha256"].to_numpy(dtype="S64")
    places = place_of.reindex(hashes, fill_value=-1).to_numpy()
    found = {name: _picked(rows, places) for name, rows in values.items()}
    return Kept(found, str(fingerprint) == dataset.fingerprint)


def _picked(
    rows: NDArray[np.float32], places: NDArray[np.int64]
) -> NDArray[np.float32]:
    picked = rows[places]
    picked[places < 0] = np.nan
    return picked
