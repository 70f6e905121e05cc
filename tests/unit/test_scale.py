from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from PIL import ExifTags, Image

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.scale import Scale, predict_at, scale_missed, sizes_looked_at


def picture(width=64, height=64, orientation=1):
    buffer = io.BytesIO()
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    Image.new("L", (width, height), 200).save(buffer, "JPEG", exif=tags)
    return buffer.getvalue()


@pytest.fixture
def card(model_folder):
    """Of a model that looks at 64 px and knows that it learned at 0.5 mm per pixel."""
    card = replace(ModelCard.read(model_folder), mm_per_pixel=0.5)
    card.write(model_folder)
    return card


@pytest.fixture
def watched(card, model_folder, monkeypatch):
    """A predictor, and how often it was asked, about what, at which scale."""
    calls = []
    predict = Predictor.predict

    def noted(self, items, mm_per_pixel=None):
        names = []
        calls.append((mm_per_pixel, names))

        def passing():
            for name, source in items:
                names.append(name)
                yield name, source

        return predict(self, passing(), mm_per_pixel)

    monkeypatch.setattr(Predictor, "predict", noted)
    return Predictor(model_folder), calls


def test_a_photo_has_the_mm_per_pixel_of_all_or_those_of_its_width():
    assert Scale().at(500) is None
    assert Scale(mm_per_pixel=0.3).at(500) == 0.3
    assert Scale(shown_mm=1000).at(500) == 2.0


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize("name", ["mm_per_pixel", "shown_mm"])
def test_what_is_no_length_is_refused(name, value):
    with pytest.raises(CrackError, match="above 0, got"):
        Scale(**{name: value})


def test_both_at_once_are_refused():
    with pytest.raises(CrackError, match="got both"):
        Scale(0.5, 300)


def test_each_photo_is_asked_about_at_the_scale_of_its_upright_width(watched, tmp_path):
    predictor, calls = watched
    (tmp_path / "a.jpg").write_bytes(picture(64))
    items = [
        ("a", tmp_path / "a.jpg"),
        ("b", picture(64, 128)),
        ("turned", picture(64, 128, orientation=6)),
        ("text", b"no picture"),
        ("gone", tmp_path / "gone.jpg"),
        ("refused", CrackError("Out of reach.")),
        ("c", picture(32)),
    ]
    answers = list(predict_at(predictor, items, Scale(shown_mm=64)))
    assert [answer.file for answer in answers] == [name for name, _ in items]
    errors = {answer.file: answer.error for answer in answers if answer.error}
    assert list(errors) == ["text", "gone", "refused"]
    assert "no file" in errors["gone"]
    assert calls == [
        (1.0, ["a", "b"]),
        (0.5, ["turned"]),
        (None, ["text", "gone", "refused"]),
        (2.0, ["c"]),
    ]


@pytest.mark.parametrize("scale", [Scale(), Scale(mm_per_pixel=0.7)])
def test_where_all_have_one_scale_they_are_asked_about_together(watched, scale):
    predictor, calls = watched
    items = [("a", picture(64)), ("b", b"no picture"), ("c", picture(32))]
    assert len(list(predict_at(predictor, items, scale))) == 3
    assert calls == [(scale.mm_per_pixel, ["a", "b", "c"])]


def test_a_width_gives_the_same_answers_as_the_mm_per_pixel_that_follow(watched):
    predictor, _ = watched
    (by_width,) = predict_at(predictor, [("a", picture(300))], Scale(shown_mm=90))
    (by_pixel,) = predictor.predict([("a", picture(300))], 0.3)
    assert by_width.log_odds == by_pixel.log_odds


def test_a_scale_is_refused_where_the_model_has_none(model_folder):
    predictor = Predictor(model_folder)
    with pytest.raises(CrackError, match="does not say at which scale"):
        list(predict_at(predictor, [("a", picture())], Scale(shown_mm=50)))


def test_a_known_scale_has_one_size_and_an_unknown_one_several(card):
    assert sizes_looked_at(card, 400, 300, 1.0) == (2.0,)
    assert len(sizes_looked_at(card, 400, 300, None)) > 1
    unscaled = replace(card, mm_per_pixel=None)
    assert len(sizes_looked_at(unscaled, 400, 300, 1.0)) > 1


@pytest.mark.parametrize("mm_per_pixel", [None, 0.5, 0.11, 1.99])
def test_nothing_is_said_of_a_size_that_fits(card, mm_per_pixel):
    assert scale_missed(card, 400, 300, mm_per_pixel) is None


@pytest.mark.parametrize(
    ("mm_per_pixel", "words"),
    [
        (
            5.0,
            "10 times its size; the most possible is 4 times. Cracks look 2.5 times "
            "narrower",
        ),
        (
            0.01,
            "0.02 times its size; the least possible is 0.213 times. Cracks look "
            "10.7 times wider",
        ),
    ],
)
def test_a_size_beyond_what_can_be_looked_at_is_told(card, mm_per_pixel, words):
    assert words in scale_missed(card, 400, 300, mm_per_pixel)
