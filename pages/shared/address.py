"""What the address of a page names, where that is no longer there."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from pages.shared.formatting import plain


def tell_if_gone(what: str, key: str, known: Collection[str]) -> None:
    """Say that a link names something that is not there; the widget drops it silently.

    To be called before the widget that takes its choice from the address. Once that has
    a choice, the address follows it, also when what was chosen is renamed or deleted.

    Args:
        what: What is named, such as "model".
        key: Of the widget, and in the address.
        known: What the address may name.
    """
    wanted = st.query_params.get(key)
    if wanted and wanted not in known and key not in st.session_state:
        st.warning(
            f"The {what} {plain(wanted)} of this link cannot be opened (renamed, "
            "deleted or damaged); this is another one.",
            icon=":material/link_off:",
        )
