"""A folder or ZIP in object storage that may become a dataset, as it was listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipFile

from crack.data.archive import open_zip, points_outside
from crack.data.folders import as_text, is_hidden
from crack.data.object_storage import StoredFile, list_files, open_url
from crack.errors import CrackError


@dataclass(frozen=True)
class StoredFolder:
    """The files below a URL, without hidden ones.

    Attributes:
        url: Of the folder.
        files: By their path within it.
    """

    url: str
    files: Mapping[PurePosixPath, StoredFile]


@dataclass(frozen=True)
class StoredZip:
    """A file at a URL, which should be a ZIP.

    Attributes:
        file: The ZIP.
    """

    file: StoredFile

    @property
    def url(self) -> str:
        """Where it lies."""
        return self.file.url

    @contextmanager
    def opened(self) -> Iterator[ZipFile]:
        """Yield the ZIP; only what is asked for comes over the network.

        Raises:
            CrackError: It cannot be read, or is no ZIP.
        """
        with open_url(self.url) as content, open_zip(content) as archive:
            yield archive


StoredSource = StoredFolder | StoredZip


def list_source(url: str) -> StoredSource:
    """Return what is at a URL: the files of a folder, or the file there.

    Raises:
        CrackError: There is nothing, it cannot be read, or a file has a name that it
            cannot have on a disk.
    """
    files: dict[PurePosixPath, StoredFile] = {}
    for name, file in list_files(url):
        if not name:
            return StoredZip(file)
        path = PurePosixPath(name)
        if points_outside(path) or str(path) != name:
            raise _no_file_name(name)
        if not is_hidden(path):
            files[path] = file
    for path in files:
        if any(parent in files for parent in path.parents):
            raise _no_file_name(str(path.parent))
    return StoredFolder(url, files)


def _no_file_name(name: str) -> CrackError:
    return CrackError(
        f"A name below this URL cannot be that of a file: {as_text(name)}.",
        "Give it a name without '..', ':' and empty parts, and no file and folder the "
        "same.",
    )
