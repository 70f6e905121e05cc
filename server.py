"""The dashboard for a server that is watched: it is ready before its first visitor.

`streamlit run server.py` is `streamlit run streamlit_app.py`, except that what a server
does once is done when it starts and not when the first page is opened.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.shared.server import begin_server


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncGenerator[None]:
    begin_server()
    # Known only once a page was opened, and until then a link straight to a page is
    # answered with "Page not found" over that page (ADR 0001).
    PagesManager.uses_pages_directory = False
    yield


app = st.App("streamlit_app.py", lifespan=_lifespan)
