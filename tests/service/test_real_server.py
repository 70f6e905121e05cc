"""A real server: what Schemathesis makes of its description, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crack.settings import PROJECT
from tests.e2e.conftest import free_port
from tests.service.calls import NOT_INSTALLED, png

pytest.importorskip("crack.service.app", reason=NOT_INSTALLED)
pytestmark = pytest.mark.slow

EXAMPLES = 15  # for each operation, besides those at the limits of its parameters


@pytest.fixture
def run_server(crack_home: Path, tmp_path: Path) -> Iterator[Callable[..., tuple]]:
    """Run `crack serve`; returns its process and its address."""
    processes = []

    def start(**variables: str) -> tuple[subprocess.Popen, str]:
        port = free_port()
        with (tmp_path / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "crack", "serve", "--port", str(port)],
                cwd=PROJECT,
                env={**os.environ, **variables},
                stderr=log,
            )
        processes.append(process)
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            try:
                with urllib.request.urlopen(f"{address}/live", timeout=5):
                    return process, address
            except OSError:
                time.sleep(0.2)
        pytest.fail("the service did not come up")

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_it_keeps_what_its_description_promises(run_server, tokens, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for shade in (20, 130, 250):
        (photos / f"{shade}.png").write_bytes(png(shade))
    _, address = run_server(CRACK_DATA_ROOTS=str(photos))
    command = [Path(sys.executable).with_name("schemathesis"), "run"]
    options = ["--checks=all", f"--max-examples={EXAMPLES}", "--seed=17"]
    known_as = ["-H", f"Authorization: Bearer {tokens['engineer']}", "--no-color"]
    hooks = {
        "CRACK_TEST_PHOTOS": str(photos),
        "PYTHONPATH": str(PROJECT),
        "SCHEMATHESIS_HOOKS": "tests.service.schemathesis_hooks",
    }
    found = subprocess.run(
        [*command, f"{address}/openapi.json", *options, *known_as],
        cwd=tmp_path,
        env={**os.environ, **hooks},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "No issues found" in found.stdout, found.stdout
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def test_it_ends_on_sigterm(run_server):
    process, _ = run_server()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
