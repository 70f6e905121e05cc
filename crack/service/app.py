"""The application: what is answered where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from prometheus_client import REGISTRY

from crack import __version__
from crack.operations.monitor import Workspace
from crack.operations.start_up import clear_remains
from crack.service import (
    batch_routes,
    batches,
    model_routes,
    predictions,
    watch_routes,
)
from crack.service.callers import identify_by_caller
from crack.service.frame import Frame
from crack.service.problems import SCHEMA, add_handlers
from crack.service.slots import Slots

_DESCRIPTION = (
    "Asks models about photos of concrete, with the answers of `crack predict` to the "
    "last digit. Errors are `application/problem+json` (RFC 9457)."
)


def make_app(model: str | None = None, tokens: Path | None = None) -> FastAPI:
    """Return the application.

    Args:
        model: Name of the one to ask where a caller names none; by default the default
            model.
        tokens: File of tokens; None to take everybody for the user of this process.
    """
    app = FastAPI(
        title="Concrete cracks",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=_lifespan,
        # The pages of documentation load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.model, app.state.tokens, app.state.slots = model, tokens, Slots()
    add_handlers(app)
    app.add_middleware(Frame)
    for routes in (predictions, batch_routes, model_routes, watch_routes):
        app.include_router(routes.router)
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    identify_by_caller()
    await to_thread.run_sync(clear_remains)
    await to_thread.run_sync(batches.go_on)
    runs = Workspace()
    REGISTRY.register(runs)
    yield
    REGISTRY.unregister(runs)


def _describe(app: FastAPI) -> None:
    """Add to OpenAPI what the routes cannot say: the schema of a problem."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        described: dict[str, Any] = generated()
        described["components"]["schemas"]["Problem"] = SCHEMA
        return described

    vars(app)["openapi"] = openapi
