"""Columns of tables that several pages show alike."""

from __future__ import annotations

import streamlit as st

PERCENT = st.column_config.NumberColumn(format="%.2f %%")
"""Shows what `times_100` returns, with as many decimals in every row."""


def times_100(share: float | None) -> float | None:
    """Return a share in percent, None for what is not known."""
    return None if share is None else 100 * share
