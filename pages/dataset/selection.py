"""Images chosen in one view of a dataset, to be looked at in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from crack.data.dataset import Dataset

VIEW = "browse_view"
"""Key of the control that says which view is shown."""

IMAGES = "Images"
"""The view that shows the chosen images."""

_CHOSEN = "browse_chosen"


@dataclass(frozen=True)
class Selection:
    """Some images of a dataset.

    Attributes:
        dataset: Its name.
        files: As in `Dataset.samples`.
        words: How they were chosen, such as "chosen on the map".
    """

    dataset: str
    files: frozenset[str]
    words: str


def select(dataset: Dataset, files: Sequence[str], words: str) -> None:
    """Choose images and go to the view that shows them, on its first page.

    It is to be called in a callback, before the page is drawn again.

    Args:
        dataset: They are from.
        files: As in `Dataset.samples`.
        words: How they were chosen, such as "chosen on the map".
    """
    st.session_state[_CHOSEN] = Selection(dataset.name, frozenset(files), words)
    st.session_state[VIEW] = IMAGES
    to_first_page()


def selected(dataset: Dataset) -> Selection | None:
    """Return the images chosen of a dataset, None if all are shown."""
    chosen: Selection | None = st.session_state.get(_CHOSEN)
    return chosen if chosen and chosen.dataset == dataset.name else None


def show_all() -> None:
    """Forget which images were chosen; for a callback."""
    st.session_state.pop(_CHOSEN, None)
    to_first_page()


def to_first_page() -> None:
    """Let the gallery begin with its first page; for a callback."""
    st.session_state["browse_page"] = 1
