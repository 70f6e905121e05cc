"""Each photo is asked about once, whatever becomes of the batch."""

from __future__ import annotations

import shutil

import pytest

from pages.inspection.answer_table import Answer
from tests.pages.conftest import PREDICT, EndedError, ask, said, table, upload


def test_a_photo_is_asked_about_once(visit, model, photo, asked):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220))
    app.run()
    upload(app, {"more.png": photo(20)})
    assert [name for name, _ in asked] == ["dark.png", "light.png", "more.png"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["bridge/a/1.png", "bridge/a/pier/2.png"], ["1.png", "pier/2.png"]),
        (["bridge/a/1.png", "bridge/b/1.png"], ["a/1.png", "b/1.png"]),
        (["bridge/a/1.png", "2.png"], ["bridge/a/1.png", "2.png"]),
    ],
)
def test_the_table_leaves_out_the_folders_that_all_photos_share(
    visit, model, photo, names, shown
):
    app = upload(visit(PREDICT), dict.fromkeys(names, photo(20)))
    assert list(table(app)["file"]) == shown
    assert app.subheader[0].value == names[0]


def test_another_model_is_asked_about_all_of_them(visit, model, photo, asked):
    shutil.copytree(model.folder, model.folder.with_name("walls-2"))
    app = ask(visit(PREDICT), dark=photo(20))
    app.selectbox(key="predict_model").set_value("walls-2").run()
    assert [name for name, _ in asked] == ["dark.png", "dark.png"]


def test_an_interrupted_batch_keeps_its_answers_and_goes_on(
    visit, model, photo, asked, monkeypatch
):
    make = Answer.of

    def stop_at_the_third(photo, prediction):
        if photo.name == "2.png":
            raise EndedError
        return make(photo, prediction)

    monkeypatch.setattr(Answer, "of", stop_at_the_third)
    app = visit(PREDICT)
    names = [f"{number}.png" for number in range(4)]
    for name in names:
        app.file_uploader(key="predict_files").upload(name, photo(20))
    app.run()
    assert len(app.exception) == 1
    monkeypatch.setattr(Answer, "of", make)
    asked.clear()
    app.run()
    assert not app.exception
    assert [name for name, _ in asked] == ["2.png", "3.png"]
    assert list(table(app)["file"]) == names


def test_a_cancelled_batch_keeps_its_answers_and_offers_to_go_on(
    visit, model, photo, asked
):
    app = ask(visit(PREDICT), a=photo(20), b=photo(220))
    app.session_state["predict_batch"].given.popitem()
    app.session_state["predict_batch"].cancel()
    app.run()
    assert "Cancelled. 1 of 2 photos have an answer" in said(app)
    assert list(table(app)["file"]) == ["a.png"]
    app.button(key="predict_go_on").click().run()
    assert list(table(app)["file"]) == ["a.png", "b.png"]
    assert [name for name, _ in asked] == ["a.png", "b.png", "b.png"]


def test_the_photos_outlast_a_visit_to_another_page(visit, model, photo, asked):
    app = ask(visit(PREDICT), a=photo(20), b=photo(220))
    app.switch_page("pages/start/start.py").run()
    app.switch_page(PREDICT).run()
    assert not app.exception
    assert list(table(app)["file"]) == ["a.png", "b.png"]
    assert len(asked) == 2
    app.button(key="predict_put_away").click().run()
    assert not app.dataframe
