"""A file for another program answers as the model does, by its own runtime."""

from __future__ import annotations

import json
import shutil
from typing import get_args

import pytest

from crack.cli import main
from crack.data.dataset import Dataset
from crack.data.importer import add_dataset
from crack.runs.export_formats import MOST_DIFFERENCE, ExportFormat
from crack.synthetic.sample import make_sample

pytestmark = [
    pytest.mark.slow,
    # tf2onnx asks numpy for a name that is gone.
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]
SUFFIX = {"keras": ".keras", "openvino": ""}


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Dataset:
    """The drawn sample, in the workspace of this module."""
    home = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRACK_HOME", str(home))
        return make_sample()


def check(capsys, wanted: ExportFormat, tmp_path, name: str) -> dict:
    out = tmp_path / f"exported{SUFFIX.get(wanted, f'.{wanted}')}"
    words = ["models", "export", "default", "--format", wanted, str(out)]
    assert main([*words, "--check", name, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["difference"]


@pytest.mark.parametrize("wanted", get_args(ExportFormat))
def test_on_500_drawn_images(sample, tmp_path, capsys, wanted):
    add_dataset("drawn", sample.root)
    found = check(capsys, wanted, tmp_path, "drawn")
    assert found["images"] == 500
    assert found["largest_difference"] <= MOST_DIFFERENCE


@pytest.mark.parametrize("wanted", get_args(ExportFormat))
def test_on_500_photos(test_data, tmp_path, capsys, wanted):
    for of_class in ("Positive", "Negative"):
        (tmp_path / "photos" / of_class).mkdir(parents=True)
        for path in sorted((test_data / "metu" / of_class).iterdir())[:250]:
            shutil.copy(path, tmp_path / "photos" / of_class)
    add_dataset("metu", tmp_path / "photos")
    found = check(capsys, wanted, tmp_path, "metu")
    assert found["images"] == 500
    assert found["largest_difference"] <= MOST_DIFFERENCE
