"""Images side by side with their facts, and those that are labelled twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isnan

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.reporting.words import percent
from pages.shared.formatting import plain
from pages.shared.small_picture import draw_small


def draw_gallery(
    dataset: Dataset, rows: pd.DataFrame, size: int, open_image: Callable[[str], None]
) -> None:
    """Draw a card per image: its class, its part of the split, what a model says.

    Args:
        dataset: With the images.
        rows: Columns file, class and split, and probability if a model was asked.
        size: Least width of a picture, in px of the screen.
        open_image: Called with the file of the one that the reader opens.
    """
    told = rows["split"].tolist()
    if "probability" in rows:
        told = [
            part if isnan(crack) else f"{part}, {percent(crack)} crack"
            for part, crack in zip(told, rows["probability"], strict=True)
        ]
    draw_cards(dataset, rows, told, size, "browse_open", open_image)


def draw_cards(
    dataset: Dataset,
    rows: pd.DataFrame,
    told: Sequence[str],
    size: int,
    key: str,
    open_image: Callable[[str], None],
) -> None:
    """Draw a card per image: the picture, its class, and its name, which opens it.

    Args:
        dataset: With the images.
        rows: Columns file and class.
        told: What else to say of each.
        size: Least width of a picture, in px of the screen.
        key: Begins the keys of the buttons.
        open_image: Called with the file of the one that the reader opens.
    """
    grid = st.grid("auto", min_column_width=size, gap="small")
    for file, class_name, more in zip(rows["file"], rows["class"], told, strict=True):
        card = grid.cell().container(gap=None)
        caption = f"{plain(class_name)}, {more}"
        alt = f"Photo {file}, labelled {class_name}"
        draw_small(card, dataset.path(file), caption, alt)
        card.button(
            plain(file.rpartition("/")[2]),
            type="tertiary",
            key=f"{key}_{file}",
            on_click=partial(open_image, file),
            width="stretch",
        )


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
