"""The first minute on a computer without internet, data, or weights of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import dashboard
from tests.e2e.test_whole_path import expect_status, promote

pytestmark = pytest.mark.e2e

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers


@pytest.fixture
def offline(crack_home: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a dashboard that reaches nothing and finds no weights of Keras."""
    settings = {
        "CRACK_HOME": str(crack_home),
        "KERAS_HOME": str(tmp_path / "keras"),
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
        "no_proxy": "",
    }
    with dashboard(settings, tmp_path / "server.log") as address:
        yield address


def test_the_first_minute_works_offline(
    offline: str, page: Page, crack_home: Path
) -> None:
    page.goto(offline)
    page.get_by_role("button", name="Draw the sample photos").click()
    expect(page.get_by_text("Drew 600 sample photos")).to_be_visible(timeout=180_000)
    expect(page.get_by_text("Drawn by this program").first).to_be_visible()

    page.goto(offline)
    page.get_by_role("button", name="Train a model").click()
    page.get_by_role("button", name="Start training").click()
    expect_status(page, "Finished", 400_000)
    (config,) = (crack_home / "runs").glob("*/config.json")
    run = config.parent
    assert json.loads(config.read_text())["backbone"] == "surfaces"
    frozen, fine_tune = map(json.loads, (run / "phases.jsonl").read_text().splitlines())
    assert (frozen["phase"], fine_tune["phase"]) == ("frozen", "fine_tune")
    assert frozen["val_accuracy"] >= 0.97
    assert fine_tune["val_accuracy"] >= 0.97

    promote(page, offline)
    page.goto(f"{offline}/predict")
    for model in ("default", "site"):
        page.goto(f"{offline}/predict?predict_model={model}")
        page.get_by_text("Sample scenes", exact=True).click()
        expect(
            page.get_by_text(re.compile("Drawn by this program")).first
        ).to_be_visible()
        answer = page.get_by_role(
            "heading", name=re.compile("Crack|No crack|Needs review")
        )
        expect(answer).to_be_visible(timeout=60_000)
