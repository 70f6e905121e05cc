"""Images side by side with their facts, and those that are labelled twice."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from pages.shared.formatting import plain
from pages.shared.small_picture import draw_small


def draw_gallery(dataset: Dataset, rows: pd.DataFrame, size: int) -> None:
    """Draw one card per row.

    Args:
        dataset: With the images.
        rows: Columns file, class and split.
        size: Least width of a picture, in px of the screen.
    """
    grid = st.grid("auto", min_column_width=size, gap="small")
    for file, class_name, split in zip(
        rows["file"], rows["class"], rows["split"], strict=True
    ):
        caption = f"{plain(file.rpartition('/')[2])}  \n{plain(class_name)}, {split}"
        alt = f"Photo {file}, labelled {class_name}"
        draw_small(grid, dataset.path(file), caption, alt)


def draw_in_both_classes(dataset: Dataset) -> None:
    """Name the pictures that are in both classes, if there are any."""
    pictures = dataset.in_both_classes
    if not pictures:
        return
    what = "1 picture is" if len(pictures) == 1 else f"{len(pictures):,} pictures are"
    with st.expander(
        f"{what} in both classes, likely by mistake", icon=":material/rule:"
    ):
        st.dataframe(
            {"copies of one picture": [", ".join(files) for files in pictures]},
            hide_index=True,
            key="browse_both",
            alt="Files of each picture that is in both classes",
        )
