from __future__ import annotations

import errno
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psutil
import pytest
from filelock import FileLock
from PIL import Image

from crack import settings, storage
from crack.data.dataset import dataset_names
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.runs import background, jobs
from crack.runs.config import PRESETS
from crack.runs.listing import list_runs
from crack.runs.run import Run, RunStatus
from crack.runs.snapshot import RunSnapshot

CONFIG = PRESETS["recommended"].for_dataset("walls")
HOLD_LOCK = """
import sys, time
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper(process):
    return process("import time; time.sleep(60)")


def belongs_to(run: Run, pid: int, later: float = 0) -> None:
    """Write down that a process works on a run, as `_launch` does."""
    started = psutil.Process(pid).create_time() + later
    storage.write_json(run.path / "process.json", {"pid": pid, "started": started})


def has_active(runs: list[RunSnapshot]) -> bool:
    return any(run.status.is_active for run in runs)


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_starting_makes_a_queued_run_with_its_split_and_a_process(dataset, launched):
    run = jobs.start(CONFIG)
    assert [r.id for r in launched] == [run.id]
    assert run.status is RunStatus.QUEUED
    assert run.config == CONFIG
    assert run.split["file"].tolist() == dataset.samples["file"].tolist()
    assert set(run.split["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "gone"}, "no dataset named 'gone'"),
        ({"backbone": "gone"}, "no backbone named 'gone'"),
        ({"image_size": 33}, "The image size must be"),
        ({"seed": -1}, "The seed must be"),
    ],
)
def test_what_cannot_be_trained_leaves_no_run(launched, changes, message):
    with pytest.raises(CrackError, match=message):
        jobs.start(replace(CONFIG, **changes))
    assert not settings.runs_dir().exists()
    assert launched == []


def test_a_class_too_small_to_split_leaves_no_run(launched, tmp_path):
    for name, count in (("Positive", 2), ("Negative", 5)):
        (tmp_path / "few" / name).mkdir(parents=True)
        for number in range(count):
            patch = Image.effect_noise((32, 32), 40)
            patch.save(tmp_path / "few" / name / f"{number}.png")
    add_dataset("few", tmp_path / "few")
    with pytest.raises(CrackError, match="Positive has 2"):
        jobs.start(replace(CONFIG, dataset="few"))
    assert not settings.runs_dir().exists()
    assert launched == []


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING])
def test_stopping_asks_an_active_run_to_end(new_run, status):
    run = new_run(status)
    jobs.stop(run)
    assert run.stop_requested
    assert run.status is status


@pytest.mark.parametrize("status", ["finished", "failed", "stopped"])
def test_a_run_that_ended_cannot_stop(new_run, status):
    run = new_run(RunStatus(status))
    with pytest.raises(CrackError, match=f"is {status} already"):
        jobs.stop(run)
    assert not run.stop_requested


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_resuming_queues_the_run_again_and_forgets_its_past(new_run, launched, status):
    run = new_run()
    jobs.stop(run)
    storage.write_json(run.path / "process.json", {"pid": 1, "started": 1.0})
    run.report(RunStatus(status), "It ended.")
    jobs.resume(run)
    assert run.status is RunStatus.QUEUED
    assert not run.stop_requested
    assert not (run.path / "process.json").exists()
    assert launched == [run]


@pytest.mark.parametrize("status", ["queued", "running", "finished"])
def test_a_run_that_is_active_or_finished_cannot_resume(new_run, launched, status):
    with pytest.raises(CrackError, match=f"is {status}"):
        jobs.resume(new_run(RunStatus(status)))
    assert launched == []


def test_deleting_removes_all_files_of_a_run(new_run):
    run = new_run(RunStatus.FAILED)
    jobs.delete(run)
    assert not run.path.exists()


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING])
def test_an_active_run_cannot_be_deleted(new_run, status):
    run = new_run(status)
    with pytest.raises(CrackError, match="Stop it first"):
        jobs.delete(run)
    assert run.path.exists()


def test_a_run_whose_process_works_is_left_alone(new_run, sleeper):
    run = new_run(RunStatus.RUNNING)
    belongs_to(run, sleeper.pid)
    jobs.reconcile()
    assert run.status is RunStatus.RUNNING


def test_a_run_whose_process_was_killed_has_failed(new_run, sleeper):
    run = new_run(RunStatus.RUNNING)
    belongs_to(run, sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    jobs.reconcile()
    assert run.status is RunStatus.FAILED
    assert "killed" in run.progress.message


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_killed_process_that_nobody_waited_for_counts_as_dead(new_run, sleeper):
    run = new_run(RunStatus.RUNNING)
    belongs_to(run, sleeper.pid)
    sleeper.kill()
    seen = psutil.Process(sleeper.pid)
    wait_until(lambda: seen.status() == psutil.STATUS_ZOMBIE)
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


def test_another_process_with_the_same_id_is_not_taken_for_the_worker(new_run, sleeper):
    run = new_run(RunStatus.RUNNING)
    belongs_to(run, sleeper.pid, later=-100)
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


def test_a_run_has_time_to_get_its_process(new_run):
    run = new_run()
    jobs.reconcile()
    assert run.status is RunStatus.QUEUED
    status = storage.read_json(run.path / "status.json")
    status["updated"] -= 31
    storage.write_json(run.path / "status.json", status)
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


@pytest.mark.parametrize("status", ["finished", "failed", "stopped"])
def test_what_a_run_said_of_its_end_is_kept(new_run, sleeper, status):
    run = new_run(RunStatus(status), "As the worker said.")
    belongs_to(run, sleeper.pid, later=-100)
    jobs.reconcile()
    assert (run.status, run.progress.message) == (status, "As the worker said.")


def test_a_damaged_note_of_the_process_counts_as_dead(new_run):
    run = new_run(RunStatus.RUNNING)
    (run.path / "process.json").write_text("")
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


def test_on_a_full_disk_the_runs_can_be_looked_at(new_run, monkeypatch):
    run = new_run(RunStatus.RUNNING)
    storage.write_json(run.path / "process.json", {"pid": 2**22 + 1, "started": 1.0})

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_bytes", full)
        jobs.reconcile()
    assert run.status is RunStatus.RUNNING
    jobs.reconcile()
    assert run.status is RunStatus.FAILED


def test_a_broken_run_does_not_keep_others_from_being_looked_at(new_run):
    broken, dead = new_run(), new_run(RunStatus.RUNNING)
    (broken.path / "status.json").write_text("{")
    storage.write_json(dead.path / "process.json", {"pid": 2**22 + 1, "started": 1.0})
    jobs.reconcile()
    assert dead.status is RunStatus.FAILED


class Turn(threading.Thread):
    """Waits for the turn of a run, then holds the lock until told to end."""

    def __init__(self, run: Run) -> None:
        super().__init__(daemon=True)
        self.run_waiting, self.came, self.end = run, threading.Event(), False
        self.start()

    def run(self) -> None:
        lock = jobs.wait_for_turn(self.run_waiting)
        assert lock is not None
        with lock:
            self.came.set()
            while not self.end:
                time.sleep(0.02)

    def finish(self) -> None:
        self.end = True
        self.join()


def test_runs_train_one_after_the_other_the_oldest_first(new_run, sleeper):
    older, younger = sorted((new_run(), new_run()), key=lambda run: run.id)
    for run in (older, younger):
        belongs_to(run, sleeper.pid)
    second = Turn(younger)
    assert not second.came.wait(0.3)
    first = Turn(older)
    assert first.came.wait(10)
    older.report(RunStatus.RUNNING, "")
    assert not second.came.wait(0.7)
    older.report(RunStatus.FINISHED, "")
    first.finish()
    assert second.came.wait(10)
    second.finish()


def test_a_queued_run_whose_process_died_holds_up_nobody(new_run, sleeper):
    older, younger = sorted((new_run(), new_run()), key=lambda run: run.id)
    belongs_to(older, sleeper.pid, later=-100)
    belongs_to(younger, sleeper.pid)
    turn = Turn(younger)
    assert turn.came.wait(10)
    turn.finish()
    assert older.status is RunStatus.FAILED


def test_the_turn_comes_when_the_holder_is_killed(new_run, sleeper, process):
    run = new_run()
    belongs_to(run, sleeper.pid)
    holder = process(HOLD_LOCK, str(settings.runs_dir() / ".lock"))
    assert holder.stdout.readline() == "held\n"
    turn = Turn(run)
    assert not turn.came.wait(0.3)
    holder.kill()
    assert turn.came.wait(10)
    turn.finish()


def test_a_run_asked_to_stop_gets_no_turn(new_run):
    run = new_run()
    jobs.stop(run)
    assert jobs.wait_for_turn(run) is None


def test_a_real_worker_queues_is_killed_resumes_and_stops(new_run):
    run = new_run()
    with FileLock(settings.runs_dir() / ".lock"):
        jobs._launch(run)
        wait_until(lambda: "its turn" in run.progress.message)
        jobs.reconcile()
        assert run.status is RunStatus.QUEUED
        worker = storage.read_json(run.path / "process.json")["pid"]
        assert psutil.Process(worker).nice() > psutil.Process().nice()
        psutil.Process(worker).send_signal(signal.SIGTERM)
        wait_until(lambda: not run.status.is_active)
        assert run.status is RunStatus.STOPPED
        jobs.resume(run)
        wait_until(lambda: "its turn" in run.progress.message)
        worker = storage.read_json(run.path / "process.json")["pid"]
        psutil.Process(worker).kill()
        wait_until(lambda: not has_active(jobs.reconcile()))
        assert run.status is RunStatus.FAILED
    wait_until(lambda: jobs.reconcile() and not background._children)
    assert [r.id for r in list_runs()] == [run.id]


def test_many_threads_may_reconcile_the_same_dead_run(new_run, process):
    run = new_run()
    dead = process("pass")
    belongs_to(run, dead.pid)
    dead.wait()
    with ThreadPoolExecutor(8) as tabs:
        for done in [tabs.submit(jobs.reconcile) for _ in range(64)]:
            done.result()
    assert run.status is RunStatus.FAILED
    assert not list(run.path.glob(".*"))


def test_a_worker_lives_on_when_the_clock_of_the_system_steps(new_run, process):
    run = new_run()
    worker = process("import time; time.sleep(60)", str(run.path))
    # A process has no command line for a moment after it was started.
    wait_until(psutil.Process(worker.pid).cmdline)
    belongs_to(run, worker.pid, later=3600)
    jobs.reconcile()
    assert run.status is RunStatus.QUEUED


def test_a_run_deleted_in_another_tab_is_told_of(new_run):
    run = new_run()
    run.report(RunStatus.STOPPED, "Stopped.")
    jobs.delete(Run(run.path))
    assert not run.status.is_active
    for action in (jobs.stop, jobs.resume, jobs.delete):
        with pytest.raises(CrackError, match="was deleted"):
            action(run)
    assert list(run.path.parent.iterdir()) == []


def test_only_the_process_started_last_is_the_worker(new_run, process):
    run = new_run()
    first, last = (process("import time; time.sleep(60)") for _ in range(2))
    assert jobs.is_the_worker(run, first.pid)
    belongs_to(run, last.pid)
    assert jobs.is_the_worker(run, last.pid)
    assert not jobs.is_the_worker(run, first.pid)


def test_a_dataset_in_use_is_not_deleted(dataset, launched):
    run = jobs.start(CONFIG)
    with pytest.raises(CrackError, match=f"Run {run.id} is queued"):
        jobs.delete_unused_dataset(CONFIG.dataset)
    run.report(RunStatus.STOPPED, "Stopped.")
    jobs.delete_unused_dataset(CONFIG.dataset)
    assert dataset_names() == []


def test_a_changed_recipe_no_longer_bears_the_name_of_its_preset(dataset, launched):
    recipe = PRESETS["recommended"].for_dataset(CONFIG.dataset)
    assert jobs.start(replace(recipe, seed=5)).config.preset == "recommended"
    assert jobs.start(replace(recipe, views=4)).config.preset == "custom"
