"""Keeps answered photos as an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from crack.errors import CrackError
from crack.inspections.store import MAX_NAME, add_photo, create_inspection
from crack.runs.registry import Model
from pages.inspection.answers import Answer
from pages.shared.feedback import TimedBar, errors_shown, show_error

_KEEPING = "predict_keeping"
_PAGE = "pages/inspection/inspections.py"


@dataclass
class _Keeping:
    """An inspection that is being filled; it outlasts the run of the script.

    Attributes:
        inspection_id: Of the inspection.
        answers: All that belong into it.
        done: How many of them are in it.
    """

    inspection_id: str
    answers: tuple[Answer, ...]
    done: int = 0


def draw_keep(model: Model, answers: Sequence[Answer], *, complete: bool) -> None:
    """Draw a form that keeps the answers as an inspection, and leads there.

    Args:
        model: That gave the answers.
        answers: At least one.
        complete: Whether that is all; if not, going on is the first thing to do.
    """
    with (
        st.popover(
            "Keep as an inspection",
            type="primary" if complete else "secondary",
            icon=":material/assignment_add:",
            key="predict_keep",
        ),
        st.form("predict_inspection", border=False),
    ):
        structure = st.text_input(
            "Structure", max_chars=MAX_NAME, placeholder="Bridge 12, say"
        )
        element = st.text_input(
            "Element", max_chars=MAX_NAME, placeholder="North abutment, say"
        )
        day = st.date_input("Day of the inspection", date.today())
        count = "photo" if len(answers) == 1 else f"{len(answers):,} photos"
        st.caption("The photos are copied on the computer this program runs on.")
        if st.form_submit_button(f"Keep the {count}", key="predict_keep_now"):
            with errors_shown():
                inspection = create_inspection(structure, element, day, model)
                keeping = _Keeping(inspection.id, tuple(answers))
                st.session_state[_KEEPING] = keeping


def go_on_keeping() -> None:
    """Fill an inspection that was begun, then open it; do nothing where there is none.

    A click ends a running script; the next run goes on with the photo after.
    """
    keeping: _Keeping | None = st.session_state.get(_KEEPING)
    if keeping is None:
        return
    bar = TimedBar()
    total = len(keeping.answers)
    try:
        for answer in keeping.answers[keeping.done :]:
            bar.show("Keeping the photos", keeping.done, total)
            source = answer.photo.source()
            content = b"" if isinstance(source, CrackError) else source
            add_photo(
                keeping.inspection_id, content, answer.prediction, answer.mm_per_pixel
            )
            keeping.done += 1
    except CrackError as error:
        del st.session_state[_KEEPING]
        bar.close()
        show_error(error)
        st.warning(f"{keeping.done:,} of {total:,} photos are in the inspection.")
        return
    del st.session_state[_KEEPING]
    st.switch_page(_PAGE, query_params={"inspection": keeping.inspection_id})
