from __future__ import annotations

import io
import zipfile

import pytest

from crack.data.dataset import dataset_names, load_dataset

BROWSE = "pages/dataset/browse.py"
ADD = "pages/dataset/add.py"


def zipped(folder) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in folder.rglob("*.png"):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def test_browse_without_a_dataset_leads_to_adding_one(visit):
    app = visit(BROWSE)
    assert "no dataset" in app.info[0].value
    assert app.page_link[0].value == "Add a dataset"


def test_browse_shows_numbers_balance_and_pictures_with_captions(visit, dataset):
    app = visit(BROWSE)
    assert [m.value for m in app.metric] == ["24", "12", "12", "0", "0"]
    assert app.get("plotly_chart")
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
    assert len(app.image) == 12
    assert app.selectbox(key="browse_sort").value == "Sharpest first"


def test_browse_offers_the_split_of_a_run(visit, finished_run):
    app = visit(BROWSE)
    app.selectbox(key="browse_split").set_value(finished_run.id).run()
    assert not app.exception
    assert "near-copy" in app.caption[1].value


def test_browse_marks_a_picture_that_is_gone(visit, dataset):
    dataset.path(dataset.samples.loc[0, "file"]).unlink()
    app = visit(BROWSE)
    assert len(app.image) == 23
    assert "There is no file" in app.error[0].value


def test_browse_lists_what_was_left_out(visit, patch_folder):
    from crack.data.importer import add_dataset

    (patch_folder / "Positive" / "notes.txt").write_text("no picture")
    add_dataset("walls", patch_folder)
    app = visit(BROWSE)
    assert app.dataframe[0].value.loc[0, "file"] == "Positive/notes.txt"


def test_deleting_asks_first(visit, dataset):
    app = visit(BROWSE)
    app.button(key="browse_delete").click().run()
    assert dataset_names() == ["walls"]
    app.button(key="confirm_yes").click().run()
    assert dataset_names() == []
    assert "Deleted the dataset walls" in app.success[0].value


def test_add_a_zip(visit, patch_folder):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()
    assert [m.value for m in app.metric] == ["24", "12", "12"]
    assert app.radio[0].value == "Positive"
    app.button(key="add_start").click().run()
    assert not app.exception
    assert load_dataset("tunnel").counts == {"Negative": 12, "Positive": 12}
    assert app.title[0].value == "Browse a dataset"
    assert "Added tunnel with 24 images" in app.success[0].value


def test_add_a_folder_whose_names_do_not_say_crack(visit, patch_folder):
    (patch_folder / "Positive").rename(patch_folder / "bad")
    (patch_folder / "Negative").rename(patch_folder / "good")
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder on this computer").run()
    app.text_input(key="add_folder").set_value(str(patch_folder)).run()
    assert app.button(key="add_start").disabled
    app.radio[0].set_value("bad").run()
    app.button(key="add_start").click().run()
    assert load_dataset("patches").crack_class == "bad"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.zip", b"no zip", "not a readable ZIP"), ("b.zip", None, "Two class folders")],
)
def test_add_says_what_is_wrong_with_a_zip(visit, name, content, said):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    app = visit(ADD)
    data = content or buffer.getvalue()
    app.file_uploader(key="add_zip").upload(name, data).run()
    assert said in app.error[0].value
    assert not app.button


def test_add_refuses_a_name_that_is_taken(visit, dataset, patch_folder):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("walls.zip", zipped(patch_folder)).run()
    assert app.button(key="add_start").disabled
    assert "Choose another name" in app.caption[-1].value
