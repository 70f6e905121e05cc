"""The files in a folder of images, without those of the operating system."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NoReturn

from crack.data.image_formats import IMAGE_SUFFIXES
from crack.errors import CrackError, unreadable

_SYSTEM_FILES = {
    *("__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r"),
    *("lost+found", "$RECYCLE.BIN", "System Volume Information"),
}

# Linux allows names that are not valid text, and a line break in a name breaks a table.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_hidden(file: PurePosixPath) -> bool:
    """Return whether the operating system made the file for itself."""
    return any(part.startswith(".") or part in _SYSTEM_FILES for part in file.parts)


def is_picture(name: str) -> bool:
    """Return whether the name of a file in a folder or ZIP says that it is a picture.

    Args:
        name: Path of the file within the folder or zip.
    """
    path = PurePosixPath(with_slashes(name))
    climbs = ".." in path.parts  # kept: it is refused with its name rather than ignored
    return path.suffix.lower() in IMAGE_SUFFIXES and (climbs or not is_hidden(path))


def is_text(name: str) -> bool:
    """Return whether a name is valid text without control characters."""
    return not _NO_TEXT.search(name)


def as_text(name: str) -> str:
    r"""Return a name with what is not text written as "\r" or "\udcfc"."""
    return _NO_TEXT.sub(lambda match: ascii(match[0])[1:-1], name)


def with_slashes(path: str) -> str:
    """Return a path with forward slashes, as in the index."""
    return path.replace("\\", "/")


def is_folder(path: Path) -> bool:
    """Return whether it is known to be a folder; False too if that is unknown."""
    try:
        return path.is_dir()
    except OSError:
        return False


def check_inside(folder: Path, roots: Sequence[Path]) -> None:
    """Refuse a folder outside of those that visitors may read, there or not.

    Args:
        folder: As a visitor named it; links are followed first.
        roots: The folders they may read, without links.

    Raises:
        CrackError: It is outside.
    """
    if not _is_inside(folder, roots):
        named = ", ".join(str(root) for root in roots) or "none so far"
        raise CrackError(
            "This program answers other computers too, so it only opens folders it "
            f"was told to: {named}.",
            "Upload a ZIP, or ask whoever runs it to name the folder in "
            "CRACK_DATA_ROOTS.",
        )


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    try:
        there = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return False
    return any(there.is_relative_to(root) for root in roots)


def files_below(top: Path, roots: Sequence[Path] | None = None) -> list[PurePosixPath]:
    """Return the files in a folder and the folders inside, without hidden ones.

    A link to a folder elsewhere is followed, but links inside that folder are not: they
    could form a cycle.

    Args:
        top: The folder.
        roots: Links that lead out of these are left out; by default, none is.

    Returns:
        Paths within `top`, in no order.

    Raises:
        CrackError: One of the folders cannot be read.
    """
    found: list[PurePosixPath] = []
    starts = [top]

    def allowed(path: Path) -> bool:
        return roots is None or not path.is_symlink() or _is_inside(path, roots)

    for start in starts:
        for folder, inner, names in os.walk(start, onerror=_refuse):
            inner[:] = [name for name in inner if not is_hidden(PurePosixPath(name))]
            if start is top:
                paths = (Path(folder, name) for name in inner)
                starts += [
                    path
                    for path in paths
                    if _leads_elsewhere(path, top) and allowed(path)
                ]
            names = [name for name in names if not is_hidden(PurePosixPath(name))]
            found += [
                PurePosixPath(path.relative_to(top))
                for path in (Path(folder, name) for name in names)
                if allowed(path)
            ]
    return found


def _leads_elsewhere(path: Path, top: Path) -> bool:
    """Return whether it is a link to a folder neither inside `top` nor around it."""
    if not path.is_symlink():
        return False
    there, here = path.resolve(), top.resolve()
    return not (there.is_relative_to(here) or here.is_relative_to(there))


def _refuse(error: OSError) -> NoReturn:
    raise unreadable(error.filename, error) from error
