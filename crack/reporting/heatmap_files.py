"""Heatmaps as files for other programs: one grey picture for each photo."""

from __future__ import annotations

import io
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import PurePath, PurePosixPath

from PIL import Image

from crack.data.image_formats import IMAGE_SUFFIXES
from crack.data.locations import Location, within, write_location
from crack.disk_space import check_writable
from crack.errors import CrackError
from crack.inference.overlay import grey_heatmap
from crack.inference.prediction import Outcome, Prediction
from crack.reporting.file_names import free_name

_OVERWRITE = "The heatmaps could overwrite the pictures in {}."


def check_heatmaps_folder(folder: Location, photos: Iterable[Location]) -> None:
    """Raise a CrackError for a folder in which heatmaps could overwrite the photos.

    Args:
        folder: For the heatmaps; need not exist.
        photos: Files and folders with the photos, or their URLs.

    Raises:
        CrackError: It is such a folder, not a folder, or may not be written.
    """
    if isinstance(folder, str):
        _check_url(folder, [photo for photo in photos if isinstance(photo, str)])
        return
    target = folder.resolve()
    check_writable(target, "the heatmaps")
    has_pictures = target.is_dir() and any(
        path.suffix.lower() in IMAGE_SUFFIXES for path in target.iterdir()
    )
    for path in photos:
        if isinstance(path, str):
            continue
        source = path.resolve()
        inside = source.is_dir() and target.is_relative_to(source)
        if has_pictures and (inside or target == source.parent):
            raise CrackError(
                _OVERWRITE.format(folder), "Choose an empty folder or a new one."
            )


def write_heatmap(prediction: Outcome, folder: Location, used: set[str]) -> None:
    """Write the heatmap of a photo as `<stem>.png`; nothing if there is no answer.

    Args:
        prediction: With its heatmap.
        folder: Is made if it does not exist.
        used: Names used so far; the one given to this heatmap is added.
    """
    content = heatmap_png(prediction)
    if content is not None:
        name = free_name(PurePath(prediction.file).stem, used)
        write_location(within(folder, f"{name}.png"), content)


def heatmap_png(prediction: Outcome) -> bytes | None:
    """Return the heatmap of a photo in its size, None if there is no answer."""
    if not isinstance(prediction, Prediction) or prediction.heatmap is None:
        return None
    grey = grey_heatmap(prediction.heatmap, prediction.width, prediction.height)
    content = io.BytesIO()
    Image.fromarray(grey).save(content, "PNG")
    return content.getvalue()


def lasting_name(file: str) -> str:
    """Return a name for the heatmap of a photo that no other photo has.

    Args:
        file: Path or URL of the photo, on which alone it depends.
    """
    told_apart = blake2b(file.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return f"{PurePosixPath(file).stem}-{told_apart}.png"


def _check_url(folder: str, photos: Iterable[str]) -> None:
    target = f"{folder.rstrip('/')}/"
    for url in photos:
        # Which of them are there is not looked up: another folder costs nothing.
        beside = f"{url.rpartition('/')[0]}/"
        if target.startswith(f"{url.rstrip('/')}/") or target == beside:
            raise CrackError(_OVERWRITE.format(folder), "Choose another folder.")
