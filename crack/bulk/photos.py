"""The photos of a large question: listed once, kept small, and dealt out to parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crack.data.folders import as_text, is_text
from crack.data.images import check_is_file
from crack.data.locations import Location
from crack.data.object_storage import StoredPhoto, list_photos
from crack.errors import CrackError
from crack.inference.sources import Item, PhotoSource, collect_sources

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK = 10_000  # photos that are held as objects at a time

# A part is what is asked at a stretch and written as one file: small enough that little
# is asked again after a failure and all workers have one until the end, large enough
# that there are not too many files.
_PHOTOS_PER_PART = 256
_BYTES_PER_PART = 16_000_000  # four photos of 12 megapixels: a quarter of a minute
_FEW_PARTS = 1_024  # as long as there are no more; then parts may be larger
_MOST_BYTES_PER_PART = 256_000_000


@dataclass(frozen=True)
class BulkPhoto:
    """A photo that a model is asked about.

    Attributes:
        file: Its path or URL, as in the tables of answers.
        size: In bytes.
        version: Another one once its content changes: the time of the last change, or
            what the provider of the storage calls it. "" where it cannot be known.
        error: Why it cannot be read, as the listing told; "" otherwise.
    """

    file: str
    size: int
    version: str
    error: str = ""

    def item(self, base: Path) -> Item:
        """Return it with where to read it from.

        Args:
            base: Folder from which paths begin.
        """
        if self.error:
            return self.file, CrackError(self.error)
        if "://" in self.file:
            return self.file, StoredPhoto(self.file, self.size, self.version)
        return self.file, base / self.file


@dataclass(frozen=True)
class Photos:
    """All photos of a question, in the order of their parts.

    Attributes:
        table: A row for each, with the attributes of `BulkPhoto` and its part; as an
            Arrow table, since objects would take several times the memory.
        parts: Their number.
    """

    table: pa.Table
    parts: int

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def each_part(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield the number of each part that has photos, with their rows."""
        numbers = self.table["part"].to_numpy()
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            rows = self.table.slice(start, end - start).drop_columns("part")
            yield int(numbers[start]), rows.to_pylist()


def parts_wanted(table: pa.Table) -> int:
    """Return how many parts suit the photos: a power of two."""
    total = int(np.sum(table["size"].to_numpy()))
    by_size = min(total / _BYTES_PER_PART, _FEW_PARTS)
    by_size = max(by_size, total / _MOST_BYTES_PER_PART)
    wanted = max(table.num_rows / _PHOTOS_PER_PART, by_size, 1.0)
    return 1 << int(np.ceil(np.log2(wanted)))


def part_of(file: str, parts: int) -> int:
    """Return the part of a photo, which depends on nothing but its name."""
    return int.from_bytes(blake2b(file.encode(), digest_size=8).digest()) % parts


def deal_out(table: pa.Table, parts: int) -> Photos:
    """Return the photos in the order of their parts."""
    import pyarrow as pa

    numbers = [part_of(file.as_py(), parts) for file in table["file"]]
    table = table.append_column("part", pa.array(numbers, pa.int64()))
    return Photos(table.sort_by([("part", "ascending"), ("file", "ascending")]), parts)


def listed(paths: Sequence[Location]) -> pa.Table:
    """List the photos at the paths and URLs, each once.

    Args:
        paths: Files and folders, or their URLs.

    Raises:
        CrackError: There are none, or a path is that of a ZIP.
    """
    import pyarrow as pa

    schema = pa.schema(
        [
            ("file", pa.string()),
            ("size", pa.int64()),
            ("version", pa.string()),
            ("error", pa.string()),
        ]
    )
    photos = _each_photo(paths)
    tables = [schema.empty_table()]
    while chunk := list(islice(photos, _CHUNK)):
        tables.append(pa.Table.from_pylist([vars(p) for p in chunk], schema))
    table = pa.concat_tables(tables)
    if table.num_rows == 0:
        raise CrackError("There are no pictures at these paths.")
    # One that is named twice is asked about once.
    firsts = np.unique(table["file"].to_numpy().astype(str), return_index=True)[1]
    return table if len(firsts) == len(table) else table.take(pa.array(firsts))


def _each_photo(paths: Sequence[Location]) -> Iterator[BulkPhoto]:
    for path in paths:
        if str(path).lower().endswith(".zip"):
            raise CrackError(
                "A ZIP cannot be asked about with --out.", "Unpack it into a folder."
            )
        if isinstance(path, str):
            for stored in list_photos(path):
                yield BulkPhoto(stored.url, stored.size, stored.version)
        else:
            for name, source in collect_sources([path]):
                yield _in_folder(name, source)


def _in_folder(name: str, source: PhotoSource) -> BulkPhoto:
    """Return what was found in a folder of this computer."""
    if not is_text(name):
        error = "The name of this file is not valid text. Rename it."
        return BulkPhoto(as_text(name), 0, "", error)
    try:
        if isinstance(source, CrackError):
            raise source
        assert isinstance(source, Path)  # a ZIP was refused
        check_is_file(source)
        status = source.stat()
    except CrackError as error:
        return BulkPhoto(name, 0, "", str(error))
    return BulkPhoto(name, status.st_size, str(status.st_mtime_ns))
