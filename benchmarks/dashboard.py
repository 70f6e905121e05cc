"""How long a person waits for the dashboard, and whether TensorFlow stays out of it.

    python -m benchmarks.dashboard

starts the server, opens the start page in Chromium, then loads it again.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

RUNS = 3


def main() -> None:
    """Print the median seconds until the start page is there."""
    results = [_measure() for _ in range(RUNS)]
    first, again, memory = (
        statistics.median(column) for column in zip(*results, strict=True)
    )
    print(f"median of {RUNS}: first paint {first:.1f} s after starting the server,")
    print(f"loaded again in {again:.1f} s, {memory:.0f} MB; TensorFlow is not loaded")


def _measure() -> tuple[float, float, float]:
    """Return the seconds of the first and second load, and megabytes of memory."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        address = f"http://localhost:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    port = ["--server.port", address.rpartition(":")[2], "--server.headless", "true"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        began = time.monotonic()
        server = subprocess.Popen([*command, *port], stdout=subprocess.DEVNULL)
        try:
            first = _seconds_until_painted(page, address, began)
            again = _seconds_until_painted(page, address, time.monotonic())
            process = Path("/proc") / str(server.pid)
            # The whole path: OpenVINO has a folder of that name too.
            if "site-packages/tensorflow/" in (process / "maps").read_text():
                raise SystemExit("TensorFlow is loaded in the dashboard's process")
            status = (process / "status").read_text()
        finally:
            server.terminate()
            server.wait()
    memory = float(status.partition("VmRSS:")[2].split()[0]) / 1024
    return first, again, memory


def _seconds_until_painted(page: Page, address: str, began: float) -> float:
    while True:
        try:
            page.goto(address)
            break
        except Error:  # not listening yet
            time.sleep(0.05)
    page.get_by_role("heading", level=1).wait_for()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
