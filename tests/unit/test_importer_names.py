"""The name under which a dataset is added: usable, and taken once."""

from __future__ import annotations

import pytest

from crack.data import importer
from crack.data.dataset import load_dataset
from crack.data.importer import add_dataset
from crack.errors import CrackError
from tests.unit.test_importer import GOOD, left_in, make_folder


@pytest.mark.parametrize(
    "name", ["", "a b", "../x", ".hidden", "-x", "ä", "x" * 65, "a/b", "x\n"]
)
def test_an_unusable_name_is_refused(tmp_path, crack_home, name):
    folder = make_folder(tmp_path / "source", GOOD)
    with pytest.raises(CrackError, match="name of a dataset"):
        add_dataset(name, folder)
    assert left_in(crack_home) == []


def test_a_taken_name_is_refused_and_the_dataset_stays(dataset, tmp_path):
    other = make_folder(tmp_path / "other", GOOD)
    with pytest.raises(CrackError, match="named 'walls' already"):
        add_dataset("walls", other)
    assert load_dataset("walls").fingerprint == dataset.fingerprint


def test_two_imports_of_one_name_at_once_give_one_dataset(make_zip, patch_folder):
    refused = []

    def meanwhile(*_: object) -> None:
        if not refused:
            with pytest.raises(
                CrackError, match="'walls' is just being made"
            ) as caught:
                add_dataset("walls", patch_folder)
            refused.append(caught.value.hint)

    assert add_dataset("walls", make_zip(GOOD), progress=meanwhile).counts == {
        "Negative": 2,
        "Positive": 2,
    }
    assert "another name" in refused[0]


def test_one_of_two_that_comes_late_finds_the_name_taken(patch_folder, monkeypatch):
    inspect = importer.inspect_source

    def overtaken(source):
        monkeypatch.setattr(importer, "inspect_source", inspect)
        add_dataset("walls", source)
        return inspect(source)

    monkeypatch.setattr(importer, "inspect_source", overtaken)
    with pytest.raises(CrackError, match=r"named 'walls' in .* already"):
        add_dataset("walls", patch_folder)
