from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from crack import storage
from crack.data.importer import add_dataset
from crack.runs import jobs
from crack.runs.config import Phase, PhaseConfig
from crack.runs.run import Run, RunStatus
from crack.runs.workers import Workers
from tests.slow import conftest
from tests.slow.conftest import (
    draw_folder,
    end_processes,
    kill,
    quick_config,
    wait_for,
    wait_for_end,
)

pytest.importorskip("ray", reason="needs requirements-cluster-dev.txt: make cluster")

pytestmark = pytest.mark.slow

EPOCHS = 8

# 13 does not divide the number of training images, and no batch by two processes.
CONFIG = quick_config(
    batch_size=13,
    frozen=PhaseConfig(1, "adam", 3e-3),
    fine_tune=PhaseConfig(EPOCHS, "adam", 1e-4, "cosine"),
)
NUMBERS = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """Much of it: a training lets everything else on the computer go first."""
    monkeypatch.setattr(conftest, "PATIENCE_SECONDS", 1200)


@pytest.fixture
def patches(tmp_path_factory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("training") / "patches", 110, 90)


@pytest.fixture
def by_one(tmp_path_factory, patches, patience) -> Run:
    """A run of one process, which the others are compared with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRACK_HOME", str(tmp_path_factory.mktemp("one")))
        add_dataset("concrete", patches, crack_class="Positive")
        run = jobs.start(CONFIG)
        try:
            wait_for_end(run)
        finally:
            end_processes()
    assert run.status is RunStatus.FINISHED, run.log_tail()
    return run


@pytest.fixture
def by_two(patches, tmp_path, monkeypatch) -> Run:
    """A run whose fine-tune phase two processes train, just started."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    add_dataset("concrete", patches, crack_class="Positive")
    yield jobs.start(CONFIG, Workers(None, 2))
    end_processes()


def fine_tuned(run: Run) -> int:
    return sum(row["phase"] == Phase.FINE_TUNE for row in run.history)


def wait_for_epoch(run: Run, number: int) -> None:
    def there():
        assert run.status.is_active, f"{run.progress}\n{run.log_tail()}"
        return fine_tuned(run) >= number

    wait_for(there, run)


def processes(run: Run) -> list[psutil.Process]:
    """Those that train together, and all that Ray has started for them."""
    driver = psutil.Process(storage.read_json(run.path / "process.json")["pid"])
    return driver.children(recursive=True)


def trainers(run: Run) -> list[psutil.Process]:
    return [p for p in processes(run) if "RayTrainWorker" in " ".join(p.cmdline())]


def assert_same_training(run: Run, other: Run) -> None:
    assert run.status is RunStatus.FINISHED, f"{run.progress}\n{run.log_tail()}"
    assert len(run.history) == len(other.history) == 1 + EPOCHS
    # One image at 50 % may fall on the other side.
    an_image = 1.01 / (run.split["split"] == "train").sum()
    apart = dict.fromkeys(NUMBERS, 1e-3) | {"accuracy": an_image}
    for mine, theirs in zip(run.history, other.history, strict=True):
        for name in NUMBERS:
            assert abs(mine[name] - theirs[name]) < apart[name], (name, mine, theirs)
    positions = [row["position"] for row in run.steps]
    assert positions == [row["position"] for row in other.steps]
    assert run.evaluation["test"]["accuracy"] == other.evaluation["test"]["accuracy"]
    assert [row["epochs"] for row in run.phases] == [1, EPOCHS]


def test_two_processes_train_like_one_whatever_is_lost(by_one, by_two):
    wait_for_epoch(by_two, 1)
    one, other = trainers(by_two)
    other.send_signal(signal.SIGKILL)
    wait_for_epoch(by_two, 3)
    assert not one.is_running()  # Ray has started both anew

    jobs.stop(by_two)
    wait_for_end(by_two)
    assert by_two.status is RunStatus.STOPPED, by_two.log_tail()
    assert 3 <= fine_tuned(by_two) < EPOCHS
    assert not (by_two.path / ".ray").exists()

    jobs.resume(by_two)
    wait_for_epoch(by_two, fine_tuned(by_two) + 1)
    started = processes(by_two)
    kill(by_two)
    assert by_two.status is RunStatus.FAILED
    wait_for(lambda: not any(p.is_running() for p in started))
    assert by_two.status is RunStatus.FAILED
    assert "Resume goes on from the last finished epoch" in by_two.progress.message

    jobs.resume(by_two)
    wait_for_end(by_two)
    assert_same_training(by_two, by_one)
