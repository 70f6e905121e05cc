"""`/v1/predictions`: one photo."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from crack.data.image_formats import image_format_of
from crack.errors import CrackError
from crack.inference.asking import answers_of
from crack.inference.prediction import FailedPhoto
from crack.inference.sources import PhotoSource
from crack.service.answers import answer_row
from crack.service.callers import access_is_by_caller
from crack.service.limits import MOST_JSON, PHOTO_BODY
from crack.service.predictors import predictor_of
from crack.service.problems import Refused, problems
from crack.service.questions import (
    Asked,
    Heatmap,
    Question,
    refuse_unless_allowed,
)
from crack.service.schemas import Answer, PhotoUrl, request_body
from crack.service.slots import Slots
from crack.service.uploads import (
    JSON,
    MULTIPART,
    media_type,
    read_json,
    receive,
    unknown_type,
)
from crack.service.urls import photo_at

router = APIRouter(prefix="/v1", tags=["Photos"], dependencies=[access_is_by_caller])

_FIELD = "photo"
_HEAD = 16  # bytes, by which a format is known


@router.post(
    "/predictions",
    response_model=Answer,
    responses=problems(400, 404, 408, 413, 415, 422),
    openapi_extra=request_body(_FIELD, PhotoUrl, many=False),
)
async def predict(
    request: Request, asked: Asked, heatmap: Heatmap = False
) -> JSONResponse:
    """Ask a model about one photo, sent as a form or named by a URL."""
    question = replace(asked, wanted=replace(asked.wanted, heatmap=heatmap))
    slots: Slots = request.app.state.slots
    with TemporaryDirectory(prefix="crack-serve-") as folder:
        name, place = await _named(request, Path(folder))
        return JSONResponse(await slots.run(partial(_row, question, name, place)))


async def _named(request: Request, folder: Path) -> tuple[str, Path | str]:
    """Return what the photo is called, and where it is."""
    kind = media_type(request)
    if kind == MULTIPART:
        (photo,) = await receive(request, _FIELD, folder, files=1, most=PHOTO_BODY)
        return photo.name, photo.path
    if kind == JSON:
        url = (await read_json(request, PhotoUrl, MOST_JSON)).url
        refuse_unless_allowed([url])
        return url, url
    raise unknown_type(request)


def _row(question: Question, name: str, place: Path | str) -> dict[str, Any]:
    """Return the answer, in a thread that may take its time."""
    predictor = predictor_of(question.model)
    item = name, photo_at(place) if isinstance(place, str) else place
    with closing(answers_of(predictor, [item], question.wanted.scale)) as outcomes:
        outcome = next(outcomes)
    row = answer_row(predictor.card, outcome, question.wanted)
    if isinstance(outcome, FailedPhoto):
        raise Refused(_status(item[1]), CrackError(outcome.error), answer=row)
    return row


def _status(source: PhotoSource) -> int:
    """Return what to call a photo that has no answer."""
    if not isinstance(source, Path) or not source.is_file():
        return 422
    with source.open("rb") as file:
        head = file.read(_HEAD)
    try:
        image_format_of(head)
    except CrackError:
        return 415 if head else 422
    return 422
