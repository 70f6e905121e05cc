"""How much a caller may send: what a visitor of the dashboard may upload."""

from __future__ import annotations

import os
import tomllib
from functools import cache

from crack import settings
from crack.data.images import MAX_BYTES

MOST_PHOTOS = 10_000
"""In a batch. More is a matter for `crack predict`."""

MOST_JSON = 4_000_000
"""Bytes of a body of JSON: `MOST_PHOTOS` long addresses."""

PHOTO_BODY = MAX_BYTES + 100_000
"""Bytes of a body with one photo and what is written around it."""

_VARIABLE = "STREAMLIT_SERVER_MAX_UPLOAD_SIZE"
_MB = 1024 * 1024  # as Streamlit counts
_WITHOUT_SETTING = 200  # MB


@cache
def batch_body() -> int:
    """Return the most bytes of a body with photos: what Streamlit lets through.

    That is `server.maxUploadSize`, from its variable or from `.streamlit/config.toml`.
    """
    size = os.environ.get(_VARIABLE)
    if size is None:
        path = settings.PROJECT / ".streamlit/config.toml"
        content = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        size = content.get("server", {}).get("maxUploadSize", _WITHOUT_SETTING)
    return int(size) * _MB
