"""The pictures in files, folders, ZIPs and object storage, each with a name."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from crack.data.archive import ZIP_DAMAGE, check_member, open_zip, points_outside
from crack.data.folders import is_folder, is_hidden, is_picture, with_slashes
from crack.data.images import Source, check_is_file, read_source
from crack.data.locations import Location, open_location
from crack.data.object_storage import StoredPhoto, list_photos
from crack.errors import CrackError, unreadable


@dataclass(frozen=True)
class ZippedPhoto:
    """A picture in an open ZIP, read anew each time it is needed.

    Attributes:
        archive: Must stay open as long as the picture may be read.
        member: Its entry in the ZIP.
    """

    archive: zipfile.ZipFile
    member: zipfile.ZipInfo

    def read(self) -> bytes:
        """Return the content of the picture.

        Raises:
            CrackError: Its name points outside the zip, it cannot be unpacked, or it is
                empty or larger than any picture.
        """
        if points_outside(_posix(self.member.filename)):
            raise CrackError(
                "The name of this file points outside the zip.", "Pack the zip again."
            )
        # The size is checked first: a ZIP bomb must not be unpacked to find out.
        check_member(self.member)
        try:
            return self.archive.read(self.member)
        except ZIP_DAMAGE as error:
            raise CrackError(
                "This file cannot be unpacked: it is damaged, or packed in an uncommon "
                "way.",
                "Pack the zip again.",
            ) from error


PhotoSource = Source | ZippedPhoto | StoredPhoto | CrackError
"""Where to read a photo from, or the error that prevents it."""

Item = tuple[str, PhotoSource]
"""A name with its picture, or with an error; either becomes a row of the result."""


def collect_sources(paths: Sequence[Location]) -> list[Item]:
    """List the pictures at the paths and URLs, in order, without reading them.

    A file is always listed, whatever its suffix. From a folder (with its subfolders)
    and from a `.zip`, pictures are selected by suffix and sorted by name; hidden files
    are left out. A subfolder that cannot be read is listed in its place with an error.

    Args:
        paths: Files, folders and ZIPs, or their URLs. Each ZIP is opened once and stays
            open as long as one of its pictures is referred to.

    Returns:
        Name and source of each picture; name and error of what cannot be read.
    """
    found: list[Item] = []
    for path in paths:
        if isinstance(path, str):
            found += _at_url(path)
        elif is_folder(path):
            found += _in_folder(path)
        elif path.suffix.lower() == ".zip":
            found += zipped_photos(path.as_posix(), path)
        else:
            found.append((path.as_posix(), path))
    return found


def zipped_photos(name: str, archive: Path | BinaryIO) -> list[Item]:
    """List the pictures in a ZIP by name, without reading them.

    Args:
        name: Of the ZIP, in the names of its pictures.
        archive: The ZIP, as a path or as an open file (an upload).

    Returns:
        As `collect_sources`. If there are none, one item: the ZIP with the error.
    """
    try:
        opened = open_zip(archive)
    except CrackError as error:
        return [(name, error)]
    members = [m for m in opened.infolist() if is_picture(m.filename)]
    if not members:
        return [(name, CrackError("This zip holds no pictures."))]
    return [
        (f"{name}/{member.filename}", ZippedPhoto(opened, member))
        for member in sorted(members, key=lambda m: m.filename)
    ]


def read_photo(source: PhotoSource) -> bytes:
    """Return the content of a photo.

    Raises:
        CrackError: It cannot be read, is empty or exceeds `MAX_BYTES`.
    """
    if isinstance(source, CrackError):
        raise source
    if isinstance(source, ZippedPhoto | StoredPhoto):
        return source.read()
    return read_source(source)


def _at_url(url: str) -> list[Item]:
    try:
        if url.lower().endswith(".zip"):
            return zipped_photos(url, open_location(url))
        photos = sorted(list_photos(url), key=lambda photo: photo.url)
    except CrackError as error:
        return [(url, error)]
    if not photos:
        return [(url, CrackError("This folder holds no pictures."))]
    return [(photo.url, photo) for photo in photos]


def _in_folder(folder: Path) -> list[Item]:
    found: list[tuple[Path, Path | CrackError]] = []

    def note(error: OSError) -> None:
        refused = unreadable("This folder", error)
        found.append((Path(error.filename or folder), refused))

    for root, inner, names in os.walk(folder, onerror=note):
        inner[:] = [name for name in inner if not is_hidden(PurePosixPath(name))]
        paths = (Path(root, name) for name in names if is_picture(name))
        found += ((path, _picture(path)) for path in paths)
    if not found:
        return [(folder.as_posix(), CrackError("This folder holds no pictures."))]
    return [(p.as_posix(), source) for p, source in sorted(found, key=lambda f: f[0])]


def _picture(path: Path) -> Path | CrackError:
    try:
        check_is_file(path)
    except CrackError as error:
        return error
    return path


def _posix(name: str) -> PurePosixPath:
    return PurePosixPath(with_slashes(name))
