"""The photo to mark regions on by a box."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crack.inference.prediction import Prediction, Region
from crack.inspections.records import Box, InspectedPhoto, RegionVerdictKind
from crack.reporting.figure_style import TOOLBAR
from crack.reporting.photo_figure import Frame, drawn_box, photo_figure
from crack.reporting.words import ANSWERS

_TOOLS = [["select2d", "zoom2d", "pan2d", "resetScale2d"]]
# px of the figure. Its width follows the page, but its height must be told.
_WIDTH, _WIDTH_ON_PHONE, _HEIGHTS = 620, 360, (240, 620)


def draw_marking_figure(
    photo: InspectedPhoto, answer: Prediction, picture: NDArray[np.uint8], shown: Box
) -> Box | None:
    """Draw the photo, or a part of it; return the box that is drawn on it.

    Args:
        photo: Of an inspection.
        answer: The model's answer for this photo.
        picture: uint8 array (height, width, 3), what is shown.
        shown: Where that is in the photo.
    """
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
        label = given.pop(region_box(region), None)
        words = f"{number} {ANSWERS[label]}" if label else f"{number}"
        frames.append(Frame(region_box(region), words, label))
    return frames + [Frame(box, ANSWERS[label], label) for box, label in given.items()]


def region_box(region: Region) -> Box:
    """Return where a region is, as verdicts say it."""
    return region.left, region.top, region.width, region.height
