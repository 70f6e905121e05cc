"""The files in a form, written one after another as its pieces arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from crack.data.folders import as_text
from crack.data.images import check_byte_count
from crack.errors import CrackError
from crack.service.problems import Refused

_LONGEST_NAME = 255


@dataclass(frozen=True)
class Upload:
    """A file that was sent.

    Attributes:
        name: As the caller calls it.
        path: Where its content is.
    """

    name: str
    path: Path


class Form:
    """The files in a form, written as its pieces arrive.

    Args:
        content_type: With the boundary between the files.
        field: What each of them must be called.
        folder: For the files, which get numbers for names.
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
            raise _cut_off() from error

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
            raise _cut_off()
        if not self._uploads:
            raise Refused(422, CrackError("There is no photo in the form.", self._hint))
        return self._uploads

    @property
    def _hint(self) -> str:
        return f"Send files named '{self._field}'; everything else is in the address."

    def _made(self, boundary: bytes) -> MultipartParser:
        if not boundary:
            raise _cut_off()
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
            raise _cut_off() from error

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


def _cut_off() -> Refused:
    return Refused(
        400,
        CrackError("The body of the request is cut off or damaged.", "Send it again."),
    )
