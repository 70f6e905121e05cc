"""The files of an inspection: its photos as they came, and the crack map of each."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import settings, storage
from crack.errors import CrackError
from crack.inspections.records import InspectedPhoto

# The first bytes tell the suffix, by which other programs know what to open a photo
# with; whether this one can read it is for `decode_image` to say.
_SUFFIXES = (
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (8, b"WEBP", ".webp"),
    (0, b"II*\0", ".tif"),
    (0, b"MM\0*", ".tif"),
    (0, b"II+\0", ".tif"),
    (0, b"MM\0+", ".tif"),
    (0, b"BM", ".bmp"),
    (0, b"GIF8", ".gif"),
    (4, b"ftypavi", ".avif"),
    (4, b"ftyphe", ".heic"),
    (4, b"ftypmif1", ".heif"),
    (4, b"ftypmsf1", ".heif"),
)


def save_photo(
    inspection_id: str, content: bytes, crack_map: NDArray[np.float32] | None
) -> tuple[str, str]:
    """Write a photo and its crack map into the folder of an inspection.

    Args:
        inspection_id: Of the inspection; its folder is made where there is none.
        content: The photo, not empty.
        crack_map: float32 array (rows, columns) of calibrated log-odds, if any.

    Returns:
        SHA-256 of the content, and the name of the file it is in.

    Raises:
        CrackError: They cannot be written.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = _folder(inspection_id) / f"{sha256[:16]}{_suffix(content)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(path, content)
        if crack_map is not None:
            buffer = BytesIO()
            np.save(buffer, np.asarray(crack_map, np.float32), allow_pickle=False)
            storage.write_bytes(_map_path(path), buffer.getvalue())
    except OSError as error:
        raise CrackError(
            f"The photo cannot be kept in {path.parent}: {error.strerror}.",
            "Check that the folder can be written and that the disk is not full.",
        ) from error
    return sha256, path.name


def photo_content(photo: InspectedPhoto) -> bytes:
    """Return a photo as it came.

    Raises:
        CrackError: Its content never came, or its file is gone or cannot be read.
    """
    try:
        return _path(photo).read_bytes()
    except OSError as error:
        raise _lost(photo, error.strerror) from error


def crack_map(photo: InspectedPhoto) -> NDArray[np.float32] | None:
    """Return the crack map that the model made of a photo, None if it made none.

    Returns:
        float32 array (rows, columns) spread over the whole photo: calibrated log-odds
        of a crack at each place.

    Raises:
        CrackError: It cannot be read.
    """
    if photo.stored is None:
        return None
    path = _map_path(_path(photo))
    try:
        if not path.exists():
            return None
        loaded: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _lost(photo, f"its crack map is damaged ({error})") from error
    return loaded


def delete_photos(inspection_id: str) -> None:
    """Delete the folder of an inspection, if it has one."""
    with suppress(FileNotFoundError):
        storage.remove_folder(_folder(inspection_id))


def _folder(inspection_id: str) -> Path:
    return settings.home() / "inspections" / inspection_id


def _path(photo: InspectedPhoto) -> Path:
    if photo.stored is None:
        raise _lost(photo, "its content could not be read when it was added")
    return _folder(photo.inspection_id) / photo.stored


def _map_path(path: Path) -> Path:
    return path.with_suffix(".npy")


def _suffix(content: bytes) -> str:
    head = content[:16]
    found = (name for start, magic, name in _SUFFIXES if head.startswith(magic, start))
    return next(found, ".bin")


def _lost(photo: InspectedPhoto, reason: str | None) -> CrackError:
    return CrackError(
        f"The photo {photo.prediction.file} cannot be read: {reason}.",
        f"Restore the folder {_folder(photo.inspection_id)} from a backup, or add the "
        "photo again.",
    )
