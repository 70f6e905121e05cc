"""Many photos at once in a real browser: cancelled, gone on with, looked into."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import add_files
from tests.pages.conftest import write_model

pytestmark = pytest.mark.e2e

PHOTOS = 40
DARK, LIGHT = 80, 150  # the made-up model sees a crack in what is dark


@pytest.fixture
def model(crack_home: Path) -> None:
    write_model(crack_home / "models" / "site")


def wall(grey: int, width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG of grains: sharp, and large enough to take a moment."""
    rng = np.random.default_rng(grey)
    grains = rng.integers(grey - 12, grey + 12, (height, width), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grains).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def mixed_batch(folder: Path) -> list[Path]:
    """Photos as an engineer has them, a tenth of them broken, and a ZIP."""
    dark, light = wall(DARK), wall(LIGHT)
    contents = {f"{n:02d}.jpg": (dark, light)[n % 2] for n in range(PHOTOS)}
    contents |= {"text.jpg": b"no photo", "empty.png": b"", "cut.jpg": dark[:9000]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("pier/north.jpg", dark)
        archive.writestr("pier/broken.jpg", b"%PDF-1.7")
    contents["pier.zip"] = buffer.getvalue()
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def test_a_mixed_batch_is_cancelled_gone_on_with_and_looked_into(
    server: str, page: Page, model: None, tmp_path: Path
) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{server}/predict?predict_model=site")
    add_files(page, mixed_batch(tmp_path / "site"), "pier.zip")
    cancel_and_go_on(page)
    filter_by_answer(page)
    walk_and_zoom(page)
    rows = download_csv(page)
    assert len(rows) == PHOTOS + 5
    assert [row["label"] for row in rows[:2]] == ["crack", "no crack"]
    assert rows[-2]["file"] == "pier.zip/pier/broken.jpg"
    assert "PDF" in rows[-2]["error"]
    assert rows[-1]["file"] == "pier.zip/pier/north.jpg"
    assert sum(bool(row["error"]) for row in rows) == 4


def cancel_and_go_on(page: Page) -> None:
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    expect(cancel).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("Looking at the photos: [1-9]"))).to_be_visible()
    cancel.click()
    cancelled = page.get_by_text(re.compile(r"Cancelled\. \d+ of 45 photos"))
    expect(cancelled).to_be_visible()
    answered = int(re.findall(r"\d+", cancelled.inner_text())[0])
    assert 0 < answered < PHOTOS
    expect(page.get_by_text(f"Photo 1 of {answered}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Photo 1 of 45", exact=True)).to_be_visible(timeout=120_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def filter_by_answer(page: Page) -> None:
    page.get_by_role("radio", name="Unreadable: 4").click()
    expect(page.get_by_text("Photo 1 of 4", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="text.jpg")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("This file is not a picture")
    page.get_by_role("radio", name="Crack: 21", exact=False).first.click()
    expect(page.get_by_role("heading", name="00.jpg")).to_be_visible()


def walk_and_zoom(page: Page) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="02.jpg")).to_be_visible()
    expect(page.get_by_role("img", name="02.jpg as taken")).to_be_visible()
    first = "Region 1 with its surroundings of 02.jpg, as taken"
    expect(page.get_by_role("img", name=first)).to_be_visible()
    second = page.get_by_text(re.compile("^Region 2:"))
    expect(second).to_have_count(1)  # the regions of the photo before have gone
    second.click()
    for how in ("as taken", "with the heatmap of where the model sees a crack"):
        near = f"Region 2 with its surroundings of 02.jpg, {how}"
        expect(page.get_by_role("img", name=near)).to_be_visible()


def download_csv(page: Page) -> list[dict[str, str]]:
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
