"""A real server and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from crack.synthetic import sample

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def server(crack_home: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a dashboard on the workspace of the test."""
    with dashboard({"CRACK_HOME": str(crack_home)}, tmp_path / "server.log") as address:
        yield address


@contextmanager
def dashboard(
    settings: dict[str, str], log_file: Path, script: str = "streamlit_app.py"
) -> Iterator[str]:
    """Run a dashboard with these environment variables; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = {**os.environ, **settings}
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command + options, cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    address = f"http://localhost:{port}"
    try:
        wait_until_up(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def cracks(crack_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, NDArray]:
    """Where the cracks of the six sample scenes are, by the name of the scene."""
    monkeypatch.setattr(sample, "_PER_CLASS", 6)
    sample.make_sample()
    masks = (crack_home / "sample" / "scene-masks").iterdir()
    return {
        path.stem: np.asarray(Image.open(path).convert("L")) > 127 for path in masks
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=20_000)
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def free_port() -> int:
    """Return a port of this computer that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        number: int = probe.getsockname()[1]
    return number


def wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    for _ in range(150):
        assert process.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not come up within 30 s")


def the_page_is_still(page: Page) -> None:
    """Wait until the script is through and what was there before is gone."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def unfold(page: Page, title: str) -> None:
    """Open the expander of this title, and wait until it stands.

    What it holds slides into place for half a second; a button that moves between
    the press and the release of the mouse is not clicked.
    """
    expander = page.get_by_test_id("stExpander").filter(has_text=title)
    expander.get_by_text(title, exact=True).click()
    expect(expander.locator("details[open]")).to_be_visible()
    page.wait_for_function(
        "details => details.getAnimations().length === 0",
        arg=expander.locator("details").element_handle(),
    )


def add_files(
    page: Page, files: Sequence[Path] | Sequence[FilePayload], name: str
) -> None:
    """Give files to the uploader of the page; wait until it has them.

    Args:
        page: With one uploader.
        files: Written out, or the contents themselves.
        name: Of the last one, which the uploader lists first.
    """
    the_page_is_still(page)
    uploader = page.locator("input[type=file]")
    listed = page.get_by_role("button", name=f"Remove {name}", exact=True)
    uploader.set_input_files(files)
    try:
        expect(listed).to_be_visible(timeout=10_000)
    except AssertionError:
        # The page was just replacing the input, and the old one tells nobody of them.
        uploader.set_input_files(files)
        expect(listed).to_be_visible()


def name_inspection(page: Page, names: dict[str, str]) -> None:
    """Type the names into the fields of a new inspection, in this order."""
    for label, typed in names.items():
        field = page.get_by_role("combobox", name=re.compile(label))
        field.fill(typed)
        field.press("Enter")
        expect(field).to_have_value(typed)
        the_page_is_still(page)


def download(page: Page, button: str) -> bytes:
    with page.expect_download(timeout=60_000) as started:
        page.get_by_role("button", name=button).click()
    return Path(started.value.path()).read_bytes()
