"""Photos in object storage, where `CRACK_DATA_ROOTS` lets visitors name a URL."""

from __future__ import annotations

import streamlit as st

from crack.data.object_storage import StoredPhoto
from crack.errors import CrackError
from pages.shared.feedback import errors_shown
from pages.shared.stored_cache import photos_below
from pages.shared.visitors import URL_HELP, url_typed

_MOST = 10_000


def choose_stored(key: str) -> list[StoredPhoto]:
    """Let the reader name a URL; none at first.

    Args:
        key: Of the intake.
    """
    typed = st.text_input(
        "URL of a photo, or of a folder of them",
        placeholder="s3://bridges/2026",
        key=f"{key}_url",
        persist_state="session",
        help="They are read when they are needed, and stay where they are. " + URL_HELP,
    ).strip()
    if not typed:
        return []
    with errors_shown():
        return _photos(typed)
    return []


def _photos(typed: str) -> list[StoredPhoto]:
    url = url_typed(typed)
    if not isinstance(url, str):
        raise CrackError("Expected a URL of object storage, such as s3://.")
    found = photos_below(url, _MOST + 1)
    if not found:
        raise CrackError("There are no photos below this URL.")
    if len(found) > _MOST:
        raise CrackError(
            f"There are more than {_MOST:,} photos below this URL.",
            "Name a folder further down, or ask on the command line: "
            "python -m crack predict URL --out PLACE",
        )
    return found
