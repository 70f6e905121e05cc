"""The results of an evaluation: numbers with intervals, curves, images by answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from crack.data.dataset import Dataset
from crack.evaluation.curves import curves_of, reliability
from crack.evaluation.holdout import fingerprints
from crack.evaluation.kept import Evaluation
from crack.evaluation.result import Result
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.evaluation.trade import answer_table
from crack.inference.prediction import Label
from crack.reporting.answer_matrix import TRUTHS, answer_matrix
from crack.reporting.evaluation_figures import (
    precision_recall_figure,
    reliability_figure,
    roc_figure,
)
from crack.reporting.evaluation_words import (
    ADVANTAGE,
    BASELINE_COLUMNS,
    BESIDE_THE_CURVE,
    MEANING,
    NUMBER_COLUMNS,
    SOURCE_COLUMNS,
    baseline_rows,
    confusion_words,
    number_rows,
    share_words,
    source_rows,
)
from crack.reporting.words import ANSWERS as ANSWER_WORDS
from crack.reporting.words import count, keep_units_together, percent
from crack.runs.registry import Model
from pages.model.evaluation_comparison import choose_other, draw_comparison
from pages.shared.cache import scored_images
from pages.shared.formatting import plain
from pages.shared.small_picture import draw_small

Cell = tuple[bool, Label]
"""Whether there is a crack, and the answer."""

_PER_PAGE = 12
_NO_BAR = {"displayModeBar": False}
_SIDE_BY_SIDE = 400  # px


def draw_results(
    model: Model, dataset: Dataset, evaluation: Evaluation, images: ScoredImages
) -> None:
    """Draw all numbers of an evaluation."""
    result = evaluation.result(model.card)
    st.markdown(keep_units_together(_headline(result)))
    st.caption(MEANING)
    _draw_answers(model, dataset, images)
    other = choose_other(model, evaluation)
    st.subheader("Numbers", anchor=False)
    if other:
        draw_comparison((evaluation, model), other)
    else:
        _draw_numbers(result)
    _draw_curves((evaluation, model), images, other)
    _draw_sources(result)
    _draw_baselines(evaluation, dataset, model, result)
    split = fingerprints(model.folder).get("the split")
    st.caption(
        f"Fingerprint of the dataset `{evaluation.about['dataset_fingerprint']}`"
        + (f", of the split of the model `{split}`." if split else ".")
    )


def _headline(result: Result) -> str:
    """Say as Markdown what users would be told about these images."""
    missed, alarms, review = (
        share_words(result[key]) for key in ("missed", "false_alarms", "review")
    )
    return (
        f"At the model's thresholds: cracks missed **{missed}**, false alarms "
        f"**{alarms}**, left for a person **{review}**."
    )


def _draw_answers(model: Model, dataset: Dataset, images: ScoredImages) -> None:
    """Draw the matrix of answers, and the images of the chosen cell."""
    counts = answer_table(images, model.card.thresholds)
    st.subheader("Answers", anchor=False)
    chosen = st.plotly_chart(
        answer_matrix(counts),
        key="evaluate_matrix",
        on_select="rerun",
        selection_mode="points",
        width=640,
        config=_NO_BAR,
    )
    points = chosen["selection"]["points"]
    clicked = tuple(points[0]["customdata"]) if points else None
    cells = [(truth, label) for truth in TRUTHS for label in ANSWERS]
    if clicked and clicked != st.session_state.get("evaluate_clicked"):
        st.session_state["evaluate_clicked"] = clicked
        cell = bool(clicked[0]), Label(clicked[1])
        st.session_state["evaluate_cell"] = cells.index(cell)
    place: int | None = st.selectbox(
        "Look at the images of a cell, or click it",
        range(len(cells)),
        index=None,
        format_func=lambda place: _cell_words(cells[place], counts),
        placeholder="Choose one",
        key="evaluate_cell",
        width=420,
    )
    if place is not None:
        _draw_cell(model, dataset, images, cells[place])


def _cell_words(cell: Cell, counts: Mapping[bool, Mapping[Label, int]]) -> str:
    truth, label = cell
    number = count(counts[truth][label], "image")
    return f"{TRUTHS[truth]}, answered with {ANSWER_WORDS[label].lower()}: {number}"


def _draw_cell(
    model: Model, dataset: Dataset, images: ScoredImages, cell: Cell
) -> None:
    truth, label = cell
    said = images.answers(model.card.thresholds)
    inside = (said == ANSWERS.index(label)) & (images.is_crack == truth)
    places = np.flatnonzero(inside)
    places = places[np.argsort(-images.probability[places], kind="stable")]
    if not len(places):
        st.caption("There is none.")
        return
    pages = -(-len(places) // _PER_PAGE)
    page = st.pagination(pages, key="evaluate_cell_page") if pages > 1 else 1
    grid = st.grid("auto", min_column_width=130, gap="small")
    for place in places[(page - 1) * _PER_PAGE : page * _PER_PAGE]:
        file = images.file[place]
        caption = (
            f"{plain(file.rpartition('/')[2])}  \n{percent(images.probability[place])}"
        )
        alt = f"{TRUTHS[truth]}, answered with {ANSWER_WORDS[label].lower()}"
        draw_small(grid, dataset.path(file), caption, alt)


def _draw_numbers(result: Result) -> None:
    _draw_table(NUMBER_COLUMNS, number_rows(result))
    st.caption(confusion_words(result))


def _draw_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # In a narrow column a unit must not stand on a line of its own.
    cells = ([keep_units_together(plain(cell)) for cell in row] for row in rows)
    st.table([dict(zip(columns, row, strict=True)) for row in cells], hide_index=True)


def _draw_curves(
    first: tuple[Evaluation, Model],
    images: ScoredImages,
    second: tuple[Evaluation, Model] | None,
) -> None:
    _, model = first
    sets = {"A" if second else model.name: (images, model.card)}
    if second:
        card = second[1].card
        sets["B"] = scored_images(second[0], card), card
    curves = {
        name: both
        for name, (some, card) in sets.items()
        if (both := curves_of(some, card.thresholds))
    }
    rocs = {name: both.roc for name, both in curves.items()}
    recalls = {name: both.precision_recall for name, both in curves.items()}
    grid = st.grid("auto", min_column_width=_SIDE_BY_SIDE)
    if curves:
        with grid.cell():
            st.markdown("**Cracks found and false alarms** (ROC)")
            _chart(roc_figure(rocs), "evaluate_roc")
        share = float(images.is_crack.mean())
        with grid.cell():
            st.markdown("**Precision and recall**")
            _chart(precision_recall_figure(recalls, share), "evaluate_pr")
    with grid.cell():
        st.markdown("**Do the probabilities mean what they say?**")
        _chart(reliability_figure(reliability(images)), "evaluate_reliability")
    if curves:
        st.caption(BESIDE_THE_CURVE)


def _chart(figure: go.Figure, key: str) -> None:
    st.plotly_chart(figure, key=key, width="stretch", config=_NO_BAR)


def _draw_sources(result: Result) -> None:
    if rows := source_rows(result):
        st.subheader("By source", anchor=False)
        _draw_table(SOURCE_COLUMNS, rows)


def _draw_baselines(
    evaluation: Evaluation, dataset: Dataset, model: Model, result: Result
) -> None:
    rows = evaluation.baselines(model.card, dataset, lambda *_: None)
    if rows:
        st.subheader("How far one comes without a network", anchor=False)
        _draw_table(BASELINE_COLUMNS, baseline_rows(model.name, result, rows))
        st.caption(ADVANTAGE)
