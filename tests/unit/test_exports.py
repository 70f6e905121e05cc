"""What is handed over of an export, and what is said of it."""

from __future__ import annotations

import io
import shutil
import zipfile

import pytest

from crack import settings
from crack.reporting.export_words import difference_words
from crack.runs.export_formats import EXPORT_FORMATS, Difference
from crack.runs.exports import export_content, export_name, export_of
from crack.runs.registry import find_model

pytestmark = pytest.mark.usefixtures("shipped_models")
FOUND: Difference = {
    "largest_difference": 0.00001,
    "from_this_program": 0.0002,
    "images": 500,
    "dataset": "walls",
    "runtime": "OpenVINO",
}


@pytest.fixture
def model(model_folder, crack_home):
    """A model of the user."""
    shutil.copytree(model_folder, crack_home / "models/walls-1.2")
    return find_model("walls-1.2")


def test_each_format_has_a_name_of_its_own(model):
    names = [export_name(model, wanted) for wanted in EXPORT_FORMATS]
    assert names == [
        "walls-1.2.keras",
        "walls-1.2.tflite",
        "walls-1.2-openvino.zip",
        "walls-1.2.onnx",
    ]


def test_none_was_begun_yet(model):
    assert export_of(model, "onnx") is None


def test_a_folder_is_handed_over_as_a_zip(model):
    folder = settings.cache_dir() / "exports/walls-1.2-openvino/walls-1.2"
    folder.mkdir(parents=True)
    (folder / "graph.xml").write_text("graph")
    with zipfile.ZipFile(io.BytesIO(export_content(model, "openvino"))) as archive:
        assert archive.namelist() == ["walls-1.2/graph.xml"]
        assert archive.read("walls-1.2/graph.xml") == b"graph"


def test_the_difference_is_told_in_words():
    said = difference_words(FOUND)
    assert said == (
        "On 500 images of 'walls' the probabilities by OpenVINO and those of the Keras "
        "model are at most 1e-05 apart."
    )
    assert "half precision, at most 0.015 apart" in difference_words(
        FOUND | {"from_this_program": 0.0154}
    )
    assert "do not use the file" in difference_words(
        FOUND | {"largest_difference": 0.002}
    )
