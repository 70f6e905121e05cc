"""Files in S3, Google Cloud Storage and Azure, by URL.

They are opened by fsspec, which is imported here alone, once a URL is used: the
dashboard does without it. URLs come here through `crack.data.locations`, which refuses
those that hold credentials: they come by each provider's own means.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

from crack.data.folders import is_picture
from crack.data.images import check_byte_count
from crack.data.storage_errors import (
    in_words,
    no_credentials,
    not_installed,
    nothing_there,
)
from crack.errors import CrackError

PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
"""What fsspec opens the URLs of each kind with."""

# What they log may hold parts of a request, and what fails is told in other words.
_LOGGERS = ("adlfs", "aiobotocore", "azure", "botocore", "fsspec", "gcsfs", "s3fs")

# Of what a provider tells of a file, what changes with its content; the first counts.
_VERSIONS = ("ETag", "etag", "md5Hash", "generation", "last_modified", "created")


@dataclass(frozen=True)
class StoredFile:
    """A file in object storage, as it was when it was listed.

    Attributes:
        url: Where it lies.
        size: In bytes.
        version: What the provider calls its content; another one once it changes.
    """

    url: str
    size: int
    version: str


class StoredPhoto(StoredFile):
    """A photo in object storage, read anew each time it is needed."""

    def read(self) -> bytes:
        """Return the content of the photo.

        Raises:
            CrackError: It cannot be read, or is empty or larger than any photo.
        """
        # The size is checked first: what is no photo need not come over the network.
        check_byte_count(self.size)
        data = read_url(self.url)
        check_byte_count(len(data))
        return data


def list_files(url: str) -> Iterator[tuple[str, StoredFile]]:
    """List the files below a URL, or the file there, without reading them.

    That is done folder by folder, so that no more than one is held in memory.

    Yields:
        The path of a file below the URL, "" if it is the file there; and the file.

    Raises:
        CrackError: There is nothing, or it cannot be read.
    """
    with _opened(url) as (system, key):
        top = key.rstrip("/")
        for _, _, files in system.walk(top, detail=True, on_error="raise"):
            for info in files.values():
                name = str(info["name"])
                inside = name.strip("/").removeprefix(top).strip("/")
                # With a slash, or with nothing inside and empty: the mark of a folder.
                if not name.endswith("/") and (inside or info["size"]):
                    yield inside, _stored(url, info)


def list_photos(url: str) -> Iterator[StoredPhoto]:
    """List the photos below a URL, or the file there, without reading them.

    They are chosen by suffix. Hidden files are left out.

    Raises:
        CrackError: There is nothing, or it cannot be read.
    """
    for inside, file in list_files(url):
        if not inside or is_picture(inside):
            yield StoredPhoto(file.url, file.size, file.version)


def stored_file(url: str) -> StoredFile:
    """Return what is known of the file at a URL.

    Raises:
        CrackError: There is none, or it cannot be looked at.
    """
    inside, file = next(list_files(url), ("", None))
    if inside or file is None:
        raise CrackError(f"There is no file at {url}, or an empty one.", "Check it.")
    return file


def open_url(url: str) -> BinaryIO:
    """Open a file to read its bytes, from any place of it.

    Raises:
        CrackError: It cannot be opened.
    """
    with _opened(url) as (system, key):
        return system.open(key, "rb")


def read_url(url: str) -> bytes:
    """Return the content of a file.

    Raises:
        CrackError: It cannot be read.
    """
    with _opened(url) as (system, key):
        return system.cat_file(key)


def read_range(url: str, start: int, end: int) -> bytes:
    """Return a part of a file.

    Args:
        url: Of the file.
        start: The first byte.
        end: The byte after the last.

    Raises:
        CrackError: It cannot be read.
    """
    with _opened(url) as (system, key):
        return system.cat_file(key, start=start, end=end)


def write_url(url: str, content: bytes) -> None:
    """Write a file in one request, which object storage carries out as a whole.

    Raises:
        CrackError: It cannot be written.
    """
    with _opened(url) as (system, key):
        system.pipe_file(key, content)


def put_file(path: Path, url: str) -> None:
    """Write a file of this computer, of any size; it appears when it is complete.

    Raises:
        CrackError: It cannot be written.
    """
    with _opened(url) as (system, key):
        system.put_file(str(path), key)


def delete_url(url: str) -> None:
    """Delete a file; nothing if it is not there.

    Raises:
        CrackError: It cannot be deleted.
    """
    with _opened(url) as (system, key):
        if system.exists(key):
            system.rm_file(key)


def exists_at(url: str) -> bool:
    """Return whether there is a file.

    Raises:
        CrackError: That cannot be known.
    """
    with _opened(url) as (system, key):
        return system.exists(key)


def names_below(url: str) -> list[str]:
    """Return the sorted names in a folder, none if it is not there.

    Raises:
        CrackError: It cannot be read.
    """
    with _opened(url) as (system, key):
        if not system.exists(key):
            return []
        names = system.ls(key.rstrip("/"), detail=False)
    return sorted(PurePosixPath(name).name for name in names)


class _FileSystem(Protocol):
    """What is used of fsspec, which has no types."""

    walk: Callable[..., Iterator[tuple[str, Any, dict[str, dict[str, Any]]]]]
    open: Callable[[str, str], BinaryIO]
    cat_file: Callable[..., bytes]
    pipe_file: Callable[[str, bytes], None]
    put_file: Callable[[str, str], None]
    exists: Callable[[str], bool]
    rm_file: Callable[[str], None]
    ls: Callable[..., list[str]]


def _stored(url: str, info: dict[str, Any]) -> StoredFile:
    version = next((str(info[key]) for key in _VERSIONS if info.get(key)), "")
    place = f"{_scheme(url)}://{info['name'].lstrip('/')}"
    return StoredFile(place, int(info["size"] or 0), version.strip('"'))


def _scheme(url: str) -> str:
    return url.partition("://")[0]


def _file_system(url: str) -> _FileSystem:
    """Return what opens a URL."""
    scheme = _scheme(url)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        import fsspec

        # What has changed meanwhile must be seen: no listing is kept.
        return cast(_FileSystem, fsspec.filesystem(scheme, use_listings_cache=False))
    except ImportError as error:
        raise not_installed(scheme, PACKAGES[scheme]) from error
    except Exception as error:  # noqa: BLE001 - Azure's wants credentials now
        raise no_credentials(error, url) from None


@contextmanager
def _opened(url: str) -> Iterator[tuple[_FileSystem, str]]:
    """Yield what opens a URL, and its name there; failures become a CrackError.

    Nothing of the provider's exception goes along: it could end in a log.
    """
    system = _file_system(url)
    key = url.partition("://")[2]
    try:
        yield system, key
    except CrackError:
        raise
    except FileNotFoundError:
        raise nothing_there(url, _missing_bucket(system, key)) from None
    except Exception as error:  # noqa: BLE001 - each provider has its own
        raise in_words(error, url) from None


def _missing_bucket(system: _FileSystem, key: str) -> str | None:
    """Return the name of the bucket if it is known not to be there."""
    bucket = key.partition("/")[0]
    try:
        return None if system.exists(bucket) else bucket
    except Exception:  # noqa: BLE001 - only what is there can be told then
        return None
