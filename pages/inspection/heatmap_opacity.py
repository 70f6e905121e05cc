"""How much of a photo shows through its heatmap, and what the colours of that mean."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crack.inference.overlay import overlay

_CONCRETE = 150  # grey level under the colour scale


def choose_opacity() -> float:
    """Draw a slider with the colours of the heatmap; return the opacity, 0 to 1."""
    scale, slider = st.columns(2, gap="medium", vertical_alignment="center")
    with slider:
        opacity = st.slider(
            "Opacity of the heatmap",
            0,
            100,
            60,
            format="%d %%",
            key="photo_opacity",
            persist_state="session",
            help="Bright regions look most like a crack, compared within this photo; "
            "all are fainter if a crack is improbable. They tell where to look, not "
            "the outline of the crack.",
        )
    with scale:
        ramp = np.linspace(0, 1, 600, dtype=np.float32)[np.newaxis]
        wall = np.full((18, 600, 3), _CONCRETE, np.uint8)
        st.image(
            overlay(wall, ramp, 1.0, opacity / 100),
            alt="Colours of the heatmap: none, violet, orange, yellow",
            width="stretch",
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for words in ("No sign of a crack", "Weak", "Strong"):
                st.caption(words, width="content")
    return float(opacity / 100)
