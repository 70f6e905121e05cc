"""What is known of models: the results on their test sets, the hard ones too."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inference.card import ModelCard
from crack.inference.results import TestSet
from crack.reporting.words import percent
from crack.runs.registry import Model
from pages.shared.formatting import PERCENT, plain, times_100
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
    """Draw the results where the model is at home beside those where it is not."""
    sets = card.metrics["sets"]
    parts = {
        "On other images from sources it learned from": [
            result for result in sets if result["in_training"]
        ],
        "On sources it never saw": [
            result for result in sets if not result["in_training"]
        ],
    }
    parts = {title: results for title, results in parts.items() if results}
    grid = st.grid(len(parts), min_column_width=320)
    for title, results in parts.items():
        with grid.cell():
            st.markdown(f"**{title}**")
            st.table([_row(result) for result in results], hide_index=True)
    st.markdown(
        "Photos of another kind can be much harder than any of these. Try the model on "
        "labelled photos of your own before you rely on it."
    )
    if card.notes:
        st.markdown(plain(card.notes))
    st.caption(
        "Right, and cracks found: a probability from 50 % on counts as crack. "
        "A false alarm is an image without a crack whose probability reaches "
        f"{100 * card.thresholds.crack:.3g} %. In brackets: 95 % interval."
    )
    with st.expander("Where the test images come from"):
        for result in sets:
            st.markdown(f"**{plain(result['title'])}**: {plain(result['credit'])}")


def _row(result: TestSet) -> dict[str, str]:
    alarms = result["false_alarms"]
    images = "drawn images" if result["kind"] == "drawn" else "images"
    return {
        "Tested on": f"{plain(result['title'])}: {result['n']:,} {images}",
        "Right": _text(result["accuracy"], result["accuracy_interval"]),
        "Cracks found": _text(result["recall"], None),
        "False alarms": f"{alarms['count']:,} of {alarms['total']:,}"
        f"{_in_brackets(alarms['interval'])}",
    }


def _text(share: float | None, interval: Sequence[float] | None) -> str:
    return "–" if share is None else _joined(share) + _in_brackets(interval)


def _in_brackets(interval: Sequence[float] | None) -> str:
    if interval is None:
        return ""
    low, high = interval
    return f" ({_joined(low)} to {_joined(high)})"


def _joined(share: float) -> str:
    # In a narrow column the sign must not stand on a line of its own.
    return percent(share).replace(" %", "\u00a0%")


def _draw_table(models: Sequence[Model]) -> None:
    rows = []
    for model in models:
        metrics = model.card.test_metrics
        rows.append(
            {
                "Model": model.name,
                "Test accuracy": times_100(metrics["accuracy"]) if metrics else None,
                "Recall": times_100(metrics["recall"]) if metrics else None,
                "Origin": "came with the program" if model.shipped else "promoted here",
                "Measured on": tested_on(model.card),
            }
        )
    st.dataframe(
        rows,
        column_config={"Test accuracy": PERCENT, "Recall": PERCENT},
        hide_index=True,
        key="start_models",
        alt="Models with their test accuracy and what it was measured on",
    )
