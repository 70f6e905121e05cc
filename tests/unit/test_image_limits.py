"""Files that ask for gigabytes or hours by their header, or by how they are stored."""

from __future__ import annotations

import time

import pytest

from crack.data import image_limits
from crack.data.images import decode_image, upright_size
from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto, Prediction
from crack.inference.predictor import Predictor
from tests.faults import large_pictures as large

# 11,000 x 10,900 px in 38 bytes.
WEBP = bytes.fromhex("52494646") + (30).to_bytes(4, "little") + b"WEBPVP8L"
WEBP += (18).to_bytes(4, "little") + b"\x2f"
WEBP += (10_999 | 10_899 << 14).to_bytes(4, "little") + bytes(13)
WIDE = (16, 16, 16, 16)

REFUSED = {
    "WebP": (WEBP, "needs 1.9 GB"),
    "16-bit colour TIFF in one strip": (
        large.tiff_header(WIDE),
        "needs 1.4 GB",
    ),
    "TIFF of many strips": (large.tiff_of_parts(1_000_001), "1,000,000 parts"),
    "JPEG of many passes": (large.jpeg_of_passes(100, 64, 64), "30 passes"),
    "JPEG of many markers": (large.jpeg_of_markers(10_000), "thousands of parts"),
    "JPEG with much EXIF": (
        large.jpeg_with_segments(320, 0xE1, b"Exif\0\0"),
        "20 MB beside its picture",
    ),
    "PNG of many chunks": (large.png_of_chunks(40_000), "hundreds of thousands"),
    "BMP of many runs": (large.rle_bmp(40_000), "hundreds of thousands"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_would_cost_too_much_is_a_sentence(kind, monkeypatch):
    monkeypatch.setattr(image_limits, "_MOST_READS", 50_000)
    content, expected = REFUSED[kind]
    began = time.perf_counter()
    upright_size(content)
    with pytest.raises(CrackError, match=expected) as caught:
        decode_image(content)
    assert caught.value.hint
    assert time.perf_counter() - began < 5


def test_a_photo_of_many_megapixels_may_be_stored_in_passes():
    passes = large.saved("RGB", "JPEG", 640, 480, progressive=True)
    assert decode_image(passes).shape == (480, 640, 3)
    passes = large.saved("CMYK", "JPEG", 640, 480, progressive=True)
    assert decode_image(passes).shape == (480, 640, 3)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_the_limit_of_what_is_decoded_at_once_depends_on_its_size(kind, monkeypatch):
    content = large.saved("RGB", kind, 200, 100)
    assert decode_image(content).shape == (100, 200, 3)
    monkeypatch.setattr(image_limits, "MAX_MEMORY", 200 * 100 * 15)
    with pytest.raises(CrackError, match="megapixels, stored like this one"):
        decode_image(content)


def test_metadata_of_a_few_megabytes_are_no_reason_to_refuse():
    preview = large.jpeg_with_segments(
        100, 0xE1, b"http://ns.adobe.com/xmp/extension/\0"
    )
    assert decode_image(preview).shape == (64, 64, 3)


def test_what_costs_too_much_does_not_stop_a_batch(model_folder):
    good = large.saved("L", "PNG", 64, 64)
    items = [("a.png", good), ("b.jpg", REFUSED["JPEG of many passes"][0])]
    outcomes = Predictor(model_folder).predict([*items, ("c.png", good)])
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Prediction, FailedPhoto, Prediction]
