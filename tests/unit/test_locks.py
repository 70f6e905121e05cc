from __future__ import annotations

import threading
import time

import pytest

from crack import computer, locks, settings, storage
from crack.locks import LockedError, locked
from crack.runs import background, claim

ADDRESS = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def path(crack_home):
    crack_home.mkdir()
    return crack_home / ".some.lock"


def test_one_holds_a_lock_at_a_time(path):
    with locked(path):
        assert not locks.lock_on(path).acquire(0)
        with pytest.raises(LockedError, match="Another window"), locked(path, 0):
            pass
    with locked(path, 0) as lock:
        lock.check()


def test_whoever_waits_is_asked_meanwhile_and_gets_it_at_last(path):
    asked = threading.Event()
    held = locks.lock_on(path)
    assert held.acquire(0)

    def wait() -> None:
        with locked(path, meanwhile=asked.set):
            pass

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert asked.wait(20)
    held.release()
    waiting.join(20)
    assert not waiting.is_alive()


def test_waiting_can_be_ended(path):
    def no_more() -> None:
        raise KeyboardInterrupt

    with (
        locked(path),
        pytest.raises(KeyboardInterrupt),
        locked(path, meanwhile=no_more),
    ):
        pass


@pytest.mark.parametrize(
    ("address", "shared"),
    [("", False), ("sqlite:////tmp/a.db", False), (ADDRESS, True)],
)
def test_a_database_server_is_shared(monkeypatch, address, shared):
    monkeypatch.setenv(locks.URL_VARIABLE, address)
    assert locks.are_shared() == shared


def test_a_lease_has_the_same_name_wherever_the_workspace_is(monkeypatch, tmp_path):
    names = set()
    for place in ("here", "there"):
        monkeypatch.setenv("CRACK_HOME", str(tmp_path / place))
        names.add(locks.name_of(settings.runs_dir() / ".lock"))
    assert names == {"runs/.lock"}


def test_on_one_computer_its_name_does_not_matter(new_run, process, monkeypatch):
    run = new_run()
    note = {"pid": 1, "started": 1.0, "host": "as-it-was-called"}
    storage.write_json(run.path / "process.json", note)
    assert background.host_elsewhere(run.path) is None


def test_where_it_is_not_known_a_process_elsewhere_counts_as_alive(
    new_run, monkeypatch
):
    run = new_run()
    note = {"pid": 1, "started": time.time() - 1000, "host": "elsewhere"}
    storage.write_json(run.path / "process.json", note)
    monkeypatch.setenv(locks.URL_VARIABLE, ADDRESS)
    assert background.host_elsewhere(run.path) == "elsewhere"
    assert background.is_alive(run.path, 0)


def test_a_note_of_an_earlier_version_is_of_this_computer(new_run, monkeypatch):
    run = new_run()
    storage.write_json(run.path / "process.json", {"pid": 1, "started": 1.0})
    monkeypatch.setenv(locks.URL_VARIABLE, ADDRESS)
    assert background.host_elsewhere(run.path) is None


def test_on_one_computer_nothing_is_claimed(new_run, monkeypatch):
    run = new_run()
    monkeypatch.setenv(claim.FOLDER_VARIABLE, str(run.path))
    assert claim.take(lambda: False)
    claim.check()
    assert list(run.path.glob(".claim*")) == []


def test_the_machine_is_the_same_at_every_look():
    assert computer.machine() == computer.machine() != ""
