from __future__ import annotations

PREDICT = "pages/inspection/predict.py"


def ask(app, **photos):
    uploader = app.file_uploader(key="predict_files")
    for name, content in photos.items():
        uploader.upload(f"{name}.png", content)
    app.run()
    assert not app.exception
    return app


def test_without_a_model_the_way_to_one_is_shown(visit):
    app = visit(PREDICT)
    assert "no model yet" in app.info[0].value
    assert app.page_link[0].value == "Train a model"


def test_without_a_model_but_a_finished_run_it_leads_to_promoting(visit, finished_run):
    app = visit(PREDICT)
    assert app.page_link[0].value == "Promote a run"


def test_one_photo_gets_an_answer_with_probability_and_threshold(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    said = " ".join(m.value for m in app.markdown)
    assert "Crack" in said
    assert "99.99 % probability" in said
    assert "From 95 % on" in said
    assert len(app.image) == 1
    assert not app.dataframe


def test_the_answer_tells_on_what_the_model_was_measured(visit, model):
    app = visit(PREDICT)
    assert "walls, grouped split, 240 images: 95.0 % right" in app.caption[0].value


def test_a_doubtful_photo_is_for_a_person(visit, model, photo):
    app = ask(visit(PREDICT), doubtful=photo(110))
    said = " ".join(m.value for m in app.markdown)
    assert "a person should look" in said


def test_many_photos_are_counted_and_listed_bad_files_with_a_reason(
    visit, model, photo
):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    assert [m.value for m in app.metric] == ["1", "0", "1", "1"]
    table = app.dataframe[0].value
    assert list(table["label"][:2]) == ["crack", "no crack"]
    assert "not a picture" in table.loc[2, "error"]


def test_a_single_bad_file_says_why(visit, model):
    app = ask(visit(PREDICT), bad=b"no picture")
    assert "bad.png: This file is not a picture" in app.error[0].value


def test_a_large_photo_comes_with_a_note(visit, model, photo):
    app = ask(visit(PREDICT), wall=photo(200, side=400))
    assert "shrunk to 64 x 64 px" in app.info[0].value


def test_a_photo_is_asked_about_once(visit, model, photo, monkeypatch):
    app = ask(visit(PREDICT), dark=photo(20))
    monkeypatch.setattr(
        "crack.inference.predictor.Predictor.predict",
        lambda *_: (_ for _ in ()).throw(AssertionError("asked again")),
    )
    app.run()
    assert not app.exception


def test_a_broken_graph_is_told_in_a_sentence(visit, model, photo):
    (model.folder / "graph.xml").write_text("<net/>")
    app = ask(visit(PREDICT), dark=photo(20))
    assert "cannot be read" in app.error[0].value


def test_the_camera_takes_one_photo(visit, model, photo):
    app = visit(PREDICT)
    app.segmented_control(key="predict_way").set_value("Camera").run()
    assert app.get("camera_input")
    assert not app.file_uploader
