"""The engineer's verdicts on regions: given with a key or a click, marked by a box."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
from crack.inspections.region_tiles import largest_crack_side
from crack.inspections.verdicts import give_region_verdict, undo_region_verdict
from crack.reporting.close_up import surroundings
from crack.reporting.figure_style import TOOLBAR
from crack.reporting.photo_figure import Frame, drawn_box, photo_figure
from crack.reporting.words import ANSWERS
from pages.shared.answer_signs import coloured
from pages.shared.cache import inspected_part
from pages.shared.feedback import notify, show_notice
from pages.shared.permission import allowed

_KEYS = {Label.CRACK: "Y", Label.NO_CRACK: "N"}
_UNDO_KEY = "U"
_TOOLS = [["select2d", "zoom2d", "pan2d", "resetScale2d"]]
# px of the figure. Its width follows the page, but its height must be told.
_WIDTH, _WIDTH_ON_PHONE, _HEIGHTS = 620, 360, (240, 620)


def region_label(photo: InspectedPhoto, region: Region) -> Label | None:
    """Return the engineer's answer for a region of the model, None if there is none."""
    given = {verdict.box: verdict.label for verdict in photo.region_verdicts}
    return given.get(_box(region))


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
            _give(photo, _box(region), label, kind)
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
    boxes = [_box(region) for region in answer.regions]
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
    box = _draw_figure(photo, answer, picture, shown)
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


def _draw_figure(
    photo: InspectedPhoto, answer: Prediction, picture: NDArray[np.uint8], shown: Box
) -> Box | None:
    """Draw the photo, or a part of it; return the box that is drawn on it."""
    marked = sum(v.kind is RegionVerdictKind.MARKED for v in photo.region_verdicts)
    figure = photo_figure(picture, shown, _frames(photo, answer))
    low, high = _HEIGHTS
    width = _WIDTH_ON_PHONE if _on_phone() else _WIDTH
    height = min(max(low, width * shown[3] // shown[2]), high)
    figure.update_layout(height=height + TOOLBAR)
    chart: Any = st.plotly_chart(
        figure,
        # A new key after each verdict, so that the box is not drawn again.
        key=f"region_boxes_{photo.id}_{marked}_{shown}",
        theme=None,
        on_select="rerun",
        selection_mode="box",
        config={"displaylogo": False, "modeBarButtons": _TOOLS},
        alt=f"{answer.file} with its regions, to draw boxes on",
    )
    boxes = chart["selection"]["box"]
    if not boxes:
        return None
    return drawn_box(boxes[-1]["x"], boxes[-1]["y"], answer.width, answer.height)


def _on_phone() -> bool:
    """Whether the browser says so; Streamlit does not tell how wide its window is."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def _frames(photo: InspectedPhoto, answer: Prediction) -> list[Frame]:
    """Return the regions of the model by their numbers, then those marked."""
    given = {verdict.box: verdict.label for verdict in photo.region_verdicts}
    frames = []
    for number, region in enumerate(answer.regions, start=1):
        label = given.pop(_box(region), None)
        words = f"{number} {ANSWERS[label]}" if label else f"{number}"
        frames.append(Frame(_box(region), words, label))
    return frames + [Frame(box, ANSWERS[label], label) for box, label in given.items()]


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
    largest = largest_crack_side(sizes_looked_at(card, answer), card.image_size)
    if min(box[2:]) > largest:
        st.caption(
            f":material/info: A crack in a box wider than {largest} px gives no tile "
            "to train on: draw smaller boxes along it."
        )


def _box(region: Region) -> Box:
    return region.left, region.top, region.width, region.height
