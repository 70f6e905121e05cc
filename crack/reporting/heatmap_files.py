"""Heatmaps as files for other programs: one grey picture for each photo."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from PIL import Image

from crack.data.image_formats import IMAGE_SUFFIXES
from crack.errors import CrackError
from crack.inference.overlay import grey_heatmap
from crack.inference.prediction import Outcome, Prediction
from crack.reporting.file_names import free_name


def check_heatmaps_folder(folder: Path, photos: Iterable[Path]) -> None:
    """Raise a CrackError for a folder in which heatmaps could overwrite the photos.

    Args:
        folder: For the heatmaps; need not exist.
        photos: Files and folders with the photos.

    Raises:
        CrackError: It is such a folder, or not a folder.
    """
    target = folder.resolve()
    if target.exists() and not target.is_dir():
        raise CrackError(f"{folder} is a file.", "Name a folder for the heatmaps.")
    has_pictures = target.is_dir() and any(
        path.suffix.lower() in IMAGE_SUFFIXES for path in target.iterdir()
    )
    for path in photos:
        source = path.resolve()
        inside = source.is_dir() and target.is_relative_to(source)
        if has_pictures and (inside or target == source.parent):
            raise CrackError(
                f"The heatmaps could overwrite the pictures in {folder}.",
                "Choose an empty folder or a new one.",
            )


def write_heatmap(prediction: Outcome, folder: Path, used: set[str]) -> None:
    """Write the heatmap of a photo as `<stem>.png`; nothing if there is no answer.

    Args:
        prediction: With its heatmap.
        folder: Is made if it does not exist.
        used: Names used so far; the one given to this heatmap is added.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(prediction, Prediction) and prediction.heatmap is not None:
        name = free_name(PurePath(prediction.file).stem, used)
        grey = grey_heatmap(prediction.heatmap, prediction.width, prediction.height)
        Image.fromarray(grey).save(folder / f"{name}.png")
