"""Navigation within the page of the inspections, kept in the address.

Links do not work for this: in Streamlit 1.67 a link to the current page opens it
correctly, but does not change the address, so that a reload leads elsewhere.
"""

from __future__ import annotations

import streamlit as st

_VIEWS = ("Photos", "Adapt the model", "Element history", "Report", "Details")


def go_to(inspection: str | None = None, photo: str | None = None) -> None:
    """Let the next run open something, and put it into the address.

    Args:
        inspection: Its id, or "new" for the form; None for the list.
        photo: Id of a photo of it; None for all of them.
    """
    for name, wanted in (("inspection", inspection), ("photo", photo)):
        if wanted is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted:
            st.query_params[name] = wanted
    if inspection is None:
        st.query_params.pop("view", None)


def step_button(
    label: str,
    inspection: str | None = None,
    photo: str | None = None,
    *,
    key: str,
    icon: str | None = None,
) -> None:
    """Draw a button that looks like a link and opens what `go_to` is told.

    Args:
        label: Markdown.
        inspection: As for `go_to`.
        photo: As for `go_to`.
        key: Of the button.
        icon: Before the label.
    """
    st.button(
        label,
        type="tertiary",
        icon=icon,
        key=key,
        on_click=go_to,
        args=(inspection, photo),
    )


def choose_view(inspection: str) -> str:
    """Let the reader choose a view of an inspection, and put it into the address.

    It is not read from the address: from the list, an inspection opens with its photos.
    """
    key = f"inspection_view_{inspection}"
    asked_for = st.query_params.get("view")
    return st.segmented_control(
        "View",
        _VIEWS,
        default=asked_for if asked_for in _VIEWS else _VIEWS[0],
        required=True,
        key=key,
        on_change=_remember_view,
        args=(key,),
        label_visibility="collapsed",
    )


def _remember_view(key: str) -> None:
    st.query_params["view"] = st.session_state[key]
