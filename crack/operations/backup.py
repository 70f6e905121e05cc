"""One file of the whole workspace and the database, made while others go on working.

The files come first, since they take minutes, then the rows, read in one moment. A
photo is written before its row, so the files of photos that were added in between are
there by then and are fetched.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from crack import __version__, settings, storage
from crack.data.dataset import Progress, dataset_names, load_dataset
from crack.disk_space import MEGABYTE, check_space, check_writable
from crack.errors import CrackError
from crack.inspections.table_rows import write_tables
from crack.operations.backup_contents import (
    FILES,
    MANIFEST,
    MANIFEST_HASH,
    TABLES,
    Linked,
    Manifest,
    Member,
    hash_of,
    kept_files,
)

_SPARE = 50 * MEGABYTE  # for the rows, the headers, and what grows meanwhile
_ATTEMPTS = 3  # to find the rows and the photos in step
_HEADERS = 1024  # bytes for each file, its filling included


def write_backup(file: Path, progress: Progress) -> Manifest:
    """Write the workspace and the rows of the database into one new file.

    Args:
        file: A TAR to be; it appears when it is complete.
        progress: Told how many megabytes are written.

    Returns:
        What it holds.

    Raises:
        CrackError: It cannot be there, the disk has too little space, or the database
            cannot be read.
    """
    _check_place(file)
    sizes = [
        (folder / name).stat().st_size
        for folder, names in kept_files()
        for name in names
        if (folder / name).is_file()
    ]
    expected = sum(sizes) + _HEADERS * len(sizes)
    check_space(
        file.resolve().parent,
        expected,
        "The backup",
        _SPARE,
        "Make space, or name a place on another disk.",
    )
    with _appearing(file) as partial, tarfile.open(partial, "w") as tar:
        writer = _Writer(tar, progress, expected)
        return writer.write()


class _Writer:
    """Fills one TAR.

    Args:
        tar: To write to.
        progress: As of `write_backup`.
        expected: Size in bytes.
    """

    def __init__(self, tar: tarfile.TarFile, progress: Progress, expected: int) -> None:
        self._tar = tar
        self._progress = progress
        self._expected = expected
        self._members: dict[str, Member] = {}
        self._home = settings.home()

    def write(self) -> Manifest:
        """Write everything and return what was written."""
        with tempfile.TemporaryDirectory(prefix="crack-backup-") as scratch:
            rows = Path(scratch)
            empty = self._add_files()
            revision, lost = self._read_rows(rows)
            for table in sorted(rows.iterdir()):
                self._add_table(table)
        manifest = Manifest(
            version=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            revision=revision,
            members=tuple(self._members.values()),
            empty_folders=tuple(empty),
            linked=tuple(_linked()),
            lost_photos=len(lost),
        )
        self._end(manifest.to_bytes())
        return manifest

    def _add_files(self) -> list[str]:
        """Add what is not there yet; return the names of empty folders."""
        empty = []
        for folder, names in kept_files():
            inside = folder.relative_to(self._home).as_posix()
            if not names and not any(folder.iterdir()):
                empty.append(inside)
            for name in names:
                path = folder / name
                wanted = f"{FILES}{path.relative_to(self._home).as_posix()}"
                # Another process may delete it just now.
                if wanted not in self._members:
                    with suppress(FileNotFoundError):
                        self._add(path, wanted)
        return empty

    def _read_rows(self, rows: Path) -> tuple[str, set[str]]:
        """Read the database and fetch the photos added since the files were copied.

        Returns:
            The revision of the tables, and the names of photos that have no file.
        """
        lost: set[str] = set()
        for _ in range(_ATTEMPTS):
            revision = write_tables(rows)
            for name in sorted(_photo_files(rows) - self._members.keys()):
                self._add_photo(name)
            before, lost = lost, _photo_files(rows) - self._members.keys()
            # An inspection that was just deleted has no rows the next time.
            if lost <= before:
                break
        return revision, lost

    def _add_photo(self, name: str) -> None:
        path = self._home / name.removeprefix(FILES)
        heatmap = path.with_suffix(".npy")
        for each in (path, heatmap):
            with suppress(FileNotFoundError):
                self._add(each, f"{FILES}{each.relative_to(self._home).as_posix()}")

    def _add_table(self, path: Path) -> None:
        with path.open("rb") as lines:
            rows = sum(1 for _ in lines)
        self._add(path, f"{TABLES}{path.name}", rows)

    def _add(self, path: Path, name: str, rows: int | None = None) -> None:
        with path.open("rb") as content:
            # Of a file that grows meanwhile, what is there now.
            size = content.seek(0, io.SEEK_END)
            content.seek(0)
            hashing = _Hashing(content)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = size, path.stat().st_mtime
            self._tar.addfile(entry, hashing)
        self._members[name] = Member(name, size, hashing.sha256, rows)
        done = min(self._tar.offset, self._expected)
        self._progress(
            "Writing the backup, MB",
            done // MEGABYTE,
            max(1, self._expected // MEGABYTE),
        )

    def _end(self, manifest: bytes) -> None:
        for name, content in (
            (MANIFEST, manifest),
            (MANIFEST_HASH, hash_of(manifest).encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            self._tar.addfile(entry, io.BytesIO(content))


class _Hashing(io.RawIOBase):
    """Reads a file and knows the hash of what was read.

    Args:
        content: The file.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        read = self._content.read(size)
        self._hash.update(read)
        return read

    @property
    def sha256(self) -> str:
        """In hex digits."""
        return self._hash.hexdigest()


def _check_place(file: Path) -> None:
    home, place = settings.home(), file.resolve()
    if not home.is_dir():
        raise CrackError(f"There is no workspace {home}.", "CRACK_HOME names another.")
    if place.exists():
        raise CrackError(
            f"There is something named {file} already.", "Take a new name."
        )
    if not place.parent.is_dir():
        raise CrackError(f"There is no folder {place.parent}.", "Make it first.")
    if home in place.parents:
        raise CrackError(
            f"{file} would lie in the workspace it is a backup of.",
            "Name a place outside, best on another disk.",
        )
    check_writable(place.parent, "the backup")


@contextmanager
def _appearing(file: Path) -> Iterator[Path]:
    """Yield the name of a file that gets its own when it is complete."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        yield partial
        storage.settle(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def _photo_files(rows: Path) -> set[str]:
    """Return the names that the files of all photos have in the backup."""
    with (rows / "photos.jsonl").open(encoding="utf-8") as lines:
        photos = map(json.loads, lines)
        return {
            f"{FILES}inspections/{photo['inspection_id']}/{photo['stored']}"
            for photo in photos
            if photo["stored"] is not None
        }


def _linked() -> Iterator[Linked]:
    for name in dataset_names():
        with suppress(CrackError):  # a damaged index is kept as it is
            dataset = load_dataset(name)
            if not dataset.root.is_relative_to(settings.home()):
                yield Linked(name, str(dataset.root), len(dataset.samples))
