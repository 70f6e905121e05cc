"""How a dataset is split: by a run, or in a preview."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.data.split import SHARES, SplitMethod, is_lopsided, leak
from crack.errors import CrackError
from crack.reporting.figures import class_balance_figure
from crack.reporting.words import percent, threshold
from pages.shared.cache import PREVIEW_SEED, split_preview
from pages.shared.feedback import show_error
from pages.shared.formatting import run_title
from pages.shared.run_list import current_runs


def choose_split(dataset: Dataset) -> pd.DataFrame:
    """Let the reader choose a split, draw its balance, and return it.

    Returns:
        Columns file, class and split; the split is "all" if none can be made.
    """
    here = [run for run in current_runs() if run.config.dataset == dataset.name]
    runs = {run.id: run for run in here}
    titles = {
        "grouped": f"Preview: grouped, seed {PREVIEW_SEED}",
        "random": f"Preview: random, seed {PREVIEW_SEED}",
        **{run.id: f"Run: {run_title(run)}" for run in runs.values()},
    }
    chosen = st.selectbox(
        "Split",
        list(titles),
        format_func=lambda key: titles.get(key, key),
        key="browse_split",
        bind="query-params",
        width=420,
        help="Train is learned from, val steers the training, test judges the result. "
        "Grouped keeps near-copies and the images of one photo on one side; random "
        "does not.",
    )
    try:
        if chosen in runs:
            split = runs[chosen].live.split
        else:
            method: SplitMethod = "random" if chosen == "random" else "grouped"
            split = split_preview(dataset.name, method)
    except CrackError as error:
        show_error(error)
        split = dataset.samples.assign(split="all")
    else:
        _draw_leak(split)
        if is_lopsided(split):
            train, val, test = (f"{threshold(SHARES[p])} {p}" for p in SHARES)
            st.caption(
                f"The parts are far from {train}, {val} and {test}: there are too few "
                "images, or groups of images that belong together, to deal out evenly."
            )
    st.plotly_chart(
        class_balance_figure(split, dataset.class_names, dataset.crack_class),
        theme="streamlit",
        key="browse_balance",
        config={"displayModeBar": False},
        alt=f"Share of each class in train, val and test of {dataset.name}",
    )
    return split


def _draw_leak(split: pd.DataFrame) -> None:
    leaked = leak(split)
    if leaked["count"]:
        st.warning(
            f"{leaked['count']:,} of {leaked['total']:,} validation and test images "
            f"({percent(leaked['share'])}) are near-copies of training images or from "
            "the same photo. Numbers measured on this split are too good.",
            icon=":material/content_copy:",
        )
    else:
        st.caption(
            "No validation or test image is a near-copy of a training image, or from "
            "the same photo."
        )
