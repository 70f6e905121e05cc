"""The gallery of a dataset: filters, a selection, an opened image."""

from __future__ import annotations

import pytest
from PIL import Image

from crack.data.dataset import load_dataset
from crack.data.importer import add_dataset
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import write_seen
from crack.inference.predictor import Predictor
from crack.reporting.words import percent
from crack.runs.registry import find_model, set_default
from pages.dataset.selection import Selection
from tests.pages.conftest import all_said

TURNED = Image.Transpose.ROTATE_90
BROWSE = "pages/dataset/browse.py"


def opened(app):
    """Return the files whose pictures are in the gallery."""
    prefix = "browse_open_"
    return [b.key.removeprefix(prefix) for b in app.button if b.key.startswith(prefix)]


def files(samples, condition):
    return samples["file"][condition].tolist()


@pytest.fixture
def evaluated(model):
    """An evaluation of a model that has seen none of the walls."""
    write_seen(model.folder, [])
    walls = load_dataset("walls")
    evaluation = begin(model.folder, walls, "all")
    evaluation.go_on(Predictor(model.folder), walls, lambda *_: None)
    return evaluation.scored(find_model(model.name).card)


def test_measures_filter_together(visit, dataset):
    samples = dataset.samples
    middle = round(100 * samples["brightness"].median())
    app = visit(BROWSE)
    app.slider(key="browse_brightness").set_range(0, middle)
    app.segmented_control(key="browse_class").set_value("Negative").run()
    dark = (samples["brightness"] <= middle / 100) & (samples["class"] == "Negative")
    assert 0 < dark.sum() < 12
    assert opened(app) == files(samples, dark)


def test_sizes_and_sharpness_are_steps(visit, dataset):
    app = visit(BROWSE)
    app.select_slider(key="browse_side").set_range("128", "any").run()
    assert opened(app) == []
    assert "No image matches" in all_said(app)
    app.button(key="browse_clear").click().run()
    assert app.select_slider(key="browse_side").value == ("0", "any")
    assert len(opened(app)) == 24
    app.select_slider(key="browse_sharpness").set_range("0", "100").run()
    blurred = dataset.samples["sharpness"] <= 100
    assert opened(app) == files(dataset.samples, blurred)


def test_unknown_values_in_the_address_are_no_condition(visit, dataset):
    app = visit(
        BROWSE,
        browse_view="x",
        browse_class="x",
        browse_in="x",
        browse_sort="x",
        browse_split="x",
        browse_size="9999",
        browse_side="7",
        browse_brightness="dark",
        browse_problem="x",
        browse_model="x",
        browse_page="-1",
        browse_image="x",
        browse_dataset="x",
    )
    assert len(opened(app)) == 24


def test_answers_of_a_model_filter_and_sort(visit, dataset, evaluated):
    app = visit(BROWSE)
    assert [s for s in app.segmented_control if s.key == "browse_right"] == []
    choice = app.selectbox(key="browse_model")
    choice.set_value(choice.options[1]).run()
    wrong = evaluated.is_crack != (evaluated.probability >= 0.5)
    app.segmented_control(key="browse_right").set_value("wrong").run()
    assert opened(app) == [f for f, w in zip(evaluated.file, wrong, strict=True) if w]
    app.segmented_control(key="browse_right").set_value("all")
    app.selectbox(key="browse_sort").set_value("Most probable crack first").run()
    order = (-evaluated.probability).argsort(kind="stable")
    assert opened(app) == [evaluated.file[place] for place in order]
    told = percent(float(evaluated.probability[order[0]]))
    assert app.image[0].captions[0].endswith(f", {told} crack")
    app.selectbox(key="browse_model").set_value("None").run()
    assert not app.exception
    assert len(opened(app)) == 24


def test_problems_filter_once_there_is_a_model_to_tell_them(visit, model):
    walls = load_dataset("walls")
    image = Image.open(walls.path(walls.samples["file"][0])).transpose(TURNED)
    image.save(walls.root / "Negative" / "turned.png")
    set_default(model.name)
    again = add_dataset("again", walls.root)
    app = visit(BROWSE, browse_dataset="again", browse_problem="Near-copies")
    copies = again.samples["group"].duplicated(keep=False)
    assert opened(app) == files(again.samples, copies)
    assert len(opened(app)) == 2
    app.button(key=f"browse_open_{opened(app)[0]}").click().run()
    assert "**1 other image of the same picture**" in all_said(app)


def test_without_an_evaluation_it_says_how_to_get_one(visit, dataset):
    assert "Evaluate a model on this dataset" in all_said(visit(BROWSE))


def test_chosen_images_are_shown_until_all_are_wanted(visit, dataset):
    some = dataset.samples["file"].tolist()[3:5]
    app = visit(BROWSE)
    app.session_state["browse_chosen"] = Selection(
        "walls", frozenset(some), "chosen on the map"
    )
    app.run()
    assert opened(app) == some
    assert "2 images chosen on the map" in all_said(app)
    app.button(key="browse_all").click().run()
    assert len(opened(app)) == 24


def test_a_selection_of_another_dataset_is_none(visit, dataset):
    app = visit(BROWSE)
    app.session_state["browse_chosen"] = Selection("x", frozenset(), "chosen")
    app.run()
    assert len(opened(app)) == 24


def test_an_image_is_opened_with_its_facts_and_the_next_follows(visit, dataset):
    first, second = dataset.samples["file"][:2]
    app = visit(BROWSE)
    app.button(key=f"browse_open_{first}").click().run()
    assert not app.exception
    assert f"**{first}**" in all_said(app)
    assert "64 × 64 px" in all_said(app)
    assert "No other image of the dataset is a copy" in all_said(app)
    assert app.button(key="browse_previous").disabled
    app.button(key="browse_next").click().run()
    assert f"**{second}**" in all_said(app)


def test_the_overview_draws_what_differs(visit, dataset):
    app = visit(BROWSE, browse_view="Overview")
    assert len(app.get("plotly_chart")) == 4
    assert "**Shorter side (px)**: 64 in all images." in all_said(app)
