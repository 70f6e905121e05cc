"""URLs that a visitor types on the pages, where `CRACK_DATA_ROOTS` allows it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crack.data.dataset import load_dataset
from crack.runs import command_jobs
from crack.settings import PROJECT
from pages.inspection import stored_photos
from pages.shared import server, stored_cache

pytest.importorskip("fsspec", reason="needs requirements-cluster.txt: make cluster")

TOP = "memory://bucket/walls"


@pytest.fixture
def visit(monkeypatch, memory):
    """Open a page of a dashboard that may read below `TOP`."""
    monkeypatch.setattr(server, "begin_server", lambda: None)
    monkeypatch.setenv("CRACK_DATA_ROOTS", TOP)
    stored_cache.stored_contents.clear()
    stored_cache.photos_below.clear()

    def open_page(page):
        file = str(PROJECT / "streamlit_app.py")
        app = AppTest.from_file(file, default_timeout=60).run()
        app.switch_page(page).run()
        assert not app.exception
        return app

    return open_page


@pytest.fixture
def model(model_folder, crack_home):
    return shutil.copytree(model_folder, crack_home / "models" / "default")


@pytest.fixture
def stored(memory, patch_folder):
    for path in patch_folder.rglob("*.png"):
        name = path.relative_to(patch_folder).as_posix()
        memory.pipe_file(f"/bucket/walls/{name}", path.read_bytes())
    return memory


def add_from(app, url):
    app.segmented_control(key="add_kind").set_value("Folder or URL").run()
    app.text_input(key="add_folder").set_value(url).run()
    assert not app.exception
    return app


def test_a_dataset_is_added_from_a_url(visit, stored, dataset):
    app = add_from(visit("pages/dataset/add.py"), TOP)
    told = {metric.label: metric.value for metric in app.metric}
    assert told == {"Files": "24", "Negative": "12", "Positive": "12"}
    app.text_input[-1].set_value("stored").run()
    app.button(key="add_start").click().run()
    assert not app.exception
    assert not app.error
    added = load_dataset("stored")
    assert (added.fingerprint, added.source) == (dataset.fingerprint, TOP)


def test_what_goes_wrong_is_told(visit, stored):
    app = add_from(visit("pages/dataset/add.py"), f"{TOP}/gone")
    assert app.error[0].value.startswith("There is nothing at")
    app = add_from(app, "memory://bucket/wallsaw")
    assert "only the URLs it was told to" in app.error[0].value


def test_a_model_is_imported_from_a_url(visit, memory, monkeypatch):
    launched = []
    monkeypatch.setattr(
        command_jobs, "start", lambda folder, order, words: launched.append(words)
    )
    memory.pipe_file("/bucket/walls/net.keras", b"content")
    app = visit("pages/model/models.py")
    app.text_input(key="models_url").set_value(f"{TOP}/net.keras").run()
    assert app.text_input(key="models_import_name").value == "net"
    app.selectbox(key="models_import_dataset").set_value("Do not calibrate it").run()
    app.button(key="models_import").click().run()
    assert not app.error
    ((*command, file, _, name, _, _),) = launched
    assert (command, name) == (["models", "import"], "net")
    assert Path(file).read_bytes() == b"content"


def test_a_file_larger_than_an_upload_is_refused(visit, memory, monkeypatch):
    from crack.data import transfers

    monkeypatch.setattr(transfers, "MEGABYTE", 0)
    memory.pipe_file("/bucket/walls/net.keras", b"content")
    app = visit("pages/model/models.py")
    app.text_input(key="models_url").set_value(f"{TOP}/net.keras").run()
    app.button(key="models_import").click().run()
    assert "the limit is 500 MB" in app.error[0].value


def ask_about(app, url):
    app.segmented_control(key="predict_way").set_value("URL").run()
    app.text_input(key="predict_url").set_value(url).run()
    assert not app.exception
    return app


def test_photos_at_a_url_are_asked_about(visit, stored, model):
    app = ask_about(visit("pages/inspection/predict.py"), f"{TOP}/Positive")
    assert not app.error
    assert app.subheader[0].value.endswith("Positive/00001.png")
    answered = app.dataframe[0].value
    assert len(answered) == 12


def test_only_so_many_are_asked_about_on_the_page(visit, stored, model, monkeypatch):
    monkeypatch.setattr(stored_photos, "_MOST", 11)
    app = ask_about(visit("pages/inspection/predict.py"), f"{TOP}/Positive")
    assert "more than 11 photos" in app.error[0].value


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{TOP}/gone", "There is nothing at"),
        ("memory://bucket", "only the URLs it was told to"),
        ("a folder", "begins with one of"),
    ],
)
def test_a_url_without_photos_is_told(visit, stored, model, url, said):
    app = ask_about(visit("pages/inspection/predict.py"), url)
    assert said in app.error[0].value
