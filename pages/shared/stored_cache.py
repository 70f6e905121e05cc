"""What is kept between reruns about object storage, for a minute.

It tells no time of change before it is listed, by which the rest of `cache` is keyed.
"""

from __future__ import annotations

from itertools import islice

import streamlit as st

from crack.data.importer import SourceSummary, inspect_source
from crack.data.object_storage import StoredPhoto, list_photos


@st.cache_resource(ttl="1m", max_entries=8, show_spinner="Looking at what is there")
def stored_contents(url: str) -> SourceSummary:
    """Return what is at a URL, as it was within the last minute; must not be changed.

    Raises:
        CrackError: As `crack.data.importer.inspect_source`.
    """
    return inspect_source(url)


@st.cache_resource(ttl="1m", max_entries=8, show_spinner="Looking at what is there")
def photos_below(url: str, most: int) -> list[StoredPhoto]:
    """Return the first photos below a URL, by name, as within the last minute.

    Raises:
        CrackError: There is nothing, or it cannot be read.
    """
    return sorted(islice(list_photos(url), most), key=lambda photo: photo.url)
