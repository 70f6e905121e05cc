"""All models at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.reporting.metric_titles import ACCURACY, RECALL
from crack.runs.backbones import IMPORTED
from crack.runs.registry import Model
from pages.shared.formatting import PERCENT, score_value
from pages.shared.model_choice import tested_on


def draw_table(models: Sequence[Model]) -> None:
    """Draw a row for each model."""
    st.dataframe(
        [_row(model) for model in models],
        column_config={"Test accuracy": PERCENT, RECALL.title: PERCENT},
        hide_index=True,
        key="models_table",
        alt="Models with their test accuracy and what it was measured on",
    )


def _row(model: Model) -> dict[str, object]:
    metrics, how = model.card.test_metrics, model.card.adaptation
    if how:
        origin = f"adapted from {how['model']}"
    elif model.card.backbone == IMPORTED:
        origin = "imported"
    else:
        origin = "came with the program" if model.shipped else "promoted here"
    return {
        "Model": model.name,
        "Test accuracy": score_value(ACCURACY, metrics) if metrics else None,
        RECALL.title: score_value(RECALL, metrics) if metrics else None,
        "Origin": origin,
        "Measured on": tested_on(model.card),
    }
