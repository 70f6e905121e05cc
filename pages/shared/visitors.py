"""Who uses the dashboard, and what visitors from other computers may do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crack import access, settings
from crack.access import Actor, Role
from crack.claims import actor_of

_THIS_COMPUTER = {"localhost", "127.0.0.1", "::1"}
_NOBODY = Actor("nobody who has signed in", Role.VIEWER)


def readable_roots() -> tuple[Path, ...] | None:
    """Return the folders of this computer that a visitor may name.

    Returns:
        None if any: the dashboard answers this computer alone, and no folder was set.
    """
    roots = settings.data_roots()
    if roots is None and st.get_option("server.address") not in _THIS_COMPUTER:
        return ()
    return roots


def sign_in_needed() -> bool:
    """Return whether `[auth]` is in the secrets of Streamlit.

    A file of secrets that cannot be read counts as well: it must not open the door.
    """
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    return any(Path(file).exists() for file in st.get_option("secrets.files"))


def signed_in() -> bool:
    """Return whether this visitor has signed in, or need not."""
    return not sign_in_needed() or bool(st.user.get("is_logged_in"))


def visitor() -> Actor:
    """Return who uses this session.

    Streamlit knows the session of a script, of its callbacks and of its fragments. In
    any other thread nobody has signed in.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return _NOBODY if sign_in_needed() else access.of_process()
    if sign_in_needed():
        return actor_of(st.user) if st.user.get("is_logged_in") else _NOBODY
    address = st.context.ip_address
    if isinstance(address, str):  # None from this computer
        return Actor(f"visitor from {address}", Role.ADMIN)
    return access.of_process()


access.identify_by(visitor)
