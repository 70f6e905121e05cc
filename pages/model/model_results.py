"""The results of a model: test sets, its own test images, and kept evaluations."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crack.evaluation.evaluated_model import evaluations_of
from crack.evaluation.kept import Evaluation
from crack.inference.card import ModelCard
from crack.reporting.evaluation_words import MEANING, share_words
from crack.reporting.model_card_words import metric_rows
from crack.reporting.result_words import (
    HARDER_ELSEWHERE,
    RESULT_COLUMNS,
    TestResult,
    by_origin,
    how_counted,
    results_of,
)
from crack.reporting.words import count, keep_units_together, percent
from crack.runs.registry import Model
from pages.model.evaluation_run import PARTS
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain


def draw_results(model: Model) -> None:
    """Draw all that is known of how good a model is."""
    card = model.card
    if results_of(card):
        _draw_sets(card)
    else:
        st.markdown("Its card has no results.")
    rows = metric_rows(card)
    if rows and len(rows[0]) > 1:
        with st.expander("All metrics on its own test and validation images"):
            st.table(rows, hide_index=True)
            st.caption(
                "Counted at a probability of 50 %. The validation images chose the "
                "epoch and the calibration, so their column is too good."
            )
    _draw_evaluations(model)


def _draw_sets(card: ModelCard) -> None:
    """Draw the results on known sources beside those on unknown ones."""
    judged = results_of(card)
    parts = by_origin(judged)
    grid = st.grid(len(parts), min_column_width=320)
    for origin, results in parts.items():
        with grid.cell():
            st.markdown(f"**On {origin}**")
            st.table([_row(result) for result in results], hide_index=True)
    st.markdown(
        f"{HARDER_ELSEWHERE} Try the model on labelled photos of your own before you "
        "rely on it."
    )
    st.caption(how_counted(judged, card.thresholds, card.false_alarms_from))


def _row(result: TestResult) -> dict[str, str]:
    row = replace(result, title=plain(result.title)).row
    # In a narrow column a unit must not stand on a line of its own.
    cells = (keep_units_together(text) for text in row)
    return dict(zip(RESULT_COLUMNS, cells, strict=True))


def _draw_evaluations(model: Model) -> None:
    """Draw the evaluations kept of a model, each with a link to its page."""
    st.markdown("**Evaluated here**")
    evaluations = evaluations_of(model.folder)
    if evaluations:
        st.caption(
            f"{MEANING} The intervals count groups of photos: near-copies and images "
            "of one photo tell the same thing twice."
        )
    for evaluation in evaluations:
        with errors_shown():
            _draw_evaluation(model, evaluation)
    if not evaluations:
        st.page_link(
            "pages/model/evaluate.py",
            label="Evaluate it on labelled photos",
            icon=":material/query_stats:",
            query_params={"evaluate_model": model.name},
        )


def _draw_evaluation(model: Model, evaluation: Evaluation) -> None:
    about, result = evaluation.about, evaluation.result(model.card)
    accuracy = result["metrics"]["accuracy"]
    interval = result["intervals"]["accuracy"]
    right = ""
    if accuracy is not None and interval:
        low, high = percent(interval["low"]), percent(interval["high"])
        right = f": {percent(accuracy)} right (95 % interval {low} to {high})"
    part = "held-out images" if about["part"] == "test" else "all images"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "pages/model/evaluate.py",
            label=f"{plain(about['dataset'])}, {part}",
            icon=":material/query_stats:",
            query_params={
                "evaluate_model": model.name,
                "evaluate_dataset": about["dataset"],
                "evaluate_part": PARTS[about["part"]],
            },
        )
        images = count(about["images"], "image")
        said = (
            f"{images}{right}; cracks missed {share_words(result['missed'])}; false "
            f"alarms {share_words(result['false_alarms'])}"
        )
        st.markdown(keep_units_together(said), width="content")
