"""A choice among the large photos of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from crack.synthetic.sample import NOTE
from pages.shared.cache import thumbnail
from pages.shared.feedback import errors_shown


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
