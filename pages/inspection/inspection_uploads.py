"""Files handed over for an inspection, as the photos they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol, cast

from crack.data.archive import open_zip
from crack.errors import CrackError
from crack.inference.sources import Item, zip_sources, zipped_photos


class Upload(Protocol):
    """A file as the uploader hands it over."""

    @property
    def name(self) -> str:
        """Of the file."""

    def getvalue(self) -> bytes:
        """Return its content."""


def number_of(upload: Upload) -> int:
    """Return how many rows come of a file: of a broken ZIP one, with the reason."""
    if not _is_zip(upload):
        return 1
    try:
        with open_zip(cast("BinaryIO", upload)) as opened:
            return len(zipped_photos(upload.name, opened))
    except CrackError:
        return 1


def _is_zip(upload: Upload) -> bool:
    return upload.name.lower().endswith(".zip")


def sources_of(uploads: Sequence[Upload]) -> Iterator[Item]:
    """Yield the photos of all files, those of a ZIP one by one."""
    for upload in uploads:
        if _is_zip(upload):
            yield from zip_sources(upload.name, cast("BinaryIO", upload))
        else:
            yield upload.name, upload.getvalue()
