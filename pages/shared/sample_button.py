"""The button that draws the sample photos."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.synthetic.sample import SAMPLE, draw_sample, make_sample
from pages.shared.feedback import TimedBar, errors_shown, notify
from pages.shared.permission import Permission, allowed

_ABOUT = (
    "600 small photos and 6 large ones, made up by this program. It takes about 20 "
    "seconds."
)


def draw_sample_button(key: str, *, primary: bool = False) -> None:
    """Draw a button that draws the sample photos and opens them.

    If they exist already, it only opens them.

    Args:
        key: Of the button.
        primary: Whether it is the main button of the page.
    """
    there = SAMPLE in dataset_names()
    permission: Permission = {"disabled": False, "help": None}
    if not there:
        permission = allowed(draw_sample, help=_ABOUT)
    if not st.button(
        "Browse the sample photos" if there else "Draw the sample photos",
        type="primary" if primary else "secondary",
        icon=":material/draw:",
        key=key,
        **permission,
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
