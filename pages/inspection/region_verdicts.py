"""The engineer's verdicts on regions: given with a key or a click, marked by a box."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Prediction, Region
from crack.inference.scale import sizes_looked_at
from crack.inspections.records import (
    Box,
    InspectedPhoto,
    RegionVerdict,
    RegionVerdictKind,
)
from crack.inspections.region_tiles import largest_crack_side, smallest_sound_side
from crack.inspections.verdicts import give_region_verdict, undo_region_verdict
from crack.reporting.close_up import surroundings
from crack.reporting.words import ANSWERS
from pages.inspection.marking_figure import draw_marking_figure, region_box
from pages.shared.answer_signs import coloured
from pages.shared.cache import inspected_part
from pages.shared.feedback import notify, show_notice
from pages.shared.permission import allowed

_KEYS = {Label.CRACK: "Y", Label.NO_CRACK: "N"}
_UNDO_KEY = "U"


def region_label(photo: InspectedPhoto, region: Region) -> Label | None:
    """Return the engineer's answer for a region of the model, None if there is none."""
    given = {verdict.box: verdict.label for verdict in photo.region_verdicts}
    return given.get(region_box(region))


def waiting_region(
    photo: InspectedPhoto, answer: Prediction, after: int = 0
) -> int | None:
    """Return the number of the next region without a verdict, None if there is none.

    Args:
        photo: Of an inspection.
        answer: The model's answer for this photo.
        after: Number of the current region; the first follows the last.
    """
    numbers = range(1, len(answer.regions) + 1)
    for number in (*numbers[after:], *numbers[: max(after - 1, 0)]):
        if region_label(photo, answer.regions[number - 1]) is None:
            return number
    return None


def draw_region_buttons(
    photo: InspectedPhoto, answer: Prediction, number: int, chooser: str
) -> None:
    """Draw the verdicts for a region of the model; the next region follows by itself.

    Args:
        photo: Of an inspection.
        answer: The model's answer for this photo.
        number: Of the region, from 1 on.
        chooser: Key of the widget that chooses among the regions.
    """
    show_notice()
    said = region_label(photo, answer.regions[number - 1])
    st.markdown(
        f"Region {number}: {coloured(said, ANSWERS[said])}"
        if said
        else f"Is there a crack in region {number}?"
    )
    with st.container(horizontal=True, gap="small"):
        for label, key in _KEYS.items():
            st.button(
                ANSWERS[label],
                type="primary" if said is label else "secondary",
                key=f"region_{label.name.lower()}",
                shortcut=key,
                on_click=_judge,
                args=(photo, answer, number, label, chooser),
                **allowed(give_region_verdict),
            )
        _draw_undo(photo, answer, chooser)


def _judge(
    photo: InspectedPhoto, answer: Prediction, number: int, label: Label, chooser: str
) -> None:
    """Save a verdict on a region of the model, and choose the next one without."""
    region = answer.regions[number - 1]
    cracked = label is Label.CRACK
    kind = RegionVerdictKind.CONFIRMED if cracked else RegionVerdictKind.REJECTED
    with _errors_noticed():
        if region_label(photo, region) is not label:
            _give(photo, region_box(region), label, kind)
        st.session_state[chooser] = waiting_region(photo, answer, number) or number


def _mark(photo: InspectedPhoto, box: Box, label: Label) -> None:
    with _errors_noticed():
        _give(photo, box, label, RegionVerdictKind.MARKED)


def _give(
    photo: InspectedPhoto, box: Box, label: Label, kind: RegionVerdictKind
) -> None:
    give_region_verdict(photo.id, RegionVerdict(*box, label is Label.CRACK, kind))


@contextmanager
def _errors_noticed() -> Iterator[None]:
    """Keep an error for the run of the page after a click."""
    try:
        yield
    except CrackError as error:
        notify(error)


def _draw_undo(photo: InspectedPhoto, answer: Prediction, chooser: str) -> bool:
    return st.button(
        "Undo",
        icon=":material/undo:",
        key="region_undo",
        shortcut=_UNDO_KEY,
        on_click=_undo,
        args=(photo, answer, chooser),
        **allowed(
            undo_region_verdict,
            disabled=not photo.region_verdicts,
            help="Takes back the last verdict on a region of this photo.",
        ),
    )


def _undo(photo: InspectedPhoto, answer: Prediction, chooser: str) -> None:
    """Undo the last verdict, and choose its region."""
    boxes = [region_box(region) for region in answer.regions]
    last = photo.region_verdicts[-1].box
    with _errors_noticed():
        undo_region_verdict(photo.id)
        if last in boxes:
            st.session_state[chooser] = boxes.index(last) + 1


@st.fragment
def draw_marking(
    photo: InspectedPhoto,
    answer: Prediction,
    picture: NDArray[np.uint8],
    card: ModelCard | None,
    *,
    undo: bool,
) -> None:
    """Draw the photo to mark regions on, with frames around those with a verdict.

    Args:
        photo: Of an inspection.
        answer: The model's answer for this photo.
        picture: uint8 array (height, width, 3), the photo as it is shown.
        card: Of the model that answered, None where that model is gone.
        undo: Whether verdicts on regions can be undone here.
    """
    st.markdown("**Mark a region**")
    st.caption(
        "Draw a box around a crack that the model missed, or on sound concrete. "
        "Verdicts on regions are for adapting the model and for the next training; the "
        "report has the verdict on the photo."
    )
    whole = (0, 0, answer.width, answer.height)
    part = f"region_part_{photo.id}"
    shown: Box = st.session_state.get(part, whole)
    if shown != whole:
        picture = inspected_part(photo, shown)
    box = draw_marking_figure(photo, answer, picture, shown)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if box is not None:
            _draw_marks(photo, answer, box, card)
            st.button(
                "Look closer",
                icon=":material/zoom_in:",
                key="region_closer",
                on_click=_show,
                args=(part, surroundings(box, answer.width, answer.height)),
            )
        if shown != whole:
            st.button(
                "Whole photo",
                icon=":material/zoom_out:",
                key="region_whole",
                on_click=_show,
                args=(part, whole),
            )
        if undo and _draw_undo(photo, answer, ""):
            st.rerun()


def _show(part: str, box: Box) -> None:
    st.session_state[part] = box


def _draw_marks(
    photo: InspectedPhoto, answer: Prediction, box: Box, card: ModelCard | None
) -> None:
    """Draw the verdicts for a box."""
    st.markdown(f"Box of {box[2]} × {box[3]} px:", width="content")
    for label in _KEYS:
        if st.button(
            ANSWERS[label],
            key=f"region_mark_{label.name.lower()}",
            on_click=_mark,
            args=(photo, box, label),
            **allowed(give_region_verdict),
        ):
            st.rerun()
    if card is None:
        return
    scales = sizes_looked_at(card, answer)
    largest = largest_crack_side(scales, card.image_size)
    smallest = smallest_sound_side(scales, card.image_size)
    if min(box[2:]) < smallest:
        st.caption(
            ":material/info: Sound concrete in a box less than "
            f"{smallest}\u00a0px wide or high gives no tile to train on, as that would "
            "show more than you marked: draw a larger box."
        )
    if min(box[2:]) > largest:
        st.caption(
            f":material/info: A crack in a box wider than {largest} px gives no tile "
            "to train on: draw smaller boxes along it."
        )
