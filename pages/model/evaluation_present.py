"""An evaluation for a meeting: large, few words, and printed with the browser."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.evaluation.curves import curves_of
from crack.evaluation.kept import Evaluation
from crack.evaluation.result import Share
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.evaluation.trade import PHOTOS, answer_table, trade
from crack.inference.prediction import Label
from crack.reporting.evaluation_figures import answer_matrix, roc_figure
from crack.reporting.words import NOTHING, count, percent, threshold
from crack.runs.registry import Model
from pages.shared.cache import thumbnail
from pages.shared.formatting import plain

_SHARE = 0.1  # of photos with a crack, in the sentence
_EXAMPLES = 4


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
    grid.metric("Cracks missed", _share(result["missed"]), border=True)
    grid.metric("False alarms", _share(result["false_alarms"]), border=True)
    grid.metric("Left for a person", _share(result["review"]), border=True)
    if images.is_crack.any() and not images.is_crack.all():
        cost = trade(images, thresholds, _SHARE)
        st.subheader(
            f"Of {PHOTOS:,} photos, {PHOTOS * _SHARE:.0f} of them cracked: "
            f"{cost.missed:.0f} cracks missed, {cost.false_alarms:.0f} false alarms, "
            f"{cost.review:.0f} photos for a person instead of {PHOTOS:,}.",
            anchor=False,
        )
    st.plotly_chart(
        answer_matrix(answer_table(images, thresholds)),
        key="present_matrix",
        width=640,
        config={"staticPlot": True},
    )
    curves = curves_of(images)
    if curves:
        st.plotly_chart(
            roc_figure(
                {model.name: curves.roc}, [thresholds.no_crack, thresholds.crack]
            ),
            key="present_roc",
            width=640,
            config={"staticPlot": True},
        )
    said = images.answers(thresholds)
    for words, truth, label in (
        ("Found", True, Label.CRACK),
        ("Missed", True, Label.NO_CRACK),
        ("False alarms", False, Label.CRACK),
        ("Left for a person", True, Label.REVIEW),
    ):
        inside = (images.is_crack == truth) & (said == ANSWERS.index(label))
        _draw_examples(words, dataset, images, np.flatnonzero(inside))
    st.caption(
        f"No crack below {threshold(thresholds.no_crack)}, crack from "
        f"{threshold(thresholds.crack)} on. Photos of another kind can be much harder. "
        "To keep this as a PDF, print the page with the browser (Ctrl+P)."
    )


def _share(share: Share) -> str:
    if not share["total"]:
        return NOTHING
    return f"{percent(share['count'] / share['total'])}"


def _draw_examples(
    words: str, dataset: Dataset, images: ScoredImages, places: np.ndarray
) -> None:
    if not len(places):
        return
    st.markdown(f"**{words}: {len(places):,}**")
    grid = st.grid("auto", min_column_width=160, gap="small")
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
