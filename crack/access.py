"""Who may change what: roles, read-only mode, and a note of every change.

A function that changes what the workspace keeps is declared with `change`. It then
refuses in read-only mode (`$CRACK_READ_ONLY`) and where the role of whoever calls it is
too low, and once it has succeeded it leaves a line in `audit.jsonl`. What writes is
reached by no page and no command except through such a function; a test follows the
calls.
"""

from __future__ import annotations

import getpass
import inspect
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from crack import settings
from crack.errors import CrackError
from crack.locks import locked

_log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_READ_ONLY, _STARTED_BY = "CRACK_READ_ONLY", "CRACK_STARTED_BY"
_DECLARED = "declared_change"
_LARGEST = 5_000_000  # bytes of audit.jsonl, about 30,000 changes
_EARLIER = 9  # files of that size that are kept beside it
_LONGEST = 200  # characters of a name in a line


class Role(IntEnum):
    """What somebody may do; each role may do all that the ones before it may."""

    VIEWER = 1
    """Looks at everything and asks models; nothing is kept of that."""

    ENGINEER = 2
    """Adds and edits datasets, trains, evaluates, inspects."""

    ADMIN = 3
    """Deletes what others may need, and chooses the default model."""

    @property
    def words(self) -> str:
        """As the user reads and writes it."""
        return self.name.lower()


@dataclass(frozen=True)
class Actor:
    """Whoever is at work.

    Attributes:
        name: An e-mail address, or the name of a user of this computer.
        role: What they may do.
    """

    name: str
    role: Role


@dataclass(frozen=True)
class _Change:
    """What was declared of a function."""

    what: str
    needs: Role
    on: str


_changing: ContextVar[bool] = ContextVar("changing", default=False)
_identify: Callable[[], Actor]


def identify_by(identify: Callable[[], Actor]) -> None:
    """Let a function say who is at work, whenever that is asked.

    It is called in the thread that makes the change and at that moment, so that it
    is right in callbacks and with several visitors at once.

    Args:
        identify: Returns the actor; where it cannot tell, one with the lowest role.
    """
    global _identify
    _identify = identify


def current() -> Actor:
    """Return who is at work."""
    return _identify()


def of_process() -> Actor:
    """Return who started this process: who asked for it, or the user of the system."""
    role, _, name = os.environ.get(_STARTED_BY, "").partition(" ")
    if name:
        return Actor(name, Role[role.upper()])
    try:
        return Actor(getpass.getuser(), Role.ADMIN)
    except (OSError, KeyError, ImportError):  # a container may have no such user
        return Actor("unknown user", Role.ADMIN)


_identify = of_process


def for_process() -> dict[str, str]:
    """Return the variables that tell a new process who started it."""
    actor = current()
    return {_STARTED_BY: f"{actor.role.words} {actor.name}"}


def read_only() -> bool:
    """Return whether nothing may be kept. What is kept to save time asks this first."""
    return os.environ.get(_READ_ONLY, "") not in ("", "0")


def refuse_if_read_only(path: Path | None = None) -> None:
    """Refuse to write into the workspace in read-only mode, whatever was declared.

    Args:
        path: Of what is written; elsewhere it may be.

    Raises:
        CrackError: Read-only mode is set.
    """
    if read_only() and (path is None or settings.home() in path.resolve().parents):
        raise _read_only_error("change the workspace")


def refusal(function: Callable[..., Any]) -> CrackError | None:
    """Return why a declared function would refuse now, None if it would not."""
    change: _Change = getattr(function, _DECLARED)
    if read_only():
        return _read_only_error(change.what)
    role = current().role
    if role < change.needs:
        return CrackError(
            f"It takes the role {change.needs.words} to {change.what}; yours is "
            f"{role.words}.",
            "Ask an admin of this dashboard for that role.",
        )
    return None


def change(
    what: str, needs: Role = Role.ENGINEER, *, on: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function that changes what is kept.

    One that is called by another is a part of that change: neither asked about nor
    noted by itself.

    Args:
        what: The change, such as "delete a run".
        needs: The lowest role that may do it.
        on: On what, with the arguments and the `result` of the function in braces,
            such as "{run.id}". Names only, never contents.
    """
    declared = _Change(what, needs, on)

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if _changing.get():
                return function(*args, **kwargs)
            if refused := refusal(checked):
                raise refused
            with _one_change():
                result = function(*args, **kwargs)
            told = signature.bind(*args, **kwargs)
            told.apply_defaults()
            _note(declared, on.format(**told.arguments, result=result))
            return result

        setattr(checked, _DECLARED, declared)
        return checked

    return declare


@contextmanager
def _one_change() -> Iterator[None]:
    token = _changing.set(True)
    try:
        yield
    finally:
        _changing.reset(token)


def _note(change: _Change, on: str) -> None:
    """Append a change to the audit; an old file makes room for a new one."""
    actor, path = current(), audit_path()
    row = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": actor.name[:_LONGEST],
        "role": actor.role.words,
        "what": change.what,
        "on": on[:_LONGEST],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(locked(path.with_name(".audit.lock")))
        except CrackError as error:
            # The change is made: a line that may get torn is better than none.
            _log.warning("the audit is written without its lock: %s", error)
        if path.is_file() and path.stat().st_size > _LARGEST:
            _make_room(path)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _make_room(path: Path) -> None:
    """Rename audit.jsonl to audit-1.jsonl, that to audit-2.jsonl, and so on."""
    numbered = (path.with_name(f"audit-{n}.jsonl") for n in range(1, 1 + _EARLIER))
    files = [path, *numbered]
    for newer, older in reversed(list(pairwise(files))):
        if newer.exists():
            newer.replace(older)


def audit_path() -> Path:
    """Return the file with a line for each change, the newest last."""
    return settings.home() / "audit.jsonl"


def _read_only_error(what: str) -> CrackError:
    return CrackError(
        f"Read-only mode is on, so nobody can {what}.",
        "Whoever runs this program has set CRACK_READ_ONLY.",
    )
