"""What the default model has to work out of a dataset first: offered, watched, kept."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import Dataset
from crack.exploration.worker import Work, work_out
from crack.runs.registry import Model
from pages.shared.feedback import TimedBar, errors_shown
from pages.shared.formatting import duration
from pages.shared.permission import allowed

_RUNNING = "browse_working"


def offer_work(
    model: Model, dataset: Dataset, what: Work, words: str, seconds: float
) -> None:
    """Draw a button that has something worked out; then its progress, and a way out.

    Args:
        model: That looks at the images.
        dataset: With the images.
        what: Is to be worked out.
        words: On the button.
        seconds: It takes about.
    """
    wanted = (dataset.name, dataset.fingerprint, what)
    if st.session_state.get(_RUNNING) != wanted:
        st.button(
            words,
            icon=":material/play_arrow:",
            key=f"browse_work_{what}",
            on_click=lambda: st.session_state.update({_RUNNING: wanted}),
            **allowed(work_out, help=f"It takes {duration(seconds)} at most, once."),
        )
        return
    bar = TimedBar()
    st.button(
        "Cancel",
        key="browse_work_cancel",
        on_click=lambda: st.session_state.pop(_RUNNING, None),
        help="What the model has seen so far is kept.",
    )
    with errors_shown():
        try:
            work_out(what, model.folder, dataset, bar.show)
        finally:
            st.session_state.pop(_RUNNING, None)
        st.rerun()
    bar.close()
