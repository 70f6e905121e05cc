"""The photos of a batch under their heatmaps, as one ZIP."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO

from PIL import Image

from crack.inference.prediction import Outcome
from crack.inference.sources import PhotoSource
from crack.reporting.file_names import free_name
from crack.reporting.report.builders import answered_photo

_QUALITY = 85  # of a JPEG
_UNUSUAL = re.compile(r'[\x00-\x1f<>:"|?*]')  # not allowed in file names on Windows


def write_heatmaps(
    answers: Iterable[tuple[Outcome, PhotoSource]], file: BinaryIO
) -> None:
    """Write the photos, each under its heatmap, as JPEGs in a zip.

    They look as in a report. Photos without an answer are left out, and only one photo
    is in memory at a time.

    Args:
        answers: Each with the photo it was given for.
        file: Need not be seekable.

    Raises:
        CrackError: A photo with an answer can no longer be read.
    """
    used: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for prediction, source in answers:
            picture = answered_photo(prediction, source).overlay
            if picture is None:
                continue
            name = free_name(_stem(prediction.file), used)
            with archive.open(f"{name}.jpg", "w") as member:
                Image.fromarray(picture).save(member, "JPEG", quality=_QUALITY)


def _stem(file: str) -> str:
    """Return the path of a photo in the ZIP, without suffix and never outside it."""
    parts = PurePosixPath(file.replace("\\", "/")).parts
    kept = [_UNUSUAL.sub("_", part).strip(" .") for part in parts if part != "/"]
    path = PurePosixPath(*filter(None, kept))
    return str(path.with_suffix("")) if path.name else "photo"
