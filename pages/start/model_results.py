"""The results of models on their test sets, including the hard ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from crack.inference.card import ModelCard
from crack.reporting.metric_titles import ACCURACY, RECALL
from crack.reporting.result_words import (
    HARDER_ELSEWHERE,
    LEARNED_FROM,
    NEVER_SAW,
    RESULT_COLUMNS,
    TestResult,
    by_origin,
    how_counted,
    results_of,
)
from crack.reporting.words import keep_units_together
from crack.runs.registry import Model
from pages.shared.formatting import PERCENT, plain, score_value
from pages.shared.model_choice import tested_on


def draw_models(models: Sequence[Model]) -> None:
    """Draw each model with results by test set, and a table of the others."""
    others = []
    for model in models:
        if model.card.metrics.get("sets"):
            st.subheader(f"Model: {plain(model.name)}")
            _draw_sets(model.card)
        else:
            others.append(model)
    if others:
        st.subheader("Models" if len(others) == len(models) else "Other models")
        _draw_table(others)


def _draw_sets(card: ModelCard) -> None:
    """Draw the results on known sources beside those on unknown ones."""
    parts = by_origin(results_of(card))
    grid = st.grid(len(parts), min_column_width=320)
    for origin in sorted(parts, key=(LEARNED_FROM, NEVER_SAW).index):
        with grid.cell():
            st.markdown(f"**On {origin}**")
            st.table([_row(result) for result in parts[origin]], hide_index=True)
    st.markdown(
        f"{HARDER_ELSEWHERE} Try the model on labelled photos of your own before you "
        "rely on it."
    )
    if card.notes:
        st.markdown(plain(card.notes))
    st.caption(how_counted(card.thresholds, card.false_alarms_from))
    with st.expander("Where the test images come from"):
        for result in card.metrics["sets"]:
            st.markdown(f"**{plain(result['title'])}**: {plain(result['credit'])}")


def _row(result: TestResult) -> dict[str, str]:
    row = replace(result, title=plain(result.title)).row
    # In a narrow column a unit must not stand on a line of its own.
    cells = (keep_units_together(text) for text in row)
    return dict(zip(RESULT_COLUMNS, cells, strict=True))


def _draw_table(models: Sequence[Model]) -> None:
    rows = []
    for model in models:
        metrics = model.card.test_metrics
        rows.append(
            {
                "Model": model.name,
                "Test accuracy": score_value(ACCURACY, metrics) if metrics else None,
                RECALL.title: score_value(RECALL, metrics) if metrics else None,
                "Origin": "came with the program" if model.shipped else "promoted here",
                "Measured on": tested_on(model.card),
            }
        )
    st.dataframe(
        rows,
        column_config={"Test accuracy": PERCENT, RECALL.title: PERCENT},
        hide_index=True,
        key="start_models",
        alt="Models with their test accuracy and what it was measured on",
    )
