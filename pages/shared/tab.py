"""Whether anybody can see the page: one of many tabs, most are hidden."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_KEY = "tab"
_watch = st.components.v2.component(
    "crack_tab", js=Path(__file__).with_name("tab.js").read_text("utf-8")
)


def watch_tab() -> None:
    """Have the browser tell when the tab is hidden and when it is shown again.

    Either reruns the page, so that a tab shown again is up to date at once.
    """
    _watch(key=_KEY, default={"hidden": False}, height=1, on_hidden_change=lambda: None)


def while_seen(every: str) -> str | None:
    """Return how often a fragment reruns by itself: not at all in a hidden tab.

    Args:
        every: How often in a tab that is seen, such as "2s".
    """
    tab = st.session_state.get(_KEY)
    return None if tab and tab["hidden"] else every
