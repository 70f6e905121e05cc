"""Files that are whole or absent: JSON, append-only JSONL, folders.

In read-only mode nothing here writes into the workspace, see `crack.access`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from crack import settings
from crack.access import refuse_if_read_only
from crack.checked import Kind, check
from crack.disk_space import size_words
from crack.errors import CrackError
from crack.locks import Lock, lock_on

_FULL = {errno.ENOSPC, errno.EDQUOT}
_LONGEST = 64  # characters of a name
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST - 1}}}")


def check_name(name: str, what: str) -> None:
    """Raise a CrackError if a user's name cannot be the name of a folder.

    Args:
        name: Of the folder to be.
        what: What the name is for, for the message, such as "a model".
    """
    if not _NAME.fullmatch(name):
        raise CrackError(
            f"'{name}' cannot be the name of {what}."
            if name
            else f"The name of {what} is empty.",
            f"Use at most {_LONGEST} characters: letters, digits, dots, dashes and "
            "underscores, no spaces and no accents.",
        )


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name that `check_name` accepts, as close to the wanted one as it can be.

    Args:
        wanted: In any words.
        taken: Names it cannot have; it gets a number if it is among them.
    """
    ascii_only = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore")
    words = re.findall(r"[A-Za-z0-9._]+", ascii_only.decode())
    name = "-".join(words).lstrip("._-")[:_LONGEST] or "unnamed"
    number = 2
    free = name
    while free in taken:
        free = f"{name[: _LONGEST - len(str(number)) - 1]}-{number}"
        number += 1
    return free


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace `path` in one step, so that a reader sees the old file or the new one."""
    _write_text(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the object stored at `path`.

    Raises:
        FileNotFoundError: There is no such file.
        JSONDecodeError: It is damaged, or holds something else.
    """
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    if not isinstance(content, dict):
        raise json.JSONDecodeError("Expected an object", text, 0)
    return content


def read_json_if_whole(path: Path) -> dict[str, Any] | None:
    """Return the object stored at `path`, None if it is not there or not whole yet."""
    try:
        return read_json(path)
    except (FileNotFoundError, ValueError):  # of JSON, or of its letters
        return None


def read_record(path: Path, kind: Kind) -> dict[str, Any] | None:
    """Return the object stored at `path`, None if it is not there or not like that.

    Args:
        path: Of the file.
        kind: A TypedDict or a dataclass, see `crack.checked.check`; of a dataclass only
            its fields are returned.
    """
    content = read_json_if_whole(path)
    try:
        check(content, kind)
    except TypeError:
        return None
    if content is not None and is_dataclass(kind):
        return {f.name: content[f.name] for f in fields(kind) if f.name in content}
    return content


def append_jsonl(path: Path, row: Mapping[str, Any]) -> None:
    """Append one row, flushed before returning."""
    refuse_if_read_only(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Return the rows at `path`, or no rows if it does not exist.

    An incomplete last line, left by a killed writer, is skipped.
    """
    if not path.exists():
        return []
    complete, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    rows = [json.loads(line) for line in complete.splitlines() if line]
    if not all(isinstance(row, dict) for row in rows):
        raise json.JSONDecodeError("Expected an object in each line", complete, 0)
    return rows


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace all rows of `path` in one step."""
    _write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def safe_cell(value: object) -> object:
    """Return a value that a spreadsheet shows and does not compute.

    Text that begins like a formula gets an apostrophe, as OWASP advises ("CSV
    injection"): a file name may come from a stranger.
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` in one step; no partial file remains if that fails."""
    refuse_if_read_only(path)
    # Writers may be processes or threads, and must not share a temporary file.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        # A user knows no partial file, and a full disk names no file at all.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)


def settle(partial: Path, path: Path) -> None:
    """Rename a large file once it is on the disk, not only in memory.

    After a power cut there is either the whole file under its name, or none.
    """
    refuse_if_read_only(path)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode("utf-8"))


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a scratch folder that becomes `path` on success and vanishes on failure.

    Raises:
        CrackError: `path` exists already, or another process is creating it.
    """
    refuse_if_read_only(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_remains(path.parent)
    with _only_maker(path) as lock:
        if path.exists():
            raise CrackError(
                f"There is something named '{path.name}' in {path.parent} already.",
                "Choose another name.",
            )
        partial = Path(mkdtemp(_PARTIAL, prefix=f".{path.name}.", dir=path.parent))
        try:
            yield partial
            partial.chmod(0o755)  # mkdtemp makes it readable by its owner only
            lock.check()
            partial.rename(path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Delete a folder; even if interrupted, nothing remains under its name.

    Raises:
        FileNotFoundError: There is no such folder.
    """
    refuse_if_read_only(path)
    path.rename(path.with_name(f".{path.name}.{secrets.token_hex(4)}{_DELETED}"))
    clear_remains(path.parent)


_PARTIAL, _DELETED = ".partial", ".deleted"
"""Suffixes of `.NAME.XXXXXXXX`, a folder that will be, or was, NAME."""


@contextmanager
def _only_maker(path: Path) -> Iterator[Lock]:
    """Lock the making of a folder."""
    file = path.with_name(f".{path.name}.lock")
    lock = lock_on(file)
    if not lock.acquire(0):
        raise CrackError(
            f"'{path.name}' is just being made by another window or program.",
            "Wait until that has ended, or choose another name.",
        )
    with lock:
        try:
            yield lock
        finally:
            # While it is held, so that no other process can hold a deleted lock.
            with suppress(OSError):  # there is none, or Windows has it open
                file.unlink()


def clear_remains(folder: Path) -> None:
    """Delete what killed processes left when they made or deleted folders.

    Args:
        folder: In which they did.
    """
    for left in folder.glob(f".*.????????{_DELETED}/"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f".*.????????{_PARTIAL}/"):
        name = left.with_suffix("").stem[1:]
        with suppress(CrackError), _only_maker(folder / name):
            shutil.rmtree(left, ignore_errors=True)


def disk_error(error: OSError) -> CrackError:
    """Return an error of the file system as a CrackError with a way out.

    Args:
        error: About a file of the user, or about the workspace if it names none.
    """
    home = settings.home()
    named = isinstance(error.filename, str | bytes)
    place = Path(os.fsdecode(error.filename)) if named else home
    ours = home in (place, *place.parents) or place in home.parents
    return CrackError(
        f"{f'The workspace {home}' if ours else place} cannot be read or written: "
        f"{error.strerror or error}.{_room_at(place, error)}",
        "Check its permissions and the space left on its disk"
        + (", or point CRACK_HOME elsewhere." if ours else "."),
    )


def _room_at(place: Path, error: OSError) -> str:
    """Return how much room is left, as a sentence, where the disk is full."""
    if error.errno not in _FULL:
        return ""
    there = next(path for path in (place, *place.parents) if path.exists())
    return f" {size_words(shutil.disk_usage(there).free)} are free there."
