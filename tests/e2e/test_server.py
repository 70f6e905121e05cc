"""A server that is watched, ended and started again, with a training beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from playwright.sync_api import Page, expect

from crack.data.importer import add_dataset
from crack.runs import background, jobs
from crack.runs.listing import list_runs
from crack.runs.run import Run, RunStatus
from crack.settings import PROJECT
from tests.e2e.conftest import free_port, the_page_is_still, wait_until_up

pytestmark = pytest.mark.e2e

END_SECONDS = 10


@contextmanager
def server(log: Path) -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """Start a server; yield its address, that of who watches it, and its process."""
    port, watch = free_port(), free_port()
    command = [sys.executable, "-m", "streamlit", "run", "server.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = {**os.environ, "CRACK_METRICS_PORT": str(watch), "CRACK_LOG": "json"}
    with log.open("wb") as written:
        process = subprocess.Popen(
            command + options, cwd=PROJECT, env=environment, stderr=written
        )
    try:
        wait_until_up(f"http://localhost:{port}", process)
        yield f"http://localhost:{port}", f"http://127.0.0.1:{watch}", process
    finally:
        process.kill()
        process.wait()


def said(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def end(process: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    process.terminate()
    process.wait(END_SECONDS)
    return time.monotonic() - began


def start_training(page: Page, address: str) -> Run:
    page.goto(address)
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_test_id("stMain").get_by_text("Queued")).to_be_visible()
    (run,) = list_runs()
    return run.live


def test_a_training_goes_on_when_the_server_ends_and_comes_again(
    crack_home: Path, patch_folder: Path, tmp_path: Path, page: Page
) -> None:
    add_dataset("walls", patch_folder)
    # So that it waits, which needs no minutes of a processor.
    with FileLock(crack_home / "runs" / ".lock"):
        with server(tmp_path / "first.log") as (address, watch, process):
            assert json.loads(said(f"{watch}/ready"))  # before any visitor
            run = start_training(page, address)
            metrics = said(f"{watch}/metrics")
            assert 'crack_runs{status="queued"} 1.0' in metrics
            assert "crack_sessions 1.0" in metrics
            assert end(process) < END_SECONDS
        worker = background.noted_pid(run.path)
        assert worker is not None
        assert psutil.Process(worker).is_running()
        assert run.status is RunStatus.QUEUED
        with server(tmp_path / "second.log") as (address, _, _process):
            page.goto(address)
            turn = page.get_by_test_id("stSidebar").get_by_text("Waiting for its turn.")
            expect(turn).to_be_visible(timeout=60_000)  # said by the worker itself
            os.kill(worker, signal.SIGTERM)
            expect(turn).to_be_hidden()
    assert run.status is RunStatus.STOPPED
    jobs.reconcile()
    lines = (tmp_path / "first.log").read_text().splitlines()
    made = [json.loads(line) for line in lines if f"run {run.id} is made" in line]
    assert len(made) == 1
    assert made[0]["id"] != "-"


def test_a_link_to_a_page_is_right_before_anybody_has_opened_the_dashboard(
    crack_home: Path, tmp_path: Path, page: Page
) -> None:
    with server(tmp_path / "log") as (address, _, _):
        page.goto(f"{address}/predict")
        expect(page.get_by_role("heading", name="Predict")).to_be_visible()
        the_page_is_still(page)
        expect(page.get_by_text("Page not found")).to_have_count(0)
