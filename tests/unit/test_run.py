from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from crack import storage
from crack.data.dataset import edit_dataset, load_dataset, undo_edits
from crack.data.split import make_split
from crack.errors import CrackError
from crack.runs.config import PRESETS, Phase
from crack.runs.listing import active_run, broken_runs, find_run, list_runs
from crack.runs.run import Run, RunStatus
from tests.runs import create_run, epoch_row


def test_a_new_run_is_queued_and_says_what_it_was_asked_to_do(new_run):
    run = new_run()
    assert run.status is RunStatus.QUEUED
    assert run.config == PRESETS["recommended"].for_dataset("walls")
    assert (run.path / "checkpoints").is_dir()
    assert run.history == run.steps == run.phases == []
    assert run.evaluation is None
    assert run.best_epoch is None
    assert run.log_tail() == ""
    assert not run.stop_requested


def test_the_id_tells_time_and_backbone(new_run):
    run = new_run()
    age = datetime.now().astimezone() - run.created
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert "-surfaces-" in run.id


def test_a_class_named_na_or_1_stays_text_in_the_split(new_run):
    rows = [("NA/1.png", "NA", 0, "train"), ("1/2.png", "1", 1, "val")]
    split = pd.DataFrame(rows, columns=["file", "class", "group", "split"])
    run = create_run(split)
    assert run.split["class"].tolist() == ["NA", "1"]


def test_what_one_process_reports_another_reads(new_run):
    run = new_run()
    run.report(RunStatus.RUNNING, "Training.", 3, 10, 12.5, 0.4)
    progress = Run(run.path).progress
    assert progress.status is RunStatus.RUNNING
    assert (progress.done, progress.total, progress.eta_seconds) == (3, 10, 12.5)
    assert progress.share == 0.4
    assert progress.updated > 0


def test_a_report_of_the_version_before_says_nothing_of_the_share(new_run):
    run = new_run(RunStatus.RUNNING)
    path = run.path / "status.json"
    content = storage.read_json(path)
    del content["share"]
    storage.write_json(path, content)
    assert run.progress.share is None


@pytest.mark.parametrize("status", RunStatus)
def test_only_queued_and_running_are_active(status):
    assert status.is_active is (status in ("queued", "running"))


def test_the_best_epoch_has_the_highest_accuracy_then_the_lowest_loss(new_run):
    run = new_run()
    for epoch, accuracy, loss in ((1, 0.8, 0.1), (2, 0.9, 0.4), (3, 0.9, 0.3)):
        row = epoch_row(epoch, Phase.FROZEN)
        row |= {"val_accuracy": accuracy, "val_loss": loss}
        storage.append_jsonl(run.path / "history.jsonl", row)
    assert run.best_epoch["epoch"] == 3


def test_a_half_written_epoch_is_not_in_the_history(new_run):
    run = new_run()
    row = epoch_row(1, Phase.FROZEN)
    storage.append_jsonl(run.path / "history.jsonl", row)
    with (run.path / "history.jsonl").open("a") as file:
        file.write('{"epoch": 2, "lo')
    assert run.history == [row]


def test_the_log_tail_has_the_last_lines_whatever_the_bytes(new_run):
    run = new_run()
    (run.path / "train.log").write_bytes(b"one\ntwo\n\xff three\n")
    assert run.log_tail(2) == "two\n\ufffd three"


def test_runs_are_listed_newest_first(crack_home):
    for name in ("20260101-120000-a-0000", "20260301-120000-a-0000"):
        make_run_folder(crack_home, name)
    assert [run.id[:8] for run in list_runs()] == ["20260301", "20260101"]


def test_there_are_no_runs_before_the_first(crack_home):
    assert list_runs() == broken_runs() == []
    assert active_run(list_runs()) is None


def test_a_run_that_is_being_made_is_not_listed(new_run):
    run = new_run()
    run.path.rename(run.path.with_name(f".{run.id}.x1y2"))
    assert list_runs() == broken_runs() == []


@pytest.mark.parametrize("file", ["config.json", "status.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"status": "odd"}', "\0"])
def test_a_broken_run_is_kept_apart_from_the_whole_ones(new_run, file, content):
    whole, broken = new_run(), new_run()
    (broken.path / file).write_text(content)
    assert [run.id for run in list_runs()] == [whole.id]
    assert [run.id for run in broken_runs()] == [broken.id]
    assert active_run(list_runs()).id == whole.id


@pytest.mark.parametrize(
    "file", ["history.jsonl", "steps.jsonl", "phases.jsonl", "evaluation.json"]
)
def test_a_run_with_a_damaged_result_is_broken(new_run, file):
    whole, broken = new_run(), new_run()
    (broken.path / file).write_text("\0\0\n")
    assert [run.id for run in list_runs()] == [whole.id]
    assert [run.id for run in broken_runs()] == [broken.id]


def test_a_run_without_a_status_is_broken(new_run):
    run = new_run()
    (run.path / "status.json").unlink()
    assert list_runs() == []
    assert [run.id for run in broken_runs()] == [run.id]


def test_a_folder_with_another_name_than_a_run_has_is_broken(new_run):
    run = new_run()
    run.path.rename(run.path.with_name("copy of my run"))
    assert list_runs() == []
    assert [run.id for run in broken_runs()] == ["copy of my run"]


def test_a_run_is_found_by_its_id_its_beginning_and_its_end(crack_home):
    for name in ("20260101-120000-a-1a2b", "20260301-120000-a-ffff"):
        make_run_folder(crack_home, name)
    for said in ("20260101-120000-a-1a2b", "20260101", "1a2b"):
        assert find_run(said).id == "20260101-120000-a-1a2b"


@pytest.mark.parametrize(
    ("said", "count"), [("2026", "2 runs"), ("9999", "no run"), ("", "no run")]
)
def test_an_id_that_names_none_or_several_is_told(crack_home, said, count):
    for name in ("20260101-120000-a-1a2b", "20260301-120000-a-ffff"):
        make_run_folder(crack_home, name)
    with pytest.raises(CrackError, match=f"names {count}"):
        find_run(said)


def test_a_dataset_that_was_edited_since_can_be_brought_back(dataset):
    split = make_split(dataset, "grouped", seed=17)
    run = Run.create(PRESETS["recommended"].for_dataset("walls"), dataset, split)
    edit_dataset("walls", dataset.samples["file"][0], "relabel")
    with pytest.raises(CrackError, match="their classes differ") as caught:
        run.check_dataset(load_dataset("walls"))
    assert "Undo what was edited" in caught.value.hint
    undo_edits("walls")
    run.check_dataset(load_dataset("walls"))


def test_an_exact_id_wins_over_longer_ones(crack_home):
    for name in ("20260101-120000-a-1a2b", "20260101-120000-a-1a2b-again"):
        make_run_folder(crack_home, name)
    assert find_run("20260101-120000-a-1a2b").id == "20260101-120000-a-1a2b"


def test_the_active_run_is_the_training_one_then_the_first_in_the_queue(crack_home):
    names = [f"2026010{day}-120000-a-0000" for day in (1, 2, 3)]
    first, second, third = (make_run_folder(crack_home, name) for name in names)
    assert active_run(list_runs()).id == first.id
    first.report(RunStatus.FINISHED, "")
    assert active_run(list_runs()).id == second.id
    third.report(RunStatus.RUNNING, "")
    assert active_run(list_runs()).id == third.id


def make_run_folder(home, name: str) -> Run:
    run = Run(home / "runs" / name)
    run.path.mkdir(parents=True)
    config = PRESETS["recommended"].for_dataset("walls")
    storage.write_json(run.path / "config.json", config.to_dict())
    run.report(RunStatus.QUEUED, "")
    return run
