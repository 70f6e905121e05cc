"""The strongest regions of a photo: framed, seen from close by and judged."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inference.frames import with_frame
from crack.inference.prediction import Prediction, Region
from crack.inspections.records import InspectedPhoto
from crack.reporting.close_up import CloseUp
from crack.reporting.words import percent
from pages.inspection.region_verdicts import (
    draw_region_buttons,
    region_label,
    waiting_region,
)


def draw_regions(
    photo_id: str,
    prediction: Prediction,
    close_ups: Sequence[CloseUp],
    opacity: float,
    inspected: InspectedPhoto | None,
) -> None:
    """Draw the strongest regions as a list, and the chosen one from close by.

    Args:
        photo_id: Of the photo that is shown.
        prediction: The answer, with at least one region.
        close_ups: One for each region.
        opacity: Of the heatmap, 0 to 1.
        inspected: The photo in its inspection, where its regions can be judged; None
            outside of one.
    """
    listed, shown = st.columns([1, 2], gap="medium")
    chooser = f"photo_region_{photo_id}"
    with listed:
        number = _choose_region(chooser, prediction, inspected)
    with shown:
        if inspected is not None:
            draw_region_buttons(inspected, prediction, number, chooser)
        _draw_close_up(close_ups[number - 1], number, prediction, opacity)


def _choose_region(
    key: str, prediction: Prediction, inspected: InspectedPhoto | None
) -> int:
    """List the strongest regions; return the number of the chosen one."""
    regions = prediction.regions

    def words(number: int) -> str:
        region = regions[number - 1]
        said = region_label(inspected, region) if inspected else None
        judged = f", {said}" if said else ""
        return f"Region {number}: {percent(region.probability)}{judged}"

    if inspected is not None:
        # Not as its default: a verdict chooses the next one by the state as well.
        first = waiting_region(inspected, prediction) or 1
        st.session_state.setdefault(key, first)
    return st.radio(
        "The strongest regions",
        range(1, len(regions) + 1),
        format_func=words,
        captions=[_position(region) for region in regions],
        key=key,
        help="The probability is an estimate for this region alone: the calibration it "
        "uses was fitted on whole pictures, not on single regions.",
    )


def _draw_close_up(
    part: CloseUp, number: int, prediction: Prediction, opacity: float
) -> None:
    """Draw a region at full resolution, as taken and under the heatmap.

    It is framed: a crack beside it must not be taken for one in it.
    """
    height, width, _ = part.picture.shape
    where = f"Region {number} with its surroundings"
    left, right = st.columns(2, gap="small")
    left.image(
        with_frame(part.picture, part.region),
        caption=f"{where}, {width} × {height} px at full resolution, "
        f"{part.left} px from the left and {part.top} px from the top; the frame is "
        f"region {number} itself",
        alt=f"{where} of {prediction.file}, as taken",
        width="stretch",
        output_format="JPEG",
    )
    right.image(
        with_frame(part.with_heatmap(prediction.probability, opacity), part.region),
        caption="The same, with the heatmap of where the model sees a crack",
        alt=f"{where} of {prediction.file}, with the heatmap of where the model sees "
        "a crack",
        width="stretch",
        output_format="JPEG",
    )


def _position(region: Region) -> str:
    return (
        f"{region.left} px from the left, {region.top} px from the top, "
        f"{region.width}\u00a0×\u00a0{region.height}\u00a0px"
    )
