"""A progress bar that says how long it will take."""

from __future__ import annotations

import time

import streamlit as st

from pages.components.words import time_left


class TimedBar:
    """Shows what is being done, how far it is, and the time left.

    It takes the calls of `crack.data.dataset.Progress`.
    """

    def __init__(self) -> None:
        self._bar = st.progress(0.0, text="Starting")
        self._began: dict[str, tuple[float, int]] = {}
        self._drawn = 0.0

    def show(self, activity: str, done: int, total: int) -> None:
        """Move the bar; at most five times a second, as drawing costs time too.

        The time left follows from what was done since the first call for an activity,
        which may begin in the middle.
        """
        now = time.monotonic()
        began, done_before = self._began.setdefault(activity, (now, done))
        if now - self._drawn < 0.2 and done < total:
            return
        self._drawn = now
        since = done - done_before
        left = (now - began) / since * (total - done) if since else None
        counted = f": {done:,} of {total:,}" if total > 1 else ""
        # The end of one activity says nothing of how long the next one takes.
        then = time_left(left) if done < total else "On to what comes next"
        self._bar.progress(done / max(total, 1), text=f"{activity}{counted}. {then}.")

    def close(self) -> None:
        """Take the bar away."""
        self._bar.empty()
