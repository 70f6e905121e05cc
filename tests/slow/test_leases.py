"""Locks between computers, on a PostgreSQL server of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from crack import computer, leases, locks, settings, storage
from crack.errors import CrackError
from crack.leases import Lease
from crack.locks import LockLostError
from crack.runs import background, claim, jobs
from crack.runs.run import RunStatus
from tests.slow.test_postgres import database, server  # noqa: F401 - fixtures

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

TURNS = 100  # of each of two processes
TERM, RENEWED_EVERY = 5.0, 0.5  # seconds; on a busy machine a renewal comes late
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def short_term(monkeypatch):
    monkeypatch.setattr(leases, "TERM", TERM)
    monkeypatch.setattr(leases, "_RENEWED_EVERY", RENEWED_EVERY)


@pytest.fixture(autouse=True)
def released(database, monkeypatch):  # noqa: F811
    """Give back at last what a test has acquired: its threads would ask on."""
    acquired = []
    acquire = Lease.acquire

    def noted(lease, seconds):
        acquired.append(lease)
        return acquire(lease, seconds)

    monkeypatch.setattr(Lease, "acquire", noted)
    yield
    for lease in acquired:
        lease.release()


def take_turns(file: Path) -> None:
    """Enter and leave, each time with a line; what is between two lines takes time."""
    for _ in range(TURNS):
        with locks.locked(settings.home() / "turns"):
            for word in ("in", "out"):
                with file.open("a") as lines:
                    lines.write(f"{word} {os.getpid()}\n")
                time.sleep(0.002)


def hold(name: str, said) -> None:
    leases.TERM, leases._RENEWED_EVERY = TERM, RENEWED_EVERY
    lease = Lease(name)
    assert lease.acquire(0)
    said.put(os.getpid())
    time.sleep(60)


@pytest.fixture
def holder():
    """Start processes that hold leases; end them at last."""
    started = []

    def begin(name: str):
        said = SPAWN.Queue()
        process = SPAWN.Process(target=hold, args=(name, said))
        process.start()
        started.append(process)
        said.get(timeout=60)
        return process

    yield begin
    for process in started:
        process.kill()
        process.join()


def rows(query: str = "SELECT name FROM leases") -> list:
    with psycopg.connect(os.environ["CRACK_DATABASE_URL"]) as connection:
        return connection.execute(query).fetchall()


def test_two_processes_take_two_hundred_turns_one_at_a_time(tmp_path):
    leases.is_held("")  # makes the tables
    both = [
        SPAWN.Process(target=take_turns, args=(tmp_path / "lines",)) for _ in range(2)
    ]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    lines = (tmp_path / "lines").read_text().split("\n")[:-1]
    assert len(lines) == 4 * TURNS
    for into, out in zip(lines[::2], lines[1::2], strict=True):
        assert into.replace("in", "out") == out
    assert len(set(lines)) == 4
    assert rows() == []


def test_the_lease_of_a_killed_holder_is_taken_over_once_it_has_expired(holder):
    process = holder("a")
    began = time.monotonic()
    os.kill(process.pid, signal.SIGKILL)
    mine = Lease("a")
    assert not mine.acquire(0)
    assert mine.acquire(4 * TERM)
    assert TERM / 2 < time.monotonic() - began < 3 * TERM
    mine.release()


def test_a_lease_is_renewed_as_long_as_its_holder_lives(holder):
    holder("a")
    assert not Lease("a").acquire(3 * TERM)
    assert Lease("b").acquire(0)


def test_a_holder_that_was_suspended_notices_that_it_lost_its_lease(monkeypatch):
    monkeypatch.setattr(leases, "_RENEWED_EVERY", 60)  # as if the thread were suspended
    first, second = Lease("a"), Lease("a")
    assert first.acquire(0)
    first.check()
    assert second.acquire(2 * TERM)
    with pytest.raises(LockLostError, match="cut off"):
        first.check(10)
    first.release()
    second.check()
    assert not Lease("a").acquire(0)
    second.release()
    assert Lease("a").acquire(0)


def test_a_holder_that_nobody_relieved_goes_on(monkeypatch):
    monkeypatch.setattr(leases, "_RENEWED_EVERY", 60)
    lease = Lease("a")
    assert lease.acquire(0)
    time.sleep(1.5 * TERM)
    assert not leases.is_held("a")
    lease.check()
    assert leases.is_held("a")


def test_work_waits_for_a_database_that_is_away(server):  # noqa: F811
    lease = Lease("a")
    assert lease.acquire(0)
    server.run("pg_ctl", "stop", "--mode", "fast")
    try:
        time.sleep(1.5 * TERM)
        with pytest.raises(LockLostError):
            lease.check()
        with pytest.raises(CrackError, match="cannot be used"):
            Lease("b").acquire(0)
    finally:
        options = f"-h 127.0.0.1 -p {server.port} -k {server.folder} -F"
        server.run("pg_ctl", "start", "--wait", "-o", options)
    lease.check(10)
    assert leases.is_held("a")


def test_what_was_left_long_ago_is_forgotten(holder):
    holder("held")
    rows(
        "INSERT INTO leases VALUES ('old', 'x', now() - interval '2 days') RETURNING 1"
    )
    leases.forget_old()
    assert rows() == [("held",)]


def test_a_folder_is_made_by_one_and_no_lock_file_is_left(crack_home, holder):
    holder("models/.one.lock")
    with (
        pytest.raises(CrackError, match="just being made"),
        storage.new_folder(settings.models_dir() / "one"),
    ):
        pass
    with storage.new_folder(settings.models_dir() / "two") as folder:
        assert rows("SELECT name FROM leases ORDER BY 1")[1] == ("models/.two.lock",)
        (folder / "card.json").touch()
    assert [each.name for each in settings.models_dir().iterdir()] == ["two"]


def test_a_folder_whose_lock_was_lost_is_not_made(crack_home, monkeypatch):
    monkeypatch.setattr(leases, "_RENEWED_EVERY", 60)

    def make_slowly():
        with storage.new_folder(settings.models_dir() / "one"):
            assert Lease("models/.one.lock").acquire(2 * TERM)

    with pytest.raises(LockLostError):
        make_slowly()
    assert list(settings.models_dir().iterdir()) == []


def test_what_is_outside_the_workspace_is_locked_by_a_file(tmp_path):
    with locks.locked(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()
    leases.is_held("")
    assert rows() == []


def note(run, host: str, pid: int = 1, age: float = 1000) -> None:
    started = time.time() - age
    written = {"pid": pid, "started": started, "host": host}
    storage.write_json(run.path / "process.json", written)


def test_a_run_of_another_computer_lives_as_long_as_its_claim(new_run, holder):
    run = new_run(RunStatus.RUNNING)
    note(run, "elsewhere")
    process = holder(f"runs/{run.id}/.claim")
    assert background.host_elsewhere(run.path) == "elsewhere"
    jobs.reconcile()
    assert run.status is RunStatus.RUNNING
    process.kill()
    time.sleep(1.5 * TERM)
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


def test_a_run_of_another_computer_has_time_to_claim_its_folder(new_run):
    run = new_run()
    note(run, "elsewhere", age=5)
    jobs.reconcile()
    assert run.status is RunStatus.QUEUED


def test_the_queue_of_another_computer_is_not_waited_for(new_run, holder, process):
    older, younger = sorted((new_run(), new_run()), key=lambda run: run.id)
    note(older, "elsewhere")
    holder(f"runs/{older.id}/.claim")
    sleeper = process("import time; time.sleep(60)", str(younger.path))
    note(younger, computer.host(), sleeper.pid, age=0)
    lock = jobs.wait_for_turn(younger)
    assert lock is not None
    with lock:
        assert ("runs/.lock-" + computer.machine(),) in rows()


def test_a_process_of_another_computer_ends_when_it_is_asked_to(
    crack_home, monkeypatch, tmp_path
):
    folder = settings.adaptations_dir() / "one"
    folder.mkdir(parents=True)
    background.launch(folder, ["-c", CLAIMS], "log")
    while not claim.is_held(folder):
        time.sleep(0.05)
    monkeypatch.setattr(computer, "host", lambda: "elsewhere")
    assert background.is_alive(folder, 0)
    background.end(folder)
    assert not claim.is_held(folder)
    monkeypatch.undo()
    while background._children:
        background.reap()
        time.sleep(0.05)


CLAIMS = """
import signal, sys, time
from crack.runs import claim
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
assert claim.take()
time.sleep(60)
"""


def test_of_two_processes_for_one_folder_the_one_not_wanted_leaves(
    crack_home, holder, monkeypatch
):
    folder = settings.runs_dir() / "one"
    folder.mkdir(parents=True)
    holder("runs/one/.claim")
    monkeypatch.setenv(claim.FOLDER_VARIABLE, str(folder))
    asked = iter([True, False])
    assert not claim.take(lambda: next(asked))
