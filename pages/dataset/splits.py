"""Split: how a dataset is split, and whether its test is honest."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.data.split import (
    SHARES,
    SplitMethod,
    is_lopsided,
    leak,
    split_fingerprint,
)
from crack.errors import CrackError
from crack.exploration.honesty import honesty
from crack.reporting.figures import class_balance_figure
from crack.reporting.words import percent, threshold
from pages.dataset.split_choice import choose_split
from pages.shared.cache import split_preview
from pages.shared.formatting import plain
from pages.shared.small_picture import draw_small

_METHODS: tuple[SplitMethod, ...] = ("random", "grouped")
_PAIRS = 4


def draw_split(dataset: Dataset) -> None:
    """Draw whether a test is honest, and the balance of a split."""
    st.subheader("Is the test honest?")
    for method in _METHODS:
        _draw_honesty(dataset, method)
    st.subheader("Parts of a split")
    split = choose_split(dataset)
    if split is None:
        return
    _draw_leak(split)
    if is_lopsided(split):
        train, val, test = (f"{threshold(SHARES[p])} {p}" for p in SHARES)
        st.caption(
            f"The parts are far from {train}, {val} and {test}: there are too few "
            "images, or groups of images that belong together, to deal out evenly."
        )
    st.plotly_chart(
        class_balance_figure(split, dataset.class_names, dataset.crack_class),
        theme="streamlit",
        key="browse_balance",
        config={"displayModeBar": False},
        alt=f"Share of each class in train, val and test of {dataset.name}",
    )
    st.caption(
        f"Fingerprint of the dataset `{dataset.fingerprint}`, of this split "
        f"`{split_fingerprint(split)}`. A run and the card of its model name both; an "
        "evaluation, on the page and in its report, names the dataset it was made on "
        "and the split of its model. Equal fingerprints mean the same images with the "
        "same labels, and the same ones held out."
    )


def _draw_honesty(dataset: Dataset, method: SplitMethod) -> None:
    """Draw in a sentence what a test shares with its training, and some of it."""
    try:
        found = honesty(dataset, split_preview(dataset.name, method))
    except CrackError as error:
        st.markdown(f"**{method.capitalize()}**: {plain(error.message)}")
        return
    photos = (
        f"; {found.same_photo:,} more are from a photo that training images are from"
        if found.same_photo
        else ""
    )
    st.markdown(
        f"**{method.capitalize()}**: {percent(found.copied / max(found.test, 1))} of "
        f"the test images ({found.copied:,} of {found.test:,}) have a copy or "
        f"near-copy in train{photos}."
    )
    if not found.pairs:
        return
    grid = st.grid(_PAIRS, min_column_width=180, gap="small")
    for train, test in found.pairs[:_PAIRS]:
        pair = grid.cell().container(border=True).grid(2, min_column_width=80)
        for part, file in (("train", train), ("test", test)):
            caption = f"{part}: {plain(file.rpartition('/')[2])}"
            draw_small(pair, dataset.path(file), caption, f"In {part}: photo {file}")


def _draw_leak(split: pd.DataFrame) -> None:
    leaked = leak(split)
    if leaked["count"]:
        st.warning(
            f"{leaked['count']:,} of {leaked['total']:,} validation and test images "
            f"({percent(leaked['share'])}) are near-copies of training images or from "
            "the same photo. Numbers measured on this split are too good.",
            icon=":material/content_copy:",
        )
    else:
        st.caption(
            "No validation or test image is a near-copy of a training image, or from "
            "the same photo."
        )
