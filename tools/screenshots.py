"""Take the pictures of the README: `python -m tools.screenshots HOME`.

HOME is a workspace (as `CRACK_HOME`) with a finished run and the drawn sample. Needs
Chromium, as the tests in a browser do. Run it from the root of the project.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import (
    FloatRect,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from crack.settings import PROJECT
from tests.e2e.conftest import CHROMIUM, dashboard

IMAGES = PROJECT / "docs/images"
WIDTH, TALLEST = 1400, 2400  # pixels


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="workspace with a run and the sample")
    home = parser.parse_args().home.resolve()
    finished = [path.parent.parent.name for path in home.glob("runs/*/model/card.json")]
    if not finished or not (home / "sample/scenes").is_dir():
        parser.error(f"{home} has no finished run, or not the sample.")
    expect.set_options(timeout=120_000)
    with (
        tempfile.TemporaryDirectory() as scratch,
        dashboard({"CRACK_HOME": str(home)}, Path(scratch) / "server.log") as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        ) as browser,
    ):
        viewport: ViewportSize = {"width": WIDTH, "height": TALLEST}
        page = browser.new_page(color_scheme="light", viewport=viewport)
        page.goto(server)  # before others, or Streamlit warns of links past it
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        take_gallery(page, f"{server}/browse?browse_dataset=sample&browse_in=test")
        take_training(page, f"{server}/train?run={max(finished)}")
        take_answers(page, f"{server}/predict?predict_model=default")


def take_gallery(page: Page, address: str) -> None:
    """Take the first images of the sample."""
    page.goto(address)
    second_row = page.get_by_test_id("stImage").nth(9)
    expect(second_row).to_be_visible()
    save(page, "browse-light", second_row)


def take_training(page: Page, address: str) -> None:
    """Take the newest finished run with its curves."""
    page.goto(address)
    expect(page.locator(".js-plotly-plot .legend")).to_have_count(2)
    save(page, "train-light", page.get_by_test_id("stPlotlyChart").last)


def take_answers(page: Page, address: str) -> None:
    """Take the answers for all scenes of the sample, with the first shown."""
    page.goto(address)
    page.get_by_text("Sample scenes", exact=True).click()
    page.get_by_text("All of them", exact=True).click()
    expect(page.get_by_text("Photo 1 of 6", exact=True)).to_be_visible()
    save(page, "predict-light", page.get_by_text("As taken", exact=False).first)


def save(page: Page, name: str, last: Locator) -> None:
    """Write the page, once it is still, as far down as something on it."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0)
    page.mouse.move(WIDTH // 2, 5)  # nothing is under it
    page.wait_for_timeout(1500)  # what fades in or slides
    place = last.bounding_box()
    if place is None:
        raise SystemExit(f"{name}: what the picture ends with is not on the page.")
    clip: FloatRect = {
        "x": 0,
        "y": 0,
        "width": WIDTH,
        "height": round(place["y"] + place["height"] + 16),
    }
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    path = IMAGES / f"{name}.png"
    # A third of the size; of the ways to choose 256 colours the one that keeps both
    # what is pale everywhere and what is strong in a few places.
    few = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    few.save(path, optimize=True)
    print(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
