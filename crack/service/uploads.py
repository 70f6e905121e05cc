"""Bodies of requests: what is too large or cut off is refused while it arrives.

Photos go from the network to files, a piece at a time, and are never in memory as a
whole before it is their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from anyio import to_thread
from fastapi import Request
from pydantic import BaseModel, ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from crack.data.folders import as_text
from crack.data.images import check_byte_count
from crack.disk_space import RESERVE, check_space
from crack.errors import CrackError
from crack.service.problems import Refused, said_of

Body = TypeVar("Body", bound=BaseModel)

MULTIPART = "multipart/form-data"
JSON = "application/json"

_LONGEST_NAME = 255
_PATIENCE = 30  # seconds between two pieces
_CUT_OFF = Refused(
    400, CrackError("The body of the request is cut off or damaged.", "Send it again.")
)


@dataclass(frozen=True)
class Upload:
    """A file that was sent.

    Attributes:
        name: As the caller calls it.
        path: Where its content is.
    """

    name: str
    path: Path


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
    form = _Form(request.headers["content-type"], field, folder, files)
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


class _Form:
    """The files in a form, written as its pieces arrive.

    Args:
        content_type: With the boundary between the files.
        field: As of `receive`, as are the next two.
        folder: For the files.
        files: As many at most.
    """

    def __init__(self, content_type: str, field: str, folder: Path, files: int) -> None:
        _, parameters = parse_options_header(content_type)
        self._field, self._folder, self._files = field, folder, files
        self._uploads: list[Upload] = []
        self._header = {"name": b"", "value": b""}
        self._disposition = b""
        self._file: BinaryIO | None = None
        self._ended = False
        self._parser = self._made(parameters.get(b"boundary", b""))

    def take_piece(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            Refused: It is no form, or not one with the right files.
        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _CUT_OFF from error

    def close(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()

    def whole(self) -> list[Upload]:
        """Return the files.

        Raises:
            Refused: The end is missing, or there are none.
        """
        if not self._ended:
            raise _CUT_OFF
        if not self._uploads:
            raise Refused(422, CrackError("There is no photo in the form.", self._hint))
        return self._uploads

    @property
    def _hint(self) -> str:
        return f"Send files named '{self._field}'; everything else is in the address."

    def _made(self, boundary: bytes) -> MultipartParser:
        if not boundary:
            raise _CUT_OFF
        calls: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, a, b: self._add("name", data[a:b]),
            "on_header_value": lambda data, a, b: self._add("value", data[a:b]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._take,
            "on_part_end": self.close,
            "on_end": self._end,
        }
        try:
            return MultipartParser(boundary, calls)  # type: ignore[arg-type]
        except FormParserError as error:
            raise _CUT_OFF from error

    def _begin(self) -> None:
        self._disposition = b""

    def _add(self, part: str, data: bytes) -> None:
        self._header[part] += data

    def _end_header(self) -> None:
        if self._header["name"].lower() == b"content-disposition":
            self._disposition = self._header["value"]
        self._header = {"name": b"", "value": b""}

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name", b"") != self._field.encode():
            raise Refused(
                422, CrackError("The form has a field of another name.", self._hint)
            )
        if len(self._uploads) == self._files:
            count = "one file" if self._files == 1 else f"{self._files:,} files"
            raise Refused(
                413, CrackError(f"The form has more than {count}.", "Send fewer.")
            )
        path = self._folder / f"{len(self._uploads):05d}"
        name = _text(options.get(b"filename", b""))[-_LONGEST_NAME:]
        self._uploads.append(Upload(name or self._field, path))
        self._file = path.open("wb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        assert self._file is not None
        if self._file.tell() + end - start > 0:
            _check_photo(self._file.tell() + end - start)
        self._file.write(data[start:end])

    def _end(self) -> None:
        self._ended = True


def _check_photo(count: int) -> None:
    try:
        check_byte_count(count)
    except CrackError as error:
        raise Refused(413, error, {"Connection": "close"}) from error


def _text(name: bytes) -> str:
    try:
        return as_text(name.decode())
    except UnicodeDecodeError:
        return as_text(name.decode("latin-1"))
