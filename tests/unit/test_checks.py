"""Whether the program can work: on the command line, and for who watches a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from crack import storage
from crack.operations import checks, monitor, start_up
from crack.runs.run import RunStatus


@pytest.fixture(autouse=True)
def asked_anew():
    checks._answer.cache_clear()


@pytest.fixture
def watched(monkeypatch):
    """A server that is watched; returns what it says and with which status."""
    registered = []
    monkeypatch.setattr(REGISTRY, "register", registered.append)
    server = monitor.serve(0, lambda: 3)

    def get(path):
        address = f"http://127.0.0.1:{server.server_port}{path}"
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    get.workspace = registered[0]
    get.address = server.server_address
    yield get
    server.shutdown()
    server.server_close()


def failed(found):
    return [check["name"] for check in found["checks"] if not check["passed"]]


def test_all_is_well_in_a_new_workspace(crack, model, crack_home):
    status, said, _ = crack("check")
    assert status == 0
    assert said.count("ok: ") == 4
    assert f"The workspace {crack_home} can be written." in said
    assert "holds 0 inspections" in said
    assert "The model 'default' gives the drawn photo a probability of" in said
    assert not list(crack_home.glob(".check*"))


def test_each_fault_is_found_and_the_others_are_checked(
    crack, model, crack_home, monkeypatch
):
    (crack_home / "inspections.db").write_bytes(b"Once upon a time" * 100)
    (model / "graph.bin").write_bytes(b"")
    (model / "graph.xml").write_text("<net")
    usage = SimpleNamespace(free=1000)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage)
    status, said, _ = crack("check", "--json")
    assert status == 1
    found = json.loads(said)
    assert found["passed"] is False
    assert failed(found) == ["disk", "database", "model"]


def test_a_workspace_that_cannot_be_made_is_told(crack, crack_home):
    crack_home.write_text("in the way")
    status, said, _ = crack("check")
    assert status == 1
    assert f"FAILED: The workspace {crack_home} cannot be read or written" in said


def test_a_model_is_asked_again_only_when_its_files_change(crack, model, monkeypatch):
    asked = []
    real = checks.Predictor.predict
    monkeypatch.setattr(
        checks.Predictor, "predict", lambda *a: asked.append(1) or real(*a)
    )
    for _ in range(3):
        assert crack("check")[0] == 0
    assert len(asked) == 1
    (model / "graph.bin").unlink()
    assert crack("check")[0] == 1


def test_who_watches_is_answered_on_this_computer_alone(watched, model, crack_home):
    assert watched.address[0] == "127.0.0.1"
    assert watched("/live") == (200, "alive\n")
    status, said = watched("/ready")
    assert status == 200
    assert [check["name"] for check in json.loads(said)] == [
        "workspace",
        "disk",
        "database",
        "model",
    ]
    assert watched("/")[0] == 404
    (crack_home / "inspections.db").write_bytes(b"Once upon a time" * 100)
    (model / "card.json").unlink()
    assert watched("/ready")[0] == 503
    assert watched("/live")[0] == 200


def test_metrics_are_those_of_the_process(watched):
    status, said = watched("/metrics")
    assert status == 200
    assert "crack_photos_total" in said
    assert "crack_photo_seconds_bucket" in said
    assert "crack_errors" in said
    assert "process_resident_memory_bytes" in said


def test_runs_are_counted_from_their_folders(watched, new_run):
    new_run(RunStatus.QUEUED)
    new_run(RunStatus.QUEUED)
    new_run(RunStatus.RUNNING)
    runs, sessions = watched.workspace.collect()
    counted = {sample.labels["status"]: sample.value for sample in runs.samples}
    assert counted == {
        "queued": 2,
        "running": 1,
        "finished": 0,
        "failed": 0,
        "stopped": 0,
    }
    assert sessions.samples[0].value == 3


def remains(crack_home):
    """Make what a process killed while it made, or deleted, a folder of each kind."""
    left = []
    for place in (
        *("datasets", "runs", "models", "adaptations", "inspections"),
        *("evaluations", "evaluations/abc", "cache", "cache/exports", "."),
    ):
        for kind in ("partial", "deleted"):
            folder = crack_home / place / f".half.0a1b2c3d.{kind}"
            (folder / "inner").mkdir(parents=True)
            left.append(folder)
    return left


def test_a_new_server_clears_what_killed_processes_left(crack_home):
    left = remains(crack_home)
    start_up.clear_remains()
    assert [folder for folder in left if folder.exists()] == []


def test_what_is_being_made_just_now_stays(crack_home):
    with storage.new_folder(crack_home / "datasets" / "walls") as made:
        start_up.clear_remains()
        assert made.is_dir()
    assert (crack_home / "datasets" / "walls").is_dir()


def test_nothing_is_cleared_in_read_only_mode(crack_home, monkeypatch):
    left = remains(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    start_up.clear_remains()
    assert all(folder.exists() for folder in left)
