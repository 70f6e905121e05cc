"""A workspace with a file of every kind, and what may become of a file.

What opens it afterwards answers in a sentence: none of `RAW` is in it.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RAW = re.compile(
    r"Traceback|Expecting value|Expecting property|Extra data|NoneType|KeyError|"
    r"TypeError|ValueError|IndexError|AttributeError|JSONDecode|codec can't|"
    r"object is not|not subscriptable|unexpected keyword|Error\(|has no attribute|"
    r"could not convert|invalid literal|unhashable|<class|File is not a zip|"
    r"Error tokenizing|unsupported operand|must be str|sqlite3|sqlalchemy|"
    r"missing \d+ required|No columns to parse|not enough values|argument must be"
)
"""What a programmer writes and no user should read."""

TENTHS = range(10)


def files_of(home: Path) -> list[str]:
    """Return one file of each kind, relative to the workspace."""
    found = sorted(path for path in home.rglob("*") if path.is_file())
    kinds: dict[str, str] = {}
    for path in found:
        name = path.relative_to(home).as_posix()
        if path.name.startswith(".") or name.startswith("audit"):
            continue
        kinds.setdefault(_kind(name), name)
    return sorted(kinds.values())


def _kind(name: str) -> str:
    """Return a name without what tells one file from another of its kind."""
    parts = name.split("/")
    if parts[0] in ("datasets", "inspections") and "images" not in parts[1:-1]:
        parts[1] = "*"
    if "images" in parts or parts[0] == "inspections":
        parts[-1] = f"*.{parts[-1].rpartition('.')[2]}"
    return "/".join(parts[:2] + parts[-1:]) if "images" in parts else "/".join(parts)


def cut(content: bytes, tenth: int) -> bytes:
    """Return the first tenths of a file, as a full disk leaves it."""
    return content[: len(content) * tenth // 10]


def garbled(content: bytes, tenth: int) -> bytes:
    """Return a file with a tenth of it overwritten, as a failing disk leaves it."""
    start, end = (len(content) * place // 10 for place in (tenth, tenth + 1))
    return content[:start] + b"\xff\0" * ((end - start + 1) // 2) + content[end:]


def retyped(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what a file of JSON becomes when one value is of another type.

    Lists in place of objects, text in place of numbers, and so on: for the whole and
    for each value down to three levels.
    """
    lines = content.decode().splitlines()
    rows = [json.loads(line) for line in lines] if _is_lines(lines) else None
    whole = rows[0] if rows else json.loads(content)
    for place, changed in _changed(whole, "", 3):
        text = json.dumps(changed)
        if rows is not None:
            text = "\n".join([text, *lines[1:]]) + "\n"
        yield place, text.encode()


def _is_lines(lines: list[str]) -> bool:
    try:
        json.loads(lines[0])
    except (ValueError, IndexError):
        return False
    return True


def _changed(value: Any, place: str, depth: int) -> Iterator[tuple[str, Any]]:
    for other in _others(value):
        yield f"{place or 'all'} is {json.dumps(other)}", other
    if not depth:
        return
    if isinstance(value, dict):
        for key in value:
            yield (
                f"{place}.{key} is missing",
                {k: v for k, v in value.items() if k != key},
            )
            for where, changed in _changed(value[key], f"{place}.{key}", depth - 1):
                yield where, {**value, key: changed}
    elif isinstance(value, list) and value:
        for where, changed in _changed(value[0], f"{place}[0]", depth - 1):
            yield where, [changed, *value[1:]]


def _others(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [[], None, "text"]
    if isinstance(value, list):
        return [{}, None, 7]
    if isinstance(value, str):
        return [7, None, ["text"]]
    if value is None:
        return [{"a": []}]
    return ["text", None, {}]


def settle_database(home: Path) -> None:
    """Bring what SQLite keeps beside its file into it."""
    with sqlite3.connect(home / "inspections.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()


def copy(kept: Path, home: Path) -> None:
    """Make a workspace what it was."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home)
