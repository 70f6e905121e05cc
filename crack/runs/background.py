"""A process in the background, and the note of it in the folder it works on.

It outlives the window and the server that started it, and any process can tell from
the note whether it is still at work.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NotRequired, TypedDict

import psutil

from crack import access, computer, locks, settings, storage
from crack.errors import CrackError
from crack.runs import claim

_NOTE = "process.json"
_START_GRACE_SECONDS = 30  # between a folder and the process that works on it
_CLAIM_GRACE_SECONDS = 300  # between a process and its claim: the clocks may differ too
_END_SECONDS = 10  # to obey a request to end
_ELSEWHERE_SECONDS = 75  # the same on another computer, or to be known as dead there
_LOWEST = 19  # niceness: a sixtieth of the time of whoever else wants it

# A finished child that nobody waits for stays a zombie; polling these reaps them.
_children: list[subprocess.Popen[bytes]] = []


class _Note(TypedDict):
    """The content of the note."""

    pid: int
    started: float
    host: NotRequired[str]  # earlier versions ran on one


def launch(
    folder: Path, arguments: Sequence[str], log: str, output: str | None = None
) -> None:
    """Start Python in the background to work on a folder.

    Args:
        folder: Named somewhere in the arguments.
        arguments: Of Python, such as `-m` and the name of a module.
        log: Name of the file in the folder that errors are appended to.
        output: The same for what is printed; by default the log too.
    """
    access.refuse_if_read_only()
    with (
        (folder / log).open("ab") as errors,
        (folder / (output or log)).open("ab") as printed,
    ):
        # Safe: Python is run, without a shell.
        child = subprocess.Popen(  # nosec B603
            [sys.executable, *arguments],
            cwd=settings.PROJECT,
            # Absolute: the process has another working directory.
            env={
                **os.environ,
                **access.for_process(),
                claim.FOLDER_VARIABLE: str(folder),
                "CRACK_HOME": str(settings.home()),
            },
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=errors,
            # Its own session: closing the terminal or the server leaves it alone.
            start_new_session=True,
        )
    _children.append(child)
    _let_others_first(child.pid)
    # A process id is used again some day; with the time of its start it is unique.
    note: _Note = {
        "pid": child.pid,
        "started": psutil.Process(child.pid).create_time(),
        "host": computer.host(),
    }
    storage.write_json(folder / _NOTE, note)


def _let_others_first(pid: int) -> None:
    """Have the system prefer the dashboard, for whose answers somebody waits."""
    with suppress(psutil.Error):  # it may end at once
        if sys.platform == "win32":
            psutil.Process(pid).nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            return
        psutil.Process(pid).nice(_LOWEST)
    if sys.platform != "linux":
        return
    # It does not interrupt what has just got something to do (man 7 sched): with 30
    # visitors beside a training the slowest answers take half the time.
    with suppress(OSError):  # it has ended
        os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))
    # Linux may share the time between sessions ("The autogroup feature" there): within
    # one of its own, the niceness above has no effect.
    group = Path(f"/proc/{pid}/autogroup")
    with suppress(OSError):  # no such feature, or a user who may not
        group.write_text(str(_LOWEST))


def forget(folder: Path) -> None:
    """Delete the note, so that nobody takes an old process for the next one."""
    claim.forget(folder)
    (folder / _NOTE).unlink(missing_ok=True)


def reap() -> None:
    """Let the system forget children that have ended."""
    _children[:] = [child for child in _children if child.poll() is None]


def noted_pid(folder: Path) -> int | None:
    """Return the id of the process started last, None if it is not written yet."""
    note = storage.read_record(folder / _NOTE, _Note)
    return None if note is None else int(note["pid"])


def host_elsewhere(folder: Path) -> str | None:
    """Return the computer on which the process started last runs, None if it is this.

    The name of a computer may change; it matters only where several can be meant.
    """
    if not locks.are_shared():
        return None
    note = storage.read_record(folder / _NOTE, _Note) or {}
    host = str(note.get("host", computer.host()))
    return None if host == computer.host() else host


def find_process(folder: Path) -> psutil.Process | None:
    """Return the process of this computer on a folder, None if it has ended.

    Raises:
        FileNotFoundError: None was noted.
    """
    if not (folder / _NOTE).exists():
        raise FileNotFoundError(folder / _NOTE)
    note = storage.read_record(folder / _NOTE, _Note)
    if note is None:  # as a power cut leaves it
        return None
    try:
        found = psutil.Process(note["pid"])
        if found.status() == psutil.STATUS_ZOMBIE:
            return None
        # The start time moves with the clock of the system, the command line does not.
        same_start = abs(found.create_time() - note["started"]) < 1
        ours = same_start or any(str(folder) in word for word in found.cmdline())
    except (psutil.NoSuchProcess, ValueError, OverflowError):  # none has such a number
        return None
    return found if ours else None


def is_alive(folder: Path, ready_since: float) -> bool:
    """Return whether a process works on a folder, or is just being started.

    Args:
        folder: As of `launch`.
        ready_since: When the folder was ready for its process, seconds since 1970.
    """
    if host_elsewhere(folder):
        note = storage.read_record(folder / _NOTE, _Note) or {}
        held = claim.is_held(folder)
        age = time.time() - note.get("started", 0.0)
        return age < _CLAIM_GRACE_SECONDS if held is None else held
    try:
        return find_process(folder) is not None
    except FileNotFoundError:
        return time.time() - ready_since < _START_GRACE_SECONDS


def end(folder: Path) -> None:
    """End the process that works on a folder, by force if it does not obey.

    Raises:
        CrackError: It runs on another computer, which does not answer.
    """
    if host := host_elsewhere(folder):
        if not claim.ask_to_end(folder, _ELSEWHERE_SECONDS):
            raise CrackError(
                f"It runs on {host}, which has not ended it within "
                f"{_ELSEWHERE_SECONDS} seconds.",
                "Try again, or end it there.",
            )
        return
    with suppress(FileNotFoundError, psutil.NoSuchProcess):  # it ended just now
        if process := find_process(folder):
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(_END_SECONDS)


def reason_in(log: Path) -> str | None:
    """Return the sentence that a command ended with, None if it wrote none."""
    text = log.read_text("utf-8", "replace") if log.is_file() else ""
    told = [line for line in text.splitlines() if line.startswith("crack: ")]
    return told[-1].removeprefix("crack: ") if told else None
