"""The network as a drawing, what learns in which phase, and the layers of each part."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from crack.reporting.network_drawing import (
    HOW_TO_READ,
    drawing_in_words,
    network_drawing,
    shape_words,
    totals_in_words,
)
from crack.reporting.network_figure import network_figure
from crack.reporting.words import NOTHING
from crack.runs.architecture import Architecture, BuiltLayer, architecture_of
from crack.runs.config import TrainConfig

_WHOLE = "The whole network, as model.summary() lists it"


@st.fragment
def draw_architecture(config: TrainConfig, key: str, *, expanded: bool = False) -> None:
    """Draw the network from the photo down to the answer.

    Args:
        config: Of the run.
        key: Begins the keys of its widgets.
        expanded: Whether it is open at first.
    """
    box = st.expander(
        "What is trained",
        expanded=expanded,
        icon=":material/account_tree:",
        key=f"{key}_open",
        on_change="rerun",
    )
    # Drawn when it is opened: most visitors of the page never do.
    if box.open:
        with box:
            _draw(architecture_of(config), key)


def _draw(network: Architecture, key: str) -> None:
    st.markdown(totals_in_words(network))
    st.plotly_chart(
        network_figure(network_drawing(network)),
        theme="streamlit",
        key=f"{key}_drawing",
        on_select=lambda: _choose(key),
        selection_mode="points",
        # Nothing to zoom back: a quick click on a second box is no double click.
        config={"displayModeBar": False, "doubleClickDelay": 0},
        alt=drawing_in_words(network),
    )
    layers = {part.title: part.layers for part in network.parts}
    layers[_WHOLE] = tuple(layer for part in network.parts for layer in part.layers)
    titles = list(layers)
    part = st.selectbox(
        "Layers of",
        range(len(titles)),
        index=None,
        format_func=titles.__getitem__,
        placeholder="Click a box of the drawing, or choose it here",
        key=f"{key}_part",
    )
    if part is not None:
        _draw_layers(titles[part], layers[titles[part]])
    st.caption(HOW_TO_READ)


def _choose(key: str) -> None:
    """Show the layers of the box that was clicked.

    They stay when it is clicked again, as by a double click; the field can be cleared.
    """
    if points := st.session_state[f"{key}_drawing"].selection.points:
        st.session_state[f"{key}_part"] = points[0]["customdata"]


def _draw_layers(title: str, layers: Sequence[BuiltLayer]) -> None:
    rows = [
        {
            "Layer": layer.name,
            "Type": layer.type,
            "Output": shape_words(layer.shape),
            "Parameters": layer.parameters,
            "MACs": layer.multiply_adds,
            "Learns in": (
                ", ".join(phase.label for phase in layer.learns_in) or "no phase"
            )
            if layer.trainable
            else NOTHING,
        }
        for layer in layers
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "MACs": st.column_config.NumberColumn(format="localized"),
        },
        alt=f"Layers of {title} with shapes, parameters and multiply-adds",
    )
