"""The scale of the photos, where the engineer knows it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from crack.inference.card import ModelCard

_UNKNOWN = "Not known"
_PER_PIXEL = "Millimetres per pixel"
_SHOWN = "Width of wall in a photo"


@dataclass(frozen=True)
class Scale:
    """How large the photos show the wall; at most one of the two is known.

    Attributes:
        mm_per_pixel: The same for all photos.
        shown_mm: Width of wall that each photo shows from edge to edge, in mm.
    """

    mm_per_pixel: float | None = None
    shown_mm: float | None = None


def choose_scale(card: ModelCard) -> Scale:
    """Let the reader say at which scale the photos were taken.

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
            "What do you know of it?",
            [_UNKNOWN, _PER_PIXEL, _SHOWN],
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
        return Scale()


def _number(label: str, name: str, smallest: float) -> float | None:
    number = st.number_input(
        label,
        min_value=smallest,
        value=None,
        placeholder="Not given yet",
        key=f"predict_mm_{name}",
        persist_state="session",
        width=360,
    )
    return None if number is None else float(number)
