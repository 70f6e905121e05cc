"""The index of a dataset: what is measured of each image, once."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import SAMPLES, UNREADABLE, Progress
from crack.data.folders import as_text
from crack.data.layout import Layout
from crack.data.measure_workers import measured
from crack.data.near_copies import near_copy_groups
from crack.data.photo_tiles import LeftOut
from crack.data.source_photos import SourcePhoto, read_photos
from crack.errors import CrackError


def write_index(
    folder: Path,
    root: Path,
    layout: Layout,
    refused: dict[PurePosixPath, CrackError],
    left_out: LeftOut,
    report: Progress,
) -> None:
    """Measure every image once; write samples.csv and unreadable.csv.

    Args:
        folder: Gets the two files.
        root: Folder of the class folders.
        layout: Where they are within the source.
        refused: Files of a ZIP that were not unpacked, and why.
        left_out: Other files that are no part of the dataset, and why.
        report: Told how many images are done.

    Raises:
        CrackError: No image of a class can be read, or `photos.csv` is malformed.
    """
    files = [
        (file, name) for name, members in layout.by_class.items() for file in members
    ]
    photo_of = read_photos(root, [file for file, _ in files])  # first: it can raise
    rows: list[dict[str, Any]] = []
    signatures: list[NDArray[np.float16]] = []
    unreadable = [*left_out]
    report("Reading images", 0, len(files))
    to_read = [file for file in files if layout.parent / file[0] not in refused]
    with measured(root, to_read) as results:
        for done, (file, _) in enumerate(files, start=1):
            result = refused.get(layout.parent / file) or next(results)
            if isinstance(result, CrackError):
                unreadable.append((file, result.message))
            else:
                rows.append(result[0])
                signatures.append(result[1])
            report("Reading images", done, len(files))
    _check_readable(layout, rows, unreadable)
    samples = pd.DataFrame(rows)
    looking = "Looking for near-copies"
    report(looking, 0, 1)
    samples["group"] = near_copy_groups(
        np.stack(signatures),
        list(samples["sha256"]),
        lambda done, total: report(looking, done, total),
    )
    if photo_of:
        photos = [photo_of.get(file, SourcePhoto("", "")) for file in samples["file"]]
        samples["photo"] = [photo.name for photo in photos]
        if any(photo.sha256 for photo in photos):
            samples["photo_sha256"] = [photo.sha256 for photo in photos]
    samples.to_csv(folder / SAMPLES, index=False)
    listed = [(as_text(str(file)), reason) for file, reason in unreadable]
    pd.DataFrame(listed, columns=["file", "reason"]).to_csv(
        folder / UNREADABLE, index=False
    )


def keep_images_only(folder: Path, root: Path) -> None:
    """Delete what was unpacked but is no readable image: nobody can use it."""
    listed = pd.read_csv(folder / UNREADABLE, dtype=str, keep_default_na=False)
    for file in listed["file"]:
        (root / file).unlink(missing_ok=True)


def _check_readable(
    layout: Layout,
    rows: list[dict[str, Any]],
    unreadable: list[tuple[PurePosixPath, str]],
) -> None:
    """Raise a CrackError for a class without a readable image."""
    readable = {row["class"] for row in rows}
    reasons = dict(unreadable)
    for name, files in layout.by_class.items():
        if name not in readable:
            raise CrackError(
                f"None of the {len(files)} files in {name} can be read as an image.",
                f"The first one: {as_text(str(files[0]))}: {reasons[files[0]]}",
            )
