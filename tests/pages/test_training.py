from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from crack import storage
from crack.data.importer import add_dataset
from crack.inference.card import ModelCard
from crack.runs import jobs
from crack.runs.backbones import MOBILENET_V2
from crack.runs.config import PRESETS
from crack.runs.imagenet import imagenet_weights_path
from crack.runs.listing import list_runs
from crack.runs.registry import promote
from crack.runs.run import RunStatus
from pages.shared import model_choice
from pages.training import run_outcome
from tests.pages.conftest import PREDICT, all_said

TRAIN = "pages/training/train.py"
RUNS = "pages/training/runs.py"


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    """A Keras home without weights."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def test_train_without_a_dataset_leads_to_adding_one(visit):
    app = visit(TRAIN)
    assert "needs a dataset" in app.info[0].value
    assert app.page_link[0].value == "Add a dataset"
    assert app.button(key="train_sample").label == "Draw the sample photos"


def test_names_are_shown_as_they_are(visit, patch_folder, make_run):
    add_dataset("bridge_12", patch_folder)
    promote(make_run(RunStatus.FINISHED), "site_1")
    app = visit(TRAIN)
    assert app.selectbox(key="train_dataset").options == ["bridge_12", "walls"]
    assert visit(PREDICT).selectbox(key="predict_model").options == ["site_1"]
    app = visit("pages/dataset/browse.py", browse_dataset="walls")
    (title,) = app.selectbox(key="browse_split").options[2:]
    assert "\\" not in title
    assert ":" in title


def test_train_starts_a_run_with_what_was_chosen(visit, dataset, launched):
    app = visit(TRAIN)
    app.number_input(key="train_recommended_frozen_epochs").set_value(2)
    app.segmented_control(key="train_recommended_split").set_value("random")
    app.select_slider(key="train_recommended_image_size").set_value(96)
    app.number_input(key="train_recommended_patience").set_value(3)
    app.button(key="train_start").click().run()
    (run,) = launched
    assert not app.exception
    assert run.config.frozen.epochs == 2
    assert run.config.split == "random"
    assert run.config.image_size == 96
    assert run.config.patience == 3
    assert app.query_params["run"] == run.id


def test_train_takes_over_the_values_of_a_preset(visit, dataset, launched):
    app = visit(TRAIN)
    app.radio(key="train_preset").set_value("reference").run()
    app.button(key="train_start").click().run()
    assert launched[0].config.fine_tune.optimizer == "rmsprop"
    assert launched[0].config.fine_tune.learning_rate == 1e-5


def test_train_shows_what_training_will_see(visit, dataset):
    app = visit(TRAIN)
    app.slider(key="train_recommended_views").set_value(3).run()
    app.button(key="train_views").click().run()
    assert not app.exception
    captions = [image.captions[0] for image in app.image]
    assert captions == ["As it is", "Variation 1", "Variation 2"]
    assert "2 variations" in all_said(app)
    first = dataset.samples["file"][0]
    assert first in all_said(app).replace("\\", "")


def test_train_says_what_the_chosen_backbone_is(visit, dataset, keras_home):
    app = visit(TRAIN)
    assert app.selectbox(key="train_recommended_backbone").value == "surfaces"
    assert said(app, "comes with the program")
    app.selectbox(key="train_recommended_backbone").set_value("random").run()
    assert said(app, "Has seen nothing")


def test_train_says_whether_the_weights_must_be_downloaded(visit, dataset, keras_home):
    app = visit(TRAIN)
    app.radio(key="train_preset").set_value("reference").run()
    assert app.selectbox(key="train_reference_backbone").value == "imagenet"
    assert said(app, "needs a download of 9 MB, once")
    path = imagenet_weights_path(MOBILENET_V2, 160)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    app.run()
    assert said(app, "Its weights are on this computer")
    app.select_slider(key="train_reference_image_size").set_value(96).run()
    assert said(app, "needs a download of 9 MB, once")


def said(app, words):
    return any(words in caption.value for caption in app.caption)


def test_train_offers_the_embedded_backbone_where_weights_are_missing(
    visit, make_run, launched, keras_home
):
    reference = PRESETS["reference"].config
    failed = make_run(
        RunStatus.FAILED,
        "The weights could not be downloaded.",
        preset="reference",
        backbone="imagenet",
        fine_tune=reference.fine_tune,
        seed=5,
    )
    app = visit(TRAIN, run=failed.id)
    app.button(key="train_embedded").click().run()
    (run,) = launched
    assert (run.config.backbone, run.config.seed) == ("surfaces", 5)
    assert run.config.fine_tune == reference.fine_tune
    assert app.query_params["run"] == run.id


def test_train_offers_it_only_where_weights_are_missing(visit, make_run, keras_home):
    make_run(RunStatus.FAILED, "The machine ran out of memory.")
    app = visit(TRAIN)
    assert not [button for button in app.button if button.key == "train_embedded"]


def test_train_says_what_cannot_be_trained_with(visit, dataset, launched):
    app = visit(TRAIN)
    app.number_input(key="train_recommended_frozen_epochs").set_value(0)
    app.number_input(key="train_recommended_fine_tune_epochs").set_value(0)
    app.button(key="train_start").click().run()
    assert "epochs must be at least 1" in app.error[0].value
    assert not launched


def test_the_network_is_drawn_before_anything_is_trained(visit, dataset):
    app = visit(TRAIN)
    said = " ".join(markdown.value for markdown in app.markdown)
    assert "2,562 learn in the frozen phase and 1,861,440 + 2,562 learn in the" in said
    assert len(app.get("plotly_chart")) == 1
    assert not app.dataframe
    app.select_slider(key="train_recommended_image_size").set_value(96).run()
    app.selectbox(key="train_new_part").set_value(6).run()
    assert not app.exception
    layers = app.dataframe[0].value.set_index("Layer")
    assert layers.loc["block_10_expand", "Output"] == "6 × 6 × 384"
    assert layers.loc["block_10_expand", "Parameters"] == 64 * 384
    assert layers.loc["block_10_expand", "MACs"] == 64 * 384 * 6 * 6
    assert layers.loc["block_10_expand", "Learns in"] == "no phase"
    assert layers.loc["block_11_depthwise", "Learns in"] == "fine-tune"
    assert layers.loc["block_11_add", "Learns in"] == "–"


def test_the_network_of_a_run_is_drawn_when_it_is_asked_for(visit, finished_run):
    charts = len(visit(TRAIN).get("plotly_chart"))
    assert charts == 2  # the curves


def test_train_shows_the_active_run_and_can_stop_it(visit, make_run, alive):
    run = make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    app = visit(TRAIN)
    assert len(app.get("plotly_chart")) == 2
    assert [m.value for m in app.metric] == ["4 of 10", "92.50 %", "0.0001"]
    assert "2,562 of 2,260,546" in app.dataframe[0].value["Parameters trained"].tolist()
    assert app.code[0].value == "epoch 4 ends"
    app.button(key="train_stop").click().run()
    assert run.stop_requested
    assert app.button(key="train_stop").disabled


def test_the_bar_is_of_the_whole_run(visit, make_run, alive):
    """That of each stage would fall back to 0 with the next one."""
    run = make_run(RunStatus.RUNNING)
    stage = "Keeping a sample of the images for later adaptations"
    run.report(RunStatus.RUNNING, stage, 5, 500, 20, share=0.9)
    app = visit(TRAIN)
    assert app.get("progress")[0].value == app.sidebar.get("progress")[0].value == 90
    assert stage in [caption.value for caption in app.caption]


def test_train_says_how_many_are_ahead(visit, make_run, alive):
    first = make_run(RunStatus.RUNNING, "Epoch 1 of 10 (frozen)")
    queued = make_run(RunStatus.QUEUED, "Waiting.")
    queued.path.rename(queued.path.with_name("29990101-000000-imagenet-aaaa"))
    app = visit(TRAIN, run="29990101-000000-imagenet-aaaa")
    assert any("1 run is ahead" in c.value for c in app.caption), first.id


def test_a_run_that_starts_is_not_said_to_wait_for_its_turn(visit, make_run, alive):
    make_run(RunStatus.QUEUED, "Waiting to start.")
    app = visit(TRAIN)
    for bars in (app.get("progress"), app.sidebar.get("progress")):
        assert bars[0].text == "Waiting to start."
    assert "Waiting" not in " ".join(caption.value for caption in app.caption)


def test_train_shows_the_run_of_the_address_rather_than_the_newest(visit, make_run):
    old = make_run(RunStatus.FAILED, "The machine ran out of memory.")
    make_run(RunStatus.FINISHED)
    app = visit(TRAIN, run=old.id)
    assert "ran out of memory" in app.error[0].value


@pytest.mark.parametrize(
    ("status", "instead"),
    [(RunStatus.FINISHED, "the newest"), (RunStatus.RUNNING, "the one under way")],
)
def test_train_says_that_a_run_is_gone(visit, make_run, alive, status, instead):
    run = make_run(status)
    app = visit(TRAIN, run="nope_1")
    assert app.warning[0].value == f"Run nope\\_1 no longer exists; this is {instead}."
    assert run.id[-4:] in app.subheader[0].value + app.subheader[1].value
    assert not visit(TRAIN, run=run.id).warning


def test_a_finished_run_has_no_learning_rate_and_says_on_how_many_it_was_judged(
    visit, finished_run
):
    app = visit(TRAIN)
    assert [card.label for card in app.metric] == [
        "Epochs done",
        "Best validation accuracy",
    ]
    assert app.metric[1].delta == "epoch 4, 240 images"


def test_a_single_image_is_not_called_images(visit, finished_run):
    metrics = {**finished_run.evaluation["test"], "n": 1}
    both = {"val": metrics, "test": metrics}
    evaluation = {**finished_run.evaluation, **both}
    storage.write_json(finished_run.path / "evaluation.json", evaluation)
    app = visit(TRAIN)
    assert app.metric[1].delta == "epoch 4, 1 image"
    assert app.success[0].value.startswith("1 test image (grouped split)")
    card = ModelCard.read(finished_run.model_folder)
    assert model_choice.tested_on(replace(card, metrics=both)).endswith(", 1 image")


def test_train_resumes_a_stopped_run(visit, make_run, launched):
    run = make_run(RunStatus.STOPPED, "Stopped by the user.")
    app = visit(TRAIN)
    app.button(key="train_resume").click().run()
    assert launched[0].id == run.id
    assert run.status is RunStatus.QUEUED


@pytest.mark.parametrize("page", [TRAIN, RUNS])
def test_a_rerun_lists_the_runs_once(visit, make_run, alive, monkeypatch, page):
    make_run(RunStatus.FINISHED)
    make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    app = visit(page)
    listed = []
    monkeypatch.setattr(jobs, "list_runs", lambda: listed.append(1) or list_runs())
    monkeypatch.setattr(run_outcome, "list_runs", jobs.list_runs)
    app.run()
    assert listed == [1]


def test_runs_that_cannot_be_listed_are_told_of_once(visit, dataset, monkeypatch):
    def refuse():
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(jobs, "list_runs", refuse)
    app = visit(TRAIN)
    (error,) = app.error
    assert "Permission denied" in error.value
    assert app.button(key="train_start").label == "Start training"


def test_a_narrow_screen_has_the_form_on_top_until_there_is_a_run(
    visit, dataset, make_run
):
    def columns_with_form():
        in_columns = [column.selectbox for column in visit(TRAIN).columns[:2]]
        return ["train_dataset" in [box.key for box in boxes] for boxes in in_columns]

    assert columns_with_form() == [True, False]
    make_run(RunStatus.FINISHED)
    assert columns_with_form() == [False, True]
