"""The files in a ZIP of images, looked at and unpacked with care."""

from __future__ import annotations

import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from crack.data.dataset import Progress
from crack.errors import CrackError

ZIP_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What zipfile raises on damage, encryption and methods it does not know; 160,000
randomly damaged ZIPs brought up nothing else."""

_SYSTEM_FILES = {
    *("__MACOSX", "Thumbs.db", "desktop.ini"),
    *("lost+found", "$RECYCLE.BIN", "System Volume Information"),
}


def is_hidden(file: PurePosixPath) -> bool:
    """Return whether it is a file that the system made for itself."""
    return any(part.startswith(".") or part in _SYSTEM_FILES for part in file.parts)


def points_outside(file: PurePosixPath) -> bool:
    """Return whether a file of a ZIP would be unpacked outside of its target."""
    drive = ":" in str(file).partition("/")[0]
    return file.is_absolute() or ".." in file.parts or drive


def archive_files(source: Path | BinaryIO) -> list[PurePosixPath]:
    """Return the names of the files in a ZIP, without the hidden ones.

    Raises:
        CrackError: It cannot be read or must not be unpacked.
    """
    with _opened(source) as archive:
        return [PurePosixPath(member.filename) for member in _members(archive)]


def unpack(source: Path | BinaryIO, target: Path, report: Progress) -> None:
    """Unpack the files that `archive_files` names into a folder.

    Raises:
        CrackError: It is damaged, must not be unpacked or would fill the disk.
    """
    with _opened(source) as archive:
        members = _members(archive)
        needed = sum(member.file_size for member in members)
        free = shutil.disk_usage(target.parent).free
        if needed > free:
            raise CrackError(
                f"Unpacking needs {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB "
                "are free on the disk of the workspace.",
                "Free some space, or point CRACK_HOME to another disk.",
            )
        for done, member in enumerate(members, start=1):
            _extract(archive, member, target)
            report("Unpacking", done, len(members))


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source)
    except FileNotFoundError:
        raise CrackError(
            f"There is no file or folder at {source}.", "Check the path."
        ) from None
    except PermissionError as error:
        raise CrackError(
            f"{source} cannot be opened: {error.strerror}.", "Check its permissions."
        ) from error
    except ZIP_DAMAGE as error:
        raise CrackError(
            f"A folder of class folders or a ZIP of one is needed; this is not a "
            f"readable ZIP ({error}).",
            "Pack the two class folders into a ZIP again.",
        ) from error
    with archive:
        yield archive


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP that are not hidden; all must be safe to unpack."""
    members = []
    for member in archive.infolist():
        # As some Windows packers write it.
        member.filename = member.filename.replace("\\", "/")
        path = PurePosixPath(member.filename)
        if points_outside(path):
            raise CrackError(
                f"The ZIP holds a file that points outside of it: {member.filename}.",
                "Pack the two class folders into a ZIP again.",
            )
        if member.flag_bits & 1:
            raise CrackError(
                "The ZIP is protected by a password.", "Pack it without one."
            )
        if path.parts and not member.is_dir() and not is_hidden(path):
            members.append(member)
    return members


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    try:
        archive.extract(member, target)
    except ZIP_DAMAGE as error:
        raise CrackError(
            f"{member.filename} cannot be unpacked: {error}",
            "Pack the two class folders into a ZIP again.",
        ) from error
