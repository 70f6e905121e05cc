"""Overview: how the images of a dataset are distributed; a brush chooses some."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.reporting.distribution_figure import (
    MEASURES,
    Measure,
    distribution_figure,
)
from crack.reporting.figures import class_balance_figure
from pages.dataset.gallery import draw_in_both_classes
from pages.dataset.selection import select
from pages.dataset.split_choice import choose_split
from pages.shared.dataset_cache import image_table


def draw_overview(dataset: Dataset) -> None:
    """Draw the distributions of a dataset, and what was left out of it."""
    split = choose_split(dataset)
    table = image_table(dataset, st.session_state["browse_split"], split)
    st.subheader("Classes and parts of the split")
    st.plotly_chart(
        class_balance_figure(table, dataset.class_names, dataset.crack_class),
        theme="streamlit",
        key="overview_balance",
        config={"displayModeBar": False},
        alt=f"Share of each class in train, val and test of {dataset.name}",
    )
    st.subheader("Light, sharpness and size")
    st.caption(
        "Drag over a chart from left to right to see the images in that range. The "
        "filters of Images do the same by keyboard."
    )
    grid = st.grid(2, min_column_width=340)
    for measure in MEASURES:
        with grid.cell():
            _draw_distribution(dataset, table, measure)
    _draw_left_out(dataset)


def _draw_distribution(dataset: Dataset, table: pd.DataFrame, measure: Measure) -> None:
    values = table[measure.column]
    if values.min() == values.max():
        st.markdown(f"**{measure.title}**: {values.iloc[0]:,g} in all images.")
        return
    st.plotly_chart(
        distribution_figure(table, measure, dataset.class_names, dataset.crack_class),
        theme="streamlit",
        key=f"overview_{measure.column}",
        on_select=partial(_brush, dataset, table, measure),
        selection_mode="box",
        config={"displayModeBar": False},
        alt=f"Number of images of each class by {measure.title}",
    )


def _brush(dataset: Dataset, table: pd.DataFrame, measure: Measure) -> None:
    """Choose the images in the range that was brushed."""
    boxes = st.session_state[f"overview_{measure.column}"].selection.box
    if not boxes:
        return
    low, high = sorted(boxes[0]["x"])
    places = measure.on_axis(table[measure.column])
    files = table["file"][(places >= low) & (places <= high)]
    what = measure.title.partition(" (")[0].lower()
    select(dataset, files.tolist(), f"chosen by {what}")


def _draw_left_out(dataset: Dataset) -> None:
    draw_in_both_classes(dataset)
    if len(dataset.unreadable):
        with st.expander(f"Files left out: {len(dataset.unreadable):,}"):
            st.dataframe(
                dataset.unreadable,
                hide_index=True,
                key="browse_unreadable",
                alt="Files left out and the reason of each",
            )
