"""The forms of an inspection: to begin one, to keep answers, to change the facts.

Known names of structures and elements are offered, since two spellings of one name
would split the history of an element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from crack.adaptation import jobs as adaptations
from crack.inspections.names import MAX_NAME, name_key
from crack.inspections.records import Inspection
from crack.inspections.store import (
    change_inspection,
    create_inspection,
    delete_inspection,
    list_inspections,
)
from crack.reporting.words import count, threshold, version_words
from crack.runs.registry import Model, list_models
from pages.inspection.answer_table import Answer
from pages.inspection.inspection_steps import go_to
from pages.inspection.intake import choose_photos, choose_way, put_away
from pages.inspection.keeping import start_keeping
from pages.shared.feedback import confirm, errors_shown, notify
from pages.shared.formatting import plain
from pages.shared.permission import allowed

_NEW = "inspection_new"


@dataclass(frozen=True)
class _Facts:
    """What was entered; a missing name is ""."""

    structure: str
    element: str
    inspected_on: date
    note: str


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
    facts = _enter_facts(_NEW)
    model = models[
        st.selectbox(
            "Model that answers",
            list(models),
            key="inspection_new_model",
            width=420,
        )
    ]
    photos = choose_photos(_NEW, choose_way(_NEW))
    ready = bool(facts.structure and facts.element and photos)
    if not ready:
        st.caption("It takes a structure, an element and at least one photo.")
    if st.button(
        "Begin the inspection",
        type="primary",
        icon=":material/play_arrow:",
        key="inspection_new_begin",
        **allowed(create_inspection, disabled=not ready),
    ):
        with errors_shown():
            made = _create(facts, model)
            start_keeping(made.id, photos)
            put_away(_NEW)
            go_to(made.id)
            st.rerun()


def draw_keep(model: Model, answers: Sequence[Answer], *, complete: bool) -> None:
    """Draw a form that keeps answers as an inspection.

    Args:
        model: The model that gave the answers.
        answers: At least one.
        complete: Whether all photos have an answer; if not, the button is not
            highlighted.
    """
    with st.popover(
        "Keep as an inspection",
        type="primary" if complete else "secondary",
        icon=":material/assignment_add:",
        key="predict_keep",
        **allowed(create_inspection),
    ):
        _draw_keep_form(model, tuple(answers))


@st.fragment  # so that typing a name does not redraw the whole page
def _draw_keep_form(model: Model, answers: Sequence[Answer]) -> None:
    with errors_shown():
        facts = _enter_facts("inspection_keep")
        st.caption("The photos are copied on the computer this program runs on.")
    photos = "photo" if len(answers) == 1 else count(len(answers), "photo")
    # Above the button: what is below it can lie beyond the edge of the screen.
    problem = st.empty()
    if st.button(f"Keep the {photos}", key="predict_keep_now", type="primary"):
        with problem.container(), errors_shown():
            made = _create(facts, model)
            given = {answer.photo.id: answer for answer in answers}
            start_keeping(made.id, [answer.photo for answer in answers], given)
            st.rerun()


def draw_facts(inspection: Inspection, photos: int) -> None:
    """Draw the facts to change, the model, and the button to delete the inspection.

    Args:
        inspection: The inspection.
        photos: Number of its photos.
    """
    facts = _enter_facts(f"inspection_{inspection.id}", inspection)
    if st.button(
        "Save changes",
        type="primary",
        icon=":material/save:",
        key="inspection_change",
        **allowed(change_inspection, disabled=not facts.structure or not facts.element),
    ):
        with errors_shown():
            change_inspection(
                inspection.id,
                structure=facts.structure,
                element=facts.element,
                inspected_on=facts.inspected_on,
                note=facts.note,
            )
            notify("Saved the changes.")
            st.rerun()
    thresholds = inspection.model.thresholds
    st.caption(
        f"Answers by model {plain(inspection.model.name)}, "
        f"{plain(version_words(inspection.model.created))}: crack from "
        f"{threshold(thresholds.crack)} on, no crack below "
        f"{threshold(thresholds.no_crack)}."
    )
    st.subheader("Delete")
    if st.button(
        "Delete this inspection",
        icon=":material/delete:",
        key="inspection_delete",
        **allowed(delete_inspection),
    ):
        confirm(
            "Delete this inspection?",
            f"{count(photos, 'photo')} and all verdicts are deleted for good, and so "
            "are the datasets that models were adapted on. The models stay.",
            "Delete inspection",
            lambda: _delete(inspection.id),
            f"Deleted the inspection of {inspection.structure}, {inspection.element}.",
        )


def _delete(inspection_id: str) -> None:
    adaptations.delete_all(inspection_id)
    delete_inspection(inspection_id)
    go_to()


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return each name once, by its key (`name_key`), in the order of the keys.

    Args:
        names: The newest first; the newest of several spellings is returned.
    """
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return dict(sorted(found.items()))


def _create(facts: _Facts, model: Model) -> Inspection:
    return create_inspection(
        facts.structure, facts.element, facts.inspected_on, model, facts.note
    )


def _enter_facts(key: str, inspection: Inspection | None = None) -> _Facts:
    """Let the engineer enter structure, element, date and note.

    Args:
        key: Begins the keys of the widgets.
        inspection: With the present facts; None for a new one.
    """
    known = [entry.inspection for entry in list_inspections()]
    structure = _name("Structure", key, [i.structure for i in known], inspection)
    same = [i.element for i in known if name_key(i.structure) == name_key(structure)]
    element = _name("Element", key, same, inspection)
    inspected_on = st.date_input(
        "Photos taken on",
        inspection.inspected_on if inspection else "today",
        key=f"{key}_date",
        width=420,
    )
    note = st.text_area(
        "Note",
        inspection.note if inspection else "",
        key=f"{key}_note",
        placeholder="Weather, access, what else was seen",
        width=420,
    )
    return _Facts(structure, element, inspected_on or date.today(), note or "")


def _name(
    what: str, key: str, known: Sequence[str], inspection: Inspection | None
) -> str:
    """Let the engineer type a name; known ones are offered, for a uniform spelling.

    Args:
        what: "Structure" or "Element".
        key: Begins the key of the widget.
        known: Names given before, the newest first.
        inspection: With the present name; None for a new one.
    """
    attribute = what.lower()
    now = getattr(inspection, attribute) if inspection else None
    # The present spelling is offered too, or saving would change it.
    names = list(spellings([now, *known] if now else known).values())
    example = {"Structure": "Bridge 7", "Element": "Pier 2, north face"}[what]
    typed = st.selectbox(
        what,
        names,
        index=names.index(now) if now else None,
        accept_new_options=True,
        # Streamlit 1.67 drops what was typed if the field is left without Enter.
        placeholder="Type a name, then press Enter",
        key=f"{key}_{attribute}",
        help=f"Such as {example}. Names used before are offered: use the same ones "
        "again for a history of the element.",
        width=420,
    )
    return (typed or "").strip()[:MAX_NAME]
