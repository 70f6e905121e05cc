"""Images: a gallery of a dataset, filtered and sorted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.exploration.table import Wanted, filtered, ordered
from crack.reporting.words import count
from crack.runs.registry import default_model
from pages.dataset.filters import (
    choose_answer,
    choose_class_and_part,
    choose_measures,
    choose_problem,
    clear_filters,
)
from pages.dataset.gallery import draw_gallery
from pages.dataset.image_dialog import draw_opened, open_image
from pages.dataset.model_answers import choose_evaluation
from pages.dataset.selection import Selection, selected, show_all, to_first_page
from pages.dataset.split_choice import choose_split
from pages.shared.cache import Scored
from pages.shared.dataset_cache import dataset_problems, image_table
from pages.shared.feedback import show_error

PER_PAGE = 60
SORTS = {
    "Name": ("file", True),
    "Darkest first": ("brightness", True),
    "Brightest first": ("brightness", False),
    "Least contrast first": ("contrast", True),
    "Most contrast first": ("contrast", False),
    "Least sharp first": ("sharpness", True),
    "Sharpest first": ("sharpness", False),
    "Smallest first": ("side", True),
    "Largest first": ("side", False),
}
_BY_ANSWER = {
    "Most probable crack first": ("probability", False),
    "Least probable crack first": ("probability", True),
}


def draw_images(dataset: Dataset) -> None:
    """Draw the wanted images of a dataset, a page at a time."""
    chosen = selected(dataset)
    if chosen:
        _draw_chosen(chosen)
    told = st.container()  # not in the popover, where nobody would see it
    with st.container(horizontal=True, vertical_alignment="bottom"):
        class_name, part = choose_class_and_part(dataset)
        order = st.empty()
        more = st.popover("More filters", icon=":material/tune:")
    with more:
        split = choose_split(dataset, told)
        evaluation = choose_evaluation(dataset)
        table = _table(dataset, split, evaluation)
        wanted = _choose_rest(table, class_name, part, chosen)
    sorts = SORTS | (_BY_ANSWER if "answer" in table else {})
    sort = order.selectbox(
        "Order",
        list(sorts),
        on_change=to_first_page,
        key="browse_sort",
        bind="query-params",
        persist_state="page",
        width=220,
    )
    column, ascending = sorts[sort]
    rows = ordered(filtered(table, wanted), column, ascending=ascending)
    draw_opened(dataset, table, rows)
    _draw_page(dataset, rows)


def _table(
    dataset: Dataset, split: pd.DataFrame | None, evaluation: Scored | None
) -> pd.DataFrame:
    name = st.session_state["browse_split"]
    try:
        problems = dataset_problems(default_model(), dataset)[0]
    except CrackError:  # no model: the Quality view says so
        problems = []
    try:
        return image_table(dataset, name, split, evaluation, problems)
    except CrackError as error:  # the evaluation
        show_error(error)
        return image_table(dataset, name, split, found=problems)


def _draw_chosen(chosen: Selection) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(
            f"{count(len(chosen.files), 'image')} {chosen.words}",
            icon=":material/filter_alt:",
        )
        st.button(
            "Show all", icon=":material/close:", key="browse_all", on_click=show_all
        )


def _choose_rest(
    table: pd.DataFrame, class_name: str, part: str, chosen: Selection | None
) -> Wanted:
    problem = choose_problem(table)
    intervals = choose_measures()
    said, right = "", None
    if "answer" in table:
        said, right, intervals["probability"] = choose_answer()
    files = chosen.files if chosen else None
    return Wanted(class_name, part, problem, files, said, right, intervals)


def _draw_page(dataset: Dataset, rows: pd.DataFrame) -> None:
    if rows.empty:
        st.info(
            "No image matches. Choose another class, part or filter.",
            icon=":material/filter_alt_off:",
        )
        st.button("Clear all filters", key="browse_clear", on_click=clear_filters)
        return
    pages = -(-len(rows) // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(
            pages, key="browse_page", bind="query-params", persist_state="page"
        )
        first = (page - 1) * PER_PAGE
        shown = rows.iloc[first : first + PER_PAGE]
        told = f"{first + 1:,} to {first + len(shown):,} of {len(rows):,}"
        st.caption(told, width="content")
        size = st.slider(
            "Size of the pictures",
            80,
            400,
            160,
            step=20,
            format="%d px",
            key="browse_size",
            bind="query-params",
            persist_state="page",
            width=200,
        )
    draw_gallery(dataset, shown, size, open_image)
