"""The claim of a process to the folder it works on, where computers share a workspace.

By the note of a process (`crack.runs.background`) only its own computer can tell
whether it lives. For the others it holds a lease, and ends when a file in the folder
asks it to.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from crack import locks
from crack.errors import CrackError

FOLDER_VARIABLE = "CRACK_WORKS_ON"
"""Tells a new process the folder it is to work on."""

_CLAIM, _END = ".claim", "end"
_LOOK_EVERY = 1.0  # seconds, for a request to end
_OBEYS_WITHIN = 10.0  # seconds, before this process is ended by force
_ANSWER_WITHIN = 600.0  # seconds that the database may be away in the midst of work

_log = logging.getLogger(__name__)
_held: locks.Lock | None = None


def take(is_wanted: Callable[[], bool] = lambda: True) -> bool:
    """Claim the folder that this process was started for, until the process ends.

    One that was killed just now has its claim for some seconds more; this waits.

    Args:
        is_wanted: Whether to go on waiting.

    Returns:
        Whether to work on it.
    """
    global _held
    named = os.environ.pop(FOLDER_VARIABLE, "")
    if not named or not locks.are_shared():
        return True
    folder = Path(named)
    claim = locks.lock_on(folder / _CLAIM)
    while not _acquired(claim):
        if not is_wanted():
            return False
    if not is_wanted():
        claim.release()
        return False
    _held = claim
    atexit.register(claim.release)
    threading.Thread(target=_end_when_asked, args=(folder,), daemon=True).start()
    return True


def check() -> None:
    """Make sure that no other process has taken over what this one works on.

    If the database is away, this waits for it.

    Raises:
        LockLostError: One may have.
    """
    if _held is not None:
        _held.check(_ANSWER_WITHIN)


def is_held(folder: Path) -> bool | None:
    """Return whether a process on any computer works on a folder, as far as is known.

    Args:
        folder: In the workspace.

    Returns:
        False if the last one was killed, None if it has not begun or has ended.
    """
    from crack.leases import is_held as is_leased

    try:
        return is_leased(locks.name_of(folder / _CLAIM))
    except CrackError as error:
        # Not known: nobody must take it for dead.
        _log.warning("whether the process in %s lives is not known: %s", folder, error)
        return True


def forget(folder: Path) -> None:
    """Forget that a process was killed which worked on a folder.

    Args:
        folder: In the workspace.

    Raises:
        CrackError: The database cannot be reached.
    """
    if locks.are_shared():
        from crack.leases import forget as forget_lease

        forget_lease(locks.name_of(folder / _CLAIM))


def ask_to_end(folder: Path, seconds: float) -> bool:
    """Ask the process that works on a folder, on another computer, to end.

    Args:
        folder: In the workspace.
        seconds: To wait for it.

    Returns:
        Whether it has ended.
    """
    (folder / _END).touch()
    until = time.monotonic() + seconds
    while is_held(folder):
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_EVERY / 2)
    return True


def _acquired(claim: locks.Lock) -> bool:
    try:
        return claim.acquire(_LOOK_EVERY)
    except CrackError as error:
        _log.warning("it is tried again: %s", error)
        time.sleep(_LOOK_EVERY)
        return False


def _end_when_asked(folder: Path) -> None:
    while not (folder / _END).exists():
        time.sleep(_LOOK_EVERY)
    _log.warning("another computer asks this process to end")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_OBEYS_WITHIN)
    if _held is not None:
        _held.release()
    os._exit(1)
