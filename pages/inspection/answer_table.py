"""The answers to many photos: counted, filtered, listed, one of them chosen."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from crack.inference.prediction import Label, Outcome, Prediction, label_of
from crack.reporting.tables import predictions_frame
from crack.reporting.words import NOTHING, capitalise, percent
from pages.inspection.intake import Photo
from pages.shared.answer_signs import answer_icon, answer_words
from pages.shared.thumbnails import as_jpeg

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler
    from streamlit.delta_generator import DeltaGenerator

_TABLE, _FILTER = "predict_table", "predict_filter"
_ALL = "All"
_ROW, _HEADER, _TALLEST = 44, 36, 430  # pixels
_LATEST = 4  # rows while answers come
_MOST_IN_WORDS = 2_000  # rows
_COLUMNS = {
    # The columns up to the probability fit a phone, with the beginning of the name.
    "thumbnail": st.column_config.ImageColumn("", width=48),
    "answer": st.column_config.TextColumn("Answer", width=92),
    # Without a format of its own: it has the words of `_in_words`.
    "probability": st.column_config.NumberColumn(
        "Probability", help="Of a crack.", width=110
    ),
    "file": st.column_config.TextColumn("Photo", width="medium"),
    "reasons": st.column_config.TextColumn("Reasons for review", width="medium"),
    "error": st.column_config.TextColumn("What is wrong with it", width=300),
    "width": st.column_config.NumberColumn("Width (px)", width="small"),
    "height": st.column_config.NumberColumn("Height (px)", width="small"),
}


@dataclass(frozen=True)
class Answer:
    """A photo with its answer.

    Attributes:
        photo: Read again when it is displayed.
        prediction: The answer, or the error that prevents one.
        thumbnail: A small JPEG as a data URL, None if there is no answer.
    """

    photo: Photo
    prediction: Outcome
    thumbnail: str | None

    @classmethod
    def of(cls, photo: Photo, prediction: Outcome) -> Answer:
        """Return an answer with the thumbnail of its photo."""
        if not isinstance(prediction, Prediction) or prediction.thumbnail is None:
            return cls(photo, prediction, None)
        small = base64.b64encode(as_jpeg(prediction.thumbnail)).decode()
        return cls(photo, prediction, f"data:image/jpeg;base64,{small}")


def choose_answer(answers: Sequence[Answer]) -> Answer | None:
    """Draw the answers as a table and return the chosen one, None if there is none.

    Args:
        answers: At least one.
    """
    shown = _filtered(answers)
    if not shown:
        st.info("No photo has this answer.")
        return None
    frame = _frame(shown)
    frame["file"] = _told_apart(frame["file"])
    table = st.dataframe(
        _in_words(frame),
        placeholder=NOTHING,
        column_order=[column for column in _COLUMNS if frame[column].notna().any()],
        column_config=_COLUMNS,
        hide_index=True,
        row_height=_ROW,
        height=min(_HEADER + _ROW * len(shown), _TALLEST),
        on_select="rerun",
        selection_mode="single-row-required",
        key=_TABLE,
        alt="Answer and probability for each photo; a chosen row is shown below",
    )
    rows = table.selection.rows
    row = rows[0] if rows and rows[0] < len(shown) else 0
    _draw_steps(row, len(shown))
    return shown[row]


def draw_latest(place: DeltaGenerator, answers: Sequence[Answer]) -> None:
    """Draw the last few answers, the newest first, replacing those drawn before."""
    place.dataframe(
        _in_words(_frame(answers[: -_LATEST - 1 : -1])),
        placeholder=NOTHING,
        column_order=["thumbnail", "answer", "probability", "file", "error"],
        column_config=_COLUMNS,
        hide_index=True,
        row_height=_ROW,
        alt="The latest answers",
    )


def _filtered(answers: Sequence[Answer]) -> list[Answer]:
    words = [answer_words(label_of(answer.prediction)) for answer in answers]
    counts = Counter(words)
    icons = {answer_words(label): answer_icon(label) for label in (*Label, None)}
    chosen = st.segmented_control(
        "Show",
        [_ALL, *icons],
        default=_ALL,
        required=True,
        format_func=lambda word: (
            f"{icons[word]} {word}: {counts[word]:,}"
            if word in icons
            else f"{_ALL}: {len(answers):,}"
        ),
        key=_FILTER,
        on_change=_step_to,
        args=(0,),
    )
    return [
        answer
        for answer, word in zip(answers, words, strict=True)
        if chosen in (_ALL, word)
    ]


def _frame(answers: Sequence[Answer]) -> pd.DataFrame:
    frame = predictions_frame(answer.prediction for answer in answers)
    frame = frame.assign(
        thumbnail=[answer.thumbnail or "" for answer in answers],
        answer=[answer_words(label_of(answer.prediction)) for answer in answers],
        reasons=[capitalise(reasons) for reasons in frame["reasons"]],
    )
    return frame.replace("", None)


def _told_apart(files: pd.Series) -> list[str]:
    """Return the names without the folders that all share, which would fill the column.

    The whole name stands above the photo that is shown.
    """
    parts = [file.split("/") for file in files]
    folders = zip(*(folders for *folders, _ in parts), strict=False)
    shared = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, folders))
    return ["/".join(part[shared:]) for part in parts]


def _in_words(frame: pd.DataFrame) -> pd.DataFrame | Styler:
    """Return a table that shows probabilities in words, and sorts them as numbers.

    Writing the words takes a third of a second for a thousand rows, each time, so a
    very long table shows the numbers, from 0 to 1.
    """
    if len(frame) > _MOST_IN_WORDS:
        return frame
    words: dict[str, Any] = {
        "probability": percent,
        # Else the pictures would travel to the browser once more.
        "thumbnail": lambda _: "",
    }
    styler = frame.style.format(na_rep=NOTHING)
    return styler.format(words, subset=list(words), na_rep=NOTHING)


def _step_to(row: int) -> None:
    st.session_state[_TABLE] = {"selection": {"rows": [row], "columns": []}}


def _draw_steps(row: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            disabled=row == 0,
            key="predict_previous",
            on_click=_step_to,
            args=(row - 1,),
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=row == count - 1,
            key="predict_next",
            on_click=_step_to,
            args=(row + 1,),
        )
        st.caption(f"Photo {row + 1:,} of {count:,}", width="content")
