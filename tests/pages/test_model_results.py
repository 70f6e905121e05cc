"""The results of models on their test sets, on the page of models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crack import storage
from crack.evaluation.answer_counts import set_result
from crack.inference.card import ModelCard
from crack.runs.registry import promote
from tests.pages.conftest import all_said, said, table

# What comes with the program must not decide what is found.
pytestmark = pytest.mark.usefixtures("shipped_models")

MODELS = "pages/model/models.py"


def results(app):
    """The tables of results by test set."""
    tables = (table.value for table in app.table)
    return [table for table in tables if "Tested on" in table]


def test_shows_models_with_what_they_were_measured_on(visit, model, finished_run):
    promote(finished_run, "walls-2")
    models = table(visit(MODELS))
    assert models.loc[0, "Test accuracy"] == 95
    assert models.loc[0, "Measured on"] == "walls, grouped split, 240 images"


def test_results_elsewhere_stand_beside_those_at_home(visit, judged_model):
    app = visit(MODELS)
    home, elsewhere = results(app)
    assert list(home["Tested on"]) == [
        "At home: 4 images",
        "On paper: 4 drawn images",
    ]
    assert list(elsewhere["Tested on"]) == ["Elsewhere: 4 images"]
    assert elsewhere.loc[0, "Right"].startswith("50.0\u00a0% (15.0\u00a0% to")
    assert elsewhere.loc[0, "Cracks found"] == "50.0\u00a0%"
    assert elsewhere.loc[0, "False alarms"].startswith("1 of 2 (")
    assert "Photos of another kind can be much harder" in said(app)
    assert "Not for asphalt." in said(app)
    assert "By Elsewhere." in said(app)
    assert any("reaches 95 %" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    ("known", "ends", "words"),
    [
        (
            {"accuracy_interval": [0.51, 0.99], "interval_groups": 4},
            "51.0 % to 99.0 %",
            "counting 4 groups of photos",
        ),
        # As in the card of a version that did not count groups.
        ({}, "91.5 % to 97.1 %", "as if each image were from a photo of its own"),
    ],
)
def test_all_pages_show_the_interval_of_the_card(
    visit, finished_run, known, ends, words
):
    evaluation = finished_run.evaluation
    evaluation["test"] |= known
    storage.write_json(finished_run.path / "evaluation.json", evaluation)
    model = promote(finished_run, "walls-1")
    card = ModelCard.read(model.folder)
    replace(card, metrics={"test": evaluation["test"]}).write(model.folder)
    for page in ("training/train.py", "inspection/predict.py"):
        told = all_said(visit(f"pages/{page}"))
        assert f"95.0 % right (95 % interval {ends}, {words})" in told, page
    app = visit(MODELS)
    (shown,) = results(app)
    assert shown.loc[0, "Right"].replace("\u00a0", " ") == f"95.0 % ({ends})"
    assert words.replace(" 4", "") in all_said(app)


def test_a_set_of_one_class_leaves_dashes(visit, judged_model):
    card = ModelCard.read(judged_model.folder)
    one = {**card.metrics["sets"][0], **set_result([True], [0.9], card.thresholds)}
    two = {**card.metrics["sets"][0], **set_result([False], [0.9], card.thresholds)}
    replace(card, metrics={"sets": [one, two]}).write(judged_model.folder)
    (shown,) = results(visit(MODELS))
    assert shown.loc[0, "False alarms"] == "0 of 0"
    assert shown.loc[1, "Cracks found"] == "–"
