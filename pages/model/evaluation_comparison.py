"""Two evaluations side by side: two models, or two sets of images."""

from __future__ import annotations

import streamlit as st

from crack.evaluation.evaluated_model import evaluations_of
from crack.evaluation.kept import Evaluation
from crack.reporting.evaluation_words import score_words
from crack.reporting.metric_titles import SCORES
from crack.reporting.words import NOTHING, count
from crack.runs.registry import Model, list_models
from pages.shared.cache import metric_differences
from pages.shared.formatting import plain


def choose_other(
    model: Model, evaluation: Evaluation
) -> tuple[Evaluation, Model] | None:
    """Let the reader choose another evaluation to compare with."""
    others = {
        f"{each.name} on {_images_of(other)}": (other, each)
        for each in list_models()
        for other in evaluations_of(each.folder)
        if other.path != evaluation.path or each.name != model.name
    }
    if not others:
        return None
    chosen = st.selectbox(
        "Compare with",
        list(others),
        index=None,
        placeholder="Another model or other images",
        key="evaluate_other",
        width=420,
    )
    return others[chosen] if chosen else None


def _images_of(evaluation: Evaluation) -> str:
    about = evaluation.about
    return f"{about['dataset']}, {count(about['images'], 'image')}"


def draw_comparison(
    first: tuple[Evaluation, Model], second: tuple[Evaluation, Model]
) -> None:
    """Draw the metrics of two evaluations, and whether they differ by chance."""
    (one, model), (other, other_model) = first, second
    names = [
        f"{plain(each.name)} on {plain(evaluation.about['dataset'])}"
        for evaluation, each in (first, second)
    ]
    found = metric_differences((one, model.card), (other, other_model.card))
    by_key = {each.key: each for each in found}
    rows = []
    for score in SCORES:
        each = by_key[score.key]
        interval = each.interval
        rows.append(
            {
                "": score.title,
                f"A: {names[0]}": score_words(score, each.first),
                f"B: {names[1]}": score_words(score, each.second),
                "B less A, 95 % interval": " to ".join(
                    score_words(score, end, signed=True) for end in interval or ()
                )
                or NOTHING,
                "More than chance": "yes" if each.by_more_than_chance else "no",
            }
        )
    st.table(rows, hide_index=True)
    paired = one.about["dataset_fingerprint"] == other.about["dataset_fingerprint"]
    st.caption(
        "The same images, drawn again together."
        if paired and one.about["part"] == other.about["part"]
        else "Different images, each drawn again for itself."
    )
