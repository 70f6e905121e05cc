"""Who uses the dashboard, and what visitors from other computers may do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crack import access, settings
from crack.access import Actor, Role
from crack.claims import actor_of
from crack.data.locations import Location, check_url, location_of

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


URL_HELP = (
    "Credentials do not belong in it: the computer that runs the program has its own."
)
"""Of a field for a URL."""


def may_name_urls() -> bool:
    """Return whether a visitor may name what is in object storage."""
    return any(isinstance(place, str) for place in settings.data_locations() or ())


def place_typed(text: str) -> Location:
    """Return what a visitor typed as a path or URL.

    Whether a path may be opened is up to who opens it, see `readable_roots`.

    Raises:
        CrackError: It is a URL that must not be opened.
    """
    if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]  # file managers copy a path so
    place = location_of(text)
    if isinstance(place, str):
        return url_typed(text)
    return place.expanduser() if text.startswith("~/") else place


def url_typed(text: str) -> Location:
    """Return the URL that a visitor typed; a `file://` URL is a path.

    Raises:
        CrackError: It is none, or must not be opened.
    """
    check_url(text, settings.data_locations() or ())
    return location_of(text)


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
