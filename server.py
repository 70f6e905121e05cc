"""The dashboard for a server that is watched: it is ready before its first visitor.

`streamlit run server.py` is `streamlit run streamlit_app.py`, except that what a server
does once is done when it starts and not when the first page is opened.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import streamlit as st

from pages.shared.server import begin_server


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncGenerator[None]:
    begin_server()
    yield


app = st.App("streamlit_app.py", lifespan=_lifespan)
