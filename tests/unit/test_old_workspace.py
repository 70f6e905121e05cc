"""What an earlier version left in a workspace opens, and says what it said then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crack.cli import main
from crack.data.dataset import check_dataset, load_dataset
from crack.data.importer import add_dataset
from crack.inference.prediction import Label
from crack.inference.predictor import Predictor
from crack.inspections.history import element_history
from crack.inspections.photo_files import photo_content, stored_heatmap
from crack.inspections.records import VerdictKind, settled_label
from crack.inspections.store import list_inspections, photos_of
from crack.inspections.verdict_export import export_settled
from crack.reporting.report.builders import inspection_report
from crack.reporting.report.file import write_report
from crack.runs.listing import broken_runs, find_run, list_runs
from crack.runs.registry import find_model
from crack.runs.run import RunStatus


@pytest.fixture
def told(old_workspace: Path) -> dict:
    """What the earlier version said of it."""
    return json.loads(old_workspace.with_suffix(".json").read_text())


def test_the_dataset_is_the_same(told):
    dataset = load_dataset("walls")
    assert dataset.fingerprint == told["fingerprint"]
    assert dataset.counts == {"Negative": 12, "Positive": 12}
    assert dataset.photos == 12
    assert dataset.unreadable["file"].tolist() == ["Negative/broken.jpg"]
    assert check_dataset(dataset).empty


def test_the_runs_are_whole(told):
    assert {run.id: run.status for run in list_runs()} == told["runs"]
    assert broken_runs() == []


def test_the_finished_run_tells_its_settings_and_numbers(told):
    run = of_status(told, RunStatus.FINISHED)
    run.check_dataset(load_dataset("walls"))
    assert run.config.image_size == 64
    assert (run.config.frozen.epochs, run.config.fine_tune.epochs) == (3, 2)
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4, 5]
    assert run.best_epoch["epoch"] == 5
    assert [row["phase"] for row in run.phases] == ["frozen", "fine_tune"]
    assert len(run.steps) == 7
    assert run.parameters["total"] == 2_260_546
    assert run.evaluation["test"]["n"] == 4
    assert run.evaluation["test"]["confusion"] == [[2, 0], [0, 2]]
    assert run.evaluation["leak"]["count"] == 0
    assert run.split["split"].value_counts()["train"] == 16


def test_the_stopped_run_can_be_resumed(told):
    run = of_status(told, RunStatus.STOPPED)
    assert "Resume goes on from there" in run.progress.message
    assert [row["epoch"] for row in run.history] == list(range(1, 16))
    assert run.evaluation is None


def test_the_model_answers_as_it_did(told):
    model, dataset = find_model("walls-1"), load_dataset("walls")
    answers = Predictor(model.folder).predict(
        (file, dataset.path(file)) for file in told["probability"]
    )
    for answer in answers:
        expected = pytest.approx(told["probability"][answer.file], abs=1e-6)
        assert answer.probability == expected


def test_the_card_tells_where_the_model_is_from(told):
    card = find_model("walls-1").card
    assert card.run_id == of_status(told, RunStatus.FINISHED).id
    assert card.dataset["fingerprint"] == told["fingerprint"]
    assert card.thresholds.crack == 0.95


def test_the_commands_read_it(told, capsys):
    for command in (
        "dataset list",
        "runs list",
        *(f"runs show {run_id}" for run_id in told["runs"]),
        "models list",
        "evaluate walls --model walls-1",
    ):
        assert main(command.split()) == 0
    printed = capsys.readouterr().out
    assert "walls-1" in printed
    assert "2 with a crack, 2 without" in printed


def test_the_inspections_have_their_answers_and_verdicts(told):
    settled = []
    for summary in list_inspections():
        assert (summary.photos, summary.errors, summary.verdicts) == (4, 1, 3)
        dark, grey, light, broken = photos_of(summary.inspection.id)
        assert dark.prediction.label is Label.CRACK
        assert len(dark.prediction.regions) == 5
        assert dark.verdict.kind is VerdictKind.ACCEPT
        assert (dark.verdict.note, dark.verdict.exposure) == ("Rust", "aci-humid")
        assert grey.verdict.kind is VerdictKind.CANNOT_TELL
        assert broken.verdict is None
        assert photo_content(dark)[:2] == b"\xff\xd8"  # a JPEG
        assert stored_heatmap(dark).ndim == 2
        settled.append(settled_label(light))
    assert settled == [Label.NO_CRACK, Label.CRACK]


def test_the_history_of_the_element_is_the_same(told):
    history = [
        [str(entry.inspection.inspected_on), entry.state, entry.status]
        for entry in element_history("Bridge 7", "Pier 2")
    ]
    told["history"][0][2] = "first recorded"  # that version called it new
    assert history == told["history"]


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_report_is_made_of_an_inspection(told, tmp_path, suffix):
    inspection = list_inspections()[0].inspection
    write_report(inspection_report(inspection), tmp_path / f"report.{suffix}")


def test_the_verdicts_make_a_dataset(told, tmp_path):
    with (tmp_path / "verdicts.zip").open("wb") as target:
        assert export_settled(target).pictures == {Label.CRACK: 3, Label.NO_CRACK: 1}


def test_a_dataset_can_be_added_beside_it(told, patch_folder):
    add_dataset("more", patch_folder)
    assert load_dataset("walls").fingerprint == told["fingerprint"]


def of_status(told: dict, status: RunStatus):
    """Return the run that had this status."""
    (run_id,) = [name for name, value in told["runs"].items() if value == status]
    return find_run(run_id)
