"""Importing photos in the browser: cancelled, then done; photos with masks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import add_files, the_page_is_still

pytestmark = pytest.mark.e2e

PER_CLASS, SIDE = 150, 1600  # enough for a click while they are read


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two class folders of large pictures, each of its own blotches."""
    rng = np.random.default_rng(1)
    for name in ("Positive", "Negative"):
        (tmp_path / "walls" / name).mkdir(parents=True)
        for number in range(PER_CLASS):
            blotches = Image.fromarray(rng.integers(0, 256, (16, 16, 3), np.uint8))
            file = tmp_path / "walls" / name / f"{number:04d}.jpg"
            blotches.resize((SIDE, SIDE)).save(file)
    return tmp_path / "walls"


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder))
    return path


def open_add(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_role("link", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Add a dataset")).to_be_visible()
    the_page_is_still(page)


def choose_folder(page: Page, folder: Path) -> None:
    the_page_is_still(page)
    page.get_by_text("Folder on this computer").click()
    field = page.get_by_role("textbox", name="Path of the folder")
    field.fill(str(folder))
    field.press("Enter")
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    the_page_is_still(page)


def cancel_meanwhile(page: Page, crack_home: Path) -> None:
    """Begin the import, cancel it while images are read, and see what remains."""
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_text("Reading images: ")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Nothing of it was left behind")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert list((crack_home / "datasets").iterdir()) == []


def test_an_import_is_cancelled_and_then_done(
    server: str, page: Page, photos: Path, crack_home: Path
) -> None:
    open_add(page, server)
    choose_folder(page, photos)
    cancel_meanwhile(page, crack_home)
    page.get_by_text("ZIP file", exact=True).click()
    archive = zipped(photos)
    add_files(page, [archive], archive.name)
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    the_page_is_still(page)
    cancel_meanwhile(page, crack_home)
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_text(f"with {2 * PER_CLASS} images")).to_be_visible(
        timeout=120_000
    )


def test_photos_with_masks_are_cut_into_tiles(
    server: str, page: Page, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    mask = np.zeros((320, 320), np.bool_)
    mask[78:82] = True
    path = tmp_path / "masked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            photo = rng.integers(120, 200, (320, 320, 3), np.uint8)
            photo[mask] = 20
            for name, pixels in (("images", photo), ("masks", mask)):
                content = io.BytesIO()
                Image.fromarray(pixels).save(content, "PNG")
                archive.writestr(f"{name}/{number}.png", content.getvalue())
    open_add(page, server)
    add_files(page, [path], path.name)
    expect(page.get_by_text("Masks were found beside the photos")).to_be_visible()
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_text("Added masked with")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
