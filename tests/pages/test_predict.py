from __future__ import annotations

import base64
import csv
import io
import json
import shutil
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from PIL import ExifTags, Image

from crack import settings
from crack.errors import CrackError
from crack.inference import predictor
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.quality import quality_reasons
from crack.inspections import store
from crack.reporting.tables import csv_lines, prediction_row
from pages.components import answer_keep, answers
from pages.components.answer_downloads import draw_downloads
from pages.components.answers import Answer

PREDICT = "pages/inspection/predict.py"


class EndedError(Exception):
    """Stands for a click, which ends a running script."""


def upload(app, files, key="predict_files"):
    uploader = app.file_uploader(key=key)
    for name, content in files.items():
        uploader.upload(name, content)
    app.run()
    assert not app.exception
    return app


def ask(app, **photos):
    return upload(app, {f"{name}.png": photo for name, photo in photos.items()})


def said(app):
    return " ".join(element.value for element in app.markdown)


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def table(app):
    return app.dataframe[0].value


@pytest.fixture
def asked(monkeypatch):
    """The names of the photos that the model was asked about, and at which scale."""
    names = []
    predict = Predictor.predict

    def watched(self, items, mm_per_pixel=None):
        def seen():
            for name, source in items:
                names.append((name, mm_per_pixel))
                yield name, source

        return predict(self, seen(), mm_per_pixel)

    monkeypatch.setattr(Predictor, "predict", watched)
    return names


@pytest.fixture
def scaled_model(model):
    """The model, which knows that it learned at 0.5 mm per pixel."""
    card = ModelCard.read(model.folder)
    replace(card, mm_per_pixel=0.5, rule="The mean of the odds.").write(model.folder)
    return model


def test_without_a_model_the_way_to_one_is_shown(visit):
    app = visit(PREDICT)
    assert "no model yet" in app.info[0].value
    assert app.page_link[0].value == "Train a model"


def test_without_a_model_but_a_finished_run_it_leads_to_promoting(visit, finished_run):
    app = visit(PREDICT)
    assert app.page_link[0].value == "Promote a run"


def test_the_first_view_asks_for_photos_and_nothing_more(visit, model):
    app = visit(PREDICT)
    assert app.file_uploader(key="predict_files")
    assert not app.button
    assert not app.number_input
    assert "walls, grouped split, 240 images: 95.0 % right" in app.caption[0].value


def test_one_photo_gets_an_answer_with_probability_and_threshold(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    assert "Crack" in said(app)
    assert "99.99 % probability" in app.get("progress")[0].proto.text
    assert "From 95 % on" in said(app)
    assert not app.dataframe


def test_the_photo_stands_beside_its_tint_and_the_strongest_place_close_by(
    visit, model, photo
):
    app = ask(visit(PREDICT), dark=photo(20))
    captions = [image.captions[0] for image in app.image if image.captions[0]]
    assert captions[0] == "As taken, 64 × 64 px"
    assert captions[1].startswith("Tinted where the model sees a crack")
    assert captions[2].startswith("Place 1 with its surroundings, 64 × 64 px")
    assert "32 px from the left, 32 px from the top" in app.radio[0].proto.captions[0]


def test_a_doubtful_photo_is_for_a_person_and_says_what_to_do(visit, model, photo):
    app = ask(visit(PREDICT), doubtful=photo(110))
    assert "a person should look" in said(app)
    assert "**Close call:** the probability lies between" in said(app)
    assert "from closer by" in said(app)


def test_a_photo_is_for_a_person_whatever_its_probability_if_it_is_bad(
    visit, model, photo, monkeypatch
):
    monkeypatch.setattr(predictor, "quality_reasons", quality_reasons)
    app = ask(visit(PREDICT), dark=photo(20))
    assert "By the probability alone the answer would be crack" in said(app)
    assert "**Too dark:**" in said(app)


def test_the_word_is_probability(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    everything = [element.value for element in (*app.markdown, *app.caption)]
    assert not any("confiden" in str(text).lower() for text in everything)


def test_many_photos_are_counted_and_listed_bad_files_with_a_reason(
    visit, model, photo
):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    options = app.segmented_control(key="predict_filter").options
    words = [option.rpartition(": ")[0].rpartition(" ")[2] for option in options]
    counts = [option.rpartition(": ")[2] for option in options]
    assert words == ["All", "Crack", "review", "crack", "Unreadable"]
    assert counts == ["3", "1", "0", "1", "1"]
    assert list(table(app)["answer"]) == ["Crack", "No crack", "Unreadable"]
    assert "not a picture" in table(app).loc[2, "error"]


def test_a_row_has_a_thumbnail_of_its_photo(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20, side=400), bad=b"no picture")
    thumbnail, none = table(app)["thumbnail"]
    header, _, content = thumbnail.partition(",")
    assert header == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (96, 96)
    assert pd.isna(none)


def test_the_filter_shows_one_answer_and_its_first_photo(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), white=photo(240))
    app.segmented_control(key="predict_filter").set_value("No crack").run()
    assert list(table(app)["file"]) == ["light.png", "white.png"]
    assert app.subheader[0].value == "light.png"
    app.segmented_control(key="predict_filter").set_value("Unreadable").run()
    assert app.info[0].value == "No photo has this answer."
    assert not app.exception


def test_next_and_previous_walk_through_the_photos_that_are_shown(visit, model, photo):
    app = ask(visit(PREDICT), a=photo(20), b=photo(220), c=photo(240))
    app.segmented_control(key="predict_filter").set_value("No crack").run()
    assert app.button(key="predict_previous").disabled
    app.button(key="predict_next").click().run()
    assert app.subheader[0].value == "c.png"
    assert app.button(key="predict_next").disabled
    app.button(key="predict_previous").click().run()
    assert app.subheader[0].value == "b.png"


def test_a_single_bad_file_says_why(visit, model):
    app = ask(visit(PREDICT), bad=b"no picture")
    assert app.subheader[0].value == "bad.png"
    assert "This file is not a picture" in app.error[0].value


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
    assert list(table(app)["file"]) == ["w/a.png", "w/b.png"]


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


def test_a_photo_is_asked_about_once(visit, model, photo, asked):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220))
    app.run()
    upload(app, {"more.png": photo(20)})
    assert [name for name, _ in asked] == ["dark.png", "light.png", "more.png"]


def test_another_model_is_asked_about_all_of_them(visit, model, photo, asked):
    shutil.copytree(model.folder, model.folder.with_name("walls-2"))
    app = ask(visit(PREDICT), dark=photo(20))
    app.selectbox(key="predict_model").set_value("walls-2").run()
    assert [name for name, _ in asked] == ["dark.png", "dark.png"]


def test_an_interrupted_batch_keeps_its_answers_and_goes_on(
    visit, model, photo, asked, monkeypatch
):
    make = Answer.of

    def stop_at_the_third(photo, prediction, scale):
        if photo.name == "2.png":
            raise EndedError
        return make(photo, prediction, scale)

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


def test_a_model_without_a_scale_says_why_it_takes_none(visit, model):
    app = visit(PREDICT)
    assert "cannot use the scale of yours" in app.caption[-1].value
    assert "predict_scale" not in {c.key for c in app.segmented_control}


def test_millimetres_per_pixel_go_to_the_model(visit, scaled_model, photo, asked):
    app = ask(visit(PREDICT), dark=photo(20))
    app.segmented_control(key="predict_scale").set_value("Millimetres per pixel").run()
    app.number_input(key="predict_mm_pixel").set_value(0.25).run()
    assert not app.exception
    assert asked == [("dark.png", None), ("dark.png", 0.25)]


def test_the_width_of_wall_is_divided_by_the_pixels_of_each_photo(
    visit, scaled_model, photo, asked
):
    app = visit(PREDICT)
    app.segmented_control(key="predict_scale").set_value("Width of wall in a photo")
    app.run()
    app.number_input(key="predict_mm_shown").set_value(640.0).run()
    ask(app, small=photo(20, side=64), large=photo(20, side=128), bad=b"no picture")
    assert asked == [("small.png", 10.0), ("large.png", 5.0), ("bad.png", None)]
    assert "not a picture" in table(app).loc[2, "error"]


def test_a_photo_that_was_turned_is_as_wide_as_it_is_seen(
    visit, scaled_model, photo, asked
):
    buffer = io.BytesIO()
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 6
    Image.new("L", (128, 64), 20).save(buffer, "JPEG", exif=tags)
    app = visit(PREDICT)
    app.segmented_control(key="predict_scale").set_value("Width of wall in a photo")
    app.run()
    app.number_input(key="predict_mm_shown").set_value(640.0).run()
    ask(app, turned=buffer.getvalue())
    assert asked == [("turned.png", 10.0)]


def test_a_known_length_gives_the_scale_once_both_numbers_are_there(
    visit, scaled_model, photo, asked
):
    app = visit(PREDICT)
    app.segmented_control(key="predict_scale").set_value("Something of known length")
    app.run()
    app.number_input(key="predict_mm_length").set_value(250.0).run()
    ask(app, dark=photo(20))
    app.number_input(key="predict_mm_length_pixels").set_value(500.0).run()
    assert not app.exception
    assert asked == [("dark.png", None), ("dark.png", 0.5)]
    assert any("0.5 mm per pixel, taken for all" in c.value for c in app.caption)


def test_a_scale_beyond_what_can_be_looked_at_is_told_of_each_photo_and_of_all(
    visit, scaled_model, photo
):
    app = ask(visit(PREDICT), small=photo(20, side=64), large=photo(20, side=640))
    app.segmented_control(key="predict_scale").set_value("Millimetres per pixel").run()
    app.number_input(key="predict_mm_pixel").set_value(0.1).run()
    of_all, of_one = (warning.value for warning in app.warning)
    assert of_all.startswith("1 of 2 photos was not looked at in the size that fits")
    assert "0.2 times its size; the least possible is 1 times" in of_one
    app.button(key="predict_next").click().run()
    assert app.subheader[0].value == "large.png"
    assert len(app.warning) == 1


def test_the_rule_counts_the_sizes_in_which_this_photo_was_looked_at(
    visit, scaled_model, photo
):
    app = ask(visit(PREDICT), dark=photo(20, side=300))
    assert "looks at this photo in three sizes" in said(app)
    assert "the coarser ones counting somewhat more" in said(app)
    app.segmented_control(key="predict_scale").set_value("Millimetres per pixel").run()
    app.number_input(key="predict_mm_pixel").set_value(0.5).run()
    assert "looks at this photo in one size" in said(app)
    assert "coarser" not in said(app)


def test_an_answer_stands_without_a_thumbnail_where_the_photo_has_gone(
    visit, model, photo, monkeypatch
):
    def gone(*_):
        raise CrackError("There is no file scene-1.jpg.")

    monkeypatch.setattr(answers, "small_jpeg", gone)
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220))
    assert list(table(app)["answer"]) == ["Crack", "No crack"]
    assert table(app)["thumbnail"].isna().all()


def test_the_rule_of_the_card_is_told(visit, scaled_model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    assert any("The mean of the odds." in c.value for c in app.caption)


def test_a_broken_graph_is_told_in_a_sentence(visit, model, photo):
    (model.folder / "graph.xml").write_text("<net/>")
    app = ask(visit(PREDICT), dark=photo(20))
    assert "cannot be read" in app.error[0].value


@pytest.fixture
def files(visit, model, photo, monkeypatch):
    """What the downloads of three photos hold, by file name, made as on a click."""
    made = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda label, make, *, file_name, **_: made.update({file_name: make}),
    )
    ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    return {name: make().getvalue() for name, make in made.items()}


def test_the_tables_hold_what_the_command_line_prints(files, model, photo):
    items = [("dark.png", photo(20)), ("light.png", photo(220)), ("bad.png", b"no")]
    answers = list(Predictor(model.folder).predict(items))
    expected = list(csv.DictReader(io.StringIO("".join(csv_lines(answers)))))
    rows = list(csv.DictReader(io.StringIO(files["answers.csv"].decode())))
    for row in (*rows, *expected):
        del row["seconds"]
    assert rows == expected
    lines = [json.loads(line) for line in files["answers.jsonl"].splitlines()]
    assert [line["file"] for line in lines] == ["dark.png", "light.png", "bad.png"]
    assert lines[0]["probability"] == prediction_row(answers[0])["probability"]


def test_the_pictures_come_as_a_zip_and_in_reports(files):
    archive = zipfile.ZipFile(io.BytesIO(files["tinted.zip"]))
    assert archive.namelist() == ["dark.jpg", "light.jpg"]
    assert files["answers.pdf"].startswith(b"%PDF")
    page = files["answers.html"].decode()
    assert "dark.png" in page
    assert "not a picture" in page


def test_no_file_is_made_before_it_is_asked_for(visit, model, photo, monkeypatch):
    def fail(*_):
        pytest.fail("made unasked")

    monkeypatch.setattr(f"{draw_downloads.__module__}.write_overlays", fail)
    monkeypatch.setattr(f"{draw_downloads.__module__}.csv_lines", fail)
    app = ask(visit(PREDICT), dark=photo(20))
    assert len(app.get("download_button")) == 5


def keep(app, structure="Bridge 12", element="Pier"):
    app.text_input[0].set_value(structure)
    app.text_input[1].set_value(element)
    app.button(key="predict_keep_now").click()
    return app


@pytest.fixture
def opened(monkeypatch):
    """Where the page led to."""
    pages = []
    monkeypatch.setattr(
        "streamlit.switch_page",
        lambda page, *, query_params: pages.append((page, query_params)),
    )
    return pages


def test_the_answers_are_kept_as_an_inspection_which_opens(visit, model, photo, opened):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    keep(app).run()
    assert not app.exception
    (summary,) = store.list_inspections()
    id_ = summary.inspection.id
    assert (summary.photos, summary.errors) == (3, 1)
    assert summary.inspection.structure == "Bridge 12"
    assert opened == [("pages/inspection/inspections.py", {"inspection": id_})]
    kept = [found.prediction.file for found in store.photos_of(id_)]
    assert kept == ["dark.png", "light.png", "bad.png"]


def test_an_inspection_keeps_the_scale_of_each_photo(
    visit, scaled_model, photo, opened
):
    app = visit(PREDICT)
    app.segmented_control(key="predict_scale").set_value("Width of wall in a photo")
    app.run()
    app.number_input(key="predict_mm_shown").set_value(64.0).run()
    ask(app, small=photo(20, side=64), large=photo(20, side=128), bad=b"no picture")
    keep(app).run()
    (summary,) = store.list_inspections()
    kept = [found.mm_per_pixel for found in store.photos_of(summary.inspection.id)]
    assert kept == [1.0, 0.5, None]


def test_an_inspection_without_a_name_is_refused_in_a_sentence(
    visit, model, photo, opened
):
    app = keep(ask(visit(PREDICT), dark=photo(20)), structure="").run()
    assert "needs the name of its structure" in app.error[0].value
    assert not store.list_inspections()
    assert not opened


def test_keeping_goes_on_where_it_was_ended(visit, model, photo, opened, monkeypatch):
    added = []

    def add(id_, content, prediction, mm_per_pixel):
        added.append(prediction.file)
        if len(added) == 2:
            raise EndedError
        return store.add_photo(id_, content, prediction, mm_per_pixel)

    monkeypatch.setattr(answer_keep, "add_photo", add)
    app = ask(visit(PREDICT), a=photo(20), b=photo(220), c=photo(110))
    keep(app).run()
    assert len(app.exception) == 1
    assert not opened
    app.run()
    assert not app.exception
    assert added == ["a.png", "b.png", "b.png", "c.png"]
    (summary,) = store.list_inspections()
    assert summary.photos == 3
    assert len(opened) == 1


def test_a_full_disk_is_told_with_what_was_kept(
    visit, model, photo, opened, monkeypatch
):
    def fail(id_, content, prediction, mm_per_pixel):
        if prediction.file == "b.png":
            raise CrackError("The disk is full.", "Free some space.")
        return store.add_photo(id_, content, prediction, mm_per_pixel)

    monkeypatch.setattr(answer_keep, "add_photo", fail)
    app = keep(ask(visit(PREDICT), a=photo(20), b=photo(220))).run()
    assert "The disk is full." in app.error[0].value
    assert "1 of 2 photos are in the inspection" in app.warning[0].value
    assert not opened
    assert [summary.photos for summary in store.list_inspections()] == [1]
