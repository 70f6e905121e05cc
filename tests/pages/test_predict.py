"""Photos and their answers."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace

import pandas as pd
import pyarrow as pa
from PIL import Image

from crack.errors import CrackError
from crack.inference import predictor
from crack.inference.card import ModelCard
from crack.inference.image_quality import quality_reasons
from pages.inspection import photo_viewer
from tests.pages.conftest import PREDICT, ask, said, table


def test_without_a_model_but_a_finished_run_it_leads_to_promoting(visit, finished_run):
    app = visit(PREDICT)
    assert app.page_link[0].value == "Promote a run"


def test_the_first_view_asks_for_photos_and_nothing_more(visit, model):
    app = visit(PREDICT)
    assert app.file_uploader(key="predict_files")
    assert not app.button
    assert not app.number_input
    assert "walls, grouped split, 240 images: 95.0 % right" in app.caption[0].value


def test_a_model_is_introduced_by_what_it_does_on_photos_it_does_not_know(visit, model):
    card = ModelCard.read(model.folder)

    def entry(title, accuracy, in_training, recall):
        about = {"name": title, "title": title, "n": 200, "credit": "nobody"}
        about |= {"kind": "photos", "in_training": in_training}
        alarms = {"count": 0, "total": 100, "interval": None}
        shares = {"accuracy": accuracy, "recall": recall, "auroc": None}
        return {**about, **shares, "accuracy_interval": None, "false_alarms": alarms}

    home = entry("At home", 1.0, True, 1.0)
    sets = [home, entry("Near", 0.9, False, 0.8), entry("Far", 0.85, False, 0.683)]
    replace(card, metrics={**card.metrics, "sets": sets}).write(model.folder)
    said = visit(PREDICT).caption[0].value
    assert "not in the training: 85.0 % right (95 % interval 79.4 % to" in said
    assert "68.3 % of the cracks found" in said
    assert "(Far; 200 images)" in said
    assert "Models page" in said
    replace(card, metrics={**card.metrics, "sets": [home]}).write(model.folder)
    assert "240 images: 95.0 % right" in visit(PREDICT).caption[0].value


def test_the_probability_stands_before_the_long_texts(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220))
    order = app.dataframe[0].proto.column_order
    assert list(order[:4]) == ["thumbnail", "answer", "probability", "file"]


def test_the_table_has_the_words_of_the_details_and_sorts_by_number(
    visit, model, photo
):
    app = ask(visit(PREDICT), light=photo(255), dark=photo(0), bad=b"no picture")
    shown = app.dataframe[0]
    assert shown.value["probability"][1] > 0.9999
    words = pa.ipc.open_stream(
        shown.proto.arrow_data.styler.display_values
    ).read_pandas()
    assert list(words["probability"])[1:] == ["over 99.99 %", "–"]
    assert list(words["thumbnail"]) == ["", "", "–"]
    columns = json.loads(shown.proto.columns)
    assert columns["probability"]["type_config"]["type"] == "number"
    assert not columns["probability"]["type_config"].get("format")


def test_one_photo_gets_an_answer_with_probability_and_threshold(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    assert "Crack" in said(app)
    assert "99.99 % probability" in app.get("progress")[0].proto.text
    assert "From 95 % on" in said(app)
    assert not app.dataframe


def test_the_photo_stands_beside_its_heatmap_and_the_strongest_region_close_by(
    visit, model, photo
):
    app = ask(visit(PREDICT), dark=photo(20))
    captions = [image.captions[0] for image in app.image if image.captions[0]]
    assert captions[0] == "As taken, 64 × 64 px"
    assert captions[1].startswith("Heatmap of where the model sees a crack")
    assert captions[2].startswith("Region 1 with its surroundings, 64 × 64 px")
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


def test_an_answer_stands_with_its_thumbnail_where_the_photo_has_gone(
    visit, model, photo, monkeypatch
):
    def gone(*_):
        raise CrackError("There is no file scene-1.jpg.")

    monkeypatch.setattr(photo_viewer, "read_photo", gone)
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220))
    assert list(table(app)["answer"]) == ["Crack", "No crack"]
    assert table(app)["thumbnail"].notna().all()
    assert "From 95 % on" in said(app)
    assert "There is no file scene-1.jpg." in app.error[0].value


def test_the_rule_of_the_card_is_told(visit, scaled_model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    assert any("The mean of the odds." in c.value for c in app.caption)


def test_a_broken_graph_is_told_in_a_sentence(visit, model, photo):
    (model.folder / "graph.xml").write_text("<net/>")
    app = ask(visit(PREDICT), dark=photo(20))
    assert "cannot be read" in app.error[0].value
