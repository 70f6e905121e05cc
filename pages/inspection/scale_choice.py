"""The scale of the photos, if the engineer knows it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inference.card import ModelCard
from crack.inference.prediction import Outcome, Prediction
from crack.inference.scale import Scale, scale_missed

_UNKNOWN = "Not known"
_PER_PIXEL = "Millimetres per pixel"
_SHOWN = "Width of wall in a photo"
_LENGTH = "Something of known length"


def choose_scale(card: ModelCard) -> Scale:
    """Let the reader give the scale of the photos.

    Args:
        card: Of the model, which may not know its own scale.
    """
    with st.expander("Scale of the photos", icon=":material/straighten:"):
        if card.mm_per_pixel is None:
            st.caption(
                "This model does not know how large a crack is in its training photos, "
                "so it cannot use the scale of yours. It looks at each photo in "
                "several sizes instead."
            )
            return Scale()
        known = st.segmented_control(
            "What do you know about it?",
            [_UNKNOWN, _PER_PIXEL, _SHOWN, _LENGTH],
            default=_UNKNOWN,
            required=True,
            key="predict_scale",
            persist_state="session",
            help="Without a scale each photo is looked at in several sizes. With it, "
            "only in the one in which cracks are as wide as the model learned: about "
            f"{card.mm_per_pixel:.3g} mm per pixel.",
        )
        if known == _PER_PIXEL:
            return Scale(
                mm_per_pixel=_number("mm per pixel, all photos", "pixel", 0.01)
            )
        if known == _SHOWN:
            label = "Width of wall from the left edge to the right, in mm"
            return Scale(shown_mm=_number(label, "shown", 1.0))
        return _of_known_length() if known == _LENGTH else Scale()


def draw_missed(predictions: Sequence[Outcome], card: ModelCard) -> None:
    """Warn of photos that were not looked at in the size that fits their scale."""
    answered = [p for p in predictions if isinstance(p, Prediction)]
    missed = sum(scale_missed(card, p) is not None for p in answered)
    if missed:
        were = "was" if missed == 1 else "were"
        st.warning(
            f"{missed:,} of {len(predictions):,} photos {were} not looked at in the "
            "size that fits the scale, which is beyond what the program can do. Each "
            "says so below.",
            icon=":material/straighten:",
        )


def _of_known_length() -> Scale:
    """Ask for a length in mm and in pixels."""
    with st.container(horizontal=True, gap="medium"):
        length = _number("Its length in mm", "length", 0.1)
        pixels = _number(
            "How long it is in the photo, in pixels",
            "length_pixels",
            1.0,
            hint="In the photo as the camera took it, not in a reduced copy: an image "
            "viewer shows the position of the pointer. A ruler or a brick close to the "
            "crack, at the same distance from the camera, is best.",
        )
    if length is None or pixels is None:
        return Scale()
    scale = Scale(mm_per_pixel=length / pixels)
    st.caption(f"{scale.mm_per_pixel:.3g} mm per pixel, used for all photos.")
    return scale


def _number(
    label: str, name: str, smallest: float, hint: str | None = None
) -> float | None:
    number = st.number_input(
        label,
        min_value=smallest,
        value=None,
        placeholder="Not given yet",
        help=hint,
        key=f"predict_mm_{name}",
        persist_state="session",
        width=360,
    )
    return None if number is None else float(number)
