"""What an engineer enters of an inspection: the form for a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from crack.inspections.records import Inspection
from crack.inspections.store import (
    MAX_NAME,
    create_inspection,
    list_inspections,
    name_key,
)
from crack.runs.registry import list_models
from pages.inspection.answer_photos import PHOTO_TYPES
from pages.inspection.inspection_photos import start_adding
from pages.inspection.inspection_steps import go_to
from pages.inspection.inspection_uploads import Upload
from pages.inspection.inspection_words import spellings
from pages.shared.feedback import errors_shown


def draw_new() -> None:
    """Draw the form for a new inspection, and begin it when asked to."""
    models = {model.name: model for model in list_models()}
    if not models:
        st.info("An inspection needs a model that answers; there is none yet.")
        st.page_link(
            "pages/training/train.py",
            label="Train a model",
            icon=":material/model_training:",
        )
        return
    structure, element, inspected_on, note = enter_facts("new")
    model = models[
        st.selectbox(
            "Model that answers",
            list(models),
            key="inspection_new_model",
            width=420,
        )
    ]
    uploads = choose_uploads("inspection_new_files")
    ready = bool(structure and element and uploads)
    if not ready:
        st.caption("It takes a structure, an element and at least one photo.")
    if st.button(
        "Begin the inspection",
        type="primary",
        icon=":material/play_arrow:",
        key="inspection_new_begin",
        disabled=not ready,
    ):
        with errors_shown():
            made = create_inspection(structure, element, inspected_on, model, note)
            go_to(made.id)
            start_adding(made.id, uploads)
            st.rerun()


def enter_facts(
    key: str, inspection: Inspection | None = None
) -> tuple[str, str, date, str]:
    """Let the engineer enter structure, element, date and note.

    Args:
        key: Part of the keys of the widgets.
        inspection: Where the facts are now; None for a new one.
    """
    known = [entry.inspection for entry in list_inspections()]
    structure = _name("Structure", key, [i.structure for i in known], inspection)
    same = [i.element for i in known if name_key(i.structure) == name_key(structure)]
    element = _name("Element", key, same, inspection)
    inspected_on = st.date_input(
        "Photos taken on",
        inspection.inspected_on if inspection else "today",
        key=f"inspection_{key}_date",
        width=420,
    )
    note = st.text_area(
        "Note",
        inspection.note if inspection else "",
        key=f"inspection_{key}_note",
        placeholder="Weather, access, what else was seen",
        width=420,
    )
    return structure, element, inspected_on or date.today(), note or ""


def _name(
    what: str, key: str, known: Sequence[str], inspection: Inspection | None
) -> str:
    """Let the engineer type a name; known ones are offered, so they are spelt alike.

    Args:
        what: "Structure" or "Element".
        key: Part of the key of the widget.
        known: Names given before, the newest first.
        inspection: Where the name is now; None for a new one.
    """
    attribute = what.lower()
    now = getattr(inspection, attribute) if inspection else None
    # What stands there is offered as it is spelt, or saving would change it.
    names = list(spellings([now, *known] if now else known).values())
    example = {"Structure": "Bridge 7", "Element": "Pier 2, north face"}[what]
    typed = st.selectbox(
        what,
        names,
        index=names.index(now) if now else None,
        accept_new_options=True,
        placeholder=f"Type a name, such as {example}",
        key=f"inspection_{key}_{attribute}",
        help="The same names again make a history of the element.",
        width=420,
    )
    return (typed or "").strip()[:MAX_NAME]


def choose_uploads(key: str) -> Sequence[Upload]:
    """Let the engineer choose photos and ZIPs of photos."""
    return st.file_uploader(
        "Photos, or ZIPs of photos",
        type=[*PHOTO_TYPES, ".zip"],
        accept_multiple_files=True,
        key=key,
        help="They stay on the computer this program runs on.",
    )
