"""Single files at a URL for what reads and writes paths: models, reports, backups.

What is written lies on this computer until it is complete, and goes to its place then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory, mkdtemp

from crack.data.dataset import Progress
from crack.data.fetching import fetch
from crack.data.images import check_is_file
from crack.data.locations import Location, exists, read_location
from crack.data.object_storage import delete_url, put_file, stored_file
from crack.disk_space import MEGABYTE, size_words
from crack.errors import CrackError


def name_at(location: Location) -> str:
    """Return the name of the file at a location.

    Raises:
        CrackError: It is the URL of a bucket.
    """
    if isinstance(location, Path):
        return location.name
    _, *inside = PurePosixPath(location.partition("://")[2]).parts
    if not inside:
        raise CrackError("This URL names a bucket, and no file in it.")
    return inside[-1]


def check_free(location: Location) -> None:
    """Refuse to write where something is.

    Raises:
        CrackError: There is, or that cannot be known.
    """
    if exists(location):
        raise CrackError(f"{location} exists already.", "Choose another name.")


def small_file(location: Location, limit: int) -> bytes:
    """Return the content of a file.

    Args:
        location: Of the file.
        limit: What it may have, in megabytes.

    Raises:
        CrackError: It cannot be read, or is larger.
    """
    if isinstance(location, str):
        size = stored_file(location).size
    else:
        check_is_file(location)
        size = location.stat().st_size
    if size > limit * MEGABYTE:
        raise CrackError(f"The file has {size_words(size)}; the limit is {limit} MB.")
    return read_location(location)


@contextmanager
def local_copy(location: Location, report: Progress) -> Iterator[Path]:
    """Yield a file of this computer; one at a URL is fetched for as long as needed.

    Raises:
        CrackError: It cannot be fetched.
    """
    if isinstance(location, Path):
        yield location
        return
    with TemporaryDirectory(prefix="crack-") as folder:
        copy = Path(folder, name_at(location))
        fetch(stored_file(location), copy, report)
        yield copy


@contextmanager
def written_at(location: Location) -> Iterator[Path]:
    """Yield a path to write a file or a folder to, which goes to its location then.

    At a URL a file appears as a whole, in place of one of its name. The files of a
    folder appear one by one, and are deleted again if one of them cannot be written.

    Raises:
        CrackError: It cannot be written there. Then it is kept here, and this says
            where.
        OSError: A path cannot be written, which it names.
    """
    if isinstance(location, Path):
        with _named(location):
            yield location
        return
    name = name_at(location)
    made = Path(mkdtemp(prefix="crack-"), name)
    try:
        yield made
    except BaseException:
        shutil.rmtree(made.parent)
        raise
    _put(made, location.rstrip("/"))
    shutil.rmtree(made.parent)


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """Name the place in errors that name none, as that of a disk that is full."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(place)) from error


def _put(made: Path, url: str) -> None:
    try:
        if made.is_dir():
            _put_folder(made, url)
        else:
            put_file(made, url)
    except CrackError as error:
        raise CrackError(
            error.message, f"{error.hint} What was written is kept: {made}."
        ) from None


def _put_folder(folder: Path, url: str) -> None:
    put: list[str] = []
    try:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                put.append(f"{url}/{path.relative_to(folder).as_posix()}")
                put_file(path, put[-1])
    except CrackError:
        for written in put:
            with suppress(CrackError):  # what went wrong before is told
                delete_url(written)
        raise
