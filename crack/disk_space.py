"""Whether what is about to be written can be, asked before it is begun."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from crack.errors import CrackError

MEGABYTE = 1_000_000  # bytes

RESERVE = 200 * MEGABYTE
"""Bytes that stay free after anything large: a full disk stops everything else too."""


_MORE_ROOM = "Free some space, or use another disk: CRACK_HOME moves the workspace."


def check_space(
    place: Path, needed: int, what: str, reserve: int = 0, hint: str = _MORE_ROOM
) -> None:
    """Refuse to begin what would fill the disk.

    Args:
        place: Where it is to be written; what is not there yet will be made.
        needed: Bytes.
        what: Needs them, as the beginning of a sentence.
        reserve: Bytes that must stay free.
        hint: What to do where there is not enough.

    Raises:
        CrackError: There is not enough room.
    """
    there = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if needed + reserve <= free:
        return
    stays = f", and {size_words(reserve)} must stay free" if reserve else ""
    raise CrackError(
        f"{what} needs {size_words(needed)}{stays}; only {size_words(free)} are free "
        f"on the disk of {there}.",
        hint,
    )


def check_writable(folder: Path, what: str) -> None:
    """Refuse a folder in which nothing may be written.

    Args:
        folder: Need not exist: then the one in which it would be made is looked at.
        what: Is to be written there, for the hint.

    Raises:
        CrackError: Nothing may be written to it.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise CrackError(f"{there} is a file.", f"Name a folder for {what}.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise CrackError(
            f"Nothing may be written to the folder {there}.",
            f"Change its permissions, or choose another one for {what}.",
        )


def check_file_writable(file: Path, what: str) -> None:
    """Refuse a place at which a file may not be written.

    Args:
        file: One that is there will be replaced.
        what: It is, as `the report`.

    Raises:
        CrackError: There is no such folder, nothing may be written to it, or the path
            is one.
    """
    if not file.parent.is_dir():
        raise CrackError(
            f"There is no folder {file.parent} for {what}.",
            "Create it first, or choose another one.",
        )
    if file.is_dir():
        raise CrackError(f"{file} is a folder.", f"Give {what} another name.")
    check_writable(file.parent, what)


def size_words(count: int) -> str:
    """Return a number of bytes as text."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
