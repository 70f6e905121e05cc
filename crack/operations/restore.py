"""A workspace made again from a backup, or none at all.

Everything is unpacked beside its place and compared with the manifest before anything
gets its name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import URL

from crack.access import refuse_if_read_only
from crack.data.dataset import Progress
from crack.database_url import URL_VARIABLE, database_url, is_sqlite
from crack.disk_space import MEGABYTE, check_space, check_writable
from crack.errors import CrackError
from crack.inspections.table_rows import read_tables, refuse_rows
from crack.operations.backup_contents import (
    FILES,
    MANIFEST,
    MANIFEST_HASH,
    TABLES,
    Manifest,
    Member,
    hash_of,
)

_SPARE = 50 * MEGABYTE  # for the database
_PIECE = 1 << 20  # bytes
_PREFIX = ".restoring."


def restore(file: Path, home: Path, progress: Progress) -> Manifest:
    """Make the workspace and the rows of the database as they were.

    Args:
        file: As `crack.operations.backup.write_backup` made it.
        home: A folder that is empty or not there. The rows go into the database that
            `$CRACK_DATABASE_URL` names, else into a file in that folder.
        progress: Told how many megabytes are unpacked.

    Returns:
        What was restored.

    Raises:
        CrackError: The backup is damaged, its place or the database is not empty, or
            the disk has too little space.
    """
    refuse_if_read_only()
    _check_empty(home)
    with _opened(file) as tar:
        manifest, entries = _read_manifest(tar, file)
        check_space(
            home,
            manifest.size,
            "The workspace",
            _SPARE,
            "Make space, or name a folder on another disk with --home.",
        )
        url = _named_database()
        with _scratch(home) as scratch:
            _unpack(tar, manifest, entries, scratch, progress)
            files, tables = scratch / FILES, scratch / TABLES
            files.mkdir(exist_ok=True)
            for folder in manifest.empty_folders:
                _inside(files, folder).mkdir(parents=True, exist_ok=True)
            own = URL.create("sqlite", database=str(files / "inspections.db"))
            read_tables(tables, manifest.revision, url or own)
            for path in sorted(files.iterdir()):
                path.rename(home / path.name)
    return manifest


def _check_empty(home: Path) -> None:
    check_writable(home, "the workspace")
    if not home.exists():
        return
    # A restore that was killed leaves its scratch folder.
    there = [path for path in home.iterdir() if not path.name.startswith(_PREFIX)]
    if there:
        raise CrackError(
            f"The workspace {home} is not empty: it has '{min(there).name}'.",
            "Move it away, or name another folder with --home.",
        )


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    if not file.is_file():
        raise CrackError(f"There is no file {file}.", "Check the path.")
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(file, "it is no TAR, or it was cut") from error


def _read_manifest(
    tar: tarfile.TarFile, file: Path
) -> tuple[Manifest, dict[str, tarfile.TarInfo]]:
    entries = {entry.name: entry for entry in tar.getmembers()}
    if MANIFEST_HASH not in entries or MANIFEST not in entries:
        raise _damaged(file, "its end is missing")
    content, told = (_content(tar, entries[n]) for n in (MANIFEST, MANIFEST_HASH))
    if hash_of(content).encode() != told:
        raise _damaged(file, "its list of files is not as it was written")
    try:
        manifest = Manifest.from_bytes(content)
    except ValueError as error:
        raise CrackError(
            f"{file} cannot be restored: {error}.",
            "If a newer version of the program made it, update this one.",
        ) from error
    missing = {member.name for member in manifest.members} - entries.keys()
    if missing:
        raise _damaged(file, f"it lacks '{min(missing)}'")
    return manifest, entries


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(entry) if entry.isreg() else None
    return b"" if content is None else content.read()


def _named_database() -> URL | None:
    """Return the database outside the workspace, None if none is named."""
    if not os.environ.get(URL_VARIABLE):
        return None
    url = database_url()
    if is_sqlite(url):
        Path(url.database or "").resolve().parent.mkdir(parents=True, exist_ok=True)
    # Before minutes of unpacking, not after.
    refuse_rows(url)
    return url


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """Yield a folder on the disk of the workspace; clear what others of it left."""
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob(f"{_PREFIX}*"):
        shutil.rmtree(left)
    made = Path(mkdtemp(prefix=_PREFIX, dir=home))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _unpack(
    tar: tarfile.TarFile,
    manifest: Manifest,
    entries: dict[str, tarfile.TarInfo],
    scratch: Path,
    progress: Progress,
) -> None:
    done, total = 0, max(1, manifest.size // MEGABYTE)
    for member in manifest.members:
        _unpack_one(tar, entries[member.name], member, scratch)
        done += member.size
        progress("Unpacking and comparing, MB", done // MEGABYTE, total)


def _unpack_one(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, member: Member, scratch: Path
) -> None:
    # It refuses names that lead elsewhere, and what is no plain file.
    safe = tarfile.data_filter(entry, str(scratch))
    content = tar.extractfile(safe) if safe.isreg() else None
    if content is None:
        raise _damaged(Path(str(tar.name)), f"'{member.name}' is not a plain file")
    path = _inside(scratch, member.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    os.utime(path, (entry.mtime, entry.mtime))
    if digest.hexdigest() != member.sha256:
        raise _damaged(Path(str(tar.name)), f"'{member.name}' is not as it was written")


def _inside(folder: Path, name: str) -> Path:
    """Return a path in a folder, whatever a manifest says.

    Raises:
        CrackError: It would lie elsewhere.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise CrackError(
            f"The backup names a file elsewhere: {name}.", "Do not use it."
        )
    return path


def _damaged(file: Path, why: str) -> CrackError:
    return CrackError(
        f"{file} is not a whole backup: {why}. Nothing was restored.",
        "Use another copy of it, or an earlier backup.",
    )
