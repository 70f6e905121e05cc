"""The layers of the network, and which of them learn in which phase."""

from __future__ import annotations

import streamlit as st

from crack.runs.backbones import find_backbone
from crack.runs.config import TrainConfig


def draw_architecture(
    config: TrainConfig,
    parameters: dict[str, int] | None = None,
    *,
    expanded: bool = False,
) -> None:
    """Draw the network as a table from the photo down to the answer.

    Args:
        config: Of the run.
        parameters: Counts as in `Run.parameters`, None before the network was built.
        expanded: Whether it is open at first.
    """
    network = find_backbone(config.backbone).network
    features, at = network.features, config.fine_tune_at
    size, place = config.image_size, config.image_size // network.stride
    fixed, learns, none = "fixed", "learns", "–"
    rows = [
        ("Photo, scaled", f"{size} x {size} x 3", none, none),
        ("Rescaling(1/127.5, offset -1)", f"{size} x {size} x 3", none, none),
        (f"{network.name}, layers 0 to {at - 1}", "", fixed, fixed),
        (
            f"{network.name}, layers {at} to {network.layers - 1}",
            f"{place} x {place} x {features}",
            fixed,
            learns,
        ),
        ("GlobalAveragePooling2D", f"{features}", none, none),
        (f"Dropout({config.dropout:g})", f"{features}", none, none),
        ("Dense(2, softmax)", "2", learns, learns),
    ]
    if at == 0:
        del rows[2]
    with st.expander(
        "What is trained", expanded=expanded, icon=":material/account_tree:"
    ):
        st.table(
            [
                {
                    "Layer": layer,
                    "Output": output,
                    "Frozen phase": frozen,
                    "Fine-tune phase": fine_tune,
                }
                for layer, output, frozen, fine_tune in rows
            ]
        )
        if parameters:
            learning = " and ".join(
                f"{parameters[phase]:,} learn in the {phase.label} phase"
                for phase, _ in config.phases
            )
            st.markdown(f"Of {parameters['total']:,} parameters, {learning}.")
        st.caption(
            f"The Dense layer has {2 * features + 2:,} parameters: a weight for each "
            "feature and class, and one offset per class. Batch normalisation keeps "
            "its statistics in both phases. A dash: nothing to learn there."
        )
