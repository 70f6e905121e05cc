"""The files in a ZIP of images: checked before they are unpacked."""

from __future__ import annotations

import errno
import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from crack.data.dataset import Progress
from crack.data.folders import as_text, is_hidden, with_slashes
from crack.data.images import check_byte_count
from crack.disk_space import RESERVE, check_space
from crack.errors import CrackError, unreadable

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
randomly damaged ZIPs raised nothing else."""

_RAR = b"Rar!"
_DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # not the ZIP's fault
_SMALL, _MOST_TIMES = 10_000_000, 100  # bytes; unpacked size against packed


def open_zip(source: Path | BinaryIO) -> zipfile.ZipFile:
    """Open a ZIP given as a path or as an open file (an upload).

    Raises:
        CrackError: It does not exist, must not be opened, or is damaged.
    """
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError:
        raise CrackError(
            f"There is no file or folder at {source}.", "Check the path."
        ) from None
    except ZIP_DAMAGE as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise unreadable(str(source), error) from error
        if _begins(source) == _RAR:
            raise rar_refused() from None
        raise CrackError(
            "This zip is damaged, or the file is not a readable ZIP at all.",
            "A folder or a ZIP is needed; pack it again.",
        ) from error


def rar_refused() -> CrackError:
    """Return the error for a RAR archive, which says what to do instead (ADR 0024)."""
    return CrackError(
        "This is a RAR archive, and this program cannot unpack those.",
        "Unpack it yourself and add the folder, or pack the folder into a ZIP. Windows "
        "11 unpacks RAR; elsewhere 7-Zip, The Unarchiver or the commands "
        "'bsdtar -xf FILE' and 'unar FILE' do.",
    )


def _begins(source: Path | BinaryIO) -> bytes:
    """Return the first bytes of a file, by which its format is known."""
    if isinstance(source, Path):
        with source.open("rb") as content:
            return content.read(len(_RAR))
    source.seek(0)
    return source.read(len(_RAR))


def points_outside(file: PurePosixPath) -> bool:
    """Return whether a file of a ZIP would be unpacked outside its target folder."""
    drive = ":" in str(file).partition("/")[0]
    return file.is_absolute() or ".." in file.parts or drive


def archive_files(archive: zipfile.ZipFile) -> set[PurePosixPath]:
    """Return the names of the files in a ZIP, without the hidden ones.

    Raises:
        CrackError: It must not be unpacked.
    """
    return {PurePosixPath(member.filename) for member in _members(archive)}


def unpack(
    archive: zipfile.ZipFile, target: Path, report: Progress
) -> dict[PurePosixPath, CrackError]:
    """Unpack the files that `archive_files` names into a new folder.

    Returns:
        Those that were left out because no photo is like that, and why.

    Raises:
        CrackError: It is damaged, must not be unpacked or would fill the disk.
    """
    members = _members(archive)
    refused = {
        PurePosixPath(member.filename): error
        for member in members
        if (error := _refused(member))
    }
    members = [m for m in members if PurePosixPath(m.filename) not in refused]
    needed = sum(member.file_size for member in members)
    check_space(target.parent, needed, "Unpacking", RESERVE)
    target.mkdir()
    for done, member in enumerate(members, start=1):
        _extract(archive, member, target)
        report("Unpacking", done, len(members))
    return refused


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP that are not hidden; all must be safe to unpack."""
    members = []
    for member in archive.infolist():
        member.filename = with_slashes(member.filename)
        path = PurePosixPath(member.filename)
        if points_outside(path):
            raise CrackError(
                "The ZIP holds a file that points outside it: "
                f"{as_text(member.filename)}.",
                "Pack the two class folders into a ZIP again.",
            )
        if member.flag_bits & 1:
            raise CrackError(
                "The ZIP is protected by a password.", "Pack it without one."
            )
        if path.parts and not member.is_dir() and not is_hidden(path):
            members.append(member)
    return members


def check_member(member: zipfile.ZipInfo) -> None:
    """Refuse a file in a ZIP before it is unpacked.

    Raises:
        CrackError: It is empty or larger than any picture, or hardly takes any space in
            the ZIP, as no photo does: that is how a small ZIP fills a memory or a disk.
    """
    check_byte_count(member.file_size)
    times = member.file_size / max(1, member.compress_size)
    if member.file_size > _SMALL and times > _MOST_TIMES:
        raise CrackError(
            f"The file is {times:,.0f} times as large as in the ZIP; a photo is never "
            f"more than {_MOST_TIMES} times.",
            "Save the picture as JPEG or PNG, then pack it again.",
        )


def _refused(member: zipfile.ZipInfo) -> CrackError | None:
    if not member.file_size:  # unpacked like any other: it need not be a picture
        return None
    try:
        check_member(member)
    except CrackError as error:
        return error
    return None


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    try:
        archive.extract(member, target)
    except ZIP_DAMAGE as error:
        if isinstance(error, OSError) and error.errno in _DISK_TROUBLE:
            raise
        raise CrackError(
            f"{as_text(member.filename)} cannot be unpacked: it is damaged, or packed "
            "in an uncommon way.",
            "Pack the two class folders into a ZIP again.",
        ) from error
