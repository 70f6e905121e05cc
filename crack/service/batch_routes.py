"""`/v1/batches`: many photos, answered one after another by a process of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from crack import access
from crack.errors import CrackError
from crack.inference.sources import zipped_photos
from crack.service import batches
from crack.service.batch_folder import Asked as AskedPhoto
from crack.service.batch_folder import Order
from crack.service.batches import Batch
from crack.service.callers import access_is_by_caller
from crack.service.form import Upload
from crack.service.limits import MOST_JSON, MOST_PHOTOS, batch_body
from crack.service.problems import Refused, problems
from crack.service.questions import NAME, Asked, Question, refuse_unless_allowed
from crack.service.schemas import BatchAnswers, BatchState, PhotoUrls, request_body
from crack.service.uploads import (
    JSON,
    MULTIPART,
    media_type,
    read_json,
    receive,
    unknown_type,
)

router = APIRouter(
    prefix="/v1/batches", tags=["Batches"], dependencies=[access_is_by_caller]
)

_FIELD = "photos"
_RETRY = {"Retry-After": "60"}
_LINKS = {
    name: {"operationId": name, "parameters": {"batch": "$response.body#/id"}}
    for name in ("read_batch", "delete_batch")
}
_ACCEPTED = {
    "description": "It was accepted; Location says where to look.",
    "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
    "links": _LINKS,
}


@router.post(
    "",
    status_code=202,
    response_model=BatchState,
    responses={202: _ACCEPTED, **problems(400, 404, 408, 413, 415, 422, 429)},
    openapi_extra=request_body(_FIELD, PhotoUrls, many=True),
)
async def begin_batch(request: Request, asked: Asked) -> JSONResponse:
    """Ask about many photos; ZIPs of photos may be among the uploads.

    The answer says where its progress is. It goes on while the service is restarted.
    What has ended is kept for 7 days, at most 200 of them. Takes the role engineer.
    """
    await to_thread.run_sync(_check_may_begin)
    with TemporaryDirectory(prefix="crack-serve-") as folder:
        uploads = Path(folder) / "photos"
        photos, total = await _photos(request, uploads)
        sent = uploads if photos[0]["file"] else None
        work = partial(batches.begin, _order(asked, total), photos, sent)
        batch = await to_thread.run_sync(work)
    place = f"{router.prefix}/{batch.id}"
    return JSONResponse(_state(batch), 202, headers={"Location": place})


def _check_may_begin() -> None:
    """Refuse before a body is read what would be refused after."""
    _refuse(access.refusal(batches.begin))
    batches.delete_old()
    if len(batches.active()) >= batches.MOST_WAITING:
        raise Refused(
            429,
            CrackError(
                f"{batches.MOST_WAITING} batches wait already.",
                "Begin another one when one of them has ended.",
            ),
            _RETRY,
        )


def _refuse(refusal: CrackError | None) -> None:
    if refusal:
        raise Refused(403, refusal)


async def _photos(request: Request, folder: Path) -> tuple[list[AskedPhoto], int]:
    """Return what is asked about, and how many photos that is."""
    kind = media_type(request)
    if kind == MULTIPART:
        limits = {"files": MOST_PHOTOS, "most": batch_body()}
        uploads = await receive(request, _FIELD, folder, **limits)
        total = await to_thread.run_sync(_count, uploads)
        return [
            AskedPhoto(name=u.name, file=u.path.name, url="") for u in uploads
        ], total
    if kind == JSON:
        urls = (await read_json(request, PhotoUrls, MOST_JSON)).urls
        await to_thread.run_sync(refuse_unless_allowed, urls)
        return [AskedPhoto(name=url, file="", url=url) for url in urls], len(urls)
    raise unknown_type(request)


def _count(uploads: list[Upload]) -> int:
    """Return the number of photos; those in a ZIP count one by one."""
    total = 0
    for upload in uploads:
        zipped = batches.is_zip(upload.name)
        total += len(zipped_photos(upload.name, upload.path)) if zipped else 1
    if total > MOST_PHOTOS:
        raise Refused(
            413,
            CrackError(
                f"These are {total:,} photos; a batch has {MOST_PHOTOS:,} at most.",
                "Make several batches of them.",
            ),
        )
    return total


def _order(asked: Question, total: int) -> Order:
    scale = asked.wanted.scale
    return Order(
        model=asked.model.name,
        total=total,
        mm_per_pixel=scale.mm_per_pixel,
        shown_mm=scale.shown_mm,
        regions=asked.wanted.regions,
    )


def _found(batch: Annotated[str, InPath(pattern=NAME)]) -> Batch:
    found = batches.find(batch)
    if found is None:
        raise Refused(
            404,
            CrackError(
                "There is no such batch.", "It may have been deleted after its time."
            ),
        )
    return found


Found = Annotated[Batch, Depends(_found)]


@router.get(
    "/{batch}",
    response_model=BatchAnswers,
    responses=problems(404, 422),
    operation_id="read_batch",
)
def read_batch(
    batch: Found,
    start: Annotated[int, Query(ge=0, le=MOST_PHOTOS)] = 0,
    count: Annotated[int, Query(ge=0, le=1000)] = 100,
) -> JSONResponse:
    """Return how a batch stands, and the answers from `start` on."""
    answers = batches.answers(batch, start, count)
    end = start + len(answers)
    after = f"{router.prefix}/{batch.id}?start={end}&count={count}"
    more = count > 0 and (batch.is_active or end < batch.done)
    content = {"answers": answers, "next": after if more else None}
    return JSONResponse({**_state(batch), **content})


@router.delete(
    "/{batch}",
    status_code=204,
    response_class=Response,
    responses=problems(404, 422),
    operation_id="delete_batch",
)
def delete_batch(batch: Found) -> None:
    """End a batch, and delete its answers. Takes the role engineer."""
    _refuse(access.refusal(batches.delete))
    batches.delete(batch)


def _state(batch: Batch) -> dict[str, object]:
    return {
        "id": batch.id,
        "status": batch.status.value,
        "model": batch.order.model,
        "total": batch.order.total,
        "done": batch.done,
        "message": batch.message,
    }
