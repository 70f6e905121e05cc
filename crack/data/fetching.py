"""Files of object storage brought to this computer; what was interrupted goes on.

Each file is kept in the cache under a name that follows from its URL, size and version,
so what is there already is known by its name, also after the source has changed.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath

from crack import settings, storage
from crack.data.archive import open_zip, unpack
from crack.data.dataset import Progress
from crack.data.images import check_byte_count
from crack.data.object_storage import StoredFile, read_range, read_url, stored_file
from crack.data.stored_source import StoredFolder, StoredSource, StoredZip
from crack.disk_space import MEGABYTE, RESERVE, check_space
from crack.errors import CrackError
from crack.locks import locked

_READERS = 8  # requests at a time: each waits for the network, not for this computer
_PIECE = 16 * MEGABYTE  # a larger file is fetched piece by piece
_KEPT = 7 * 24 * 3600  # seconds that a fetch which was given up is kept for


def bring(
    source: StoredSource, target: Path, report: Progress
) -> dict[PurePosixPath, CrackError]:
    """Bring a source into a new folder, unpacked if it is a ZIP.

    Until `forget` it is in the cache as well, so that nothing is fetched again if what
    comes next fails.

    Returns:
        The files that were left out because no photo is like that, and why.

    Raises:
        CrackError: It cannot be read, has changed meanwhile, or would fill the disk.
    """
    with _cache_of(source) as cache:
        if isinstance(source, StoredZip):
            fetch(source.file, _kept(cache, source.file), report)
            with open_zip(_kept(cache, source.file)) as archive:
                return unpack(archive, target, report)
        refused = _refused(source)
        wanted = {p: file for p, file in source.files.items() if p not in refused}
        _fetch_all(wanted.values(), cache, report)
        for path, file in wanted.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            _link(_kept(cache, file), target / path)
        return refused


def forget(source: StoredSource) -> None:
    """Delete what the cache has of a source."""
    with _cache_of(source) as cache:
        shutil.rmtree(cache)


def fetch(file: StoredFile, target: Path, report: Progress) -> None:
    """Fetch a file of any size; nothing is done if it is there.

    What was interrupted is beside it as `.partial`.

    Args:
        file: To be fetched.
        target: In an existing folder.
        report: Told how many megabytes are there.

    Raises:
        CrackError: It cannot be read, has changed meanwhile, or would fill the disk.
    """
    if not _is_whole(target, file):
        check_space(target.parent, file.size, "Fetching it", RESERVE)
    for there in _pieces(file, target):
        _tell(report, there, file.size)


def _pieces(file: StoredFile, target: Path) -> Iterator[int]:
    """Fetch a file piece by piece; yield how many bytes are there each time."""
    if _is_whole(target, file):
        return
    partial = target.with_name(f"{target.name}.partial")
    there = partial.stat().st_size if partial.exists() else 0
    with partial.open("ab") as content:
        while there < file.size:
            end = min(there + _PIECE, file.size)
            piece = read_range(file.url, there, end)
            if len(piece) != end - there:
                raise _changed(file)
            content.write(piece)
            there = end
            yield there
    if stored_file(file.url).version != file.version:
        partial.unlink()
        raise _changed(file)
    storage.settle(partial, target)


@contextmanager
def _cache_of(source: StoredSource) -> Iterator[Path]:
    """Yield the folder in which a source is kept, and no other process meanwhile."""
    folder = settings.cache_dir() / "fetched" / _hash(source.url)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock"), seconds=0):
        for other in folder.parent.glob("*/"):
            if time.time() - other.stat().st_mtime > _KEPT:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        yield folder


def _refused(folder: StoredFolder) -> dict[PurePosixPath, CrackError]:
    refused = {}
    for path, file in folder.files.items():
        try:
            check_byte_count(file.size or 1)  # an empty one need not be a picture
        except CrackError as error:
            refused[path] = error
    return refused


def _fetch_all(files: Collection[StoredFile], cache: Path, report: Progress) -> None:
    """Fetch files, the small ones side by side."""
    missing = [file for file in files if not _is_whole(_kept(cache, file), file)]
    total = sum(file.size for file in files)
    done = total - sum(file.size for file in missing)
    check_space(cache, total - done, "Fetching the files", RESERVE)
    _tell(report, done, total)
    pool = ThreadPoolExecutor(_READERS, thread_name_prefix="fetch")
    try:
        begun = {
            pool.submit(_fetch_small, file, _kept(cache, file)): file
            for file in missing
            if file.size <= _PIECE
        }
        for each in as_completed(begun):
            each.result()
            done += begun[each].size
            _tell(report, done, total)
    finally:
        # Somebody who stops this must not wait for the other files.
        pool.shutdown(cancel_futures=True)
    for file in missing:
        if file.size > _PIECE:
            for there in _pieces(file, _kept(cache, file)):
                _tell(report, done + there, total)
            done += file.size


def _fetch_small(file: StoredFile, target: Path) -> None:
    content = read_url(file.url)
    if len(content) != file.size:
        raise _changed(file)
    storage.write_bytes(target, content)


def _kept(cache: Path, file: StoredFile) -> Path:
    """Return where the cache keeps a file of this content."""
    return cache / _hash(f"{file.url}\n{file.size}\n{file.version}")


def _is_whole(kept: Path, file: StoredFile) -> bool:
    """Return whether a file was fetched; a power cut may have cut it short."""
    return kept.exists() and kept.stat().st_size == file.size


def _hash(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _link(kept: Path, target: Path) -> None:
    try:
        os.link(kept, target)
    except OSError:  # some drives have no second name for a file
        shutil.copyfile(kept, target)


def _tell(report: Progress, done: int, total: int) -> None:
    report("Fetching megabytes", done // MEGABYTE, max(1, total // MEGABYTE))


def _changed(file: StoredFile) -> CrackError:
    return CrackError(
        f"{file.url} has changed while it was fetched.",
        "Begin again when nobody writes there any more.",
    )
