"""One image of a dataset as a whole: its facts, its copies, and what is like it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.data.images import decode_image, shrink_image
from crack.exploration.alike import images_alike
from crack.exploration.dataset_map import seconds_to_map
from crack.reporting.figures import class_title
from crack.reporting.words import count, percent
from crack.runs.registry import Model, default_model
from pages.dataset.gallery import draw_cards
from pages.dataset.network_work import offer_work
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain

_OPENED = "browse_image"  # in the address of the page
_SIDE = 1400  # px
_MOST_COPIES = 12
_NEAREST = 6
_CARD = 110  # px of the screen


def open_image(file: str) -> None:
    """Show an image as a whole; for a callback.

    Args:
        file: As in `Dataset.samples`.
    """
    st.query_params[_OPENED] = file


def draw_opened(dataset: Dataset, table: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Draw the opened image in a dialog, if there is one.

    Args:
        dataset: With the images.
        table: A row per image, as of `crack.exploration.table`.
        rows: Those among which the reader goes on, in their order.
    """
    file = st.query_params.get(_OPENED)
    if file is None:
        return
    if not (table["file"] == file).any():
        _close()
        st.warning(
            f"The image {plain(file)} of this link is not in the dataset (renamed, "
            "deleted or left out by an edit).",
            icon=":material/link_off:",
        )
        return

    def draw() -> None:
        _draw(dataset, table, rows["file"].tolist())

    st.dialog("Image", width="large", on_dismiss=_close)(draw)()


def _close() -> None:
    st.query_params.pop(_OPENED, None)


def _draw(dataset: Dataset, table: pd.DataFrame, files: list[str]) -> None:
    # What is opened changes while the dialog is open.
    file = st.query_params.get(_OPENED, "")
    row = table[table["file"] == file].iloc[0]
    _draw_way(files, file)
    picture, told = st.columns(2, gap="medium")
    with picture, errors_shown():
        st.image(
            shrink_image(decode_image(dataset.path(file)), _SIDE),
            alt=f"{file}, labelled {row['class']}",
            width="stretch",
        )
    with told:
        st.markdown(_facts(dataset, row))
        _draw_copies(dataset, table, row)
        with errors_shown():
            _draw_alike(dataset, table, file, default_model())


def _draw_way(files: list[str], file: str) -> None:
    """Draw the way to the previous and to the next image."""
    place = files.index(file) if file in files else None
    before = files[place - 1] if place else file
    after = files[place + 1] if place is not None and place + 1 < len(files) else file
    with st.container(horizontal=True, vertical_alignment="center"):
        for words, other, icon, key in (
            ("Previous", before, ":material/arrow_back:", "Left"),
            ("Next", after, ":material/arrow_forward:", "Right"),
        ):
            st.button(
                words,
                icon=icon,
                shortcut=key,
                key=f"browse_{words.lower()}",
                on_click=partial(open_image, other),
                disabled=other == file,
            )
        if place is not None:
            st.caption(f"{place + 1:,} of {len(files):,}", width="content")


def _facts(dataset: Dataset, row: pd.Series) -> str:
    """Return what is known of an image, as Markdown."""
    class_name = plain(class_title(row["class"], dataset.crack_class))
    lines = [
        f"**{plain(row['file'])}**",
        f"{class_name}, {row['split']}",
        f"{row['width']:,} × {row['height']:,} px, {row['bytes'] / 1e3:,.1f} kB",
        f"Brightness {percent(row['brightness'])}, "
        f"contrast {percent(row['contrast'])}, sharpness {row['sharpness']:,.1f}",
    ]
    if row.get("photo"):
        lines.append(f"Cut from {plain(row['photo'])}")
    if row.get("answer"):
        right = "right" if row["right"] else "wrong"
        lines.append(
            f"The model says **{row['answer']}**; probability of a crack "
            f"{percent(row['probability'])}, {right} at 50 %"
        )
    return "  \n".join(lines)


def _draw_copies(dataset: Dataset, table: pd.DataFrame, row: pd.Series) -> None:
    same = table[(table["group"] == row["group"]) & (table["file"] != row["file"])]
    if same.empty:
        st.caption("No other image of the dataset is a copy or near-copy of it.")
        return
    st.markdown(f"**{count(len(same), 'other image')} of the same picture**")
    shown = same.head(_MOST_COPIES)
    exact = (shown["sha256"] == row["sha256"]).to_numpy()
    told = ["exact copy" if each else "near-copy" for each in exact]
    draw_cards(dataset, shown, told, _CARD, "browse_copy", open_image)


def _draw_alike(dataset: Dataset, table: pd.DataFrame, file: str, model: Model) -> None:
    alike = images_alike(model.folder, dataset, file, _NEAREST)
    if alike is None:
        seconds = seconds_to_map(dataset, fine=False)
        st.caption(f"The model {plain(model.name)} has not looked at this image yet.")
        offer_work(model, dataset, "coarse map", "Look at all images", seconds)
        return
    st.markdown("**Most like it to the model**")
    rows = table.set_index("file", drop=False).loc[[name for name, _ in alike.nearest]]
    told = [f"{percent(likeness)} alike" for _, likeness in alike.nearest]
    draw_cards(dataset, rows, told, _CARD, "browse_alike", open_image)
    st.caption(
        f"Among {count(alike.compared, 'image')}, without its near-copies. Alike: the "
        f"cosine of what the model {plain(model.name)} sees in both."
    )
