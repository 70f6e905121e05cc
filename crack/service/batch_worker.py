"""The process of a batch: `python -m crack.service.batch_worker FOLDER`.

It waits for its turn by itself, as a training does, and goes on after the last answer
that is there. The photos are judged as `crack predict` judges them.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from crack import logs, settings
from crack.errors import CrackError
from crack.inference.scale import Scale
from crack.inference.sources import Item, zipped_photos
from crack.locks import Lock, LockLostError, lock_on
from crack.runs import claim
from crack.service.batch_folder import BatchFolder
from crack.service.batches import is_first, is_zip
from crack.service.urls import photo_at
from crack.storage import disk_error

_PAUSE = 0.5  # seconds


def items_of(batch: BatchFolder) -> Iterator[Item]:
    """Yield the photos of a batch; those of a ZIP one by one."""
    for asked, path in batch.photos():
        if asked["url"]:
            yield asked["name"], photo_at(asked["url"])
        elif is_zip(asked["name"]):
            yield from zipped_photos(asked["name"], path)
        else:
            yield asked["name"], path


def main(folder: Path) -> int:
    """Answer for the photos that have no answer yet; return an exit status."""
    logs.set_up()
    logs.identify(folder.name)
    if not claim.take():
        return 0
    batch = BatchFolder(folder)
    with _turn(batch):
        try:
            _answer(batch)
        except LockLostError:  # another process has taken over
            return 1
        except CrackError as error:
            batch.note_end(str(error))
            return 1
        except OSError as error:  # it can go on once there is room
            sys.exit(f"crack: {disk_error(error)}")
    return 0


def _turn(batch: BatchFolder) -> Lock:
    """Wait until no earlier batch waits and no other is at work; return the lock."""
    lock = lock_on(settings.batches_dir() / ".lock")
    while not (is_first(batch.path.name) and lock.acquire(0)):
        time.sleep(_PAUSE)
    return lock


def _answer(batch: BatchFolder) -> None:
    # Here, so that those who wait hold no engine.
    from crack.inference.asking import answers_of
    from crack.inference.predictor import Predictor
    from crack.runs.registry import find_model
    from crack.service.answers import Wanted, answer_row

    order = batch.order
    predictor = Predictor(find_model(order.model).folder)
    scale = Scale(order.mm_per_pixel, order.shown_mm)
    wanted = Wanted(scale, regions=order.regions)
    missing = islice(items_of(batch), batch.begin_after(), None)
    with closing(answers_of(predictor, missing, scale)) as outcomes:
        for outcome in outcomes:
            claim.check()
            batch.keep_answer(answer_row(predictor.card, outcome, wanted))
    batch.note_end()


if __name__ == "__main__":
    # On SIGTERM it still frees what it holds.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(Path(sys.argv[1])))
