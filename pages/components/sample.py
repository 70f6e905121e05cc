"""The drawn sample photos: a button that makes them, a choice among the large ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from crack.data.dataset import dataset_names
from crack.synthetic.sample import NOTE, SAMPLE, make_sample
from pages.components.cached import thumbnail
from pages.components.errors import errors_shown, notify
from pages.components.progress import TimedBar


def draw_sample_button(key: str, *, primary: bool = False) -> None:
    """Draw a button that draws the sample photos and leads to them.

    If they are there already, it only leads to them.

    Args:
        key: Of the button.
        primary: Whether it is the first thing to do on the page.
    """
    there = SAMPLE in dataset_names()
    if not st.button(
        "Browse the sample photos" if there else "Draw the sample photos",
        type="primary" if primary else "secondary",
        icon=":material/draw:",
        key=key,
        help="600 small photos and 6 large ones, made up by this program. "
        "It takes about 20 seconds."
        if not there
        else None,
    ):
        return
    bar = TimedBar()
    with errors_shown():
        sample = make_sample(bar.show)
        if not there:
            notify(f"Drew {len(sample.samples):,} sample photos.")
        st.switch_page(
            "pages/dataset/browse.py", query_params={"browse_dataset": SAMPLE}
        )
    bar.close()


def choose_scenes(paths: Sequence[Path]) -> list[Path]:
    """Let the reader choose one of the large drawn photos, or all.

    Args:
        paths: At least one.
    """
    st.caption(f":material/draw: {NOTE}")
    grid = st.grid("auto", min_column_width=110, gap="xsmall")
    for path in paths:
        with errors_shown():
            picture = thumbnail(path)
            grid.image(
                picture,
                caption=_title(path),
                alt=f"{_title(path)}, drawn",
                width="stretch",
            )
    chosen = st.segmented_control(
        "Which one?",
        [*paths, None],
        default=paths[0],
        required=True,
        format_func=lambda path: _title(path) if path else "All of them",
        key="predict_scene",
    )
    return [chosen] if chosen else list(paths)


def _title(path: Path) -> str:
    return path.stem.replace("-", " ").capitalize()
