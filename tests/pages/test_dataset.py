from __future__ import annotations

import errno
import io
import sys
import zipfile

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from crack import storage
from crack.data.dataset import dataset_names, load_dataset
from pages.dataset import importing
from pages.shared import visitors
from pages.shared.feedback import TimedBar
from tests.pages.conftest import all_said

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


def test_add_says_that_a_file_was_left_out(visit, patch_folder):
    (patch_folder / "Positive" / "broken.png").write_bytes(b"no picture")
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()
    app.button(key="add_start").click().run()
    assert "1 file was left out." in app.success[0].value


def test_add_refuses_a_name_that_is_too_long(visit, patch_folder):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("walls.zip", zipped(patch_folder)).run()
    app.text_input(key="add_name_walls").input("x" * 65).run()
    app.button(key="add_start").click().run()
    assert "at most 64 characters" in app.error[0].value


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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("s3://bridges/2026", "only the URLs it was told to"),
        ("s3://bridge/../bridges", "Name the file or folder itself"),
        ("s3://bridge/a?X-Amz-Signature=SECRET", "by the means of the provider"),
        ("https://KEY:SECRET@host/a.zip", "by the means of the provider"),
        ("https://host/a.zip", "begins with one of s3"),
    ],
)
def test_a_url_must_be_one_that_the_server_allows(visit, monkeypatch, typed, said):
    monkeypatch.setenv("CRACK_DATA_ROOTS", "s3://bridge")
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder or URL").run()
    app.text_input(key="add_folder").set_value(typed).run()
    assert not app.exception
    assert said in app.error[0].value
    assert "SECRET" not in app.error[0].value
    app.text_input(key="add_folder").set_value("/etc").run()
    assert "only opens folders it was told to" in app.error[0].value


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_path_may_be_pasted_in_quotes(visit, patch_folder, quote):
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder on this computer").run()
    app.text_input(key="add_folder").set_value(f"{quote}{patch_folder}{quote}").run()
    assert not app.error
    assert app.button(key="add_start").label


def test_without_a_list_of_them_no_url_is_opened(visit, patch_folder):
    app = add_from(visit(ADD), "s3://bridges/walls")
    assert "Name its bucket or folder" in app.error[0].value
    add_from(app, patch_folder.as_uri())
    assert not app.error
    assert app.subheader[0].value == "What is in it"


def test_what_opens_a_url_may_be_missing(visit, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setenv("CRACK_DATA_ROOTS", "gs://bridges")
    app = visit(ADD)
    app.segmented_control(key="add_kind").set_value("Folder or URL").run()
    app.text_input(key="add_folder").set_value("gs://bridges/walls").run()
    assert "is not installed." in app.error[0].value
    assert "requirements-cluster.txt gcsfs" in app.error[0].value


def encoded(pixels, kind="PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def add_from(app, folder):
    """Name a folder on the page."""
    app.segmented_control(key="add_kind").set_value("Folder on this computer").run()
    app.text_input(key="add_folder").set_value(str(folder)).run()
    assert not app.exception
    return app


def test_add_cuts_photos_with_masks_into_tiles(visit, masked_folder):
    app = add_from(visit(ADD), masked_folder)
    assert {m.label: m.value for m in app.metric} == {
        "Photos with a mask": "2",
        "Other files": "1",
    }
    assert "masks/0.png is the one of images/0.jpg" in all_said(app)
    assert not app.radio
    app.button(key="add_start").click().run()
    assert not app.exception
    added = load_dataset("walls")
    assert added.class_names == ("crack", "no crack")
    assert min(added.counts.values()) >= 2
    assert "images, cut from 2 photos." in app.success[0].value
    assert "photos.csv" not in app.success[0].value  # there is none


def test_add_says_when_photos_are_too_large_to_train_on(visit, tmp_path):
    for name in ("Positive", "Negative"):
        (tmp_path / "large" / name).mkdir(parents=True)
        wall = np.full((600, 800), 100 + len(name) + ord(name[0]), np.uint8)
        (tmp_path / "large" / name / "1.jpg").write_bytes(encoded(wall, "JPEG"))
    app = add_from(visit(ADD), tmp_path / "large")
    assert "about 800 px long" in app.warning[0].value
    assert "a folder `masks` beside" in all_said(app)
    assert not app.button(key="add_start").disabled


def test_add_recognises_metu(visit, tmp_path):
    for name in ("Positive", "Negative"):
        (tmp_path / "metu" / name).mkdir(parents=True)
        for number in range(1, 121):
            tone = number + 100 * (name == "Positive")
            wall = encoded(np.full((227, 227), tone, np.uint8), "JPEG")
            (tmp_path / "metu" / name / f"{number:05d}.jpg").write_bytes(wall)
    app = add_from(visit(ADD), tmp_path / "metu")
    assert "240 of its 40,000 images are there" in app.info[0].value
    assert "Özgenel" in all_said(app)
    assert "CC BY 4.0" in all_said(app)
    app.button(key="add_start").click().run()
    assert "Özgenel" in load_dataset("metu").credit


def test_add_says_what_to_do_with_a_rar(visit, tmp_path, make_zip):
    (tmp_path / "metu.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    for source in (tmp_path / "metu.rar", make_zip({"a/metu.rar": b"Rar!"})):
        app = add_from(visit(ADD), source)
        assert "is a RAR archive" in app.error[0].value
        assert "pack the folder into a ZIP" in app.error[0].value


def test_a_click_cancels_an_import_and_nothing_is_left(
    visit, patch_folder, crack_home, monkeypatch
):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()

    def clicked(*_):
        st.rerun()  # which ends a running script as a click does

    with monkeypatch.context() as during:
        during.setattr(TimedBar, "show", clicked)
        app.button(key="add_start").click().run()
    assert not app.exception
    assert "import of tunnel was cancelled" in app.info[0].value
    assert "Nothing of it was left behind" in app.info[0].value
    assert list((crack_home / "datasets").iterdir()) == []
    app.run()
    assert not app.info
    app.button(key="add_start").click().run()
    assert load_dataset("tunnel").counts == {"Negative": 12, "Positive": 12}


def test_an_import_that_was_quicker_than_the_click_is_there(
    visit, patch_folder, monkeypatch
):
    app = visit(ADD)
    app.file_uploader(key="add_zip").upload("tunnel.zip", zipped(patch_folder)).run()
    with monkeypatch.context() as during:
        during.setattr(importing, "notify", lambda _: st.rerun())
        app.button(key="add_start").click().run()
    assert "complete before it could be cancelled" in app.info[0].value
    assert dataset_names() == ["tunnel"]
