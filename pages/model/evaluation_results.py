"""The results of an evaluation: numbers with intervals, curves, images by answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from crack.data.dataset import Dataset
from crack.evaluation.baselines import Baseline
from crack.evaluation.curves import curves_of, reliability
from crack.evaluation.kept import Evaluation
from crack.evaluation.result import Result, Share
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.evaluation.trade import answer_table
from crack.inference.prediction import Label
from crack.reporting.evaluation_figures import (
    TRUTHS,
    answer_matrix,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
)
from crack.reporting.metric_titles import SCORES
from crack.reporting.words import ANSWERS as ANSWER_WORDS
from crack.reporting.words import NOTHING, count, percent
from crack.runs.registry import Model
from pages.model.evaluation_comparison import (
    choose_other,
    draw_comparison,
    score_words,
)
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
    st.markdown(_headline(result))
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


def _headline(result: Result) -> str:
    """Say as Markdown what users would be told about these images."""
    missed, alarms, review = (
        _share(result[key]) for key in ("missed", "false_alarms", "review")
    )
    return (
        f"At the model's thresholds: **{missed}** of the images with a crack would be "
        f"answered with no crack, **{alarms}** of the others with crack, and "
        f"**{review}** of all would be left for a person."
    )


def _share(share: Share) -> str:
    counted = f"{share['count']:,} of {share['total']:,}"
    if share["interval"] is None:
        return counted
    low, high = (percent(end) for end in share["interval"])
    return f"{counted} ({percent(share['count'] / share['total'])}; {low} to {high})"


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
    rows = []
    for score in SCORES:
        interval = result["intervals"][score.key]
        ends = [interval["low"], interval["high"]] if interval else []
        rows.append(
            {
                "Counting a probability from 50 % on as crack": score.title,
                "Value": score_words(score, result["metrics"][score.key]),
                "95 % interval": " to ".join(score_words(score, end) for end in ends)
                or NOTHING,
                "Found by": interval["method"] if interval else NOTHING,
            }
        )
    st.table(rows, hide_index=True)


def _draw_curves(
    first: tuple[Evaluation, Model],
    images: ScoredImages,
    second: tuple[Evaluation, Model] | None,
) -> None:
    _, model = first
    sets = {"A" if second else model.name: images}
    if second:
        sets["B"] = scored_images(second[0], second[1].card)
    thresholds = [model.card.thresholds.no_crack, model.card.thresholds.crack]
    curves = {name: both for name, some in sets.items() if (both := curves_of(some))}
    rocs = {name: both.roc for name, both in curves.items()}
    recalls = {name: both.precision_recall for name, both in curves.items()}
    grid = st.grid("auto", min_column_width=_SIDE_BY_SIDE)
    if curves:
        with grid.cell():
            st.markdown("**Cracks found and false alarms** (ROC)")
            _chart(roc_figure(rocs, thresholds), "evaluate_roc")
        share = float(images.is_crack.mean())
        with grid.cell():
            st.markdown("**Precision and recall**")
            _chart(precision_recall_figure(recalls, thresholds, share), "evaluate_pr")
    with grid.cell():
        st.markdown("**Do the probabilities mean what they say?**")
        _chart(reliability_figure(reliability(images)), "evaluate_reliability")


def _chart(figure: go.Figure, key: str) -> None:
    st.plotly_chart(figure, key=key, width="stretch", config=_NO_BAR)


def _draw_sources(result: Result) -> None:
    if not result["sources"]:
        return
    st.subheader("By source", anchor=False)
    st.dataframe(
        [
            {
                "Source": source["source"],
                "Images": source["n"],
                "Right": _of_all(source["accuracy"]),
                "95 % interval": " to ".join(
                    percent(end) for end in source["accuracy_interval"] or ()
                ),
                "Cracks found": _of_all(source["recall"]),
                "AUROC": source["auroc"],
            }
            for source in result["sources"]
        ],
        column_config={"AUROC": st.column_config.NumberColumn(format="%.4f")},
        hide_index=True,
        key="evaluate_sources",
        alt="Results by source",
    )


def _draw_baselines(
    evaluation: Evaluation, dataset: Dataset, model: Model, result: Result
) -> None:
    rows = evaluation.baselines(model.card, dataset, lambda *_: None)
    if not rows:
        return
    st.subheader("How far one comes without a network", anchor=False)
    metrics = result["metrics"]
    own: Baseline = {
        "title": model.name,
        "accuracy": metrics["accuracy"],
        "balanced_accuracy": metrics["balanced_accuracy"],
        "auroc": metrics["auroc"],
    }
    st.table([_row(row) for row in (own, *rows)], hide_index=True)
    st.caption(
        "The simple ways were fitted to four fifths of these very images and judged "
        "the rest, so they have an advantage over the model."
    )


def _row(way: Baseline) -> dict[str, str]:
    auroc = way["auroc"]
    return {
        "": plain(way["title"]),
        "Right": _of_all(way["accuracy"]),
        "Balanced accuracy": _of_all(way["balanced_accuracy"]),
        "AUROC": NOTHING if auroc is None else f"{auroc:.4f}",
    }


def _of_all(share: float | None) -> str:
    return NOTHING if share is None else percent(share)
