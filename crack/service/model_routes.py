"""`/v1/models`: what can be asked, and what is known of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from crack.runs.registry import default_name, list_models
from crack.service.callers import access_is_by_caller
from crack.service.problems import problems
from crack.service.questions import NAME, model_called
from crack.service.schemas import ModelRow

router = APIRouter(
    prefix="/v1/models", tags=["Models"], dependencies=[access_is_by_caller]
)


@router.get("", response_model=list[ModelRow], responses=problems())
def models(request: Request) -> JSONResponse:
    """List the models."""
    default = request.app.state.model or default_name()
    return JSONResponse(
        [
            {
                "name": model.name,
                "is_default": model.name == default,
                "created": model.card.created,
                "shipped": model.shipped,
            }
            for model in list_models()
        ]
    )


@router.get("/{name}", response_model=dict[str, Any], responses=problems(404, 422))
def model_card(name: Annotated[str, Path(pattern=NAME)]) -> JSONResponse:
    """Return the card of a model: what it learned from, and how good it is."""
    return JSONResponse(asdict(model_called(name).card))
