"""Tells the user what went wrong, what was done, and asks before something is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from crack.errors import CrackError
from crack.storage import disk_error
from pages.components.words import plain

_NOTICE = "notice"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an expected error, or one of the disk, as a sentence where it happens."""
    try:
        yield
    except CrackError as error:
        show_error(error)
    except OSError as error:
        show_error(disk_error(error))


def show_error(error: CrackError) -> None:
    """Show what was wanted and what came, and below it what to do."""
    hint = f"\n\n{plain(error.hint)}" if error.hint else ""
    st.error(plain(error.message) + hint, icon=":material/error:")


def notify(message: str | CrackError) -> None:
    """Keep a message for the next run of the page, which `show_notice` ends."""
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
        action: What to do on yes; may raise a CrackError, which the page then shows.
        done: What to say afterwards.
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
