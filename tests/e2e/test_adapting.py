"""Six photos in the browser: asked about, judged, adapted to, and asked about again."""

from __future__ import annotations

import re

import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from crack.data.dataset import load_dataset
from crack.runs.registry import find_model
from tests.e2e.conftest import name_inspection, the_page_is_still
from tests.e2e.scenes import draw_on_crack, photo_of, shows_crack

pytestmark = pytest.mark.e2e

MODEL = "default-Bridge-7"
JUDGED = 1  # regions of each photo


def test_a_model_is_adapted_to_six_photos_and_asked_again(
    server: str, page: Page, cracks: dict[str, NDArray]
) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    ask(page, server)
    keep(page)
    judge_some_regions(page, cracks)
    adapt(page)
    the_model_is_there(page)
    ask_again(page)


def ask(page: Page, server: str) -> None:
    page.goto(f"{server}/predict?predict_model=default")
    page.get_by_role("radio", name="Sample scenes").click()
    page.get_by_role("radio", name="All of them").click()
    expect(page.get_by_text("Photo 1 of 6", exact=True)).to_be_visible(timeout=180_000)
    expect(page.get_by_text("then adapt the model to them")).to_be_visible()
    the_page_is_still(page)


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep as an inspection").click()
    name_inspection(page, {"Structure": "Bridge 7", "Element": "Pier 2"})
    page.get_by_role("button", name="Keep the 6 photos").click()
    expect(page.get_by_role("button", name="scene-1.jpg", exact=True)).to_be_visible(
        timeout=60_000
    )
    the_page_is_still(page)


def judge_some_regions(page: Page, cracks: dict[str, NDArray]) -> None:
    """Press Y or N for some regions of each photo, and mark a crack in the first.

    Photos without a crack are settled as a whole.
    """
    for number, (scene, mask) in enumerate(sorted(cracks.items())):
        way = "Next" if number else f"{scene}.jpg"
        page.get_by_role("button", name=way, exact=True).click()
        expect(page.get_by_text(f"{scene}.jpg, {number + 1} of 6")).to_be_visible()
        for place, region in enumerate(photo_of(scene).prediction.regions[:JUDGED]):
            asked = page.get_by_text(f"Is there a crack in region {place + 1}?")
            expect(asked).to_be_visible()
            the_page_is_still(page)
            page.keyboard.press("y" if shows_crack(mask, region) else "n")
            expect(asked).to_have_count(0)
        the_page_is_still(page)
        if not mask.any():
            sound = re.compile("^(Accept: no crack|No crack)$")
            verdicts = page.get_by_role("radiogroup", name="Your verdict")
            verdicts.get_by_text(sound).click()
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_text(re.compile("UTC"))).to_be_visible()
            the_page_is_still(page)
        if number == 0:
            draw_on_crack(page, mask)
            page.locator(".st-key-region_mark_crack button").click()
            expect(page.get_by_text(re.compile("^Box of"))).to_have_count(0)
    page.get_by_role("button", name="All photos").click()
    the_page_is_still(page)


def adapt(page: Page) -> None:
    """Begin, and look at the progress in a page that was opened anew."""
    page.get_by_role("radio", name="Adapt the model").click()
    expect(page.get_by_role("textbox", name="Name of the new model")).to_have_value(
        MODEL
    )
    the_page_is_still(page)
    page.get_by_role("button", name="Adapt the model to these photos").click()
    expect(page.get_by_text("It goes on if you close this page.")).to_be_visible(
        timeout=60_000
    )
    page.reload()
    expect(page.get_by_text("Adapting default to these photos")).to_be_visible()
    ready = page.get_by_text(f"The model '{MODEL}' is ready.")
    refused = page.get_by_role("button", name="Write it all the same")
    expect(ready.or_(refused)).to_be_visible(timeout=180_000)
    if refused.is_visible():
        expect(page.get_by_text("Nothing was written.")).to_be_visible()
        the_page_is_still(page)
        refused.click()
        expect(ready).to_be_visible(timeout=180_000)


def the_model_is_there(page: Page) -> None:
    how = find_model(MODEL).card.adaptation
    assert how is not None
    dataset = load_dataset(how["dataset"])
    assert dataset.photos == 6
    assert how["images"] == len(dataset.samples) >= 12
    for figure in ("AUROC", "Cracks found", "Images with a crack"):
        expect(page.get_by_role("cell", name=figure, exact=True)).to_be_visible()
    expect(page.get_by_text("Drawn by this program, not photographed")).to_be_visible()


def ask_again(page: Page) -> None:
    page.get_by_role("button", name=f"Ask again with {MODEL}").click()
    expect(page.get_by_text("The 6 photos of the inspection:")).to_be_visible()
    expect(page.get_by_text("Photo 1 of 6", exact=True)).to_be_visible(timeout=180_000)
    expect(page).to_have_url(re.compile(f"predict_model={MODEL}"))
    expect(page.get_by_text("by cross-validation").first).to_be_visible()
    the_page_is_still(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
