"""Which images were cut from one photo, according to the file `photos.csv`.

The file is optional. Images of one photo show the same surface in the same light, so a
model that learned from one of them knows something about the others, even if they share
no pixel.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crack.data.folders import with_slashes
from crack.errors import CrackError, unreadable

PHOTOS_FILE = "photos.csv"
"""Beside the two class folders, with the columns `file` and `photo`.

A column `photo_sha256` may tell the content of the photo, by which other images cut
from it are known again wherever they are.
"""

_SHA256 = re.compile("[0-9a-f]{64}")


class SourcePhoto(NamedTuple):
    """The photo that an image was cut from."""

    name: str
    sha256: str  # of its file, in hexadecimal; "" if that is not known


def read_photos(root: Path, files: Collection[PurePosixPath]) -> dict[str, SourcePhoto]:
    """Return the photo of each image that `photos.csv` names; none without that file.

    Args:
        root: Folder of the class folders.
        files: The images, within `root`.

    Returns:
        The photo by file (relative to `root`, with forward slashes), for the images
        that are listed.

    Raises:
        CrackError: The file cannot be read, lacks a column, gives one image two
            photos, a photo no hash where one is expected, or names none of the images.
    """
    try:
        rows = _rows(root / PHOTOS_FILE)
    except FileNotFoundError:
        return {}
    photo_of: dict[str, SourcePhoto] = {}
    for file, photo in rows:
        if photo.name and photo_of.setdefault(_in_index(file), photo) != photo:
            raise _malformed(f"it gives {file} two photos")
        if photo.sha256 and not _SHA256.fullmatch(photo.sha256):
            raise _malformed(f"the photo_sha256 of {file} is no SHA-256")
    found = {f: photo_of[f] for f in map(str, files) if f in photo_of}
    if not found:
        some = f"; it names {next(iter(photo_of))}" if photo_of else ""
        raise CrackError(
            f"{PHOTOS_FILE} gives none of the {len(files):,} images a photo{some}.",
            f"Write each image with its class folder, such as {min(files)}, or "
            "remove the file: it is optional.",
        )
    return found


def _rows(path: Path) -> list[tuple[str, SourcePhoto]]:
    """Return file and photo of each row.

    Raises:
        FileNotFoundError: There is no such file.
        CrackError: It cannot be read or lacks a column.
    """
    try:
        # Excel writes a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = {"file", "photo"} - set(rows.fieldnames or ())
            if missing:
                raise _malformed(f"it has no column '{min(missing)}'")
            # A row that is too short has no photo.
            return [
                (
                    row["file"],
                    SourcePhoto(
                        row["photo"] or "", (row.get("photo_sha256") or "").lower()
                    ),
                )
                for row in rows
            ]
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise _malformed("it is not text in UTF-8") from error
    except csv.Error as error:
        raise _malformed(f"{error}") from error
    except OSError as error:
        raise unreadable(PHOTOS_FILE, error) from error


def _in_index(file: str) -> str:
    return str(PurePosixPath(with_slashes(file)))  # without a "./" in front


def _malformed(reason: str) -> CrackError:
    return CrackError(
        f"{PHOTOS_FILE} cannot be used: {reason}.",
        "It needs the columns file and photo, separated by a comma, with one row per "
        "image. Correct it or remove it: it is optional.",
    )


def join_photos(groups: NDArray[np.int64], photos: pd.Series[str]) -> NDArray[np.int64]:
    """Join the groups that have images of one photo.

    Args:
        groups: Shape (n,): group of each image, counted from 0.
        photos: Photo of each image, length n; "" if it is not known.

    Returns:
        Shape (n,): equal where the images are connected through groups and photos.
    """
    known = (photos != "").to_numpy()
    first_free = int(groups.max(initial=-1)) + 1
    # Groups and photos are the nodes, an image of known photo joins one of each.
    photo_nodes = pd.factorize(photos[known])[0] + first_free
    n = int(photo_nodes.max(initial=first_free - 1)) + 1
    edges = (np.ones(known.sum()), (groups[known], photo_nodes))
    joined = connected_components(coo_array(edges, shape=(n, n)), directed=False)[1]
    merged: NDArray[np.int64] = joined[groups].astype(np.int64)
    return merged


def photos_told(samples: pd.DataFrame) -> str:
    """Return what `photos.csv` says of a dataset as a sentence, "" without it.

    Args:
        samples: As in `Dataset`.
    """
    if "photo" not in samples:
        return ""
    names = samples["photo"]
    known = names[names != ""]
    return (
        f"{PHOTOS_FILE} names {len(known):,} of {len(names):,} images, cut from "
        f"{known.nunique():,} photos."
    )
