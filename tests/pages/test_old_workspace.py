"""The pages show what an earlier version left in a workspace."""

from __future__ import annotations

import pytest

from crack.inspections.store import list_inspections, photos_of
from crack.runs.listing import list_runs
from crack.runs.run import RunStatus
from tests.pages.conftest import INSPECTIONS, all_said, links, table

pytestmark = pytest.mark.usefixtures("old_workspace")


def test_browse_shows_the_dataset(visit):
    app = visit("pages/dataset/browse.py", browse_view="Overview")
    assert app.selectbox(key="browse_dataset").value == "walls"
    assert "cut from 12 photos" in all_said(app)
    assert "Negative/broken.jpg" in app.dataframe[-1].value["file"].tolist()


def test_runs_shows_both_runs(visit):
    app = visit("pages/training/runs.py")
    assert table(app)["Status"].tolist() == ["finished", "stopped"]
    assert table(app)["Test accuracy"].tolist()[0] == 100


def test_train_shows_the_stopped_run(visit):
    (run,) = [run for run in list_runs() if run.status is RunStatus.STOPPED]
    app = visit("pages/training/train.py", run=run.id)
    assert "Stopped after 15 finished epochs" in all_said(app)
    assert not app.button(key="train_resume").disabled


def test_inspections_shows_both(visit):
    app = visit(INSPECTIONS)
    assert links(app).count("**Bridge 7, Pier 2**") == 2
    assert "4 photos, model walls-1" in all_said(app)


def test_an_inspection_shows_verdicts_and_history(visit):
    latest = list_inspections()[0].inspection
    app = visit(INSPECTIONS, inspection=latest.id)
    assert "3 of 3 photos have a verdict; 1 file could not be read" in all_said(app)


def test_a_photo_shows_its_answer_and_width(visit):
    latest = list_inspections()[0].inspection
    photo = photos_of(latest.id)[0]
    app = visit(INSPECTIONS, inspection=latest.id, photo=photo.id)
    assert app.number_input[0].value == 0.35
    assert "Accepted: crack" in all_said(app)


def test_models_shows_the_model(visit):
    app = visit("pages/model/models.py", model="walls-1")
    assert "walls-1" in app.selectbox[0].options
    assert not app.error
