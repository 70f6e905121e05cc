"""What an adaptation is doing, and how long it will take, in a file for others."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path

from crack import storage

_PAUSE = 0.2  # seconds between two writings


class Activity(StrEnum):
    """The activities of an adaptation in their order, in words for the user."""

    LOOK = "Looking at the photos"
    CHOOSE = "Fitting heads to parts of the photos"
    JUDGE = "Judging each photo by a head that has not seen it"
    FIT = "Fitting the head to all photos"
    WRITE = "Writing the model"


# Seconds on two cores: for each image in the first row, for all of it in the second.
_FIRST_GUESS = {
    **{Activity.LOOK: 0.05, Activity.JUDGE: 0.02},
    **{Activity.CHOOSE: 6.0, Activity.FIT: 2.0, Activity.WRITE: 8.0},
}
_PER_IMAGE = (Activity.LOOK, Activity.JUDGE)


class ProgressFile:
    """Keeps the present activity in a JSON file, with the seconds left to the end.

    The keys: `activity`, `done`, `total`, `seconds` since it began, `eta_seconds`, and
    `updated` in seconds since 1970.

    Args:
        path: Of the file, which is replaced as a whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first = time.monotonic()
        self._images = 0
        self._slowness = 1.0  # of this machine, against the first guess
        self._activity: Activity | None = None
        self._began = self._written = 0.0
        self._at_start = 0

    def report(self, activity: str, done: int, total: int) -> None:
        """Take the calls of `crack.data.dataset.Progress`."""
        now, current = time.monotonic(), Activity(activity)
        if current is not self._activity:
            self._activity, self._began, self._written = current, now, 0.0
            self._at_start = done
        if current in _PER_IMAGE:
            self._images = total
        if now - self._written < _PAUSE and done < total:
            return
        self._written = now
        content = {
            "activity": activity,
            "done": done,
            "total": total,
            "seconds": round(now - self._first, 1),
            "eta_seconds": round(self._left(current, done, now - self._began), 1),
            "updated": time.time(),
        }
        storage.write_json(self._path, content)

    def _left(self, current: Activity, done: int, since: float) -> float:
        """Return the seconds until the end."""
        if current is Activity.LOOK and (since_start := done - self._at_start):
            self._slowness = since / since_start / _FIRST_GUESS[current]
        activities = list(Activity)
        ahead = activities[activities.index(current) :]
        left = sum(self._guess(activity) for activity in ahead)
        if current in _PER_IMAGE:
            return left - self._guess(current) * done / max(1, self._images)
        return left

    def _guess(self, activity: Activity) -> float:
        units = self._images if activity in _PER_IMAGE else 1
        return units * _FIRST_GUESS[activity] * self._slowness
