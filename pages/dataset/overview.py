"""Overview: how the images of a dataset are distributed."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import Dataset
from pages.dataset.gallery import draw_in_both_classes


def draw_overview(dataset: Dataset) -> None:
    """Draw the distributions of a dataset, and what was left out of it."""
    draw_in_both_classes(dataset)
    if len(dataset.unreadable):
        with st.expander(f"Files left out: {len(dataset.unreadable):,}"):
            st.dataframe(
                dataset.unreadable,
                hide_index=True,
                key="browse_unreadable",
                alt="Files left out and the reason of each",
            )
