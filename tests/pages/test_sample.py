from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from crack import storage
from crack.data.dataset import dataset_names, load_dataset
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.runs.run import RunStatus
from crack.synthetic.sample import NOTE, make_sample, scene_files

BROWSE = "pages/dataset/browse.py"
ADD = "pages/dataset/add.py"
TRAIN = "pages/training/train.py"
RUNS = "pages/training/runs.py"
PREDICT = "pages/inspection/predict.py"

pytestmark = pytest.mark.usefixtures("fake_drawing")


SAID = "made-up surfaces to try things out"


def test_the_end_of_an_activity_says_that_another_follows():
    app = AppTest.from_function(bar_alone).run()
    shown = [bar.text for bar in app.get("progress")]
    assert shown == ["Drawing patches: 600 of 600. Starting the next step."]


def bar_alone():
    from pages.shared.feedback import TimedBar

    bar = TimedBar()
    for done in (300, 600):
        bar.show("Drawing patches", done, 600)


def captions(app):
    return " ".join(caption.value for caption in app.caption)


@pytest.mark.parametrize(("page", "key"), [(BROWSE, "browse"), (ADD, "add")])
def test_one_click_draws_the_sample_and_leads_to_it(visit, page, key):
    app = visit(page)
    assert app.button(key=f"{key}_sample").label == "Draw the sample photos"
    app.button(key=f"{key}_sample").click().run()
    assert not app.exception
    assert load_dataset("sample").counts == {"crack": 12, "no crack": 12}
    assert app.title[0].value == "Browse a dataset"
    assert "Drew 24 sample photos" in app.success[0].value
    assert "Drawn by this program, not photographed" in app.info[0].value
    assert any("cut from" in shown.value for shown in app.markdown)


def test_browse_opens_the_sample_among_others(visit, dataset):
    app = visit(ADD)
    app.button(key="add_sample").click().run()
    assert app.selectbox(key="browse_dataset").value == "sample"


def test_add_offers_it_only_while_there_is_none_and_no_source(visit, patch_folder):
    make_sample()
    app = visit(ADD)
    assert not app.button
    assert "photos.csv" in captions(app)


def button_alone():
    from pages.shared.sample_button import draw_sample_button

    draw_sample_button("alone", primary=True)


def test_once_drawn_the_button_only_leads_to_the_sample():
    make_sample()
    app = AppTest.from_function(button_alone).run()
    assert app.button(key="alone").label == "Browse the sample photos"


def test_another_dataset_in_the_way_is_told(patch_folder):
    add_dataset("sample", patch_folder)
    app = AppTest.from_function(button_alone).run()
    app.button(key="alone").click().run()
    assert "not the one that this program draws" in app.error[0].value


def test_a_drawing_that_failed_is_told_and_can_be_repeated(visit, monkeypatch):
    def fail(*_: object) -> None:
        raise CrackError("A process ended before its time.")

    app = visit(BROWSE)
    with monkeypatch.context() as patch:
        patch.setattr("crack.synthetic.sample._draw_scenes", fail)
        app.button(key="browse_sample").click().run()
    assert "before its time" in app.error[0].value
    assert dataset_names() == []
    app.button(key="browse_sample").click().run()
    assert dataset_names() == ["sample"]


def test_train_says_what_the_chosen_dataset_is(visit, dataset):
    make_sample()
    app = visit(TRAIN)
    assert SAID in captions(app)
    app.selectbox(key="train_dataset").set_value("walls").run()
    assert SAID not in captions(app)


def test_a_broken_dataset_does_not_stop_the_train_page(visit, dataset, crack_home):
    (crack_home / "datasets/walls/samples.csv").unlink()
    app = visit(TRAIN)
    assert "cannot be read" in app.error[0].value
    assert app.button(key="train_start")


def test_a_run_is_shown_with_the_note_while_it_trains(visit, make_run, alive):
    make_sample()
    make_run(RunStatus.RUNNING, "Epoch 5 of 10", dataset="sample")
    app = visit(TRAIN, train_dataset="walls")
    assert SAID in captions(app)


def test_the_numbers_of_a_run_on_drawn_photos_say_so(visit, finished_run):
    evaluation = {**finished_run.evaluation, "note": NOTE}
    storage.write_json(finished_run.path / "evaluation.json", evaluation)
    assert SAID in captions(visit(TRAIN))
    numbers = visit(RUNS).dataframe[1].value
    assert list(numbers["Note"]) == 2 * ["drawn by this program, not photographed"]


@pytest.fixture
def scenes(model):
    """The sample is drawn, and there is a model that was trained on it."""
    make_sample()
    card = ModelCard.read(model.folder)
    about = {**card.dataset, "name": "sample", "note": NOTE}
    replace(card, dataset=about).write(model.folder)
    return scene_files()


def test_the_accuracy_of_a_model_says_that_it_is_on_drawn_photos(visit, scenes):
    said = visit(PREDICT).caption[0].value
    assert "sample, grouped split, 240 images, drawn by this program, not" in said


def test_without_the_sample_no_scenes_are_offered(visit, model):
    app = visit(PREDICT)
    assert app.segmented_control(key="predict_way").options == [
        "Files",
        "Folder",
        "Camera",
    ]


def test_a_scene_is_asked_about_like_an_upload(visit, scenes):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Sample scenes").run()
    assert not app.exception
    assert SAID in captions(app)
    assert [image.captions[0] for image in app.image[:2]] == ["Scene 1", "Scene 2"]
    assert app.subheader[0].value == "scene-1.jpg"
    assert app.image[2].captions[0] == "As taken, 300 × 200 px"
    assert "probability of a crack" in app.get("progress")[0].proto.text
    app.segmented_control(key="predict_scene").set_value(scenes[1]).run()
    assert app.subheader[0].value == "scene-2.jpg"
    assert app.image[2].captions[0] == "As taken, 200 × 300 px"


def test_a_scene_that_is_gone_is_told(visit, scenes):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Sample scenes").run()
    for scene in scenes:
        scene.unlink()
    app.run()
    assert not app.exception
    assert app.file_uploader
