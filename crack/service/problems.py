"""Errors as RFC 9457 has them: a sentence and a hint in `application/problem+json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from crack.errors import CrackError
from crack.storage import disk_error

MEDIA_TYPE = "application/problem+json"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "hint"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The name of the status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, as a sentence."},
        "hint": {"type": "string", "description": "What to do about it, or nothing."},
        "answer": {
            "$ref": "#/components/schemas/Answer",
            "description": "The row that `crack predict` prints for such a photo.",
        },
    },
}

_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_BEARER = {"WWW-Authenticate": {"schema": {"type": "string"}}}
_HEADERS: dict[int, dict[str, Any]] = {401: _BEARER, 429: _RETRY, 503: _RETRY}
_MEANS = {
    400: "The request was cut off, or is none.",
    401: "A token is needed, and this is none.",
    403: "The caller's role, or read-only mode, does not allow it.",
    404: "There is no such thing.",
    408: "The request stopped arriving.",
    413: "It is larger than what is accepted.",
    415: "It is no picture, or not sent in an accepted way.",
    422: "It can be understood, but not answered.",
    429: "Too many batches wait already.",
    500: "The workspace or a model is damaged, or something unexpected happened.",
    503: "Too much is asked at once, or the disk is full.",
}
_EVERYWHERE = (401, 403, 500, 503)


class Refused(Exception):  # noqa: N818 - not an error of ours
    """A request that gets no answer but a problem.

    Args:
        status: Of the response.
        error: Why, and what to do about it.
        headers: Of the response.
        answer: The row of a photo that could not be answered.
    """

    def __init__(
        self,
        status: int,
        error: CrackError,
        headers: Mapping[str, str] | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(str(error))
        self.status = status
        self.error = error
        self.headers = headers
        self.answer = answer


def response_of(refused: Refused) -> JSONResponse:
    """Return a problem as a response."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.error.message,
        "hint": refused.error.hint,
    }
    if refused.answer is not None:
        content["answer"] = refused.answer
    return JSONResponse(
        content, refused.status, headers=refused.headers, media_type=MEDIA_TYPE
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the problems of an operation.

    Args:
        statuses: Besides those that any operation may have.
    """
    return {
        status: {
            "description": _MEANS[status],
            "headers": _HEADERS.get(status, {}),
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status in sorted({*_EVERYWHERE, *statuses})
    }


def add_handlers(app: FastAPI) -> None:
    """Let every expected error of an application be told as a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(CrackError, _own_error)
    app.add_exception_handler(OSError, _of_disk)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return response_of(error)


async def _own_error(_: Request, error: Exception) -> JSONResponse:
    """What a caller can do nothing about: a damaged model, for example."""
    assert isinstance(error, CrackError)
    return response_of(Refused(500, error))


async def _of_disk(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    return response_of(Refused(503, disk_error(error), {"Retry-After": "60"}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return response_of(Refused(422, CrackError(said_of(error.errors()))))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:  # Starlette names those of one route only
        headers["Allow"] = ", ".join(_methods_at(request))
    told = CrackError(
        "There is nothing at this address."
        if error.status_code == 404
        else f"{error.detail}.",
        "The addresses there are stand in /openapi.json.",
    )
    return response_of(Refused(error.status_code, told, headers))


def _methods_at(request: Request) -> list[str]:
    """Return what may be done at the address of a request."""
    there: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    return sorted(
        method.upper()
        for path, methods in there.items()
        if compile_path(path)[0].match(request.url.path)
        for method in methods
    )


def said_of(errors: Sequence[Any]) -> str:
    """Return what is wrong with a request, as a sentence.

    Args:
        errors: As Pydantic lists them.
    """
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"] if part != "query")
    return f"{where or 'The body'}: {first['msg']}."
