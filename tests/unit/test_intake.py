"""The same photo, however a phone stored it, gets the same answer of the real model."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from crack import settings
from crack.inference.prediction import Prediction
from crack.inference.predictor import Predictor
from crack.runs.registry import DEFAULT_MODEL
from crack.synthetic.drawing import draw_photo

TURNED_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the sensor saw the scene, by the EXIF orientation that says so."""


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    rng = np.random.default_rng(5)
    return Image.fromarray(draw_photo(rng, 480, 640, cracked=True).image)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(settings.SHIPPED_MODELS / DEFAULT_MODEL)


def stored(scene: Image.Image, orientation: int, image_format: str) -> bytes:
    turn = TURNED_BACK[orientation]
    seen = scene if turn is None else scene.transpose(turn)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    buffer = io.BytesIO()
    seen.save(buffer, image_format, quality=92, exif=exif)
    return buffer.getvalue()


def test_all_orientations_and_heic_get_the_same_answer(scene, predictor):
    items = [(str(n), stored(scene, n, "JPEG")) for n in TURNED_BACK]
    items.append(("heic", stored(scene, 1, "HEIF")))
    answers = list(predictor.predict(items))
    assert [type(answer) for answer in answers] == [Prediction] * 9
    assert {(answer.width, answer.height) for answer in answers} == {(640, 480)}
    probabilities = [answer.probability for answer in answers]
    assert max(probabilities) - min(probabilities) <= 0.02
    assert len({answer.label for answer in answers}) == 1


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_every_format_gets_the_same_answer(scene, predictor, image_format):
    buffer = io.BytesIO()
    scene.save(buffer, image_format, quality=95)
    items = [("jpeg", stored(scene, 1, "JPEG")), ("other", buffer.getvalue())]
    jpeg, other = predictor.predict(items)
    assert abs(jpeg.probability - other.probability) <= 0.02
