"""Errors, notices and progress for the user; asks before anything is deleted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from crack import logs
from crack.errors import CrackError
from crack.metrics import ERRORS
from crack.storage import disk_error
from pages.shared.formatting import plain, time_left

_log = logging.getLogger("crack.pages")

_NOTICE = "notice"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an expected error, or one of the disk, where it happens."""
    try:
        yield
    except CrackError as error:
        show_error(error)
    except OSError as error:
        told = disk_error(error)
        _log.warning("%s", told.message)
        show_error(told, "disk")


@contextmanager
def unexpected_errors_told() -> Iterator[None]:
    """Say where the details of an error are that nobody foresaw, and leave it be."""
    try:
        yield
    except Exception:
        ERRORS.labels("unexpected").inc()
        st.error(
            "Something went wrong that should not have. Reload the page; if it "
            "happens again, the log of the server tells more under the id "
            f"`{logs.current_id()}`.",
            icon=":material/error:",
        )
        raise


def show_error(error: CrackError, kind: str = "expected") -> None:
    """Show what went wrong, and below it what to do.

    Args:
        error: What went wrong.
        kind: As it is counted.
    """
    ERRORS.labels(kind).inc()
    hint = f"\n\n{plain(error.hint)}" if error.hint else ""
    st.error(plain(error.message) + hint, icon=":material/error:")


def notify(message: str | CrackError) -> None:
    """Keep a message for the next run of the page, to be shown by `show_notice`."""
    st.session_state[_NOTICE] = message


def show_notice() -> None:
    """Show the message kept by `notify`, once."""
    notice = st.session_state.pop(_NOTICE, None)
    if isinstance(notice, CrackError):
        show_error(notice)
    elif notice:
        st.success(plain(notice), icon=":material/check_circle:")


def confirm(
    title: str, question: str, verb: str, action: Callable[[], None], done: str
) -> None:
    """Open a dialog that asks before `action` is done.

    Args:
        title: Of the dialog.
        question: What would be lost, as Markdown.
        verb: On the button.
        action: Called on yes; may raise a CrackError, which the page then shows.
        done: Notice to show afterwards.
    """

    def attempt() -> None:
        try:
            action()
        except CrackError as error:
            notify(error)
        except OSError as error:
            notify(disk_error(error))
        else:
            notify(done)

    def ask() -> None:
        st.markdown(question)
        with st.container(horizontal=True):
            yes = st.button(verb, type="primary", key="confirm_yes", on_click=attempt)
            no = st.button("Cancel", key="confirm_no")
        if yes or no:
            st.rerun()

    st.dialog(title)(ask)()


class TimedBar:
    """Shows the current activity, its progress and the time left.

    It takes the calls of `crack.data.dataset.Progress`.
    """

    def __init__(self) -> None:
        self._bar = st.progress(0.0, text="Starting")
        self._began: dict[str, tuple[float, int]] = {}
        self._drawn = 0.0

    def show(self, activity: str, done: int, total: int) -> None:
        """Move the bar, at most five times per second, as drawing takes time too.

        The time left is estimated from the progress since the first call for an
        activity, which may start in the middle.
        """
        now = time.monotonic()
        began, done_before = self._began.setdefault(activity, (now, done))
        if now - self._drawn < 0.2 and done < total:
            return
        self._drawn = now
        since = done - done_before
        left = (now - began) / since * (total - done) if since else None
        counted = f": {done:,} of {total:,}" if total > 1 else ""
        # The end of one activity says nothing about the time for the next one.
        then = time_left(left) if done < total else "Starting the next step"
        self._bar.progress(done / max(total, 1), text=f"{activity}{counted}. {then}.")

    def close(self) -> None:
        """Remove the bar."""
        self._bar.empty()
