"""Every page opens on a first start, on a wide screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import the_page_is_still

pytestmark = pytest.mark.e2e

PAGES = {
    "": "Cracks in concrete",
    "browse": "Browse a dataset",
    "add": "Add a dataset",
    "train": "Train a model",
    "runs": "Runs",
    "evaluate": "Evaluate a model",
    "models": "Models",
    "predict": "Predict: is there a crack?",
    "inspections": "Inspections",
}
WIDTHS = (1400, 390)


def test_every_page_opens_empty_and_fits_the_screen(server: str, page: Page) -> None:
    # The start page first: before it was opened, Streamlit warns of links past it.
    for path, title in PAGES.items():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"{server}/{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - window.innerWidth"
            )
            assert overflow <= 0, f"{path} is wider than {width} px"


def test_no_page_asks_another_computer_for_anything(server: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path, title in PAGES.items():
        page.goto(f"{server}/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state("networkidle")
    assert any(url.startswith(server) for url in asked)
    hosts = (server, server.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in asked if not url.startswith(hosts)] == []
    icon = page.locator("link[rel='shortcut icon']").get_attribute("href") or ""
    assert icon.startswith("data:image/svg+xml")


def test_the_keyboard_alone_reaches_the_ways_in(server: str, page: Page) -> None:
    page.goto(server)
    wanted = page.get_by_role("link", name="Add a dataset")
    expect(wanted).to_be_visible()
    the_page_is_still(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Add a dataset")
