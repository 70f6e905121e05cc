"""The page Runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from crack import storage
from crack.data.dataset import edit_dataset
from crack.data.split import split_fingerprint
from crack.inference.card import ModelCard
from crack.runs.config import PhaseConfig
from crack.runs.listing import list_runs
from crack.runs.registry import find_model
from crack.runs.run import RunStatus
from crack.runs.snapshot import take_snapshot
from pages.shared.formatting import run_title
from pages.training.comparison import differences, final_numbers
from tests.pages.conftest import all_said
from tests.pages.test_training import RUNS, TRAIN, said


def test_runs_without_a_run_leads_on(visit):
    app = visit(RUNS)
    assert "Nothing has been trained" in app.info[0].value
    assert app.page_link[0].value == "Add a dataset first"
    assert app.button(key="runs_sample").label == "Draw the sample photos"


def test_runs_lists_numbers_with_the_split_they_are_on(visit, make_run):
    make_run(RunStatus.STOPPED, "Stopped by the user.")
    make_run(RunStatus.FINISHED)
    app = visit(RUNS)
    overview, numbers = (table.value for table in app.dataframe)
    assert set(overview["Status"]) == {"stopped", "finished"}
    assert list(numbers["On"]) == ["test", "validation"]
    assert list(numbers["Split"]) == ["grouped", "grouped"]
    assert list(numbers["Images"]) == [240, 240]
    assert app.get("plotly_chart")


def test_runs_says_on_how_many_images_an_accuracy_was_measured(visit, make_run):
    stopped = make_run(RunStatus.STOPPED, "Stopped by the user.")
    make_run(RunStatus.FINISHED)
    overview = visit(RUNS).dataframe[0].value.set_index("Status")
    assert overview.loc["finished", ["Test images", "Val images"]].tolist() == [240] * 2
    val = sum(stopped.split["split"] == "val")
    assert 0 < overview.loc["stopped", "Val images"] == val


def test_runs_says_why_the_two_validation_accuracies_differ(visit, finished_run):
    app = visit(RUNS)
    assert said(app, "of the network as it trains")
    assert said(app, "calibrated on the validation images")
    assert said(app, "trust the test row")


def test_the_numbers_come_first_and_the_texts_last(visit, make_run):
    make_run(RunStatus.FINISHED)
    overview, numbers = (list(table.value) for table in visit(RUNS).dataframe)
    assert overview[:2] == ["Dataset", "Test accuracy"]
    assert numbers[:2] == ["On", "Accuracy"]
    phases = list(visit(TRAIN).dataframe[0].value)
    assert phases[:2] == ["Phase", "Val accuracy"]


def test_several_runs_are_told_apart_by_their_id(make_run):
    made = [make_run(RunStatus.FINISHED) for _ in range(2)]
    runs = [take_snapshot(run.path) for run in made]
    ids = [row["Run"] for row in final_numbers(runs)]
    assert ids == [runs[0].id[-4:]] * 2 + [runs[1].id[-4:]] * 2


def test_what_was_set_differently_is_named_as_in_the_form(make_run):
    made = [
        make_run(RunStatus.FINISHED),
        make_run(
            RunStatus.FINISHED,
            fine_tune=PhaseConfig(4, "rmsprop", 1e-5),
            preset="custom",
            fine_tune_at=134,
            patience=3,
        ),
    ]
    first, second = (take_snapshot(run.path) for run in made)
    rows = differences([first, second])
    said = {row["Setting"]: row[run_title(second)] for row in rows}
    assert said["Fine-tune: optimiser"] == "rmsprop"
    assert said["Fine-tune from layer"] == "134"
    assert said["Patience (epochs)"] == "3"
    (patience,) = [row for row in rows if row["Setting"] == "Patience (epochs)"]
    assert patience[run_title(first)] == "–"
    assert not [name for name in said if "_" in name]


def test_what_was_set_differently_is_not_cut_off(visit, make_run):
    runs = [make_run(RunStatus.FINISHED, dropout=dropout) for dropout in (0.3, 0.5)]
    newest = max(run.id for run in runs)
    app = visit(RUNS)
    both = {"selection": {"rows": [0, 1], "columns": []}}
    app.session_state[f"runs_table_2_{newest}"] = both
    app.run()
    table = app.dataframe[-1]
    assert list(table.value["Setting"]) == ["Dropout"]
    assert json.loads(table.proto.columns)["Setting"]["width"] == 190


def test_runs_warns_of_a_random_split(visit, make_run):
    run = make_run(RunStatus.FINISHED, split="random")
    assert not visit(RUNS).warning  # none of its images has a near-copy
    evaluation = {**run.evaluation, "leak": {"count": 3, "total": 5, "share": 0.6}}
    storage.write_json(run.path / "evaluation.json", evaluation)
    said = visit(RUNS).warning[0].value
    assert "the split was random. 3 of" in said
    assert "(60.0 %) are near-copies of" in said
    evaluation["leak"] = {"count": 1, "total": 5, "share": 0.2}
    storage.write_json(run.path / "evaluation.json", evaluation)
    assert "(20.0 %) is a near-copy of" in visit(RUNS).warning[0].value


def test_runs_promotes_to_a_model(visit, finished_run):
    app = visit(RUNS)
    app.text_input[0].set_value("bridge")
    app.button(key="runs_promote").click().run()
    assert find_model("bridge").card.name == "bridge"
    assert "bridge can now be used" in app.success[0].value


def test_a_model_of_a_run_is_a_click_away_from_being_asked(visit, model, finished_run):
    assert not visit(RUNS).page_link
    card = ModelCard.read(model.folder)
    replace(card, run_id=finished_run.id).write(model.folder)
    (link,) = visit(RUNS).get("page_link")
    assert link.proto.label == "Ask walls-1 about photos"
    assert link.proto.page == "predict"
    assert "predict_model=walls-1" in link.proto.query_string


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("walls-1", "on the Models page"),
        ("no/slash", "letters, digits"),
        ("x" * 65, "at most 64 characters"),
        ("shipped", "came with the program"),
    ],
)
def test_runs_refuses_a_name_for_a_model(visit, model, shipped_models, name, told):
    shutil.copytree(model.folder, shipped_models / "shipped")
    app = visit(RUNS)
    app.text_input[0].input(name)
    app.button(key="runs_promote").click().run()
    assert "name" in app.error[0].value
    assert told in app.error[0].value
    assert find_model("walls-1") == model


def test_deleting_a_run_asks_first(visit, finished_run):
    app = visit(RUNS)
    app.button(key="runs_delete").click().run()
    assert list_runs()
    app.button(key="confirm_yes").click().run()
    assert not list_runs()


def test_an_active_run_cannot_be_deleted(visit, make_run, alive):
    make_run(RunStatus.RUNNING)
    app = visit(RUNS)
    assert app.button(key="runs_delete").disabled


def test_a_run_names_the_version_of_the_dataset_it_was_trained_on(
    visit, finished_run, dataset
):
    edit_dataset("walls", dataset.samples["file"][0], "leave out")
    said = all_said(visit(TRAIN, run=finished_run.id))
    assert f"dataset `{dataset.fingerprint}`" in said
    assert f"split `{split_fingerprint(finished_run.split)}`" in said
