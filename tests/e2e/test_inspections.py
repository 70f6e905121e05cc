"""An inspection from the first photo to the report, as an engineer does it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import add_files, download, name_inspection, the_page_is_still
from tests.pages.conftest import write_model

pytestmark = pytest.mark.e2e

# Grey levels; the made-up model sees a crack in what is dark.
TONES = {"dark.png": 70, "doubtful.png": 110, "light.png": 190}


@pytest.fixture
def model(crack_home: Path) -> Path:
    folder = crack_home / "models" / "dark-is-crack"
    write_model(folder)
    return folder


def photo(tone: int) -> bytes:
    """Return sharp noise around a grey level."""
    rng = np.random.default_rng(tone)
    pixels = rng.integers(tone - 30, tone + 30, (192, 256), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_engineer_keeps_photos_gives_verdicts_and_takes_the_report_along(
    server: str, page: Page, model: Path
) -> None:
    # The start page first: before it was opened, Streamlit warns of links past it.
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    begin(page, server)
    judge_the_first(page)
    page.reload()
    the_first_is_kept(page)
    judge_the_others(page)
    read_the_reports(page)
    delete(page)


def begin(page: Page, server: str) -> None:
    page.goto(f"{server}/inspections")
    expect(page.get_by_text("There is no inspection yet")).to_be_visible()
    page.get_by_role("button", name="New inspection").click()
    # In this order: what was typed first must outlast what is typed later.
    name_inspection(page, {"Element": "Pier 2", "Structure": "Bridge 7"})
    files = [
        {"name": name, "mimeType": "image/png", "buffer": photo(tone)}
        for name, tone in TONES.items()
    ]
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no photo"}
    add_files(page, [*files, broken], "broken.png")
    choose(page, "Model that answers", "dark-is-crack")
    page.get_by_role("button", name="Begin the inspection").click()
    expect(page.get_by_text("Kept 4 photos")).to_be_visible(timeout=60_000)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Bridge 7, Pier 2")
    for name in ("Crack (1)", "Needs review (1)", "No crack (1)", "Unreadable (1)"):
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_visible()


def judge_the_first(page: Page) -> None:
    page.get_by_role("button", name="dark.png", exact=True).click()
    expect(page).to_have_url(re.compile("inspection=[0-9a-f]+&photo=[0-9a-f]+"))
    expect(page.get_by_role("heading", name="Crack")).to_be_visible()
    expect(page.get_by_role("button", name="Save and next")).to_be_disabled()
    radio(page, "Accept: crack").click()
    width = page.get_by_label("Widest crack, measured (mm)", exact=True)
    expect(width).to_be_enabled()
    width.fill("0.35")
    width.press("Enter")
    choose(page, "Exposure of the surface", "0.18 mm: de-icing")
    compared = page.get_by_text("0.35 mm measured; the guide value of ACI 224R-01")
    expect(compared).to_contain_text("is 0.18 mm: above it")
    page.get_by_label("Note", exact=True).fill("Runs on behind the bearing.")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("heading", name="Needs review")).to_be_visible()
    expect(page.get_by_text("1 of 3 photos has a verdict")).to_be_visible()


def the_first_is_kept(page: Page) -> None:
    expect(page.get_by_role("heading", name="Needs review")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text("Accepted: crack")).to_be_visible()
    the_page_is_still(page)
    width = page.get_by_label("Widest crack, measured (mm)", exact=True)
    expect(width).to_have_value("0.35")
    note = page.get_by_label("Note", exact=True)
    expect(note).to_have_value("Runs on behind the bearing.")
    page.get_by_role("button", name="Next", exact=True).click()


def judge_the_others(page: Page) -> None:
    expect(page.get_by_text("doubtful.png, 2 of 4")).to_be_visible()
    the_page_is_still(page)
    radio(page, "No crack").click()
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("light.png, 3 of 4")).to_be_visible()
    the_page_is_still(page)
    radio(page, "Correct to: crack").click()
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("3 of 3 photos have a verdict")).to_be_visible()
    expect(page.get_by_role("button", name="dark.png", exact=True)).to_be_visible()
    page.get_by_role("button", name="broken.png", exact=True).click()
    expect(page.get_by_text("This file is not a picture")).to_be_visible()
    expect(page.get_by_text("it needs no verdict")).to_be_visible()
    page.get_by_role("button", name="All photos").click()


def read_the_reports(page: Page) -> None:
    page.get_by_role("radio", name="Report", exact=True).click()
    page.get_by_label("Inspected by", exact=True).fill("R. Ada")
    page.get_by_role("button", name="Put on the cover").click()
    expect(page.get_by_text("On the cover: inspected by R. Ada")).to_be_visible()
    html = download(page, "Report as HTML").decode()
    pdf = PdfReader(io.BytesIO(download(page, "Report as PDF")))
    for text in (html, "\n".join(sheet.extract_text() for sheet in pdf.pages)):
        plain = re.sub(r"\s+", " ", text)
        for said in ("Bridge 7", "Pier 2", "R. Ada", "0.35 mm measured", "dark.png"):
            assert said in plain
        assert "Accepted: crack" in plain
        assert "Corrected: crack" in plain
        assert "Runs on behind the bearing." in plain


def delete(page: Page) -> None:
    page.get_by_role("radio", name="Details", exact=True).click()
    page.get_by_role("button", name="Delete this inspection").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete inspection").click()
    expect(page.get_by_text("Deleted the inspection of Bridge 7")).to_be_visible()
    expect(page.get_by_text("There is no inspection yet")).to_be_visible()


def radio(page: Page, name: str) -> Locator:
    """Return what to click at for a choice; the input itself is hidden."""
    group = page.get_by_role("radiogroup", name="Your verdict")
    return group.get_by_text(name, exact=True)


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=re.compile(re.escape(field))).click()
    page.get_by_role("option", name=re.compile(re.escape(option))).first.click()
