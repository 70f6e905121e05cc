"""Images side by side, with what is known of each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.errors import CrackError
from pages.components.cached import thumbnail
from pages.components.words import plain


def draw_gallery(dataset: Dataset, rows: pd.DataFrame) -> None:
    """Draw one card per row: columns file, class, split."""
    grid = st.grid("auto", min_column_width=150, gap="small")
    for file, class_name, split in zip(
        rows["file"], rows["class"], rows["split"], strict=True
    ):
        caption = f"{plain(file.rpartition('/')[2])}  \n{plain(class_name)}, {split}"
        try:
            picture = thumbnail(dataset.path(file))
        except CrackError as error:
            grid.error(f"{caption}  \n{plain(error.message)}")
        else:
            grid.image(
                picture,
                caption=caption,
                alt=f"Photo {file}, labelled {class_name}",
                width="stretch",
            )
