"""The actions on one model: make it the default, rename, delete."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.adaptation.dependents import delete_with_evaluations, dependents_of
from crack.errors import CrackError
from crack.runs.registry import Model, default_name, rename_model, set_default
from pages.shared.feedback import confirm, errors_shown, notify
from pages.shared.formatting import plain
from pages.shared.permission import allowed


def draw_actions(model: Model) -> None:
    """Draw a row of the actions that the model allows."""
    st.page_link(
        "pages/inspection/predict.py",
        label="Ask it about photos",
        icon=":material/image_search:",
        query_params={"predict_model": model.name},
    )
    is_default = model.name == default_name()
    if st.button(
        "Make it the default",
        icon=":material/star:",
        key="models_default",
        **allowed(
            set_default,
            disabled=is_default,
            help="It is the default."
            if is_default
            else "Chosen first on every page, and by commands that name no model.",
        ),
    ):
        with errors_shown():
            set_default(model.name)
            notify(f"{model.name} is the default.")
            st.rerun()
    if not model.shipped:
        _rename(model)
        _delete(model)
    st.page_link(
        "pages/training/runs.py",
        label="Promote another run",
        icon=":material/upgrade:",
    )


def _rename(model: Model) -> None:
    with st.popover("Rename", icon=":material/edit:", key="models_rename"):
        key = f"models_name_{model.name}"
        st.text_input("New name", model.name, key=key)
        st.caption("Inspections that it answered find it under its new name too.")
        st.button(
            "Rename the model",
            type="primary",
            key="models_rename_yes",
            # Never disabled: a name not left yet would need a second click.
            **allowed(rename_model),
            # Before the choice of the model is drawn, which has to follow.
            on_click=_give_name,
            args=(model, key),
        )


def _give_name(model: Model, key: str) -> None:
    name = st.session_state[key]
    if name == model.name:
        return
    try:
        rename_model(model.name, name)
    except CrackError as error:
        notify(error)
    else:
        st.session_state["model"] = name
        notify(f"{model.name} is called {name} now.")


def _delete(model: Model) -> None:
    if st.button(
        "Delete",
        icon=":material/delete:",
        key="models_delete",
        **allowed(delete_with_evaluations),
    ):
        with errors_shown():
            told = dependents_of(model).sentences
            confirm(
                "Delete this model?",
                "\n\n".join(
                    [f"**{plain(model.name)}** is deleted.", *map(plain, told)]
                ),
                "Delete model",
                partial(delete_with_evaluations, model),
                f"Deleted {model.name}.",
            )
