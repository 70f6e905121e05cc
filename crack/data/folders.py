"""The files in a folder of images, without those of the operating system."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import NoReturn

from crack.errors import unreadable

_SYSTEM_FILES = {
    *("__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r"),
    *("lost+found", "$RECYCLE.BIN", "System Volume Information"),
}

# Linux allows names that are not valid text, and a line break in a name breaks a table.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_hidden(file: PurePosixPath) -> bool:
    """Return whether the operating system made the file for itself."""
    return any(part.startswith(".") or part in _SYSTEM_FILES for part in file.parts)


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


def files_below(top: Path) -> list[PurePosixPath]:
    """Return the files in a folder and the folders inside, without hidden ones.

    A link to a folder elsewhere is followed, but links inside that folder are not: they
    could form a cycle.

    Returns:
        Paths within `top`, in no order.

    Raises:
        CrackError: One of the folders cannot be read.
    """
    found: list[PurePosixPath] = []
    starts = [top]
    for start in starts:
        for folder, inner, names in os.walk(start, onerror=_refuse):
            inner[:] = [name for name in inner if not is_hidden(PurePosixPath(name))]
            if start is top:
                paths = (Path(folder, name) for name in inner)
                starts += [path for path in paths if _leads_elsewhere(path, top)]
            names = [name for name in names if not is_hidden(PurePosixPath(name))]
            found += [
                PurePosixPath(path.relative_to(top))
                for path in (Path(folder, name) for name in names)
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
