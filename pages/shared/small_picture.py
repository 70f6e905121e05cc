"""A picture of a dataset in a grid of many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crack.errors import CrackError
from pages.shared.cache import thumbnail
from pages.shared.formatting import plain

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def draw_small(grid: DeltaGenerator, path: Path, caption: str, alt: str) -> None:
    """Draw a small picture, or why it can no longer be read.

    Args:
        grid: Where it goes.
        path: Of the image.
        caption: Below it, as Markdown.
        alt: For those who do not see it.
    """
    try:
        picture = thumbnail(path)
    except CrackError as error:
        grid.error(f"{caption}  \n{plain(error.message)}")
    else:
        grid.image(picture, caption=caption, alt=alt, width="stretch")
