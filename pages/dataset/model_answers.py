"""The answers of a model that are kept for the images of a dataset."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.evaluation.evaluated_model import evaluations_of
from crack.inference.prediction import Label
from crack.runs.registry import list_models
from pages.dataset.selection import to_first_page
from pages.shared.cache import Scored
from pages.shared.feedback import show_error

ANSWERS = tuple(label.value for label in Label)
RIGHT = ("right", "wrong")

_NONE = "None"
_PARTS = {"test": "images held out from it", "all": "all images"}


def choose_model() -> None:
    """Forget the filters by the answers of another model; for a callback."""
    for key in ("browse_answer", "browse_right", "browse_probability"):
        st.session_state.pop(key, None)
    to_first_page()


def choose_evaluation(dataset: Dataset) -> Scored | None:
    """Let the reader choose among the evaluations on a dataset, if there are any.

    Returns:
        The evaluation and the card that reads it; None if none is chosen.
    """
    try:
        kept = _kept_on(dataset)
    except CrackError as error:
        show_error(error)
        return None
    if not kept:
        st.caption(
            "Evaluate a model on this dataset, and its answers can be filtered here."
        )
        return None
    chosen = st.selectbox(
        "Answers of a model",
        [_NONE, *kept],
        on_change=choose_model,
        key="browse_model",
        bind="query-params",
        persist_state="page",
        help="Kept evaluations of models on this dataset.",
    )
    return kept.get(chosen)


def _kept_on(dataset: Dataset) -> dict[str, Scored]:
    """Return the finished evaluations on a dataset by title, of each the newest.

    Edits do not change files, so an evaluation of before an edit still counts; one of
    before the import is of another dataset that had the same name.
    """
    kept: dict[str, Scored] = {}
    for model in list_models():
        for evaluation in evaluations_of(model.folder):
            about = evaluation.about
            if about["dataset"] == dataset.name and about["begun"] >= dataset.added:
                title = f"{model.name}, {_PARTS[about['part']]}"
                kept.setdefault(title, (evaluation, model.card))
    return kept
