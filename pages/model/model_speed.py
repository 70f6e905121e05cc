"""How fast a model answers on this machine, and how large it is."""

from __future__ import annotations

import streamlit as st

from crack.inference.predictor import GRAPH_FILE
from crack.inference.speed import PATCH_SIDE, Speed, measure_speed
from crack.reporting.words import count
from crack.runs.registry import Model
from pages.shared.cache import predictor
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain


def draw_speed(model: Model) -> None:
    """Draw the size on disk, and the speed once it was measured."""
    files = [path for path in model.folder.rglob("*") if path.is_file()]
    on_disk = sum(path.stat().st_size for path in files) / 1e6
    graph = model.folder / GRAPH_FILE
    asked = [path for path in files if path.with_suffix(".xml") == graph]
    needed = sum(path.stat().st_size for path in asked) / 1e6
    st.markdown(
        f"{on_disk:.1f} MB on disk, of which {needed:.1f} MB are the network that "
        "answers."
    )
    measured: dict[str, Speed] = st.session_state.setdefault("models_speed", {})
    if st.button("Measure the speed", icon=":material/speed:", key="models_measure"):
        with errors_shown(), st.spinner("Measuring"):
            measured[str(model.folder)] = measure_speed(predictor(model))
    if speed := measured.get(str(model.folder)):
        st.markdown(
            f"**{speed.milliseconds:.0f} ms** for a patch of {PATCH_SIDE} × "
            f"{PATCH_SIDE} px of noise, from its file to the answer: the median of "
            f"{speed.patches}, one after the other, on this machine "
            f"({count(speed.cores, 'core')}, {plain(speed.machine)}). Other programs "
            "at work slow it down."
        )
