"""The page of models: the card, what can be done with it, its export."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from crack import storage
from crack.data.split import make_split, write_split
from crack.evaluation.answer_counts import set_result
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import write_seen
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.runs import background
from crack.runs.config import PRESETS
from crack.runs.export_formats import Difference
from crack.runs.exports import export_of
from crack.runs.registry import (
    default_name,
    find_model,
    model_names,
    promote,
    save_thresholds,
    set_default,
)
from crack.runs.run import RunStatus
from tests.adaptation import ADAPTED

pytestmark = pytest.mark.usefixtures("shipped_models")

MODELS = "pages/model/models.py"


@pytest.fixture
def evaluation(model, dataset):
    """The model judged on all images of the dataset."""
    write_seen(model.folder, [])
    evaluation = begin(model.folder, dataset, "all")
    evaluation.go_on(Predictor(model.folder), dataset, lambda *_: None)
    return evaluation


@pytest.fixture
def judged(model):
    """The model with results, a recipe and credits in its card."""
    card = ModelCard.read(model.folder)
    numbers = set_result([True, False], [0.9, 0.2], card.thresholds)
    about = {
        "name": "x",
        "title": "Elsewhere",
        "kind": "photos",
        "credit": "By A, CC0.",
    }
    replace(
        card,
        metrics={**card.metrics, "sets": [{**about, "in_training": False, **numbers}]},
        notes="Not for asphalt.",
        backbone="surfaces",
        parameters=PRESETS["recommended"].for_dataset("walls").to_dict(),
        dataset={"name": "walls", "fingerprint": "ab12", "split": "grouped", "seed": 3},
        thresholds_from="Chosen on a rainy day.",
    ).write(model.folder)
    return find_model(model.name)


def said(app):
    tables = [str(table.value.to_dict()) for table in app.table]
    texts = [each.value for kind in (app.markdown, app.caption) for each in kind]
    return " ".join(texts + tables)


def test_the_card_says_what_is_known(visit, judged, dataset):
    write_split(judged.folder / "split.csv", make_split(dataset, "grouped", seed=3))
    write_seen(judged.folder, dataset.samples["sha256"])
    text = said(visit(MODELS, model=judged.name))
    for words in (
        "What it is for",
        "Not for asphalt.",
        "Elsewhere: 2 images",
        "ab12",
        "Fingerprint of the split",
        "Fingerprint of what it was trained and calibrated on",
        "grouped, seed 3",
        "come with the program, Apache License 2.0",
        "5 epochs, adam, learning rate 0.003, falling to 0",
        "Chosen on a rainy day.",
        "By A, CC0.",
        "MB on disk",
    ):
        assert words in text


def test_a_bare_card_is_shown_too(visit, model):
    replace(model.card, metrics={}, dataset={}, parameters={}).write(model.folder)
    assert "has no results" in said(visit(MODELS, model=model.name))


def test_a_model_in_the_place_of_a_shipped_one_says_how_to_undo_that(
    visit, model, shipped_models
):
    shutil.copytree(model.folder, shipped_models / model.name)
    text = said(visit(MODELS, model=model.name))
    assert "in place of the one that came with the program, " in text
    assert "Delete it to have that back." in text


def test_kept_evaluations_are_listed(visit, model, evaluation):
    app = visit(MODELS, model=model.name)
    labels = [link.proto.label for link in app.get("page_link")]
    assert "walls, all images" in labels
    assert "24 images:" in said(app)
    told = said(app).replace("\u00a0", " ")
    result = evaluation.result(model.card)
    for share in (result["missed"], result["false_alarms"]):
        assert f"{share['count']} of {share['total']} (" in told
    assert "counts its false alarms by probability" in told


def test_the_curves_of_its_run_are_drawn_as_long_as_it_exists(visit, make_run, judged):
    run = make_run(RunStatus.FINISHED)
    replace(judged.card, run_id=run.id).write(judged.folder)
    app = visit(MODELS, model=judged.name)
    assert len(app.get("plotly_chart")) == 2
    replace(judged.card, run_id="20260101-000000-surfaces-dead").write(judged.folder)
    assert "was deleted, with the curves" in said(app.run())


def test_it_becomes_the_default(visit, model, finished_run):
    other = promote(finished_run, "walls-2").name
    app = visit(MODELS, model=other)
    app.button(key="models_default").click().run()
    assert default_name() == other
    assert app.button(key="models_default").disabled


def test_it_is_renamed(visit, model):
    app = visit(MODELS, model=model.name)
    app.text_input(key=f"models_name_{model.name}").set_value("bridge").run()
    app.button(key="models_rename_yes").click().run()
    assert not app.exception
    assert model_names() == ["bridge"]
    assert app.selectbox(key="model").value == "bridge"


@pytest.mark.parametrize("name", ["a b", "x" * 65])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(visit, model, name):
    app = visit(MODELS, model=model.name)
    app.text_input(key=f"models_name_{model.name}").input(name).run()
    app.button(key="models_rename_yes").click().run()
    assert "cannot be the name of a model" in app.error[0].value
    assert "no spaces" in app.error[0].value
    assert model_names() == [model.name]


def test_a_name_is_taken_with_the_click_that_leaves_its_field(visit, model):
    app = visit(MODELS, model=model.name)
    assert not app.button(key="models_rename_yes").disabled
    app.button(key="models_rename_yes").click().run()
    assert model_names() == [model.name]
    app.text_input(key=f"models_name_{model.name}").set_value("bridge")
    app.button(key="models_rename_yes").click().run()
    assert model_names() == ["bridge"]


def test_deleting_says_what_depends_on_it(visit, model, evaluation):
    set_default(model.name)
    app = visit(MODELS, model=model.name)
    app.button(key="models_delete").click().run()
    assert "1 evaluation of it" in said(app)
    assert model_names() == [model.name]
    app.button(key="confirm_yes").click().run()
    assert model_names() == []


def test_earlier_thresholds_come_back(visit, model):
    save_thresholds(model, Thresholds(0.3, 0.6), "Fewer photos to look at.")
    app = visit(MODELS, model=model.name)
    assert "Fewer photos to look at." in said(app)
    app.button(key="models_restore_1").click().run()
    assert find_model(model.name).card == replace(model.card, version=3)


def test_the_speed_is_measured_when_asked_for(visit, model):
    app = visit(MODELS, model=model.name)
    assert "ms**" not in said(app)
    app.button(key="models_measure").click().run()
    assert "the median of 48" in said(app)


FOUND: Difference = {
    "largest_difference": 2e-6,
    "from_this_program": 2e-6,
    "images": 24,
    "dataset": "walls",
    "runtime": "ONNX Runtime",
}


@pytest.fixture
def launched_commands(monkeypatch):
    """The folders and words of commands that would have been started."""
    begun = []
    monkeypatch.setattr(
        background, "launch", lambda folder, words, **_: begun.append((folder, words))
    )
    return begun


def test_a_file_is_offered_with_its_proof(visit, model, dataset, launched_commands):
    app = visit(MODELS, model=model.name)
    app.button(key="models_export").click().run()
    ((folder, words),) = launched_commands
    assert words[:5] == ["-m", "crack", "models", "export", model.name]
    assert words[6:10] == ["--format", "onnx", "--check", "walls"]
    assert "It takes a minute" in said(app)
    (folder / f"{model.name}.onnx").write_bytes(b"graph")
    (folder / "result.json").write_text(json.dumps({"difference": FOUND}))
    app.run()
    assert "at most 2e-06 apart" in app.success[0].value
    assert app.get("download_button")[0].proto.label == f"Download {model.name}.onnx"


def test_a_file_that_answers_otherwise_is_not_offered(
    visit, model, dataset, launched_commands
):
    app = visit(MODELS, model=model.name)
    app.button(key="models_export").click().run()
    ((folder, _),) = launched_commands
    apart = {"difference": FOUND | {"largest_difference": 0.2}}
    (folder / "result.json").write_text(json.dumps(apart))
    app.run()
    assert "do not use the file" in app.error[0].value
    assert not app.get("download_button")


def test_an_export_of_other_thresholds_is_not_offered(
    visit, model, dataset, launched_commands
):
    app = visit(MODELS, model=model.name)
    app.button(key="models_export").click().run()
    assert export_of(model, "onnx")
    assert (
        export_of(save_thresholds(model, Thresholds(0.3, 0.6), "So."), "onnx") is None
    )


def test_why_an_export_failed_is_told(visit, model, dataset, launched_commands):
    app = visit(MODELS, model=model.name)
    app.button(key="models_export").click().run()
    ((folder, _),) = launched_commands
    (folder / "command.log").write_text("crack: The disk is full.\n")
    storage.write_json(folder / "process.json", {"pid": 2**22 - 1, "started": 0.0})
    app.run()
    assert "The disk is full." in app.error[0].value


def test_a_keras_file_is_imported_in_the_background(visit, dataset, launched_commands):
    app = visit(MODELS)
    app.file_uploader(key="models_file").upload("their net.keras", b"content").run()
    assert app.text_input(key="models_import_name").value == "their-net"
    app.selectbox(key="models_import_pixels").set_value("-1..1").run()
    app.button(key="models_import").click().run()
    ((folder, words),) = launched_commands
    assert words[2:4] == ["models", "import"]
    assert Path(words[4]).read_bytes() == b"content"
    assert Path(words[4]).name == "their-net.keras"
    options = ["--name", "their-net", "--crack-class", "1"]
    assert words[5:11] == [*options, "--pixels=-1..1", "--dataset=walls"]
    storage.write_json(folder / "process.json", {"pid": 2**22 - 1, "started": 0.0})
    (folder / "command.log").write_text("crack: Its last layer is Flatten.\n")
    app.run()
    assert "Its last layer is Flatten." in app.error[0].value


def test_a_finished_import_is_told_once(visit, dataset, launched_commands, crack_home):
    app = visit(MODELS)
    app.file_uploader(key="models_file").upload("net.keras", b"content").run()
    app.selectbox(key="models_import_dataset").set_value("Do not calibrate it").run()
    app.button(key="models_import").click().run()
    ((folder, words),) = launched_commands
    assert not any(word.startswith("--dataset") for word in words)
    (folder / "result.json").write_text(json.dumps({"model": "net"}))
    app.run()
    assert "Imported net." in app.success[0].value
    assert not folder.exists()
    assert not list((crack_home / "cache/uploads").iterdir())
    assert not app.run().success


def test_an_adapted_model_stands_in_the_table_with_what_was_measured_of_it(
    visit, model
):
    folder = shutil.copytree(model.folder, model.folder.with_name("adapted"))
    card = json.loads((folder / "card.json").read_text())
    changes = {"name": "adapted", "adaptation": ADAPTED}
    storage.write_json(folder / "card.json", {**card, **changes})
    table = visit(MODELS).dataframe[0].value
    row = table[table["Model"] == "adapted"].iloc[0]
    assert row["Origin"] == "adapted from walls-1"
    assert (row["Test accuracy"], row["Recall"]) == (90, 50)
    assert row["Measured on"] == "Bridge-7-Pier-2, 20 images, by cross-validation"
