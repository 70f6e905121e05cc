from __future__ import annotations

import errno
import io
import zipfile

import pytest

from crack import storage
from crack.data.dataset import dataset_names, load_dataset
from pages.shared import visitors

BROWSE = "pages/dataset/browse.py"
ADD = "pages/dataset/add.py"


def zipped(folder) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in folder.rglob("*.png"):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


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


def test_add_says_how_many_images_photos_csv_names(visit, patch_folder):
    rows = "file,photo\nPositive/00001.png,a\nPositive/00002.png,a\n"
    (patch_folder / "photos.csv").write_text(rows)
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder on this computer").run()
    app.text_input(key="add_folder").set_value(str(patch_folder)).run()
    app.button(key="add_start").click().run()
    said = "photos.csv names 2 of 24 images, cut from 1 photos."
    assert said in app.success[0].value


def test_add_says_when_the_disk_is_full(visit, patch_folder, crack_home, monkeypatch):
    def fill(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extract", fill)
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()
    app.button(key="add_start").click().run()
    assert not app.exception
    assert "No space left on device" in app.error[0].value
    assert "CRACK" in app.error[0].value
    assert dataset_names() == []


def test_add_in_two_tabs_at_once_gives_one_dataset(visit, patch_folder, crack_home):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()
    with storage.new_folder(crack_home / "datasets" / "tunnel"):
        app.button(key="add_start").click().run()
    assert not app.exception
    assert "'tunnel' is just being made" in app.error[0].value


def test_deleting_says_when_the_disk_refuses(visit, dataset, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(storage, "remove_folder", refuse)
    app = visit(BROWSE)
    app.button(key="browse_delete").click().run()
    app.button(key="confirm_yes").click().run()
    assert not app.exception
    assert "Read-only file system" in app.error[0].value


def test_a_visitor_from_elsewhere_sees_no_folders(visit, monkeypatch):
    monkeypatch.setattr(visitors, "_THIS_COMPUTER", set())
    app = visit(ADD)
    assert app.segmented_control(key="add_kind").options == ["ZIP file"]


def test_a_visitor_may_name_what_the_server_allows(visit, monkeypatch, patch_folder):
    monkeypatch.setenv("CRACK_DATA_ROOTS", str(patch_folder))
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder on this computer").run()
    app.text_input(key="add_folder").set_value("/etc").run()
    assert "only opens folders it was told to" in app.error[0].value
    app.text_input(key="add_folder").set_value(str(patch_folder)).run()
    assert not app.error
    assert app.subheader[0].value == "What is in it"
