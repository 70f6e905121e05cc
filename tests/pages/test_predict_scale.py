"""The scale at which photos are judged, in the three ways to give it."""

from __future__ import annotations

import io

from PIL import ExifTags, Image

from tests.pages.conftest import PREDICT, ask, said, set_scale, table


def test_a_model_without_a_scale_says_why_it_takes_none(visit, model):
    app = visit(PREDICT)
    assert "cannot use the scale of yours" in app.caption[-1].value
    assert "predict_scale" not in {c.key for c in app.segmented_control}


def test_millimetres_per_pixel_go_to_the_model(visit, scaled_model, photo, asked):
    app = ask(visit(PREDICT), dark=photo(20))
    set_scale(app, "Millimetres per pixel", pixel=0.25)
    assert not app.exception
    assert asked == [("dark.png", None), ("dark.png", 0.25)]


def test_the_width_of_wall_is_divided_by_the_pixels_of_each_photo(
    visit, scaled_model, photo, asked
):
    app = visit(PREDICT)
    set_scale(app, "Width of wall in a photo", shown=640.0)
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
    set_scale(app, "Width of wall in a photo", shown=640.0)
    ask(app, turned=buffer.getvalue())
    assert asked == [("turned.png", 10.0)]


def test_a_known_length_gives_the_scale_once_both_numbers_are_there(
    visit, scaled_model, photo, asked
):
    app = visit(PREDICT)
    set_scale(app, "Something of known length", length=250.0)
    ask(app, dark=photo(20))
    app.number_input(key="predict_mm_length_pixels").set_value(500.0).run()
    assert not app.exception
    assert asked == [("dark.png", None), ("dark.png", 0.5)]
    assert any("0.5 mm per pixel, used for all" in c.value for c in app.caption)


def test_a_scale_beyond_what_can_be_looked_at_is_told_of_each_photo_and_of_all(
    visit, scaled_model, photo
):
    app = ask(visit(PREDICT), small=photo(20, side=64), large=photo(20, side=640))
    set_scale(app, "Millimetres per pixel", pixel=0.1)
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
    set_scale(app, "Millimetres per pixel", pixel=0.5)
    assert "looks at this photo in one size" in said(app)
    assert "coarser" not in said(app)
