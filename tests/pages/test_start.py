from __future__ import annotations

from dataclasses import replace

import pytest

from crack.data.dataset import delete_dataset
from crack.inference.card import ModelCard
from crack.inference.prediction import FailedPhoto
from crack.inference.predictor import Predictor
from crack.runs.run import RunStatus
from crack.synthetic.example import EXAMPLE
from crack.synthetic.sample import make_sample
from pages.shared import sample_button
from tests.pages.conftest import EndedError

# What comes with the program must not decide what is found.
pytestmark = pytest.mark.usefixtures("shipped_models")

START = "pages/start/start.py"
WAYS = ("start_sample", "start_train", "start_predict")


def primary(app):
    (key,) = (k for k in WAYS if app.button(key=k).proto.type == "primary")
    return key


def said(app):
    return " ".join(markdown.value for markdown in app.markdown)


def test_first_use_begins_with_the_sample_and_says_what_is_missing(visit):
    app = visit(START)
    assert primary(app) == "start_sample"
    assert [app.button(key=key).disabled for key in WAYS] == [False, True, True]
    assert "drawn by this program, not photographed" in said(app)
    assert "Needs a dataset first" in said(app)
    assert "a minute or two on a laptop" in said(app)
    assert "Needs a model first" in said(app)
    assert "Add a dataset" in [link.proto.label for link in app.get("page_link")]
    assert not app.dataframe


def test_with_a_model_photos_can_be_asked_about_at_once(visit, judged_model):
    delete_dataset("walls")
    app = visit(START)
    assert primary(app) == "start_sample"
    assert app.button(key="start_train").disabled
    assert not app.button(key="start_predict").disabled
    assert "The model **walls-1** answers" in said(app)


def test_a_drawn_photo_is_answered_before_anything_is_done(visit, model, monkeypatch):
    asked = []
    predict = Predictor.predict

    def watched(self, items):
        asked.append(items)
        return predict(self, items)

    monkeypatch.setattr(Predictor, "predict", watched)
    app = visit(START)
    assert asked == [[(EXAMPLE.name, EXAMPLE)]]
    assert "the answer of the model **walls-1** to this photo" in said(app)
    photo, heatmap = app.image
    assert photo.captions[0] == "Drawn by this program, not photographed"
    assert heatmap.captions[0] == "Where the model sees a crack"
    app.run()
    assert len(asked) == 1  # the answer is kept


def test_a_given_answer_stays_while_the_sample_is_drawn(visit, model, monkeypatch):
    def end(_):
        raise EndedError  # what is on the page by now is what is seen meanwhile

    monkeypatch.setattr(sample_button, "make_sample", end)
    app = visit(START)
    app.button(key="start_sample").click().run()
    assert len(app.exception) == 1
    assert app.image[1].captions[0] == "Where the model sees a crack"
    assert "the answer of the model **walls-1** to this photo" in said(app)


def test_without_a_model_there_is_no_example(visit):
    assert not visit(START).image


def test_the_page_works_when_the_model_cannot_be_loaded(visit, model):
    (model.folder / "graph.xml").write_text("no graph")
    app = visit(START)
    assert len(app.error) == 1
    assert len(app.image) == 1
    assert not app.button(key="start_predict").disabled


def test_the_page_works_when_the_photo_has_no_answer(visit, model, monkeypatch):
    lost = FailedPhoto("example.jpg", "The file is damaged.", threshold=0.9, seconds=0)
    monkeypatch.setattr(Predictor, "predict", lambda *_: iter([lost]))
    app = visit(START)
    assert app.error[0].value == "The file is damaged."
    assert len(app.image) == 1


def test_a_model_is_introduced_by_its_hardest_test(visit, judged_model):
    card = ModelCard.read(judged_model.folder)
    assert "not in the training: 50.0 % right (95 % interval 15.0 % to" in said(
        visit(START)
    )
    unseen = card.metrics["sets"][0]
    easier = {**unseen, "title": "Nearby", "accuracy": 0.75}
    metrics = {**card.metrics, "sets": [easier, unseen]}
    replace(card, metrics=metrics).write(judged_model.folder)
    told = said(visit(START))
    assert "hardest of 2 sources that were not in the training: 50.0 % right" in told
    assert "(Elsewhere; 4 images); on the easiest 75.0 % right" in told
    known = [{**entry, "in_training": True} for entry in card.metrics["sets"]]
    metrics = {**card.metrics, "sets": known}
    replace(card, metrics=metrics).write(judged_model.folder)
    told = said(visit(START))
    assert "hardest test, other images of a source it learned from: 50.0 %" in told
    assert "(Elsewhere; 4 images)" in told


def test_the_sample_is_drawn_then_trained_on(visit, fake_drawing):
    app = visit(START)
    app.button(key="start_sample").click().run()
    assert app.title[0].value == "Browse a dataset"
    app.switch_page(START).run()
    assert app.button(key="start_sample").label == "Browse the sample photos"
    assert primary(app) == "start_train"
    (datasets,) = (table.value for table in app.dataframe)
    assert datasets.loc[0, "Note"] == "drawn by this program, not photographed"
    assert list(datasets)[1] == "Images"
    assert list(datasets)[-1] == "Note"
    app.button(key="start_train").click().run()
    assert app.title[0].value == "Train a model"
    assert app.selectbox(key="train_dataset").value == "sample"
    assert app.selectbox(key="train_recommended_backbone").value == "surfaces"


def test_drawn_scenes_are_there_to_ask_about(visit, model, fake_drawing):
    assert "No photo at hand" not in said(visit(START))
    make_sample()
    assert "No photo at hand? Try one of 2 drawn ones." in said(visit(START))


def test_own_photos_are_trained_on_in_general(visit, dataset):
    app = visit(START)
    assert "#### 2. Train" in [markdown.value for markdown in app.markdown]
    assert primary(app) == "start_train"


def test_what_was_trained_can_be_asked(visit, model):
    app = visit(START)
    assert primary(app) == "start_predict"
    app.button(key="start_predict").click().run()
    assert "Predict" in app.title[0].value


def test_a_training_under_way_is_watched(visit, make_run, alive):
    run = make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    app = visit(START)
    assert primary(app) == "start_train"
    assert "is running." in said(app)
    app.button(key="start_train").click().run()
    assert app.query_params["run"] == run.id


def test_shows_the_datasets_and_leads_to_the_model(visit, model):
    app = visit(START)
    (datasets,) = (table.value for table in app.dataframe)
    assert datasets.loc[0, "Images"] == 24
    links = [link.proto.label for link in app.get("page_link")]
    assert "All about this model" in links


def test_sidebar_follows_the_active_run_on_every_page(visit, make_run, alive):
    make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    for page in (START, "pages/dataset/add.py", "pages/training/runs.py"):
        app = visit(page)
        assert app.sidebar.caption[0].value == "Epoch 5 of 10 (fine-tune)"
        assert app.sidebar.get("progress")[0].value == 25
        assert app.sidebar.get("progress")[0].text == "About 2 minutes left"


def test_sidebar_is_quiet_without_an_active_run(visit, finished_run):
    app = visit(START)
    assert not app.sidebar.get("progress")


def test_a_dead_worker_is_noticed(visit, make_run, monkeypatch):
    monkeypatch.setattr("crack.runs.background._START_GRACE_SECONDS", 0)
    run = make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    visit(START)
    assert run.status is RunStatus.FAILED


def test_a_broken_model_card_is_told_in_a_sentence(visit, model):
    (model.folder / "card.json").write_text("{")
    app = visit(START)
    assert "cannot be read" in app.error[0].value


def test_a_broken_dataset_does_not_hide_the_others(visit, dataset, crack_home):
    broken = crack_home / "datasets" / "ruin"
    broken.mkdir()
    (broken / "dataset.json").write_text("{")
    app = visit(START)
    assert "ruin" in app.error[0].value
    (datasets,) = (table.value for table in app.dataframe)
    assert list(datasets["Dataset"]) == ["walls"]
