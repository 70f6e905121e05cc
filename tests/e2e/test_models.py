"""A model of one's own on its page: named, made the default, set back, taken away."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crack.data.dataset import Dataset
from crack.inference.thresholds import Thresholds
from crack.runs.registry import default_name, find_model, save_thresholds
from crack.settings import PROJECT
from tests.e2e.conftest import download, the_page_is_still, unfold

pytestmark = pytest.mark.e2e


@pytest.fixture
def own(crack_home: Path) -> None:
    """A model of the user's own, whose thresholds were changed once."""
    folder = shutil.copytree(PROJECT / "models/default", crack_home / "models/mine")
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "name": "mine"}))
    save_thresholds(find_model("mine"), Thresholds(0.3, 0.6), "Fewer photos to see.")


def test_a_person_keeps_a_model_of_their_own(
    server: str, page: Page, dataset: Dataset, own: None
) -> None:
    page.goto(server)
    page.get_by_role("link", name="Models", exact=True).click()
    choose(page, "mine")
    rename(page)
    make_it_the_default(page)
    bring_thresholds_back(page)
    see_every_layer(page)
    export(page)


def choose(page: Page, name: str) -> None:
    the_page_is_still(page)
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name=name).click()
    the_page_is_still(page)


def rename(page: Page) -> None:
    page.get_by_role("button", name="Rename", exact=True).click()
    name = page.get_by_label("New name")
    name.fill("bridge")
    name.press("Enter")
    page.get_by_role("button", name="Rename the model").click()
    expect(page.get_by_text("mine is called bridge now.")).to_be_visible()
    chosen = page.get_by_role("combobox", name="Model", exact=True)
    expect(chosen).to_have_value("bridge")
    the_page_is_still(page)


def make_it_the_default(page: Page) -> None:
    page.get_by_role("button", name="Make it the default").click()
    expect(page.get_by_text("bridge is the default.")).to_be_visible()
    the_page_is_still(page)
    assert default_name() == "bridge"


def bring_thresholds_back(page: Page) -> None:
    now = page.get_by_text("crack from 60 % on, no crack below 30 %", exact=True)
    expect(now).to_be_visible()
    unfold(page, "Its 2 versions of the thresholds")
    page.get_by_role("button", name="Use again").click()
    expect(page.get_by_text("bridge answers as in version 1.")).to_be_visible()
    the_page_is_still(page)
    before = page.get_by_text("crack from 92 % on, no crack below 10 %", exact=True)
    expect(before).to_be_visible()
    assert find_model("bridge").card.thresholds == Thresholds(0.1, 0.92)


def see_every_layer(page: Page) -> None:
    unfold(page, "What is trained")
    layers = page.get_by_role("combobox", name="Layers of")
    expect(layers).to_be_visible(timeout=60_000)
    the_page_is_still(page)
    layers.click()
    layers.press_sequentially("model.summary")
    # Until the list is as short as it gets, its entries are drawn anew.
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("option", name=re.compile("model.summary")).click()
    expect(layers).to_have_value(re.compile("model.summary"))
    the_page_is_still(page)
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()


def export(page: Page) -> None:
    page.get_by_role("radio", name="OpenVINO").click()
    the_page_is_still(page)
    page.get_by_role("button", name="Export and compare").click()
    expect(
        page.get_by_text(
            re.compile("On 24 images of .walls. the probabilities by")
        ).first
    ).to_be_visible(timeout=240_000)
    content = download(page, "Download bridge")
    assert content.startswith(b"PK")
