"""From a labelled ZIP to thresholds of one's own, by which Predict then answers."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import add_files, the_page_is_still

pytestmark = pytest.mark.e2e


def test_a_person_evaluates_a_model_and_chooses_its_thresholds(
    server: str, page: Page, dataset: None, patch_folder: Path, tmp_path: Path
) -> None:
    evaluate_a_zip(page, server, patch_folder, tmp_path / "site.zip")
    open_a_cell(page)
    save_thresholds(page)
    see_predict_answer_by_them(page, server, patch_folder)


def evaluate_a_zip(page: Page, server: str, folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    page.goto(server)
    page.get_by_role("link", name="Evaluate", exact=True).click()
    page.get_by_role("button", name="Other images").click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Add and evaluate").click()
    expect(page.get_by_text("24 images of site")).to_be_visible()
    page.keyboard.press("Escape")  # the pop-up covers the button
    page.get_by_test_id("stMain").get_by_role(
        "button", name="Evaluate", exact=True
    ).click()
    expect(page.get_by_text("At the model's thresholds")).to_be_visible(timeout=60_000)
    the_page_is_still(page)
    for title in ("Accuracy", "AUROC", "Brier score"):
        expect(page.get_by_role("cell", name=title, exact=True).first).to_be_visible()


def open_a_cell(page: Page) -> None:
    page.get_by_role("combobox", name=re.compile("Look at the images")).click()
    options = page.get_by_role("option", name=re.compile(r"[1-9]\d* images"))
    options.first.click()
    the_page_is_still(page)
    expect(page.locator("img[alt*='answered with']").first).to_be_visible()


def save_thresholds(page: Page) -> None:
    page.get_by_role("radio", name="Thresholds").click()
    the_page_is_still(page)
    page.get_by_role("radio", name="Limit both errors").click()
    missed = page.get_by_label(re.compile("Cracks missed"))
    missed.fill("20")
    missed.press("Enter")
    the_page_is_still(page)
    save = page.get_by_role("button", name="Save for this model")
    expect(save).to_be_enabled()
    save.click()
    expect(page.get_by_text("Saved as version 2 of default")).to_be_visible()
    expect(page.get_by_text("At most 20 % of the cracks missed")).to_be_visible()


def see_predict_answer_by_them(page: Page, server: str, folder: Path) -> None:
    present = page.get_by_text(re.compile("The present thresholds")).inner_text()
    crack = re.search(r"and ([\d.]+ %):", present)
    assert crack is not None
    page.goto(f"{server}/models?model=default")
    expect(page.get_by_text(crack[1]).first).to_be_visible()
    page.goto(f"{server}/predict")
    photo = sorted((folder / "Positive").iterdir())[0]
    add_files(page, [photo], photo.name)
    expect(page.get_by_text(re.compile("probability of a crack")).first).to_be_visible(
        timeout=60_000
    )
