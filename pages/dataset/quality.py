"""Quality: what may be wrong with a dataset, each as a list to look through."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.exploration.judgement import Judgement, seconds_to_judge
from crack.exploration.problems import Problem
from crack.reporting.words import count
from crack.runs.registry import Model, default_model
from pages.dataset.edit import draw_edits
from pages.dataset.look_through import draw_list
from pages.dataset.network_work import offer_work
from pages.shared.dataset_cache import dataset_problems
from pages.shared.feedback import show_error
from pages.shared.formatting import plain

_UNREADABLE = "unreadable"
_LIST = "quality_list"  # in the address
_FIRST = "label"  # what no eye finds without help


def draw_quality(dataset: Dataset) -> None:
    """Draw the lists of doubtful images, the chosen one to look through."""
    try:
        model = default_model()
        found, judged = dataset_problems(model, dataset)
    except CrackError as error:
        show_error(error)
        return
    problems = {problem.key: problem for problem in found}
    chosen = _choose_list(dataset, problems)
    if chosen == _UNREADABLE:
        _draw_unreadable(dataset)
    else:
        problem = problems[chosen]
        st.markdown(f"**{problem.title}.** {problem.meaning}")
        if problem.rows is not None:
            draw_list(dataset, problem)
        _draw_judging(model, dataset, judged, asked=problem.rows is None)
    draw_edits(dataset)


def _choose_list(dataset: Dataset, problems: dict[str, Problem]) -> str:
    """Draw a button for each list with its number; return the one in the address.

    No `st.pills`: it knows its options by their words, and these numbers change.
    """
    titles = {_UNREADABLE: f"Unreadable {len(dataset.unreadable):,}"}
    for key, problem in problems.items():
        known = problem.rows is not None
        titles[key] = f"{problem.title} {problem.images:,}" if known else problem.title
    wanted = st.query_params.get(_LIST, _FIRST)
    chosen = wanted if wanted in titles else _FIRST
    with st.container(horizontal=True, gap="xsmall"):
        for key, title in titles.items():
            st.button(
                title,
                icon=":material/arrow_drop_down:" if key == chosen else None,
                type="primary" if key == chosen else "secondary",
                key=f"quality_list_{key}",
                on_click=partial(st.query_params.update, {_LIST: key}),
            )
    return chosen


def _draw_unreadable(dataset: Dataset) -> None:
    st.markdown(
        "**Unreadable.** These files are damaged or no images, so they were left out "
        "when the dataset was added."
    )
    if dataset.unreadable.empty:
        st.success("Every file could be read.", icon=":material/check_circle:")
        return
    st.dataframe(
        dataset.unreadable,
        hide_index=True,
        key="browse_unreadable",
        alt="Files left out and the reason of each",
    )


def _draw_judging(
    model: Model, dataset: Dataset, judged: Judgement | None, *, asked: bool
) -> None:
    """Offer to have the images looked at, where that would say more."""
    if judged is not None and judged.up_to_date:
        return
    if judged is None and not asked:
        return
    if judged is None:
        words = (
            f"The model {plain(model.name)} has to look at "
            f"{count(len(dataset.samples), 'image')} first. It also finds blurred "
            "images, labels that look wrong and images unlike all others."
        )
        button = "Look at the images"
    else:
        words = (
            "The dataset was edited since the model looked at it. The lists follow "
            "new labels; look again to let these count for the other images too."
        )
        button = "Look again"
    st.caption(words)
    offer_work(model, dataset, "judge", button, seconds_to_judge(dataset))
