"""Photos whose content is fetched while the ones before are looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from crack.errors import CrackError
from crack.inference.sources import Item, read_photo

_READERS = 8  # requests at a time: each waits for the network, not for this computer
_BYTES_AHEAD = 60_000_000  # unless one photo alone has more


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield each photo with its content, or with the reason that it cannot be read.

    Args:
        items: Requested and read a few ahead, as far as memory allows.
    """
    pool = ThreadPoolExecutor(_READERS, thread_name_prefix="read")
    waiting: deque[Future[Item]] = deque()
    try:
        for item in items:
            while len(waiting) >= 2 * _READERS or _held(waiting) > _BYTES_AHEAD:
                yield waiting.popleft().result()
            waiting.append(pool.submit(_read, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _held(waiting: Iterable[Future[Item]]) -> int:
    """Return the bytes of those that were read."""
    read = [each.result()[1] for each in waiting if each.done()]
    return sum(len(content) for content in read if isinstance(content, bytes))


def _read(item: Item) -> Item:
    name, source = item
    try:
        return name, read_photo(source)
    except CrackError as error:
        return name, error.with_traceback(None)
