"""A photo of a report in words, its pictures as JPEG files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.reporting.exposure import compare_width, in_mm, is_above
from crack.reporting.report.report_data import ReportPhoto
from crack.reporting.words import ANSWERS, UNREADABLE, capitalise, percent

Rows = list[tuple[str, str]]

REGION_COLUMNS = ("Region", "Left", "Top", "Size", "Probability")

_QUALITY = 80  # of a JPEG; higher ones double the file and show no finer crack


@dataclass(frozen=True)
class Picture:
    """A picture of a photo, as a JPEG on disk.

    Attributes:
        file: The JPEG.
        width: Of the JPEG in px.
        height: Of the JPEG in px.
        caption: Below it.
        alt: What it shows, for readers who cannot see it.
        is_heatmap: Whether it is the photo under its heatmap.
        framed: Whether the strongest regions are framed in it.
    """

    file: Path
    width: int
    height: int
    caption: str
    alt: str
    is_heatmap: bool
    framed: bool


@dataclass(frozen=True)
class Entry:
    """A photo in words.

    Attributes:
        number: Its place in the report, from 1 on.
        photo: The data of the photo, without its pixels.
        pictures: The photo, then the photo under its heatmap, if available.
    """

    number: int
    photo: ReportPhoto
    pictures: tuple[Picture, ...]

    @property
    def answer(self) -> str:
        """The answer as a heading."""
        label = self.photo.label
        return UNREADABLE if label is None else ANSWERS[label]

    @property
    def probability(self) -> str:
        """The probability of a crack, "" where there is none."""
        chance = self.photo.probability
        return "" if chance is None else percent(chance)

    @property
    def size(self) -> str:
        """Width and height of the photo."""
        photo = self.photo
        return f"{photo.width} × {photo.height} px" if photo.width else ""

    @property
    def verdict(self) -> str:
        """The inspector's verdict, "" if there is none."""
        photo = self.photo
        if photo.settled is None:
            return capitalise(photo.verdict)
        settled = ANSWERS[photo.settled]
        if not photo.verdict:
            return settled
        return f"{capitalise(photo.verdict)}: {settled.lower()}"

    @property
    def width(self) -> str:
        """The measured width in a few words, "" if none was measured."""
        width, exposure = self.photo.width_mm, self.photo.exposure
        if width is None:
            return ""
        if exposure is None or exposure.limit_mm is None:
            return in_mm(width)
        side = "above" if is_above(width, exposure) else "within"
        return f"{in_mm(width)}, {side} {in_mm(exposure.limit_mm)}"

    @property
    def width_sentence(self) -> str:
        """The measured width against the value of its exposure."""
        width, exposure = self.photo.width_mm, self.photo.exposure
        if width is None:
            return ""
        if exposure is None:
            return f"{in_mm(width)} measured; no exposure was given to compare it with"
        return compare_width(width, exposure)

    @property
    def facts(self) -> Rows:
        """Facts about the photo besides answer and probability."""
        photo = self.photo
        rows = [
            ("Reasons for review", ", ".join(photo.reasons)),
            ("Verdict", self.verdict),
            ("Crack width", self.width_sentence),
            ("Note", photo.note),
        ]
        return [(name, text) for name, text in rows if text]

    @property
    def regions(self) -> list[tuple[str, str, str, str, str]]:
        """The strongest regions: number, left, top, size, probability."""
        return [
            (
                str(number),
                f"{region.left} px",
                f"{region.top} px",
                f"{region.width} × {region.height} px",
                percent(region.probability),
            )
            for number, region in enumerate(self.photo.regions, start=1)
        ]


def put_into_words(number: int, photo: ReportPhoto, folder: Path) -> Entry:
    """Return a photo in words, its pictures written to a folder as JPEG.

    Args:
        number: Its place in the report, from 1 on.
        photo: With its pixels.
        folder: For the JPEGs.
    """
    pictures = tuple(_pictures(number, photo, folder))
    return Entry(number, replace(photo, picture=None, overlay=None), pictures)


def _pictures(number: int, photo: ReportPhoto, folder: Path) -> Iterator[Picture]:
    name = f"Photo {number}, {photo.name}"
    if photo.picture is not None:
        width, height, file = _write(photo.picture, folder / f"{number:05d}-photo.jpg")
        # Regions are framed in one picture only, so that the other one is unmarked.
        alone = photo.overlay is None
        yield Picture(file, width, height, "Photo", name, False, alone)
    if photo.overlay is not None:
        width, height, file = _write(
            photo.overlay, folder / f"{number:05d}-heatmap.jpg"
        )
        heatmap = "heatmap of where the model sees a crack"
        caption = capitalise(heatmap)
        yield Picture(file, width, height, caption, f"{name}, {heatmap}", True, True)


def _write(pixels: NDArray[np.uint8], file: Path) -> tuple[int, int, Path]:
    Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY)
    height, width = pixels.shape[:2]
    return width, height, file
