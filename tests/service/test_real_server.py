"""A real server: what Schemathesis makes of its description, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crack.cli import main
from crack.runs import background
from crack.service import batches
from crack.settings import PROJECT
from tests.e2e.conftest import free_port
from tests.service.calls import NOT_INSTALLED, png

pytest.importorskip("crack.service.app", reason=NOT_INSTALLED)
pytestmark = pytest.mark.slow

LOGGED = "POST /v1/predictions by"
HALF = (
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
    + bytes(400_000)
)
HEAD = (
    b"POST /v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n"
)
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
    for batch in reversed(batches.active()):  # they would go on
        background.end(batch.path)


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


def test_who_hangs_up_leaves_nothing_and_a_service_ends_on_sigterm(
    run_server, tmp_path
):
    folder = tmp_path / "temporary"
    folder.mkdir()
    process, address = run_server(TMPDIR=str(folder))
    port = int(address.rpartition(":")[2])
    for sent in (len(HALF) - 200_000, len(HALF)):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(HEAD + HALF[:sent])
            until(lambda: list(folder.glob("crack-serve-*/*")))
    until(lambda: not list(folder.iterdir()))
    until(lambda: LOGGED in (tmp_path / "serve.log").read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM


def test_a_port_in_use_is_told_in_a_sentence(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "Choose another --port" in capsys.readouterr().err


def until(holds):
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
