"""How large the photos of a source are, by the headers of a few, before its import."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

import numpy as np

from crack.data.archive import ZIP_DAMAGE, check_member
from crack.data.images import read_source, upright_size
from crack.data.object_storage import read_range
from crack.data.stored_source import StoredFolder
from crack.data.tiles import TILE_SIDE
from crack.errors import CrackError

Size = tuple[int, int]
"""Width and height in pixels."""

_EACH = 6  # photos of a class; each may be 200 MB in the worst case
_HEADER = 1_000_000  # bytes, with which nearly every photo tells its size
_TOO_LARGE = 4  # tiles; a crack four pixels wide is one pixel wide in a picture for it


def some_sizes(
    place: Path | zipfile.ZipFile | StoredFolder,
    parent: PurePosixPath,
    by_class: Mapping[str, Sequence[PurePosixPath]],
) -> list[Size]:
    """Return the sizes of a few photos from all over each class.

    Args:
        place: The folder, here or in object storage, or the open ZIP.
        parent: Folder of the class folders, within it.
        by_class: The files of each class, within `parent`.

    Returns:
        Upright; without those that cannot be read.
    """
    chosen = {
        parent / files[at]
        for files in by_class.values()
        for at in np.linspace(0, len(files) - 1, min(_EACH, len(files))).astype(int)
    }
    sizes = (upright_size(content) for content in _contents(place, chosen))
    return [size for size in sizes if size]


def typical_side(sizes: Sequence[Size]) -> int | None:
    """Return the median of the longer sides, None if no photo could be read."""
    return int(np.median([max(size) for size in sizes])) if sizes else None


def is_too_large(side: int) -> bool:
    """Return whether training would lose the cracks of a photo that is so long.

    A network learns from pictures of `TILE_SIDE`, to which a photo is scaled down.
    """
    return side > _TOO_LARGE * TILE_SIDE


def _contents(
    place: Path | zipfile.ZipFile | StoredFolder, chosen: Collection[PurePosixPath]
) -> Iterator[bytes]:
    """Yield the files that can be read; of the others, the import has the reason."""
    if isinstance(place, zipfile.ZipFile):
        yield from _zipped(place, set(map(str, chosen)))
        return
    for path in sorted(chosen):
        with suppress(CrackError):
            if isinstance(place, Path):
                yield read_source(place / path)
            else:
                file = place.files[path]
                yield read_range(file.url, 0, min(file.size, _HEADER))


def _zipped(archive: zipfile.ZipFile, names: Collection[str]) -> Iterator[bytes]:
    for member in archive.infolist():
        if member.filename in names:
            with suppress(CrackError, *ZIP_DAMAGE):
                check_member(member)
                yield archive.read(member)
