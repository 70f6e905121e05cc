"""No snapshot is out of date, and no file is read twice for nothing."""

from __future__ import annotations

import os
import time
from collections import Counter

import pandas as pd
import pytest

from crack import settings, storage
from crack.data.split import write_split
from crack.runs import snapshot
from crack.runs.listing import broken_runs, list_runs, runs_ahead
from crack.runs.run import Run, RunStatus
from crack.runs.snapshot import take_snapshot
from tests.runs import create_run, write_rows

LONG_AGO = 1_700_000_000


def row(epoch: int) -> dict[str, object]:
    return {
        "epoch": epoch,
        "phase": "frozen",
        "loss": 0.5,
        "accuracy": 0.8,
        "val_loss": 1 / epoch,
        "val_accuracy": 0.9,
        "learning_rate": 1e-3,
        "seconds": 2.0,
    }


def write_evaluation(run: Run, **more: object) -> None:
    metrics = {"n": 7, "accuracy": 0.9, "recall": 0.9, "precision": 0.9, "auroc": 0.9}
    leak = {"count": 0, "total": 14, "share": 0.0}
    content = {
        "val": metrics,
        "test": metrics,
        "temperature": 1.5,
        "leak": leak,
        **more,
    }
    storage.write_json(run.path / "evaluation.json", content)


def age(run: Run) -> None:
    """Make the files of a run old enough for their times to be relied on."""
    for path in run.path.glob("*.json*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


@pytest.fixture
def finished(new_run):
    run = new_run(RunStatus.FINISHED, "Finished.")
    storage.append_jsonl(run.path / "history.jsonl", row(1))
    write_evaluation(run)
    age(run)
    return run


@pytest.fixture
def read(monkeypatch):
    """How often each file was read."""
    count: Counter[str] = Counter()

    def counted(name, reader):
        def read_it(run):
            count[name] += 1
            return reader(run)

        return read_it

    readers = {name: counted(name, f) for name, f in snapshot._READERS.items()}
    monkeypatch.setattr(snapshot, "_READERS", readers)
    return count


def test_a_finished_run_is_read_once(finished, read):
    first = take_snapshot(finished.path)
    assert set(read.values()) == {1}
    assert take_snapshot(finished.path) is first
    assert list_runs() == [first]
    assert set(read.values()) == {1}


def test_only_the_file_that_changed_is_read_again(finished, read):
    assert len(take_snapshot(finished.path).history) == 1
    storage.append_jsonl(finished.path / "history.jsonl", row(2))
    age(finished)  # so that only the size tells
    again = take_snapshot(finished.path)
    assert [r["epoch"] for r in again.history] == [1, 2]
    assert read.pop("history.jsonl") == 2
    assert set(read.values()) == {1}


def test_a_replaced_file_of_the_same_size_and_time_is_noticed(finished):
    assert take_snapshot(finished.path).status is RunStatus.FINISHED
    path = finished.path / "status.json"
    text = path.read_text()
    storage.write_bytes(path, text.replace("finished", "unusable").encode())
    age(finished)
    assert path.stat().st_size == len(text)
    assert take_snapshot(finished.path) is None


def test_a_file_of_a_moment_ago_is_read_again_whatever_its_time_says(finished):
    path = finished.path / "status.json"
    before = time.time()
    os.utime(path, (before, before))
    assert take_snapshot(finished.path).status is RunStatus.FINISHED
    with path.open("r+") as file:  # in place, within a step of the clock
        text = file.read().replace("finished", "unusable")
        file.seek(0)
        file.write(text)
    os.utime(path, (before, before))
    assert take_snapshot(finished.path) is None


def test_every_report_of_a_worker_is_seen(new_run):
    run = new_run()
    for done in range(20):
        run.report(RunStatus.RUNNING, "Training.", done, 20)
        assert take_snapshot(run.path).progress.done == done


def test_a_snapshot_stays_as_it_was_while_its_run_goes_on(new_run):
    run = new_run(RunStatus.RUNNING)
    before = take_snapshot(run.path)
    run.report(RunStatus.STOPPED, "Stopped.")
    assert before.status is RunStatus.RUNNING
    assert before.live.status is RunStatus.STOPPED
    assert take_snapshot(run.path).status is RunStatus.STOPPED


def test_a_result_that_appears_and_vanishes_is_noticed(finished):
    (finished.path / "evaluation.json").unlink()
    assert take_snapshot(finished.path).evaluation is None
    write_evaluation(finished)
    assert take_snapshot(finished.path).evaluation["val"]["n"] == 7


def test_a_damaged_run_is_whole_again_once_it_is_mended(finished):
    whole = (finished.path / "config.json").read_text()
    (finished.path / "config.json").write_text("{")
    age(finished)
    assert list_runs() == []
    assert [run.id for run in broken_runs()] == [finished.id]
    (finished.path / "config.json").write_text(whole)
    age(finished)
    assert [run.id for run in list_runs()] == [finished.id]
    assert broken_runs() == []


def test_a_file_that_could_not_be_read_is_tried_again(finished, monkeypatch):
    def fail(_):
        raise OSError("the drive is away")

    with monkeypatch.context() as patch:
        patch.setitem(snapshot._READERS, "config.json", fail)
        assert take_snapshot(finished.path) is None
    assert take_snapshot(finished.path).config.dataset == "walls"


def test_a_deleted_run_is_not_listed_and_not_kept(finished):
    assert len(list_runs()) == 1
    storage.remove_folder(finished.path)
    assert take_snapshot(finished.path) is None
    assert list_runs() == []
    assert str(finished.path) not in snapshot._known


def test_what_lies_beside_the_runs_is_neither_whole_nor_broken(finished):
    (settings.runs_dir() / "notes.txt").touch()
    (settings.runs_dir() / "old").mkdir()
    assert [run.id for run in list_runs()] == [finished.id]
    assert broken_runs() == []


def test_an_evaluation_of_the_first_version_reads_as_one_of_today(finished):
    evaluation = take_snapshot(finished.path).evaluation
    assert (evaluation["offset"], evaluation["note"]) == (0, "")
    write_evaluation(finished, offset=0.25, note="Drawn.")
    evaluation = take_snapshot(finished.path).evaluation
    assert (evaluation["offset"], evaluation["note"]) == (0.25, "Drawn.")


def test_the_validation_images_are_those_of_the_result_else_of_the_split(finished):
    rows = [(f"{n}.png", "Positive", n, "val" if n else "train") for n in range(4)]
    split = pd.DataFrame(rows, columns=["file", "class", "group", "split"])
    run = create_run(split)
    assert take_snapshot(run.path).validation_images == 3
    write_split(run.path / "split.csv", split[:2])
    assert take_snapshot(run.path).validation_images == 1
    assert take_snapshot(finished.path).validation_images == 7


def test_the_time_is_that_of_the_epochs_and_of_preparing_the_images(finished):
    assert take_snapshot(finished.path).seconds == 2
    write_rows(finished, epochs=2, steps=1)
    assert take_snapshot(finished.path).seconds == 2 * 2 + 2 * 5


@pytest.mark.parametrize(
    "content", ["[]", "3", '{"val": {"n": 1}}', '{"val": 1, "test": 2}', '{"val']
)
def test_a_garbled_evaluation_is_a_damaged_run(finished, content):
    (finished.path / "evaluation.json").write_text(content)
    assert take_snapshot(finished.path) is None


@pytest.mark.parametrize("row", ["[1]", '"x"', '{"epoch": "one"}', "{}"])
def test_a_garbled_history_is_a_damaged_run(finished, row):
    (finished.path / "history.jsonl").write_text(f"{row}\n")
    assert take_snapshot(finished.path) is None


def test_ahead_of_a_queued_run_are_the_one_at_work_and_older_ones(new_run):
    for status in (RunStatus.RUNNING, RunStatus.FINISHED, *[RunStatus.QUEUED] * 3):
        new_run(status)
    runs = list_runs()
    queued = [run for run in runs if run.status is RunStatus.QUEUED]
    assert [runs_ahead(run, runs) for run in queued] == [3, 2, 1]
