"""Which split of a dataset is looked at: that of a run, or a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.data.split import SplitMethod
from crack.errors import CrackError
from pages.dataset.selection import to_first_page
from pages.shared.address import tell_if_gone
from pages.shared.cache import PREVIEW_SEED, split_preview
from pages.shared.feedback import show_error
from pages.shared.formatting import run_title
from pages.shared.run_list import current_runs

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def choose_split(
    dataset: Dataset, told: DeltaGenerator | None = None
) -> pd.DataFrame | None:
    """Let the reader choose a split; every view remembers the choice.

    Args:
        dataset: To be split.
        told: Where it is said that the split of a link is gone; here by default.

    Returns:
        Columns file, class, group and split; None if none can be made, which is said.
    """
    here = [run for run in current_runs() if run.config.dataset == dataset.name]
    runs = {run.id: run for run in here}
    titles = {
        "grouped": f"Preview: grouped, seed {PREVIEW_SEED}",
        "random": f"Preview: random, seed {PREVIEW_SEED}",
        **{run.id: f"Run: {run_title(run)}" for run in runs.values()},
    }
    with told or st.container():
        tell_if_gone("split", "browse_split", titles.values())
    chosen = st.selectbox(
        "Split",
        list(titles),
        format_func=lambda key: titles.get(key, key),
        on_change=to_first_page,
        key="browse_split",
        bind="query-params",
        persist_state="page",
        width=320,
        help="Train is learned from, val steers the training, test judges the result. "
        "Grouped keeps near-copies and the images of one photo on one side; random "
        "does not.",
    )
    try:
        if chosen in runs:
            return runs[chosen].live.split
        method: SplitMethod = "random" if chosen == "random" else "grouped"
        return split_preview(dataset.name, method)
    except CrackError as error:
        show_error(error)
        return None
