"""`/live`, `/ready` and `/metrics`, as those who watch the dashboard get them."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from crack.operations.monitor import readiness
from crack.service.callers import access_is_by_caller
from crack.service.problems import problems

router = APIRouter(tags=["Watching"])


@router.get("/live", response_class=PlainTextResponse)
async def live() -> str:
    """Say that the process answers. Everybody may ask."""
    return "alive\n"


@router.get(
    "/ready",
    response_model=list[dict[str, object]],
    responses={**problems(), 503: {"description": "Not ready: what was found."}},
    dependencies=[access_is_by_caller],
)
def ready() -> Response:
    """Say whether workspace, disk, database and default model are well."""
    well, found = readiness()
    return Response(found, 200 if well else 503, media_type="application/json")


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=problems(),
    dependencies=[access_is_by_caller],
)
def metrics() -> Response:
    """Return what was counted, for Prometheus."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
