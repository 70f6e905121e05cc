"""From a ZIP of photos to an answer, as a person does it in the browser."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import add_files

pytestmark = [pytest.mark.e2e, pytest.mark.real_data]

PER_CLASS = 150


@pytest.fixture
def archive(test_data: Path, tmp_path: Path) -> Path:
    """ZIP of a small part of METU, with a text file that claims to be a photo."""
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for class_name in ("Positive", "Negative"):
            for file in sorted((test_data / "metu" / class_name).iterdir())[:PER_CLASS]:
                archive.write(file, f"photos/{class_name}/{file.name}")
        archive.writestr("photos/Positive/notes.jpg", "not a photo")
    return path


def test_a_person_imports_trains_watches_and_gets_answers(
    server: str, page: Page, archive: Path, test_data: Path
) -> None:
    import_dataset(page, server, archive)
    start_training(page, server)
    see_the_curves_move(page)
    page.reload()
    expect_status(page, "Running")
    see_the_curves_move(page)
    second = page.context.new_page()
    second.goto(page.url)
    see_the_curves_move(second)
    stop_and_resume(page, second)
    expect_status(page, "Finished", 180_000)
    promote(page, server)
    ask_about_photos(page, server, test_data)


def import_dataset(page: Page, server: str, archive: Path) -> None:
    page.goto(server)
    page.get_by_role("link", name="Add", exact=True).click()
    add_files(page, [archive], archive.name)
    expect(page.get_by_text("What is in it")).to_be_visible()
    expect(page.get_by_role("radio", name="Positive")).to_be_checked()
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_text(f"with {2 * PER_CLASS} images. 1 file")).to_be_visible()
    expect(page.locator("img[alt^='Photo Negative']").first).to_be_visible()


def start_training(page: Page, server: str) -> None:
    page.goto(f"{server}/train")
    # Long enough to look at it from two tabs.
    page.get_by_label("Fine-tune epochs", exact=True).fill("12")
    page.get_by_label("Fine-tune epochs", exact=True).press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect_status(page, "Queued|Running")


def see_the_curves_move(page: Page) -> None:
    done = page.get_by_test_id("stMetricValue").first
    expect(done).to_have_text(re.compile(r"\d+ of 17"), timeout=60_000)
    before = done.inner_text()
    expect(done).not_to_have_text(before, timeout=60_000)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)


def stop_and_resume(page: Page, second: Page) -> None:
    # Streamlit has a "Stop" of its own in the header while a script runs.
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect_status(page, "Stopped", 60_000)
    expect_status(second, "Stopped")
    second.get_by_role("button", name="Resume").click()
    expect_status(second, "Queued|Running")
    second.close()
    page.reload()


def promote(page: Page, server: str) -> None:
    page.goto(f"{server}/runs")
    page.get_by_label("Name of the model", exact=True).fill("site")
    page.get_by_label("Name of the model", exact=True).press("Enter")
    page.get_by_role("button", name="Promote to a model").click()
    expect(page.get_by_text("can now be used on the Predict page")).to_be_visible()


def ask_about_photos(page: Page, server: str, test_data: Path) -> None:
    # Beyond those that were trained on.
    cracked, sound = (
        sorted((test_data / "metu" / name).iterdir())[-1]
        for name in ("Positive", "Negative")
    )
    broken = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    page.goto(f"{server}/predict")
    add_files(page, [cracked, sound], sound.name)
    expect(page.get_by_role("heading", name="Crack")).to_be_visible(timeout=60_000)
    add_files(page, [broken], "broken.jpg")
    expect(page.get_by_role("radio", name="Unreadable: 1")).to_be_visible()
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV", exact=True).click()
    header, first, second, third = (
        Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    )
    columns = "file,label,probability,threshold,width,height,seconds,error,reasons"
    assert header == columns
    assert first.startswith(f"{cracked.name},crack,")
    # So few photos may leave the model unsure; it must not cry crack.
    assert second.startswith((f"{sound.name},no crack,", f"{sound.name},review,"))
    assert "not a picture" in third


def expect_status(page: Page, words: str, timeout: float = 20_000) -> None:
    """Wait until the run on the Train page stands where it should."""
    badge = page.get_by_text(re.compile(words)).first
    expect(badge).to_be_visible(timeout=timeout)
