"""The ways in which photos come to the page."""

from __future__ import annotations

import io
import zipfile

from crack import settings
from tests.pages.conftest import PREDICT, table, upload


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_among_the_files_gives_its_photos_under_its_name(visit, model, photo):
    members = {"b/2.png": photo(220), "a.png": photo(20), "notes.txt": b"x"}
    files = {"one.png": photo(20), "site.ZIP": zipped(members), "bad.zip": b"PK"}
    app = upload(visit(PREDICT), files)
    names = ["one.png", "site.ZIP/a.png", "site.ZIP/b/2.png", "bad.zip"]
    assert list(table(app)["file"]) == names
    assert "zip is damaged" in table(app).loc[3, "error"]


def test_a_folder_gives_its_photos_by_name_without_what_the_system_put_there(
    visit, model, photo
):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Folder").run()
    files = {name: photo(20) for name in ("w/b.png", "w/._b.png", "w/a.png")}
    upload(app, files, key="predict_folder")
    assert list(table(app)["file"]) == ["a.png", "b.png"]


def test_a_folder_without_photos_says_so(visit, model, photo):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Folder").run()
    upload(app, {"w/._b.png": photo(20)}, key="predict_folder")
    assert "holds no pictures" in app.info[0].value


def test_the_camera_takes_one_photo(visit, model, photo):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Camera").run()
    assert app.get("camera_input")
    assert not app.file_uploader


def test_the_sample_scenes_are_asked_about_one_by_one_or_all(visit, model, photo):
    scenes = settings.sample_dir() / "scenes"
    scenes.mkdir(parents=True)
    for number, grey in enumerate((20, 220), start=1):
        (scenes / f"scene-{number}.jpg").write_bytes(photo(grey))
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Sample scenes").run()
    assert app.subheader[0].value == "scene-1.jpg"
    assert not app.dataframe
    app.segmented_control(key="predict_scene").set_value(None).run()
    assert list(table(app)["answer"]) == ["Crack", "No crack"]
