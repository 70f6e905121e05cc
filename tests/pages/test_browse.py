from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from crack.data.dataset import dataset_names, delete_dataset
from crack.data.importer import add_dataset
from crack.data.split import make_split
from crack.runs.run import RunStatus
from pages.dataset.images_view import PER_PAGE
from tests.conftest import draw_concrete
from tests.pages.conftest import all_said, said

BROWSE = "pages/dataset/browse.py"


@pytest.fixture
def two_pages(patch_folder):
    """A dataset of 84 images, 72 of them without a crack."""
    rng = np.random.default_rng(5)
    for number in range(60):
        image = Image.fromarray(draw_concrete(rng))
        image.save(patch_folder / "Negative" / f"more-{number:02d}.png")
    return add_dataset("walls", patch_folder)


def shown(app):
    """Return the images on the page, in their order, as (name, class)."""
    names = [b.label for b in app.button if b.key.startswith("browse_open_")]
    classes = [image.captions[0].partition(",")[0] for image in app.image]
    return [
        (name.replace("\\", ""), class_name)
        for name, class_name in zip(names, classes, strict=True)
    ]


def by(dataset, column, ascending):
    """Return the images of a dataset in an order, as (name, class)."""
    rows = dataset.samples.sort_values(column, ascending=ascending, kind="stable")
    names = rows["file"].str.rpartition("/")[2]
    return list(zip(names, rows["class"], strict=True))


def test_browse_shows_numbers_and_pictures_with_captions(visit, dataset):
    app = visit(BROWSE)
    assert "**24 images**: 12 Negative, 12 Positive (crack) · from" in said(app)
    assert len(app.image) == 24
    caption = app.image[0].captions[0]
    assert "Negative, " in caption


def test_browse_filters_by_class_and_split(visit, dataset):
    app = visit(BROWSE)
    app.segmented_control(key="browse_class").set_value("Positive")
    app.segmented_control(key="browse_in").set_value("test").run()
    captions = [image.captions[0] for image in app.image]
    assert captions
    assert all("Positive, test" in caption for caption in captions)


def test_browse_takes_its_filters_from_the_address(visit, dataset):
    app = visit(BROWSE, browse_class="Positive", browse_sort="Sharpest first")
    expected = by(dataset, "sharpness", False)
    assert shown(app) == [entry for entry in expected if entry[1] == "Positive"]


@pytest.mark.parametrize(
    ("order", "column", "ascending"),
    [
        ("Name", "file", True),
        ("Darkest first", "brightness", True),
        ("Brightest first", "brightness", False),
        ("Least contrast first", "contrast", True),
        ("Most contrast first", "contrast", False),
        ("Least sharp first", "sharpness", True),
        ("Sharpest first", "sharpness", False),
    ],
)
def test_the_order_goes_over_all_pages(visit, two_pages, order, column, ascending):
    app = visit(BROWSE, browse_sort=order)
    expected = by(two_pages, column, ascending)
    assert shown(app) == expected[:PER_PAGE]
    assert "1 to 60 of 84" in all_said(app)
    app.session_state["browse_page"] = 2
    app.run()
    assert shown(app) == expected[PER_PAGE:]
    assert "61 to 84 of 84" in all_said(app)


@pytest.mark.parametrize(
    "choose",
    [
        lambda app: app.segmented_control(key="browse_in").set_value("train"),
        lambda app: app.segmented_control(key="browse_class").set_value("Negative"),
        lambda app: app.selectbox(key="browse_sort").set_value("Darkest first"),
    ],
    ids=["part of the split", "class", "order"],
)
def test_another_choice_leads_back_to_the_first_page(visit, two_pages, choose):
    app = visit(BROWSE, browse_page="2")
    assert len(app.image) == 24
    choose(app).run()
    assert not app.exception
    assert app.session_state["browse_page"] == 1
    assert " 1 to " in all_said(app)


def test_browse_offers_the_split_of_a_run(visit, make_run, dataset):
    run = make_run(RunStatus.FINISHED, "Finished.", split="random", seed=4)
    of_run, of_preview = (
        {tuple(file.split("/")[::-1]) for file in split[split["split"] != "train"].file}
        for split in (run.split, make_split(dataset, "grouped", 17))
    )
    assert of_run != of_preview
    app = visit(BROWSE)
    app.selectbox(key="browse_split").set_value(run.id).run()
    found = set()
    for part in ("val", "test"):
        app.segmented_control(key="browse_in").set_value(part).run()
        found |= set(shown(app))
    assert found == of_run


def test_the_preview_follows_what_is_known_of_the_photos(visit, patch_folder):
    add_dataset("walls", patch_folder)
    app = visit(BROWSE, browse_view="Split")
    assert app.get("plotly_chart")
    app.selectbox(key="browse_split").set_value("random").run()
    assert not app.warning
    # The same files again, now known to be parts of four photos.
    delete_dataset("walls")
    files = sorted(p.relative_to(patch_folder) for p in patch_folder.rglob("*.png"))
    rows = [f"{file.as_posix()},{number % 4}" for number, file in enumerate(files)]
    (patch_folder / "photos.csv").write_text("\n".join(["file,photo", *rows]))
    dataset = add_dataset("walls", patch_folder)
    assert dataset.photos == 4
    app.run()
    assert "(100 %) are near-copies of training images" in app.warning[0].value


def test_a_split_far_from_the_usual_shares_is_told(visit, patch_folder):
    add_dataset("walls", patch_folder)
    assert "far from 80 %" not in all_said(visit(BROWSE, browse_view="Split"))
    files = sorted(p.relative_to(patch_folder) for p in patch_folder.rglob("*.png"))
    rows = [f"{file.as_posix()},{number % 3}" for number, file in enumerate(files)]
    (patch_folder / "photos.csv").write_text("\n".join(["file,photo", *rows]))
    delete_dataset("walls")
    add_dataset("walls", patch_folder)
    assert "far from 80 %" in all_said(visit(BROWSE, browse_view="Split"))


def test_a_picture_in_both_classes_is_named(visit, patch_folder, dataset):
    assert len(visit(BROWSE, browse_view="Overview").expander) == 0
    delete_dataset("walls")
    shutil.copy(
        patch_folder / "Positive" / "00001.png", patch_folder / "Negative" / "copy.png"
    )
    add_dataset("walls", patch_folder)
    app = visit(BROWSE, browse_view="Overview")
    assert app.expander[0].label == "1 picture is in both classes, likely by mistake"
    named = app.dataframe[0].value.iloc[0, 0]
    assert named == "Negative/copy.png, Positive/00001.png"


def test_browse_marks_a_picture_that_is_gone(visit, dataset):
    dataset.path(dataset.samples.loc[0, "file"]).unlink()
    app = visit(BROWSE)
    assert len(app.image) == 23
    assert "There is no file" in app.error[0].value


def test_browse_lists_what_was_left_out(visit, patch_folder):
    (patch_folder / "Positive" / "notes.txt").write_text("no picture")
    add_dataset("walls", patch_folder)
    app = visit(BROWSE, browse_view="Overview")
    assert app.dataframe[0].value.loc[0, "file"] == "Positive/notes.txt"


def test_deleting_asks_first(visit, dataset):
    app = visit(BROWSE)
    app.button(key="browse_delete").click().run()
    assert dataset_names() == ["walls"]
    app.button(key="confirm_yes").click().run()
    assert dataset_names() == []
    assert "Deleted the dataset walls" in app.success[0].value
