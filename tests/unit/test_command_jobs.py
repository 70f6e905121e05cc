"""Commands in the background: how they stand, and what they leave."""

from __future__ import annotations

import json
import time

import psutil
import pytest

from crack import settings, storage
from crack.errors import CrackError
from crack.runs import background
from crack.runs.command_jobs import JobStatus, cancel, read, start


@pytest.fixture
def folder(crack_home):
    """Where a command keeps what there is of it."""
    return settings.cache_dir() / "exports" / "one"


@pytest.fixture
def running(monkeypatch, process):
    """Every command begun is this process, which waits until it is told to end."""

    def launch(folder, words, **files):
        child = process("import time; time.sleep(60)", str(folder))
        started = psutil.Process(child.pid).create_time()
        note = {"pid": child.pid, "started": started}
        storage.write_json(folder / "process.json", note)

    monkeypatch.setattr(background, "launch", launch)


def test_there_is_none_before_it_is_begun(folder):
    assert read(folder) is None


def test_a_running_one_tells_how_far_it_is(folder, running):
    start(folder, {"what": "x"}, ["models"])
    job = read(folder)
    assert (job.status, job.activity, job.order) == ("running", "", {"what": "x"})
    told = {"activity": "Writing", "done": 1, "total": 3}
    storage.write_json(folder / "progress.json", told)
    assert (read(folder).activity, read(folder).done, read(folder).total) == (
        *("Writing", 1, 3),
    )
    with pytest.raises(CrackError, match="under way"):
        start(folder, {}, ["models"])


def test_cancelled_nothing_is_left(folder, running):
    start(folder, {}, ["models"])
    pid = background.noted_pid(folder)
    cancel(folder)
    assert not folder.exists()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
    cancel(folder)  # a second window


def test_one_that_was_killed_says_so(folder, running, process):
    start(folder, {}, ["models"])
    psutil.Process(background.noted_pid(folder)).kill()
    deadline = time.monotonic() + 20
    while read(folder).status is JobStatus.RUNNING and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read(folder).status is JobStatus.FAILED
    assert "killed" in read(folder).message


def test_a_real_command_ends_with_what_it_prints(folder):
    start(folder, {}, ["models", "export", "gone", "--format", "onnx", "x.onnx"])
    deadline = time.monotonic() + 60
    while read(folder).status is JobStatus.RUNNING and time.monotonic() < deadline:
        time.sleep(0.1)
    job = read(folder)
    assert job.status is JobStatus.FAILED
    assert job.message.startswith("There is no model named 'gone'.")
    (folder / "result.json").write_text(json.dumps({"a": 1}))
    assert read(folder).result == {"a": 1}
