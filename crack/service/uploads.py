"""Bodies of requests: what is too large or cut off is refused while it arrives.

Photos go from the network to files, a piece at a time, and are never in memory as a
whole before it is their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from anyio import to_thread
from fastapi import Request
from pydantic import BaseModel, ValidationError

from crack.data.folders import as_text
from crack.disk_space import RESERVE, check_space
from crack.errors import CrackError
from crack.service.form import Form, Upload
from crack.service.problems import Refused, said_of

Body = TypeVar("Body", bound=BaseModel)

MULTIPART = "multipart/form-data"
JSON = "application/json"

_PATIENCE = 30  # seconds between two pieces


def media_type(request: Request) -> str:
    """Return the type of a body, in lower case and without its parameters."""
    named: str = request.headers.get("content-type", "")
    return named.partition(";")[0].strip().lower()


def unknown_type(request: Request) -> Refused:
    """Return the refusal of a body that is neither photos nor JSON."""
    return Refused(
        415,
        CrackError(
            f"Expected {MULTIPART} or {JSON}, got "
            f"'{as_text(media_type(request)) or 'no content type'}'.",
            "Upload photos as a form, or send addresses as JSON.",
        ),
    )


async def read_json(request: Request, kind: type[Body], most: int) -> Body:
    """Return a body of JSON.

    Args:
        request: Whose body it is.
        kind: What it must be like.
        most: Bytes.

    Raises:
        Refused: It is something else, is larger, or stops arriving.
    """
    content = b"".join([piece async for piece in _pieces(request, most)])
    try:
        read: Body = kind.model_validate_json(content)
    except ValidationError as error:
        raise Refused(422, CrackError(said_of(error.errors()))) from error
    return read


async def receive(
    request: Request, field: str, folder: Path, *, files: int, most: int
) -> list[Upload]:
    """Write the files of a form into a folder.

    Args:
        request: Whose body it is.
        field: What each of them must be called in the form.
        folder: For the files, which get numbers for names; it is made if needed.
        files: As many at most.
        most: Bytes of the whole body.

    Returns:
        The files, in their order; at least one.

    Raises:
        Refused: The body is larger, another kind of form, or cut off.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit():
        _check_room(folder, min(int(announced), most))
    folder.mkdir(exist_ok=True)
    form = Form(request.headers["content-type"], field, folder, files)
    try:
        async with aclosing(_pieces(request, most)) as pieces:
            async for piece in pieces:
                await to_thread.run_sync(form.take_piece, piece)
    finally:
        form.close()
    return form.whole()


def _check_room(folder: Path, needed: int) -> None:
    try:
        check_space(folder, needed, "The upload", RESERVE)
    except CrackError as error:
        raise Refused(503, error, {"Retry-After": "60"}) from error


async def _pieces(request: Request, most: int) -> AsyncGenerator[bytes]:
    """Yield a body as it arrives, as long as it is not too large."""
    announced = request.headers.get("content-length", "")
    arrived = int(announced) if announced.isdigit() else 0
    stream = aiter(request.stream())
    _check_size(arrived, most)
    arrived = 0
    while True:
        try:
            async with asyncio.timeout(_PATIENCE):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused(
                408,
                CrackError(
                    f"Nothing more of the request has arrived for {_PATIENCE} seconds.",
                    "Send it again.",
                ),
                {"Connection": "close"},
            ) from None
        arrived += len(piece)
        _check_size(arrived, most)
        yield piece


def _check_size(count: int, most: int) -> None:
    if count > most:
        raise Refused(
            413,
            CrackError(
                f"The request has more than {most / 1e6:.0f} MB, which is the limit.",
                "Send fewer photos at once, or smaller ones.",
            ),
            {"Connection": "close"},
        )
