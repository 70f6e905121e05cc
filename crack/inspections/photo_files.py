"""The files of an inspection: its unchanged photos, and the heatmap of each."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import settings, storage
from crack.checked import BAD_ARRAY
from crack.data.image_formats import image_suffix
from crack.disk_space import check_space
from crack.errors import CrackError
from crack.inspections.records import InspectedPhoto


def save_photo(
    inspection_id: str,
    content: bytes,
    sha256: str,
    heatmap: NDArray[np.float32] | None,
) -> str:
    """Write a photo and its heatmap into the folder of an inspection.

    Args:
        inspection_id: Of the inspection; its folder is made if needed.
        content: The photo, not empty.
        sha256: Of the content, in hex digits.
        heatmap: float32 array (rows, columns) of calibrated log-odds, if any.

    Returns:
        Name of the photo's file, with the suffix that fits its content.

    Raises:
        CrackError: They cannot be written.
    """
    path = _folder(inspection_id) / f"{sha256[:16]}{image_suffix(content)}"
    _write(path, content)
    if heatmap is not None:
        buffer = BytesIO()
        np.save(buffer, np.asarray(heatmap, np.float32), allow_pickle=False)
        _write(_map_path(path), buffer.getvalue())
    return path.name


def restore_photo(photo: InspectedPhoto, content: bytes) -> None:
    """Write the file of a photo again if it is gone.

    Its heatmap is left as it is: a new one might not match the stored answer.

    Args:
        photo: One with content.
        content: The same as when it was added.

    Raises:
        CrackError: It cannot be written.
    """
    path = photo_path(photo)
    if not path.exists():
        _write(path, content)


def _write(path: Path, content: bytes) -> None:
    check_space(path.parent, len(content), "The photo")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(path, content)
    except OSError as error:
        raise CrackError(
            f"The photo cannot be kept in {path.parent}: {error.strerror}.",
            "Check that the folder can be written and that the disk is not full.",
        ) from error


def photo_content(photo: InspectedPhoto) -> bytes:
    """Return the unchanged content of a photo.

    Raises:
        CrackError: Its content was never stored, or its file is gone or unreadable.
    """
    try:
        return photo_path(photo).read_bytes()
    except OSError as error:
        raise _lost(photo, error.strerror) from error


def stored_heatmap(photo: InspectedPhoto) -> NDArray[np.float32] | None:
    """Return the heatmap that the model made of a photo, None if there is none.

    Returns:
        float32 array (rows, columns) spread over the whole photo: calibrated log-odds
        of a crack at each position.

    Raises:
        CrackError: It cannot be read.
    """
    if photo.stored is None:
        return None
    path = _map_path(photo_path(photo))
    try:
        if not path.exists():
            return None
        loaded: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except BAD_ARRAY as error:
        raise _lost(photo, "its heatmap is damaged") from error
    return loaded


def delete_photos(inspection_id: str) -> None:
    """Delete the folder of an inspection, if it has one."""
    with suppress(FileNotFoundError):
        storage.remove_folder(_folder(inspection_id))


def _folder(inspection_id: str) -> Path:
    return settings.home() / "inspections" / inspection_id


def photo_path(photo: InspectedPhoto) -> Path:
    """Return where the unchanged content of a photo is.

    Raises:
        CrackError: Its content was never stored.
    """
    if photo.stored is None:
        raise _lost(photo, "its content could not be read when it was added")
    return _folder(photo.inspection_id) / photo.stored


def _map_path(path: Path) -> Path:
    return path.with_suffix(".npy")


def _lost(photo: InspectedPhoto, reason: str | None) -> CrackError:
    return CrackError(
        f"The photo {photo.prediction.file} cannot be read: {reason}.",
        f"Restore the folder {_folder(photo.inspection_id)} from a backup, or add the "
        "photo again.",
    )
