"""Locks that hold between all processes that use one workspace.

Where the database is a server, several computers may share the workspace, and a lock is
a lease in the database (`crack.leases`). Otherwise all processes are on this computer,
and it is a lock of the operating system on a file.
"""

from __future__ import annotations

import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from crack import settings
from crack.errors import CrackError

URL_VARIABLE = "CRACK_DATABASE_URL"

_LOOK_UP = 0.5  # seconds of waiting without asking `meanwhile`


class LockedError(CrackError):
    """Somebody else holds the lock."""


class LockLostError(CrackError):
    """This process held the lock, and was not heard of for so long that it is gone."""


class Lock(ABC):
    """A lock that one holder has at a time, free again when its process ends.

    As a context manager it is released at the end; it must be held by then.
    """

    @abstractmethod
    def acquire(self, seconds: float) -> bool:
        """Wait for the lock; return whether it is held now.

        Args:
            seconds: To wait at most, 0 to try once.
        """

    @abstractmethod
    def release(self) -> None:
        """Let others have it."""

    @abstractmethod
    def check(self, patience: float = 0) -> None:
        """Make sure that it is still held, before something is written for good.

        Args:
            patience: Seconds to wait for an answer if that cannot be told.

        Raises:
            LockLostError: It is not, or that cannot be told.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class _LockOnFile(Lock):
    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)

    def acquire(self, seconds: float) -> bool:
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        self._lock.release()

    def check(self, patience: float = 0) -> None:
        """Do nothing: only the end of this process frees it."""


def are_shared() -> bool:
    """Return whether other computers may use the workspace at the same time."""
    return os.environ.get(URL_VARIABLE, "").startswith("postgres")


def lock_on(path: Path) -> Lock:
    """Return a lock, not held yet.

    Args:
        path: Names it, and is its file where it has one. What lies outside the
            workspace is this computer's own.
    """
    if are_shared() and settings.home() in path.parents:
        from crack.leases import Lease  # a second, which a laptop need not wait

        return Lease(name_of(path))
    return _LockOnFile(path)


def name_of(path: Path) -> str:
    """Return the name of a lease; the workspace may be elsewhere on another computer.

    Args:
        path: In the workspace.
    """
    return path.relative_to(settings.home()).as_posix()


@contextmanager
def locked(
    path: Path,
    seconds: float = math.inf,
    meanwhile: Callable[[], object] = lambda: None,
) -> Iterator[Lock]:
    """Hold a lock.

    Args:
        path: As of `lock_on`.
        seconds: To wait for it at most.
        meanwhile: Called now and then while this waits; may raise to end that.

    Raises:
        LockedError: Somebody else held it all the time.
    """
    lock = lock_on(path)
    until = time.monotonic() + seconds
    while not lock.acquire(max(0, min(_LOOK_UP, until - time.monotonic()))):
        if time.monotonic() >= until:
            raise LockedError(
                "Another window or program is at it.", "Wait until that has ended."
            )
        meanwhile()
    with lock:
        yield lock
