from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from PIL import ExifTags, Image

from crack.errors import CrackError
from crack.inference import predictor as predictor_module
from crack.inference.card import ModelCard
from crack.inference.prediction import FailedPhoto, Prediction
from crack.inference.predictor import Predictor
from crack.inference.scale import Scale, scale_missed, sizes_looked_at
from tests.inspections import answer


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
def predictor(card, model_folder):
    return Predictor(model_folder)


def test_a_photo_has_the_mm_per_pixel_of_all_or_those_of_its_width():
    assert Scale().at(500) is None
    assert Scale(mm_per_pixel=0.3).at(500) == 0.3
    assert Scale(shown_mm=1000).at(500) == 2.0


@pytest.mark.parametrize("value", [0, -1, 5e-324, math.nan, math.inf])
@pytest.mark.parametrize("name", ["mm_per_pixel", "shown_mm"])
def test_what_is_no_length_is_refused(name, value):
    with pytest.raises(CrackError, match="above 0, got"):
        Scale(**{name: value})


def test_both_at_once_are_refused():
    with pytest.raises(CrackError, match="got both"):
        Scale(0.5, 300)


def test_each_photo_is_looked_at_in_the_scale_of_its_upright_width(predictor, tmp_path):
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
    answers = list(predictor.predict(items, Scale(shown_mm=64)))
    assert [answer.file for answer in answers] == [name for name, _ in items]
    errors = {a.file: a.error for a in answers if isinstance(a, FailedPhoto)}
    assert list(errors) == ["text", "gone", "refused"]
    assert "no file" in errors["gone"]
    scales = {a.file: a.mm_per_pixel for a in answers if isinstance(a, Prediction)}
    assert scales == {"a": 1.0, "b": 1.0, "turned": 0.5, "c": 2.0}


@pytest.mark.parametrize("scale", [Scale(), Scale(mm_per_pixel=0.7)])
def test_all_photos_may_have_one_scale(predictor, scale):
    items = [("a", picture(64)), ("b", b"no picture"), ("c", picture(32))]
    first, _, last = predictor.predict(items, scale)
    assert first.mm_per_pixel == last.mm_per_pixel == scale.mm_per_pixel


def test_photos_of_every_width_are_decoded_ahead(predictor, monkeypatch):
    read = []
    look = predictor_module.read_photo
    monkeypatch.setattr(
        predictor_module, "read_photo", lambda source: read.append(1) or look(source)
    )
    items = [(str(width), picture(width)) for width in range(40, 50)]
    answers = predictor.predict(items, Scale(shown_mm=64))
    next(answers)
    assert len(read) == 10
    answers.close()


def test_a_width_gives_the_same_answers_as_the_mm_per_pixel_that_follow(predictor):
    items = [("a", picture(300))]
    (by_width,) = predictor.predict(items, Scale(shown_mm=90))
    (by_pixel,) = predictor.predict(items, Scale(0.3))
    assert by_width.log_odds == by_pixel.log_odds


def test_a_scale_is_refused_where_the_model_has_none(model_folder):
    predictor = Predictor(model_folder)
    with pytest.raises(CrackError, match="does not say at which scale"):
        list(predictor.predict([("a", picture())], Scale(shown_mm=50)))


def seen(mm_per_pixel):
    return answer(width=400, height=300, mm_per_pixel=mm_per_pixel)


def test_a_known_scale_has_one_size_and_an_unknown_one_several(card):
    assert sizes_looked_at(card, seen(1.0)) == (2.0,)
    assert len(sizes_looked_at(card, seen(None))) > 1
    unscaled = replace(card, mm_per_pixel=None)
    assert len(sizes_looked_at(unscaled, seen(1.0))) > 1


@pytest.mark.parametrize("mm_per_pixel", [None, 0.5, 0.11, 1.99])
def test_nothing_is_said_of_a_size_that_fits(card, mm_per_pixel):
    assert scale_missed(card, seen(mm_per_pixel)) is None


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
    assert words in scale_missed(card, seen(mm_per_pixel))
