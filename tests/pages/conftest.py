"""A dashboard under test, and what it finds in the workspace."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from crack import storage
from crack.data.importer import add_dataset
from crack.data.split import leak
from crack.evaluation.answer_counts import set_result
from crack.inference import predictor
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Reason
from crack.inference.predictor import Predictor
from crack.runs import jobs
from crack.runs.config import PRESETS
from crack.runs.registry import promote
from crack.runs.run import Run, RunStatus
from crack.settings import PROJECT
from crack.synthetic.example import EXAMPLE
from pages.shared import server
from tests import inspections
from tests.cards import PLAIN
from tests.conftest import write_graph
from tests.inspections import ACCEPT, FAILED, add, full_answer
from tests.runs import write_rows

INSPECTIONS = "pages/inspection/inspections.py"
PREDICT = "pages/inspection/predict.py"
METRICS = {
    "n": 240,
    "accuracy": 0.95,
    "recall": 0.9,
    "precision": 0.97,
    "auroc": 0.99,
}


@pytest.fixture(autouse=True)
def only_own_models(shipped_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages see the models of the test alone, which take pictures of one shade."""
    monkeypatch.setattr(predictor, "quality_reasons", lambda *_: ())


@pytest.fixture(autouse=True)
def server_began(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests is no server: its log is left alone."""
    monkeypatch.setattr(server, "begin_server", lambda: None)


@pytest.fixture
def app():
    """The dashboard, not run yet."""
    return AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=20)


@pytest.fixture
def visit(app):
    """Open a page of the dashboard."""

    def open_page(page, **query):
        app.query_params.update(query)
        app.run()
        if page != "pages/start/start.py":
            app.switch_page(page)
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        assert not app.exception
        return app

    return open_page


@pytest.fixture(autouse=True)
def launched(monkeypatch):
    """The runs whose process would have been started."""
    runs = []
    monkeypatch.setattr(jobs, "_launch", runs.append)
    return runs


@pytest.fixture
def alive(monkeypatch):
    """The processes of active runs are at work."""
    monkeypatch.setattr(jobs, "_is_alive", lambda run: True)


@pytest.fixture
def photo():
    """Make a PNG of one shade, 0 for black."""

    def make(grey, side=PLAIN.image_size):
        buffer = io.BytesIO()
        Image.new("L", (side, side), grey).save(buffer, "PNG")
        return buffer.getvalue()

    return make


@pytest.fixture
def dataset(patch_folder):
    return add_dataset("walls", patch_folder)


@pytest.fixture
def make_run(dataset):
    """Make a run of four epochs as a worker would have left it."""

    def make(status, message="", **changes):
        config = replace(PRESETS["recommended"].for_dataset(dataset.name), **changes)
        split = jobs.make_split(dataset, config.split, config.seed)
        run = Run.create(config, dataset, split)
        write_rows(run, epochs=4, steps=1)
        (run.path / "train.log").write_text("epoch 4 ends\n")
        run.report(status, message, done=3, total=12, eta_seconds=150)
        if status is RunStatus.FINISHED:
            write_model(run.model_folder)
            evaluation = {"val": METRICS, "test": METRICS, "leak": leak(split)}
            storage.write_json(run.path / "evaluation.json", evaluation)
        return run

    return make


@pytest.fixture
def finished_run(make_run):
    return make_run(RunStatus.FINISHED, "Finished.")


@pytest.fixture
def model(finished_run):
    return promote(finished_run, "walls-1")


@pytest.fixture
def judged_model(model):
    """The model, judged on images like those it learned from and on others."""
    card = ModelCard.read(model.folder)

    def entry(title, kind, in_training, probability):
        truth = [True, True, False, False]
        numbers = set_result(truth, probability, card.thresholds)
        about = {"name": "x", "title": title, "kind": kind, "credit": f"By {title}."}
        return {**about, "in_training": in_training, **numbers}

    sets = [
        entry("Elsewhere", "photos", False, [0.9, 0.2, 0.99, 0.1]),
        entry("At home", "photos", True, [0.9, 0.8, 0.2, 0.1]),
        entry("On paper", "drawn", True, [0.9, 0.8, 0.2, 0.1]),
    ]
    metrics = {**card.metrics, "sets": sets}
    replace(card, metrics=metrics, notes="Not for asphalt.").write(model.folder)
    return model


@pytest.fixture
def scaled_model(model):
    """The model, which knows that it learned at 0.5 mm per pixel."""
    card = ModelCard.read(model.folder)
    replace(card, mm_per_pixel=0.5, rule="The mean of the odds.").write(model.folder)
    return model


@pytest.fixture
def asked(monkeypatch):
    """The names of the photos that the model was asked about, and at which scale."""
    names = []
    predict = Predictor.predict

    def watched(self, *question):
        for outcome in predict(self, *question):
            if outcome.file != EXAMPLE.name:  # of the Start page, opened first
                names.append((outcome.file, getattr(outcome, "mm_per_pixel", None)))
            yield outcome

    monkeypatch.setattr(Predictor, "predict", watched)
    return names


@pytest.fixture
def inspect(model):
    """Begin an inspection."""
    return partial(inspections.inspect, asked=model)


@pytest.fixture
def full(inspect):
    """An inspection with a photo of each answer; the one with a crack is accepted."""
    inspection = inspect()
    add(inspection, full_answer(Label.CRACK, file="dark.png"), ACCEPT, tone=20)
    doubtful = full_answer(Label.REVIEW, file="grey.png", reasons=(Reason.DARK,))
    add(inspection, doubtful, tone=110)
    add(inspection, full_answer(Label.NO_CRACK, file="light.png"), tone=200)
    add(inspection, replace(FAILED, file="broken.png"))
    return inspection


class EndedError(Exception):
    """Stands for a click, which ends a running script."""


def upload(app, files, key="predict_files"):
    """Hand files to an uploader of the page."""
    uploader = app.file_uploader(key=key)
    for name, content in files.items():
        uploader.upload(name, content)
    app.run()
    assert not app.exception
    return app


def ask(app, **photos):
    """Hand photos to the Predict page, each under its name with ".png"."""
    return upload(app, {f"{name}.png": photo for name, photo in photos.items()})


def set_scale(app, way, **values):
    """Choose a way to give the scale on the Predict page, and enter numbers there."""
    app.segmented_control(key="predict_scale").set_value(way).run()
    for name, value in values.items():
        app.number_input(key=f"predict_mm_{name}").set_value(value).run()
    assert not app.exception


def table(app):
    """Return the first table of the page."""
    return app.dataframe[0].value


def said(app):
    """Return the text of the page, without what is set apart from it."""
    return " ".join(element.value for element in app.markdown)


def all_said(app):
    """Return all that is written on the page."""
    kinds = (app.markdown, app.caption, app.info, app.error, app.success, app.warning)
    progress = [bar.text for bar in app.get("progress")]
    return " ".join([entry.value for kind in kinds for entry in kind] + progress)


def links(app):
    """Return what leads elsewhere."""
    buttons = [button.label for button in app.button]
    return [link.value for link in app.page_link] + buttons


def write_model(folder: Path) -> None:
    """Write a model whose log-odds of a crack grow with the darkness of a place."""
    folder.mkdir(parents=True)
    write_graph(folder, zero=110, slope=-0.1)
    known = {"name": "walls", "split": "grouped"}
    replace(PLAIN, dataset=known, metrics={"test": METRICS}).write(folder)
