"""Work for callers, as much at a time as there are cores; others wait, but not long."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from crack.errors import CrackError
from crack.service.problems import Refused

T = TypeVar("T")

_LONGEST_WAIT = 30.0  # seconds; the clients of many libraries give up after 60
_RETRY_AFTER = "10"  # seconds


class Slots:
    """As many threads as cores.

    Args:
        count: How many.
        longest_wait: Seconds for one to be free.
    """

    def __init__(
        self, count: int | None = None, longest_wait: float = _LONGEST_WAIT
    ) -> None:
        count = count or os.cpu_count() or 1
        self._free = asyncio.Semaphore(count)
        self._threads = CapacityLimiter(count)
        self._longest_wait = longest_wait

    async def run(self, work: Callable[[], T]) -> T:
        """Return what some work returns, once a thread is free for it.

        Raises:
            Refused: None becomes free in time.
        """
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._free.acquire()
        except TimeoutError:
            raise busy() from None
        try:
            return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._free.release()


def busy() -> Refused:
    """Return the refusal of what would wait too long."""
    return Refused(
        503,
        CrackError(
            "This service is asked more than it can answer now.",
            f"Ask again in {_RETRY_AFTER} seconds.",
        ),
        {"Retry-After": _RETRY_AFTER},
    )
