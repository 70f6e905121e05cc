from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto, Label
from crack.reporting.heatmaps_zip import write_heatmaps
from tests import inspections


def photo(width=60, height=40):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 90, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def answer(file):
    heatmap = np.array([[-4.0, 8.0]], np.float32)
    return inspections.answer(
        Label.CRACK, file=file, width=60, height=40, heatmap=heatmap
    )


def error(file):
    return FailedPhoto(file, "This file is not a picture.", threshold=0.95, seconds=0.1)


def names_of(*files):
    file = io.BytesIO()
    write_heatmaps([(answer(name), photo()) for name in files], file)
    return zipfile.ZipFile(file).namelist()


def test_the_photos_are_there_tinted_on_the_side_of_the_crack():
    file = io.BytesIO()
    write_heatmaps([(answer("wall/north.png"), photo())], file)
    archive = zipfile.ZipFile(file)
    assert archive.namelist() == ["wall/north.jpg"]
    pixels = np.asarray(Image.open(archive.open("wall/north.jpg"))).astype(int)
    assert pixels.shape == (40, 60, 3)
    assert np.abs(pixels[:, :10] - 90).max() < 10
    assert np.abs(pixels[:, -10:] - 90).min(axis=(0, 1)).max() > 50


def test_photos_without_an_answer_are_left_out():
    bad = CrackError("This file is not a picture.")
    file = io.BytesIO()
    pairs = [(error("a.png"), b"text"), (error("b.png"), bad), (answer("c"), photo())]
    write_heatmaps(pairs, file)
    assert zipfile.ZipFile(file).namelist() == ["c.jpg"]


def test_photos_of_one_name_are_numbered_whatever_their_case():
    names = names_of("a.png", "A.jpg", "a.jpeg", "b/a.png")
    assert names == ["a.jpg", "A-2.jpg", "a-3.jpg", "b/a.jpg"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("../../etc/a.png", "etc/a.jpg"),
        ("/a.png", "a.jpg"),
        ("C:\\photos\\a.png", "C_/photos/a.jpg"),
        ("photos.zip/wall 1.HEIC", "photos.zip/wall 1.jpg"),
        ("what?.png", "what_.jpg"),
        ("..", "photo.jpg"),
    ],
)
def test_no_name_leaves_the_folder_it_is_unpacked_into(file, name):
    assert names_of(file) == [name]


def test_a_photo_is_asked_for_when_the_one_before_is_written():
    file = io.BytesIO()

    def pairs():
        yield answer("a.png"), photo()
        assert b"a.jpg" in file.getvalue()
        yield answer("b.png"), photo()

    write_heatmaps(pairs(), file)
    assert len(zipfile.ZipFile(file).namelist()) == 2
