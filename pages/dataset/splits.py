"""Split: how a dataset is split, and whether its test is honest."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.data.split import SHARES, is_lopsided, leak
from crack.reporting.figures import class_balance_figure
from crack.reporting.words import percent, threshold
from pages.dataset.split_choice import choose_split


def draw_split(dataset: Dataset) -> None:
    """Draw the balance of a split, and whether its test is honest."""
    split = choose_split(dataset)
    if split is None:
        return
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
