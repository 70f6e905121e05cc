"""The sample scenes in a browser: what they show, and boxes drawn on them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from crack.inference.prediction import Region
from crack.inspections.records import InspectedPhoto
from crack.inspections.store import list_inspections, photos_of
from tests.e2e.conftest import the_page_is_still

BOX = 170  # px of the photo: wider than a tile, so that a sound one gives one
WHOLE = (3000, 2000)


def shows_crack(mask: NDArray, region: Region) -> bool:
    rows = slice(region.top, region.top + region.height)
    return bool(mask[rows, region.left : region.left + region.width].any())


def photo_of(scene: str) -> InspectedPhoto:
    """The photo of a scene in the only inspection."""
    (summary,) = list_inspections()
    photos = photos_of(summary.inspection.id)
    return next(p for p in photos if p.prediction.file == f"{scene}.jpg")


def draw_on_crack(page: Page, mask: NDArray) -> None:
    """Draw a box around a place of a crack."""
    rows, columns = np.nonzero(mask)
    middle = len(rows) // 2
    draw(page, columns[middle] - BOX // 2, rows[middle] - BOX // 2)


def draw(page: Page, left: int, top: int) -> None:
    """Draw a box with the mouse, at a place in a scene of `WHOLE` pixels.

    A figure that is just being drawn anew takes no notice; then once more, as a person
    would.
    """
    drawn = page.get_by_text(re.compile("^Box of"))
    for _ in range(3):
        the_page_is_still(page)
        _drag(page, left, top)
        try:
            expect(drawn).to_be_visible(timeout=8_000)
        except AssertionError:
            continue
        break
    expect(drawn).to_be_visible()
    the_page_is_still(page)


def _drag(page: Page, left: int, top: int) -> None:
    figure = page.locator(".js-plotly-plot .nsewdrag").first
    figure.scroll_into_view_if_needed()
    place = figure.bounding_box()
    assert place is not None
    scale = place["width"] / WHOLE[0]
    x, y = place["x"] + left * scale, place["y"] + top * scale
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + BOX * scale / 2, y + BOX * scale / 2, steps=4)
    page.mouse.move(x + BOX * scale, y + BOX * scale, steps=4)
    page.mouse.up()
