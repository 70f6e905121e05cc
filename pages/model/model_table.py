"""All models at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inference.results import Adaptation
from crack.reporting.metric_titles import ACCURACY, RECALL
from crack.reporting.words import NOTHING, count
from crack.runs.backbones import IMPORTED
from crack.runs.registry import Model
from pages.shared.formatting import PERCENT, score_value, times_100
from pages.shared.model_choice import tested_on


def draw_table(models: Sequence[Model]) -> None:
    """Draw a row for each model."""
    st.dataframe(
        [_row(model) for model in models],
        placeholder=NOTHING,
        column_config={"Test accuracy": PERCENT, RECALL.title: PERCENT},
        hide_index=True,
        key="models_table",
        alt="Models with their test accuracy and what it was measured on",
    )


def _row(model: Model) -> dict[str, object]:
    if how := model.card.adaptation:
        return _adapted_row(model.name, how)
    metrics = model.card.test_metrics
    if model.card.backbone == IMPORTED:
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


def _adapted_row(name: str, how: Adaptation) -> dict[str, object]:
    images = count(how["images"], "image")
    return {
        "Model": name,
        "Test accuracy": times_100(how["after"]["accuracy"]),
        RECALL.title: times_100(how["after"]["recall"]),
        "Origin": f"adapted from {how['model']}",
        "Measured on": f"{how['dataset']}, {images}, by cross-validation",
    }
