from __future__ import annotations

import os
import signal

import pytest

from crack import storage
from crack.runs import jobs
from crack.runs.run import RunStatus
from tests.slow.conftest import kill, new_run, quick_config, wait_for, wait_for_end

pytestmark = pytest.mark.slow

# Where a run stands, and what to wait for to catch it there.
STAGES = {
    "cache": lambda run: (
        run.progress.done > 0 and run.progress.message.startswith("Passing")
    ),
    "frozen": lambda run: len(run.history) >= 2,
    "fine_tune": lambda run: len(run.history) >= 5,
    "finish": lambda run: run.progress.message.startswith("Exporting"),
}
NUMBERS = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


def assert_same_training(run, reference):
    """Compare two runs epoch by epoch, and what came out of them."""
    ours, theirs = run.history, reference.history
    assert [row["epoch"] for row in ours] == [row["epoch"] for row in theirs]
    assert [row["phase"] for row in ours] == [row["phase"] for row in theirs]
    for one, other in zip(ours, theirs, strict=True):
        for name in NUMBERS:
            where = f"{name} of epoch {one['epoch']}"
            assert one[name] == pytest.approx(other[name], rel=1e-4, abs=1e-6), where
    assert [row["phase"] for row in run.phases] == ["frozen", "fine_tune"]
    assert [row["epochs"] for row in run.phases] == [4, 3]
    for part in ("val", "test"):
        for name in ("accuracy", "recall", "auroc"):
            expected = reference.evaluation[part][name]
            assert run.evaluation[part][name] == pytest.approx(expected, abs=1e-6)
    for name in ("temperature", "offset"):
        expected = reference.evaluation[name]
        assert run.evaluation[name] == pytest.approx(expected, rel=1e-3, abs=1e-3)


def reach(run, stage):
    """Wait until a run is in a stage."""

    def there():
        assert run.status.is_active, f"{run.progress}\n{run.log_tail()}"
        return STAGES[stage](run)

    wait_for(there, run)


def test_a_run_killed_in_every_stage_ends_like_an_undisturbed_one(
    dataset, finished, no_process_left
):
    run = jobs.start(quick_config())
    for stage, phases_done in (
        ("cache", 0),
        ("frozen", 0),
        ("fine_tune", 1),
        ("finish", 2),
    ):
        reach(run, stage)
        kill(run)
        assert run.status is RunStatus.FAILED, stage
        assert "Resume goes on from the last finished epoch" in run.progress.message
        assert len(run.phases) == phases_done
        assert not run.model_folder.exists()
        assert run.evaluation is None
        jobs.resume(run)
        assert run.status.is_active
    wait_for_end(run)
    assert run.status is RunStatus.FINISHED, run.log_tail()
    assert_same_training(run, finished.run)
    assert not list(run.path.glob(".model*"))


def test_a_run_stopped_in_every_stage_ends_like_an_undisturbed_one(
    dataset, finished, no_process_left
):
    run = jobs.start(quick_config())
    for stage in ("cache", "fine_tune", "finish"):
        reach(run, stage)
        if stage == "fine_tune":
            pid = storage.read_json(run.path / "process.json")["pid"]
            os.kill(pid, signal.SIGTERM)
        else:
            jobs.stop(run)
        seconds = wait_for(lambda: not run.status.is_active, run)
        assert run.status is RunStatus.STOPPED, stage
        # The export cannot be interrupted; the rest ends with the batch.
        assert seconds < (60 if stage == "finish" else 5), stage
        assert "Resume goes on from there" in run.progress.message
        jobs.reconcile()
        jobs.resume(run)
        assert not run.stop_requested
    wait_for_end(run)
    assert run.status is RunStatus.FINISHED, run.log_tail()
    assert_same_training(run, finished.run)


@pytest.mark.parametrize("epoch", [4, 5])
def test_an_epoch_without_its_checkpoint_is_done_again(
    dataset, finished, monkeypatch, epoch
):
    """As when the process dies between the row of an epoch and its checkpoint."""
    from crack.training import callbacks, trainer

    run = new_run(dataset, quick_config())
    save = callbacks.save_checkpoint

    def die(run, model, number):
        if number == epoch:
            raise InterruptedError
        save(run, model, number)

    monkeypatch.setattr(trainer, "finish", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "save_checkpoint", die)
        with pytest.raises(InterruptedError):
            trainer.Trainer(run).train()
    assert len(run.history) == epoch
    for name in ("history", "steps", "phases"):
        with (run.path / f"{name}.jsonl").open("a") as file:
            file.write('{"epoch": 9')  # a row that the power cut short

    trainer.Trainer(run).train()
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4, 5, 6, 7]
    for ours, theirs in zip(run.history, finished.run.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert ours["val_loss"] == pytest.approx(theirs["val_loss"], rel=1e-4)
    assert [row["phase"] for row in run.phases] == ["frozen", "fine_tune"]
    positions = [row["position"] for row in run.steps]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize("damage", ["cut short", "zeros"])
def test_a_damaged_checkpoint_gives_way_to_an_earlier_one(
    dataset, finished, monkeypatch, damage
):
    from crack.training import checkpoints, trainer

    run = new_run(dataset, quick_config())
    monkeypatch.setattr(trainer, "finish", lambda *_: None)
    last = len(finished.run.history)
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Trainer, "_load_best", die_at_the_end)
        with pytest.raises(InterruptedError):
            trainer.Trainer(run).train()
    path = checkpoints.checkpoint_path(run, last)
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + (b"" if damage == "cut short" else bytes(half)))

    trainer.Trainer(run).train()
    for ours, theirs in zip(run.history, finished.run.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert ours["val_loss"] == pytest.approx(theirs["val_loss"], rel=1e-4)


def die_at_the_end(_):
    raise InterruptedError


def test_only_what_is_not_active_resumes(finished, monkeypatch):
    from crack.errors import CrackError

    monkeypatch.setenv("CRACK_HOME", str(finished.home))
    with pytest.raises(CrackError, match="finished"):
        jobs.resume(finished.run)
    with pytest.raises(CrackError, match="finished"):
        jobs.stop(finished.run)
