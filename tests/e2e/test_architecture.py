"""The drawing of the network, clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from crack.data.importer import add_dataset
from tests.e2e.conftest import the_page_is_still

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("width", [1400, 390])
def test_a_click_on_a_box_opens_its_layers(server, page: Page, patch_folder, width):
    add_dataset("walls", patch_folder)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{server}/train")
    drawing = page.locator(".js-plotly-plot")
    expect(drawing).to_be_visible(timeout=60_000)
    the_page_is_still(page)
    chosen = page.get_by_role("combobox", name="Layers of")
    click(page, "Stage 6")
    expect(chosen).to_have_value("Stage 6")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    click(page, "Dense")
    expect(chosen).to_have_value("Dense")
    the_page_is_still(page)
    click(page, "Stage 4", times=2)
    expect(chosen).to_have_value("Stage 4")
    the_page_is_still(page)
    expect(chosen).to_have_value("Stage 4")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0


def click(page: Page, title: str, times: int = 1) -> None:
    words = page.locator(".js-plotly-plot .annotation-text", has_text=title)
    words.scroll_into_view_if_needed()
    place = words.bounding_box()
    assert place is not None
    page.mouse.click(
        place["x"] + place["width"] / 2,
        place["y"] + place["height"] + 4,
        click_count=times,
        delay=20,
    )
