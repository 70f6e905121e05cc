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
    click_a_cell(page)
    open_a_cell(page)
    read_both_columns(page, server)
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


def click_a_cell(page: Page) -> None:
    """Click a cell of the matrix itself; its images appear."""
    matrix = page.locator(".js-plotly-plot").first
    matrix.scroll_into_view_if_needed()
    numbers = matrix.locator(".textpoint text")
    expect(numbers).to_have_count(6)
    lines = [cell.locator("tspan").all_text_contents() for cell in numbers.all()]
    place = next(n for n, said in enumerate(lines) if int(said[0]) > 0)
    box = numbers.nth(place).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    count = int(lines[place][0])
    chosen = page.get_by_role("combobox", name=re.compile("Look at the images"))
    expect(chosen).to_have_value(re.compile(f"With.*: {count} images?"))
    the_page_is_still(page)
    expect(page.locator("img[alt*='answered with']")).to_have_count(min(12, count))


def read_both_columns(page: Page, server: str) -> None:
    """Evaluate the same model on other images, and read both side by side."""
    page.goto(f"{server}/evaluate?evaluate_dataset=walls&evaluate_part=All")
    page.get_by_test_id("stMain").get_by_role(
        "button", name="Evaluate", exact=True
    ).click()
    expect(page.get_by_text("At the model's thresholds")).to_be_visible(timeout=60_000)
    the_page_is_still(page)
    other = page.get_by_role("combobox", name="Compare with")
    expect(other).to_be_visible()
    the_page_is_still(page)
    other.click()
    other.press_sequentially("default on site")
    page.get_by_role("option", name="default on site, 24 images").click()
    the_page_is_still(page)
    for column in ("A: default on walls", "B: default on site"):
        expect(page.get_by_role("columnheader", name=column)).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^Accuracy"))
    first, second = row.get_by_role("cell").all_inner_texts()[1:3]
    assert re.fullmatch(r"[\d.]+ %", first)
    assert first == second  # the very same images
    expect(page.get_by_text("thresholds of B").first).to_be_visible()


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
