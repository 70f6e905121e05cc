"""Regions of photos judged in the browser, and the dataset that comes of it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from crack.data.importer import add_dataset
from crack.inference.prediction import Label
from crack.inspections.records import RegionVerdictKind
from crack.inspections.store import list_inspections, photos_of
from tests.e2e.conftest import download, name_inspection, the_page_is_still
from tests.e2e.scenes import (
    BOX,
    draw,
    draw_on_crack,
    photo_of,
    shows_crack,
)

pytestmark = pytest.mark.e2e


def test_judged_regions_become_tiles_that_show_what_was_said(
    server: str, page: Page, cracks: dict[str, NDArray]
) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    begin(page, server)
    for number, (scene, mask) in enumerate(sorted(cracks.items())):
        if number:
            page.get_by_role("button", name="Next", exact=True).click()
        expect(page.get_by_text(f"{scene}.jpg, {number + 1} of 6")).to_be_visible()
        the_page_is_still(page)
        judge_the_regions(page, scene, mask)
    undo_and_judge_again(page)
    mark(page, cracks)
    page.reload()
    expect(page.get_by_text("Mark a region")).to_be_visible()
    the_tiles_show_what_was_said(page, server, cracks)


def begin(page: Page, server: str) -> None:
    page.goto(f"{server}/inspections?inspection=new")
    name_inspection(page, {"Structure": "Bridge 7", "Element": "Pier 2"})
    page.get_by_role("radio", name="Sample scenes").click()
    page.get_by_role("radio", name="All of them").click()
    the_page_is_still(page)
    page.get_by_role("button", name="Begin the inspection").click()
    expect(page.get_by_text("Kept 6 photos")).to_be_visible(timeout=180_000)
    page.get_by_role("button", name="scene-1.jpg", exact=True).click()


def judge_the_regions(page: Page, scene: str, mask: NDArray) -> None:
    """Press Y or N for one region after another, as the next one shows."""
    for number, region in enumerate(photo_of(scene).prediction.regions, start=1):
        asked = page.get_by_text(f"Is there a crack in region {number}?")
        expect(asked).to_be_visible()
        the_page_is_still(page)
        page.keyboard.press("y" if shows_crack(mask, region) else "n")
        expect(asked).to_have_count(0)
    the_page_is_still(page)
    for verdict in photo_of(scene).region_verdicts:
        left, top, width, height = verdict.box
        assert verdict.is_crack == mask[top : top + height, left : left + width].any()


def undo_and_judge_again(page: Page) -> None:
    """In the first scene: the last verdict with the key, then with a click."""
    page.get_by_role("button", name="All photos").click()
    page.get_by_role("button", name="scene-1.jpg", exact=True).click()
    before = photo_of("scene-1").region_verdicts
    expect(page.get_by_text(re.compile("^Region 1: .*Crack"))).to_be_visible()
    the_page_is_still(page)
    page.keyboard.press("u")
    number = len(before)
    asked = page.get_by_text(f"Is there a crack in region {number}?")
    expect(asked).to_be_visible()
    assert photo_of("scene-1").region_verdicts == before[:-1]
    page.locator(".st-key-region_crack button").click()
    expect(asked).to_have_count(0)
    assert [v.box for v in photo_of("scene-1").region_verdicts] == [
        v.box for v in before
    ]


def mark(page: Page, cracks: dict[str, NDArray]) -> None:
    """Draw a box on the crack in one scene and on sound concrete in another."""
    draw_on_crack(page, cracks["scene-1"])
    expect(page.get_by_text(re.compile(r"^Box of 1\d\d × 1\d\d px:"))).to_be_visible()
    page.locator(".st-key-region_mark_crack button").click()
    expect(page.get_by_text(re.compile("^Box of"))).to_have_count(0)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("scene-2.jpg, 2 of 6")).to_be_visible()
    the_page_is_still(page)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("scene-3.jpg, 3 of 6")).to_be_visible()
    the_page_is_still(page)
    draw(page, 2500, 1500)
    page.get_by_role("button", name="Look closer").click()
    expect(page.get_by_role("button", name="Whole photo")).to_be_visible()
    the_page_is_still(page)
    page.get_by_role("button", name="Whole photo").click()
    expect(page.get_by_role("button", name="Whole photo")).to_have_count(0)
    the_page_is_still(page)
    draw(page, 2500, 1500)
    page.locator(".st-key-region_mark_no_crack button").click()
    expect(page.get_by_text(re.compile("^Box of"))).to_have_count(0)
    last = [photo_of(name).region_verdicts[-1] for name in ("scene-1", "scene-3")]
    assert [v.kind for v in last] == [RegionVerdictKind.MARKED] * 2
    assert [v.is_crack for v in last] == [True, False]
    assert abs(last[1].left - 2500) < 10
    assert abs(last[1].width - BOX) < 15


def the_tiles_show_what_was_said(
    page: Page, server: str, cracks: dict[str, NDArray]
) -> None:
    page.goto(f"{server}/inspections")
    page.get_by_role("button", name="Train on the verdicts").click()
    told = page.get_by_text(re.compile(r"Pictures: [\d,]+ settled as crack"))
    expect(told).to_be_visible()
    content = download(page, "Download the ZIP")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")]
    (summary,) = list_inspections()
    scene_of = {
        (photo.sha256 or "")[:16]: Path(photo.prediction.file).stem
        for photo in photos_of(summary.inspection.id)
    }
    for name in names:
        label, _, place = name.partition("/")
        stem, size, left, top = place.removesuffix(".png").split("_")
        mask = cracks[scene_of[stem]]
        scale = mask.shape[1] / int(size.removesuffix("px"))
        side = round(160 * scale)
        row, column = round(int(top) * scale), round(int(left) * scale)
        shows = mask[row : row + side, column : column + side].any()
        assert shows == (label == Label.CRACK), name
    dataset = add_dataset("regions", io.BytesIO(content))
    assert len(dataset.samples) == len(names)
    counts = dataset.samples["class"].value_counts()
    expect(told).to_have_text(
        f"Pictures: {counts['crack']:,} settled as crack, {counts['no crack']:,} "
        "as no crack"
    )
