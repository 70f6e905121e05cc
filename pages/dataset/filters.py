"""Which images of a dataset are wanted; all of it is in the address of the page."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.exploration.table import Interval, problem_names
from pages.dataset.model_answers import ANSWERS, RIGHT
from pages.dataset.selection import show_all, to_first_page
from pages.shared.formatting import plain

ALL = "all"
_PARTS = ("train", "val", "test")
_MOST = "any"  # no upper limit
# Fixed, so that an address means the same on every dataset.
_SIDES = ("0", "32", "64", "128", "256", "512", "1024", "2048", "4096", _MOST)
_SHARPNESS = ("0", "3", "10", "30", "100", "300", "1000", "3000", "10000", _MOST)
_ALL_SIDES, _ALL_SHARPNESS = (_SIDES[0], _MOST), (_SHARPNESS[0], _MOST)
_ALL_SHARES = (0, 100)
_NO_FILTER = {
    **dict.fromkeys(("browse_class", "browse_in", "browse_problem"), ALL),
    **dict.fromkeys(("browse_answer", "browse_right"), ALL),
    **dict.fromkeys(("browse_brightness", "browse_probability"), _ALL_SHARES),
    "browse_side": _ALL_SIDES,
    "browse_sharpness": _ALL_SHARPNESS,
}


def clear_filters() -> None:
    """Let all images be wanted; for a callback."""
    for key, value in _NO_FILTER.items():
        if key in st.session_state:  # one that is on the page
            st.session_state[key] = value
    show_all()


def choose_among(what: str, values: Sequence[str], key: str) -> str:
    """Draw a choice of one of the values, or all.

    Returns:
        The value, "" for all.
    """
    chosen = st.segmented_control(
        what,
        [ALL, *values],
        default=ALL,
        required=True,
        format_func=plain,
        key=key,
        on_change=to_first_page,
        bind="query-params",
        persist_state="page",
    )
    return "" if chosen == ALL else chosen


def choose_class_and_part(dataset: Dataset) -> tuple[str, str]:
    """Draw the two filters that everybody uses."""
    return (
        choose_among("Class", dataset.class_names, "browse_class"),
        choose_among("Part of the split", _PARTS, "browse_in"),
    )


def choose_measures() -> dict[str, Interval]:
    """Draw the filters by what was measured of an image."""
    return {
        "side": _steps("Shorter side (px)", _SIDES, "browse_side"),
        "brightness": _share("Brightness (%)", "browse_brightness"),
        "sharpness": _steps(
            "Sharpness (variance of the Laplacian)", _SHARPNESS, "browse_sharpness"
        ),
    }


def choose_problem(table: pd.DataFrame) -> str:
    """Draw the filter by problem, with those that images have."""
    chosen = st.selectbox(
        "Problem",
        [ALL, *problem_names(table)],
        on_change=to_first_page,
        key="browse_problem",
        bind="query-params",
        persist_state="page",
    )
    return "" if chosen == ALL else chosen


def choose_answer() -> tuple[str, bool | None, Interval]:
    """Draw the filters by what a model says.

    Returns:
        The answer, "" for all; whether it is right, None for both; and the probability
        of a crack.
    """
    said = choose_among("Answer", ANSWERS, "browse_answer")
    right = choose_among("At 50 %", RIGHT, "browse_right")
    probability = _share("Probability of a crack (%)", "browse_probability")
    return said, {RIGHT[0]: True, RIGHT[1]: False}.get(right), probability


def _share(what: str, key: str) -> Interval:
    low, high = st.slider(
        what,
        *_ALL_SHARES,
        _ALL_SHARES,
        on_change=to_first_page,
        key=key,
        bind="query-params",
        persist_state="page",
    )
    return (low / 100 if low > 0 else -inf, high / 100 if high < 100 else inf)


def _steps(what: str, steps: Sequence[str], key: str) -> Interval:
    low, high = st.select_slider(
        what,
        steps,
        (steps[0], _MOST),
        on_change=to_first_page,
        key=key,
        bind="query-params",
        persist_state="page",
    )
    return (
        -inf if low == steps[0] else float("inf" if low == _MOST else low),
        inf if high == _MOST else float(high),
    )
