"""The folder of a batch, as the process that works on it sees it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from crack import storage

ORDER, PHOTOS, UPLOADS = "order.json", "photos.jsonl", "photos"
ANSWERS, ENDED = "answers.jsonl", "ended.json"


class Asked(TypedDict):
    """A row of `photos.jsonl`: what one photo, or one ZIP of photos, is.

    Attributes:
        name: As the caller calls it.
        file: Of the upload, "" for one that is fetched.
        url: Where it is fetched, "" for an upload.
    """

    name: str
    file: str
    url: str


@dataclass(frozen=True)
class Order:
    """The content of `order.json`.

    Attributes:
        model: Name of the model to ask.
        total: Number of photos.
        mm_per_pixel: Of the photos, None if not known.
        shown_mm: Width of wall that each shows, None if not known.
        regions: Whether the strongest regions are wanted too.
    """

    model: str
    total: int
    mm_per_pixel: float | None = None
    shown_mm: float | None = None
    regions: bool = False


class Ended(TypedDict):
    """The content of `ended.json`: why it failed, "" if it did not."""

    message: str


class BatchFolder:
    """The folder of a batch, for the process that works on it.

    Args:
        path: Of the folder.

    Attributes:
        order: What is asked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.order = Order(**storage.read_json(path / ORDER))

    def photos(self) -> list[tuple[Asked, Path]]:
        """Return what is asked about, each with the file of the upload."""
        rows = storage.read_jsonl(self.path / PHOTOS)
        asked = [Asked(name=r["name"], file=r["file"], url=r["url"]) for r in rows]
        return [(each, self.path / UPLOADS / each["file"]) for each in asked]

    def begin_after(self) -> int:
        """Return how many answers are there, and remove what is cut off after them."""
        path = self.path / ANSWERS
        rows = storage.read_jsonl(path)
        storage.write_jsonl(path, rows)
        return len(rows)

    def keep_answer(self, row: dict[str, Any]) -> None:
        """Keep the next answer."""
        storage.append_jsonl(self.path / ANSWERS, row)

    def note_end(self, message: str = "") -> None:
        """Note the end, and delete the uploads.

        Args:
            message: Why it failed, if it did.
        """
        storage.write_json(self.path / ENDED, Ended(message=message))
        with suppress(FileNotFoundError):  # there are none
            storage.remove_folder(self.path / UPLOADS)
