"""A dataset in the browser: filtered by the address, looked into, brushed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from crack.data.dataset import Dataset
from tests.e2e.conftest import the_page_is_still

pytestmark = pytest.mark.e2e


def visit(page: Page, server: str, address: str) -> None:
    # The start page first: before it was opened, Streamlit warns of links past it.
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{server}/browse?{address}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Browse a dataset")
    the_page_is_still(page)


def pictures(page: Page) -> list[str]:
    """Return what the pictures of the gallery are, as those hear who do not see."""
    found = page.get_by_alt_text(re.compile("^Photo "))
    expect(found.first).to_be_visible()
    return [picture.get_attribute("alt") or "" for picture in found.all()]


def test_the_address_says_which_images_are_shown(
    server: str, page: Page, dataset: Dataset
) -> None:
    dark = dataset.samples.query("brightness <= 0.6 and `class` == 'Positive'")
    assert 0 < len(dark) < 12
    address = "browse_class=Positive&browse_brightness=0&browse_brightness=60"
    visit(page, server, address)
    expect(page.get_by_text(f"1 to {len(dark)} of {len(dark)}")).to_be_visible()
    assert {alt.split()[1].rstrip(",") for alt in pictures(page)} == set(dark["file"])
    page.get_by_role("radio", name="Negative").click()
    expect(page).to_have_url(re.compile("browse_class=Negative"))
    assert "browse_brightness=60" in page.url


def test_an_unknown_address_shows_all_images(
    server: str, page: Page, dataset: Dataset
) -> None:
    visit(
        page,
        server,
        "browse_class=x&browse_in=y&browse_page=99&browse_size=z&browse_side=7"
        "&browse_sharpness=0&browse_brightness=-5&browse_problem=q&browse_image=w"
        "&browse_view=v&browse_sort=s&browse_split=t&browse_dataset=u",
    )
    expect(page.get_by_text("1 to 24 of 24")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_an_image_is_opened_and_the_next_one_by_key(
    server: str, page: Page, dataset: Dataset
) -> None:
    visit(page, server, "browse_class=Positive")
    page.get_by_role("button", name="00001.png", exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Positive/00001.png")).to_be_visible()
    expect(dialog.get_by_text("1 of 12")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("2 of 12")).to_be_visible()
    expect(page).to_have_url(re.compile("browse_image=Positive(/|%2F)00002.png"))
    page.reload()
    expect(dialog.get_by_text("Positive/00002.png")).to_be_visible()
    the_page_is_still(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("browse_image"))


def test_a_brush_chooses_images(server: str, page: Page, dataset: Dataset) -> None:
    visit(page, server, "browse_view=Overview")
    chart = page.locator(".js-plotly-plot .nsewdrag").nth(1)
    expect(chart).to_be_visible()
    chart.scroll_into_view_if_needed()
    the_page_is_still(page)
    place = chart.bounding_box()
    assert place is not None
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + 2, middle)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] / 4, middle, steps=4)
    page.mouse.move(place["x"] + place["width"] / 2, middle, steps=4)
    page.mouse.up()
    chosen = page.get_by_text(re.compile(r"images? chosen by brightness"))
    expect(chosen).to_be_visible()
    the_page_is_still(page)
    shown = pictures(page)
    assert 0 < len(shown) < len(dataset.samples)
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("1 to 24 of 24")).to_be_visible()
