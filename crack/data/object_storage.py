"""Files in S3, Google Cloud Storage and Azure, by URL.

They are opened by fsspec, which is imported here alone, once a URL is used: the
dashboard does without it. URLs come here through `crack.data.locations`, which refuses
those that hold credentials: they come by each provider's own means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

from crack.data.folders import is_picture
from crack.data.images import check_byte_count
from crack.errors import CrackError

PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
"""What fsspec opens the URLs of each kind with."""

# Of what a provider tells of a file, what changes with its content; the first counts.
_VERSIONS = ("ETag", "etag", "md5Hash", "generation", "last_modified", "created")


@dataclass(frozen=True)
class StoredPhoto:
    """A photo in object storage, read anew each time it is needed.

    Attributes:
        url: Where it lies.
        size: In bytes.
        version: What the provider calls its content; another one once it changes.
    """

    url: str
    size: int
    version: str

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


def list_photos(url: str) -> Iterator[StoredPhoto]:
    """List the photos below a URL, or the file there, without reading them.

    They are chosen by suffix, folder by folder, so that no more than one folder is held
    in memory. Hidden files are left out.

    Raises:
        CrackError: There is nothing, or it cannot be read.
    """
    with _opened(url) as (system, key):
        top = key.rstrip("/")
        for _, _, files in system.walk(top, detail=True, on_error="raise"):
            for info in files.values():
                inside = str(info["name"]).strip("/").removeprefix(top).strip("/")
                # Nothing inside: the file itself, or the empty mark of a folder.
                if is_picture(inside) if inside else info["size"]:
                    yield _stored(url, info)


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


def write_url(url: str, content: bytes) -> None:
    """Write a file in one request, which object storage carries out as a whole.

    Raises:
        CrackError: It cannot be written.
    """
    with _opened(url) as (system, key):
        system.pipe_file(key, content)


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
    cat_file: Callable[[str], bytes]
    pipe_file: Callable[[str, bytes], None]
    exists: Callable[[str], bool]
    rm_file: Callable[[str], None]
    ls: Callable[..., list[str]]


def _stored(url: str, info: dict[str, Any]) -> StoredPhoto:
    version = next((str(info[key]) for key in _VERSIONS if info.get(key)), "")
    place = f"{_scheme(url)}://{info['name'].lstrip('/')}"
    return StoredPhoto(place, int(info["size"] or 0), version.strip('"'))


def _scheme(url: str) -> str:
    return url.partition("://")[0]


def _file_system(scheme: str) -> _FileSystem:
    """Return what opens the URLs of a kind."""
    try:
        import fsspec

        # What has changed meanwhile must be seen: no listing is kept.
        return cast(_FileSystem, fsspec.filesystem(scheme, use_listings_cache=False))
    except ImportError as error:
        more = "" if scheme == "s3" else f" {PACKAGES[scheme]}"
        raise CrackError(
            f"What opens {scheme}:// is not installed.",
            f"Install it: pip install -r requirements-cluster.txt{more}",
        ) from error


@contextmanager
def _opened(url: str) -> Iterator[tuple[_FileSystem, str]]:
    """Yield what opens a URL, and its name there; failures become a CrackError.

    Their cause is named and not quoted: what the packages of the providers say may hold
    more of a request than a log should.
    """
    try:
        yield _file_system(_scheme(url)), url.partition("://")[2]
    except CrackError:
        raise
    except FileNotFoundError as error:
        raise CrackError(f"There is nothing at {url}.", "Check the URL.") from error
    except Exception as error:  # each provider has exceptions of its own
        raise CrackError(
            f"{url} cannot be read or written ({type(error).__name__}).",
            "Check the URL, the network and the credentials of this machine.",
        ) from error
