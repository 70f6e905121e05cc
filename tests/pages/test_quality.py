"""Browse, Quality: lists of doubtful images, looked through; edits and their undo."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from PIL import Image

from crack.data.dataset import edit_dataset, load_dataset
from crack.runs.registry import set_default
from pages.dataset import quality as quality_view
from tests.pages.conftest import all_said

BROWSE = "pages/dataset/browse.py"


@pytest.fixture
def quality(visit, dataset, model):
    """Open a list of the page; the model is the default."""
    set_default(model.name)

    def look(which, **query):
        query |= {"browse_view": "Quality", "quality_list": which}
        return visit(BROWSE, browse_dataset="walls", **query)

    return look


@pytest.fixture
def copies(patch_folder):
    """The photos of the dataset, three of them the same."""
    for number in (1, 2):
        shutil.copy(
            patch_folder / "Positive" / "00001.png",
            patch_folder / "Positive" / f"copy{number}.png",
        )


@pytest.fixture
def dark(patch_folder):
    """Three of the photos are dark."""
    for number in (1, 2, 3):
        path = patch_folder / "Negative" / f"{number:05d}.png"
        Image.open(path).point(lambda level: level // 8).save(path)


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_empty_lists_say_so(quality):
    said = all_said(quality("exact"))
    assert "byte for byte" in said
    assert "Nothing is in this list." in said
    assert "Every file could be read." in all_said(quality("unreadable"))


def test_copies_are_left_out_but_one(copies, quality):
    app = quality("exact")
    assert "1 picture left, 0 looked at" in all_said(app)
    assert len(app.image) == 3
    click(app, "quality_first")
    assert "Nothing is in this list." in all_said(app)
    edits = load_dataset("walls").changes
    assert list(edits.values()) == ["leave out", "leave out"]


def test_what_the_network_sees_is_offered_then_looked_through(quality, dataset):
    app = quality("label")
    assert "has to look at 24 images first" in all_said(app)
    click(app, "browse_work_judge")
    assert app.button(key="quality_list_label").label.startswith("Labels that look")
    assert app.button(key="quality_list_label").label[-1].isdigit()
    assert "has to look at" not in all_said(app)


def test_an_image_is_kept_relabelled_and_left_out_by_one_click_each(
    dark, quality, dataset
):
    app = quality("dark")
    assert "3 images left, 0 looked at. This is number 1." in all_said(app)
    click(app, "quality_keep")
    click(app, "quality_relabel")
    click(app, "quality_leave_out")
    assert "Nothing" not in all_said(app)
    after = load_dataset("walls")
    assert len(after.kept) == 1
    assert sorted(after.changes.values()) == ["leave out", "relabel"]
    assert after.fingerprint != dataset.fingerprint


def test_an_image_without_a_remark_has_no_comma_for_one(dark, quality, monkeypatch):
    found = quality_view.dataset_problems

    def without_remarks(*question):
        problems, judged = found(*question)
        return [replace(problem, remarks=("", "", "")) for problem in problems], judged

    monkeypatch.setattr(quality_view, "dataset_problems", without_remarks)
    (image,) = quality("dark").image
    assert image.proto.imgs[0].caption.endswith("Negative, 64 × 64 px")


def test_next_and_previous_change_nothing(dark, quality):
    app = click(quality("dark"), "quality_next")
    assert "This is number 2." in all_said(app)
    click(app, "quality_previous")
    assert "This is number 1." in all_said(app)
    assert load_dataset("walls").edits == ()


def test_a_row_is_kept_at_once(dark, quality):
    app = quality("dark")
    app.button_group(key="quality_pace").set_value("A row at a time").run()
    assert len(app.image) == 3
    click(app, "quality_keep")
    assert "All 3 are looked at." in all_said(app)
    assert len(load_dataset("walls").kept) == 3


def test_edits_are_listed_and_undone(quality, dataset):
    one, other = dataset.samples["file"][:2]
    edit_dataset("walls", one, "relabel")
    edit_dataset("walls", other, "keep", "dark")
    app = quality("dark")
    said = all_said(app).replace("\\", "")
    assert f"{one}: relabelled" in said
    assert f"{other}: kept as it is" in said
    assert load_dataset("walls").fingerprint in said
    click(app, "edits_undo_1")
    assert load_dataset("walls").changes == {}
    click(app, "edits_undo_all")
    click(app, "confirm_yes")
    assert load_dataset("walls").edits == ()
    assert load_dataset("walls").fingerprint == dataset.fingerprint


def test_the_last_edit_is_undone_by_one_key(dark, quality):
    app = click(quality("dark"), "quality_leave_out")
    click(app, "quality_undo")
    assert load_dataset("walls").edits == ()
    assert "3 images left" in all_said(app)
