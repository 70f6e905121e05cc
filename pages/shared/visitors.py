"""What visitors from other computers may do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from crack import settings

_THIS_COMPUTER = {"localhost", "127.0.0.1", "::1"}


def readable_roots() -> tuple[Path, ...] | None:
    """Return the folders of this computer that a visitor may name.

    Returns:
        None if any: the dashboard answers this computer alone, and no folder was set.
    """
    roots = settings.data_roots()
    if roots is None and st.get_option("server.address") not in _THIS_COMPUTER:
        return ()
    return roots
