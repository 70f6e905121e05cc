"""Cleaning a dataset in the browser: by key, with undo, and from a lasso on the map."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from crack.data.dataset import Dataset, load_dataset
from crack.data.importer import add_dataset
from tests.e2e.conftest import the_page_is_still, unfold

pytestmark = pytest.mark.e2e


@pytest.fixture
def dark(patch_folder) -> Dataset:
    """A dataset of 24 images; two of those without a crack are dark."""
    for number in (1, 2):
        path = patch_folder / "Negative" / f"{number:05d}.png"
        Image.open(path).point(lambda level: level // 8).save(path)
    return add_dataset("walls", patch_folder)


def test_a_dataset_is_cleaned_by_key_and_chosen_from_by_lasso(
    server: str, page: Page, dark: Dataset
) -> None:
    page.goto(server)
    page.get_by_role("link", name="Browse", exact=True).click()
    see_an_empty_list(page)
    clean_by_key(page, dark)
    undo_all(page, dark)
    look_for_wrong_labels(page)
    choose_by_lasso(page)


def see(page: Page, view: str) -> None:
    the_page_is_still(page)
    page.get_by_role("radio", name=view, exact=True).click()
    the_page_is_still(page)


def press(page: Page, key: str) -> None:
    the_page_is_still(page)
    page.keyboard.press(key)
    the_page_is_still(page)


def see_an_empty_list(page: Page) -> None:
    see(page, "Quality")
    page.get_by_role("button", name="Exact copies 0").click()
    expect(page.get_by_text("Nothing is in this list.")).to_be_visible()
    expect(page).to_have_url(re.compile("quality_list=exact"))


def clean_by_key(page: Page, dark: Dataset) -> None:
    the_page_is_still(page)
    page.get_by_role("button", name="Dark 2").click()
    expect(page.get_by_text("2 images left, 0 looked at.")).to_be_visible()
    press(page, "l")
    expect(page.get_by_text("1 image left, 1 looked at.")).to_be_visible()
    assert list(load_dataset("walls").changes.values()) == ["relabel"]
    press(page, "u")
    expect(page.get_by_text("2 images left, 0 looked at.")).to_be_visible()
    assert load_dataset("walls").fingerprint == dark.fingerprint
    press(page, "x")
    # A key is meant for the image that is seen: the next one has to be there.
    expect(page.get_by_text("1 image left, 0 looked at.")).to_be_visible()
    press(page, "k")
    expect(page.get_by_text("All 1 are looked at.")).to_be_visible()
    assert list(load_dataset("walls").changes.values()) == ["leave out"]


def undo_all(page: Page, dark: Dataset) -> None:
    unfold(page, "Edits: 2")
    page.get_by_role("button", name="Undo all").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo all").click()
    expect(page.get_by_text("All edits are undone.")).to_be_visible()
    the_page_is_still(page)
    assert load_dataset("walls").edits == ()
    assert load_dataset("walls").fingerprint == dark.fingerprint


def look_for_wrong_labels(page: Page) -> None:
    page.get_by_role("button", name="Labels that look wrong").click()
    the_page_is_still(page)
    page.get_by_role("button", name="Look at the images").click()
    labels = page.get_by_role("button", name=re.compile(r"Labels that look wrong \d"))
    expect(labels).to_be_visible(timeout=120_000)


def choose_by_lasso(page: Page) -> None:
    see(page, "Map")
    area = page.locator(".js-plotly-plot .nsewdrag").first
    expect(area).to_be_visible()
    the_page_is_still(page)
    box = area.bounding_box()
    assert box is not None
    corners = ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02))
    for number, (right, down) in enumerate(corners):
        x, y = box["x"] + right * box["width"], box["y"] + down * box["height"]
        page.mouse.move(x, y, steps=10)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("24 images chosen")).to_be_visible()
    page.get_by_role("button", name="Show in the gallery").click()
    expect(page.get_by_text("24 images chosen on the map")).to_be_visible()
    expect(page.get_by_text("1 to 24 of 24")).to_be_visible()
