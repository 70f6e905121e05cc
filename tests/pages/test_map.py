"""Browse, Map and Split: a place for each image; copies of test images in train."""

from __future__ import annotations

import json
import shutil

import pytest

from crack.data.dataset import edit_dataset
from crack.data.split import split_fingerprint
from crack.reporting.figure_style import CRACK, SOUND
from crack.runs.registry import set_default
from pages.shared.cache import split_preview
from tests.pages.conftest import all_said

BROWSE = "pages/dataset/browse.py"


@pytest.fixture
def view(visit, dataset, model):
    """Open a view of the page; the model is the default."""
    set_default(model.name)
    return lambda name: visit(BROWSE, browse_dataset="walls", browse_view=name)


def make_map(app, which):
    app.button(key=f"browse_work_{which} map").click().run()
    assert not app.exception
    return app


def test_a_map_is_made_once_and_then_there(view, visit):
    app = view("Map")
    assert "has to look at the images first" in all_said(app)
    assert not app.get("plotly_chart")
    assert make_map(app, "coarse").get("plotly_chart")
    assert visit(BROWSE, browse_view="Map").get("plotly_chart")
    app.button_group(key="map_way").set_value("Fine").run()
    assert "has to look at the images first" in all_said(app)
    assert make_map(app, "fine").get("plotly_chart")


@pytest.fixture
def crack_first(patch_folder):
    """The class with cracks comes first by its name."""
    (patch_folder / "Positive").rename(patch_folder / "Crack")


def test_a_class_has_one_colour_in_all_views(crack_first, view):
    shown = []
    for app in (make_map(view("Map"), "coarse"), view("Overview"), view("Split")):
        for chart in app.get("plotly_chart"):
            traces = json.loads(chart.proto.spec)["data"]
            shown += [
                (trace["name"].partition(" (")[0], trace["marker"]["color"])
                for trace in traces
            ]
    assert sorted(shown) == [("Crack", CRACK)] * 3 + [("Negative", SOUND)] * 3


def test_colours_tell_the_part_or_need_an_evaluation(view):
    app = make_map(view("Map"), "coarse")
    app.button_group(key="map_colour").set_value("Part of the split").run()
    assert app.get("plotly_chart")
    app.button_group(key="map_colour").set_value("Right or wrong").run()
    assert "Evaluate a model on this dataset" in all_said(app)
    assert app.get("plotly_chart")


def test_an_image_that_came_back_is_missed_on_the_map(view, dataset):
    file = dataset.samples["file"][0]
    edit_dataset("walls", file, "leave out")
    app = make_map(view("Map"), "coarse")
    edit_dataset("walls", file, "undo")
    app.run()
    assert "1 image came back since the map was made" in all_said(app)
    assert app.get("plotly_chart")
    make_map(app, "coarse")
    assert "came back" not in all_said(app)


@pytest.fixture
def copied(patch_folder):
    """Each photo is there twice, so that a random split parts many from their copy."""
    for path in sorted(patch_folder.rglob("*.png")):
        shutil.copy(path, path.with_name(f"copy-{path.name}"))


def test_a_test_is_honest_or_shown_not_to_be(copied, view, dataset):
    app = view("Split")
    said = all_said(app)
    assert "**Random**: 100 % of the test images (2 of 2) have a copy" in said
    assert "**Grouped**: 0 % of the test images" in said
    assert [image.captions[0].partition(":")[0] for image in app.image] == [
        "train",
        "test",
    ] * 2
    assert dataset.fingerprint in said
    assert split_fingerprint(split_preview("walls", "grouped")) in said
