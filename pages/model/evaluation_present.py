"""An evaluation for a meeting: large, few words, and printed with the browser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.evaluation.curves import curves_of
from crack.evaluation.kept import Evaluation
from crack.evaluation.metrics import DECISION
from crack.evaluation.result import Result, Share
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.evaluation.trade import PHOTOS, answer_table, trade, trade_intervals
from crack.inference.prediction import Label
from crack.reporting.answer_matrix import answer_matrix
from crack.reporting.evaluation_figures import enlarged, roc_figure
from crack.reporting.evaluation_words import (
    BESIDE_THE_CURVE,
    EXPECTED,
    MEANING,
    answers_words,
    expected_words,
    interval_words,
    number_rows,
    part_words,
)
from crack.reporting.report import evaluation_document
from crack.reporting.result_words import HARDER_ELSEWHERE, INTERVAL
from crack.reporting.words import count, keep_units_together, percent, threshold
from crack.runs.registry import Model
from pages.shared.cache import thumbnail
from pages.shared.formatting import plain

_SHARE = 0.1  # of photos with a crack, in the sentence
_EXAMPLES = 4
_FIGURE, _TABLE = 600, 440  # px; paper has room for 630

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def draw_present(
    model: Model, dataset: Dataset, evaluation: Evaluation, images: ScoredImages
) -> None:
    """Draw an evaluation as it is shown to people who will not read tables."""
    result, thresholds = evaluation.result(model.card), model.card.thresholds
    st.header(
        f"{plain(model.name)}: {count(len(images), 'photo')} of {plain(dataset.name)}",
        anchor=False,
    )
    grid = st.grid(3, min_column_width=220)
    _draw_share(grid, "Cracks missed", result["missed"])
    _draw_share(grid, "False alarms", result["false_alarms"])
    _draw_share(grid, "Left for a person", result["review"])
    if images.is_crack.any() and not images.is_crack.all():
        cost = trade(images, thresholds, _SHARE)
        ends = trade_intervals(images, thresholds, _SHARE)
        missed, alarms, review = (
            expected_words(getattr(cost, name), ends[name], 0)
            for name in ("missed", "false_alarms", "review")
        )
        st.subheader(
            f"Of {PHOTOS:,} photos, {PHOTOS * _SHARE:.0f} of them cracked: "
            f"{missed} cracks missed, {alarms} false alarms, {review} photos for a "
            f"person instead of {PHOTOS:,}.",
            anchor=False,
        )
        st.caption(EXPECTED)
    with st.container(horizontal=True, gap="medium"):
        _draw_figures(model, images)
        with st.container(width=_TABLE):
            _draw_numbers(result)
    said = images.answers(thresholds)
    for words, truth, label in (
        ("Found", True, Label.CRACK),
        ("Missed", True, Label.NO_CRACK),
        ("False alarms", False, Label.CRACK),
        ("Cracks left for a person", True, Label.REVIEW),
    ):
        inside = (images.is_crack == truth) & (said == ANSWERS.index(label))
        _draw_examples(words, dataset, images, np.flatnonzero(inside))
    st.caption(
        f"{answers_words(thresholds)} {MEANING} The numbers of the table count a "
        f"probability from {threshold(DECISION)} on as crack. {HARDER_ELSEWHERE} "
        f"{BESIDE_THE_CURVE}"
    )
    _draw_download(model, dataset, evaluation)


def _draw_share(grid: DeltaGenerator, title: str, share: Share) -> None:
    interval = interval_words(share["interval"])
    grid.metric(
        title,
        part_words(share),
        interval and f"{INTERVAL} {interval}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )


def _draw_figures(model: Model, images: ScoredImages) -> None:
    """Draw the matrix and the ROC curve, as wide as a sheet of paper at the most."""
    thresholds = model.card.thresholds
    figures = {"present_matrix": answer_matrix(answer_table(images, thresholds))}
    if curves := curves_of(images, thresholds):
        figures["present_roc"] = roc_figure({model.name: curves.roc})
    for key, figure in figures.items():
        st.plotly_chart(
            enlarged(figure), key=key, width=_FIGURE, config={"staticPlot": True}
        )


def _draw_numbers(result: Result) -> None:
    rows = [
        {
            "": row.title,
            "Value": keep_units_together(row.value),
            INTERVAL: keep_units_together(row.interval),
        }
        for row in number_rows(result)
    ]
    st.table(rows, hide_index=True)


def _draw_download(model: Model, dataset: Dataset, evaluation: Evaluation) -> None:
    baselines = evaluation.baselines(model.card, dataset, lambda *_: None)
    st.download_button(
        "Download as PDF",
        partial(evaluation_document, model, evaluation, baselines),
        file_name=f"evaluation-{model.name}-{dataset.name}.pdf",
        mime="application/pdf",
        icon=":material/picture_as_pdf:",
        key="present_pdf",
        on_click="ignore",
        help="All numbers with their intervals, without the pictures. To keep the "
        "pictures too, print this page with the browser (Ctrl+P), in the light theme.",
    )


def _draw_examples(
    words: str, dataset: Dataset, images: ScoredImages, places: np.ndarray
) -> None:
    if not len(places):
        return
    st.subheader(f"{words}: {len(places):,}", anchor=False)
    places = places[np.argsort(-images.probability[places], kind="stable")]
    if len(places) > _EXAMPLES:
        st.caption(
            f"{_EXAMPLES} of {len(places):,}, evenly spread from the highest to the "
            "lowest probability."
        )
    grid = st.grid(_EXAMPLES, min_column_width=140, gap="small")
    spread = np.linspace(0, len(places) - 1, min(_EXAMPLES, len(places))).astype(int)
    for place in places[spread]:
        file = images.file[place]
        try:
            picture = thumbnail(dataset.path(file))
        except CrackError as error:
            grid.error(plain(error.message))
            continue
        grid.image(
            picture,
            caption=percent(float(images.probability[place])),
            alt=f"{words}: {file}",
            width="stretch",
        )
