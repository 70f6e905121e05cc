"""Drawing the sample from a real server, whose main module is Streamlit's."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_two_clicks_and_a_second_tab_draw_the_sample_once(
    server: str, page: Page
) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    tabs = [page, page.context.new_page()]
    for tab in tabs:
        tab.goto(f"{server}/browse")
        button = tab.get_by_role("button", name="Draw the sample photos")
        button.click()
        expect(tab.get_by_role("progressbar")).to_be_visible()
        button.click()
    for tab in tabs:
        drawn = tab.get_by_text("Drawn by this program, not photographed")
        expect(drawn).to_be_visible(timeout=240_000)
        expect(tab.get_by_test_id("stException")).to_have_count(0)
        expect(tab.get_by_text("600 images: 300")).to_be_visible()
