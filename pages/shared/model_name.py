"""The name of a new model, as it is asked for wherever one is made."""

from __future__ import annotations

import streamlit as st


def ask_model_name(
    suggestion: str, *, key: str, label: str = "Name of the model", width: int = 320
) -> str:
    """Draw the field for the name of a new model; return what is in it.

    It has no `max_chars`: a browser drops a longer name without a word, and the name
    before would be used.
    """
    return st.text_input(label, suggestion, key=key, width=width)
