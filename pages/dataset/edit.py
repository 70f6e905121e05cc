"""Edits of the images of a dataset: a button for each, and the list of all."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from crack.data.dataset import Dataset, edit_dataset, undo_edits
from crack.data.edits import Action, Edit
from crack.errors import CrackError
from crack.reporting.words import count, moment
from pages.shared.feedback import confirm, notify
from pages.shared.formatting import plain
from pages.shared.permission import allowed

_NEWEST = 50  # in the list

DONE = {"relabel": "relabelled", "leave out": "left out", "keep": "kept as it is"}
"""What was done to an image, in words."""


def edit(
    dataset: Dataset, files: tuple[str, ...], action: Action, problem: str = ""
) -> None:
    """Do the same to some images, and say what is wrong if it fails; for a callback.

    Args:
        dataset: With the images.
        files: As in `Dataset.samples`.
        action: What is done to each.
        problem: What they are kept in spite of.
    """
    try:
        for file in files:
            edit_dataset(dataset.name, file, action, problem)
    except CrackError as error:
        notify(error)


def draw_edits(dataset: Dataset) -> None:
    """Draw what was done to images of a dataset, with a way back."""
    edits = dataset.edits
    changed, kept = len(dataset.changes), len(dataset.kept)
    with st.expander(f"Edits: {len(edits):,}", icon=":material/edit:"):
        st.caption(
            f"No file was changed. {count(changed, 'image')} left out or relabelled "
            f"and {kept:,} kept after a look; all of it can be undone. This version "
            f"of the dataset has the fingerprint `{dataset.fingerprint}`: each run, "
            "model and evaluation names the one it was made with."
        )
        if not edits:
            return
        st.button(
            "Undo all",
            icon=":material/undo:",
            key="edits_undo_all",
            on_click=lambda: st.session_state.update(edits_ask=True),
            **allowed(undo_edits),
        )
        for place, each in enumerate(reversed(edits[-_NEWEST:])):
            _draw_edit(dataset, each, place)
        if len(edits) > _NEWEST:
            st.caption(f"The newest {_NEWEST} of {len(edits):,}.")
    if st.session_state.pop("edits_ask", False):
        confirm(
            f"Undo all edits of {plain(dataset.name)}?",
            f"{count(len(edits), 'edit')} will be undone: every image has the label "
            "of its folder again, and none is left out.",
            "Undo all",
            partial(undo_edits, dataset.name),
            "All edits are undone.",
        )


def _draw_edit(dataset: Dataset, each: Edit, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo",
            key=f"edits_undo_{place}",
            on_click=partial(edit, dataset, (each["file"],), "undo"),
            **allowed(edit_dataset),
        )
        by = f" by {plain(each['by'])}" if each.get("by") else ""
        when = moment(datetime.fromisoformat(each["given"]))
        st.markdown(
            f"{plain(each['file'])}: {DONE.get(each['action'], each['action'])}, "
            f"{when}{by}",
            width="content",
        )
