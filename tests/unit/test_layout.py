from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest

from crack.data.importer import add_dataset, inspect_source
from crack.data.layout import find_layout, propose_crack_class
from crack.errors import CrackError
from tests.unit.test_importer import GOOD, make_folder, png


def paths(*names):
    return [PurePosixPath(name) for name in names]


@pytest.mark.parametrize(
    ("names", "proposed"),
    [
        (["Negative", "Positive"], "Positive"),
        (["CD", "UD"], "CD"),
        (["cracked ", "intact"], "cracked "),
        (["0", "1"], "1"),
        (["a", "b"], None),
        (["crack", "positive"], None),
        (["no crack", "CRACKS"], "CRACKS"),
    ],
)
def test_the_crack_class_is_proposed_only_if_just_one_name_says_so(names, proposed):
    assert propose_crack_class(names) == proposed


@pytest.mark.parametrize("parts", [("test", "train"), ("test", "train", "val")])
def test_folders_of_a_split_are_not_taken_for_the_classes(tmp_path, make_zip, parts):
    members = {f"set/{p}/{name}": c for p in parts for name, c in GOOD.items()}
    members |= {"set/read me": b"1", "set/test/labels.csv": b"2"}
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    said = f"{listed} each hold the folders Negative and Positive"
    for source in (make_folder(tmp_path / "source", members), make_zip(members)):
        with pytest.raises(CrackError, match=said) as caught:
            inspect_source(source)
        assert "Put all images of Negative into one folder" in caught.value.hint
        assert f"give just one of {listed} as the source" in caught.value.hint
        with pytest.raises(CrackError, match=said):
            add_dataset("walls", source, crack_class="train")


def test_each_part_of_a_split_is_a_source_of_its_own(tmp_path):
    members = {f"{p}/{name}": c for p in ("a", "b") for name, c in GOOD.items()}
    folder = make_folder(tmp_path / "source", members)
    assert add_dataset("a", folder / "a").counts == {"Negative": 2, "Positive": 2}


def test_folders_of_one_name_within_named_classes_are_no_classes():
    files = paths("crack/a/1", "crack/b/1", "sound/a/1", "sound/b/1")
    assert list(find_layout(files).by_class) == ["crack", "sound"]


@pytest.mark.parametrize(
    "files",
    [
        paths("left/a/1", "left/b/1", "right/a/1", "right/c/1"),
        paths("left/a/1", "right/a/1"),
        paths("left/1", "right/1"),
    ],
)
def test_folders_that_differ_within_may_be_the_classes(files):
    assert list(find_layout(files).by_class) == ["left", "right"]


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
@pytest.mark.parametrize("name", [os.fsdecode(b"\xfcber"), "a\rb"])
def test_a_class_folder_whose_name_is_no_text_is_told(tmp_path, crack_home, name):
    members = {f"{name}/1.png": png(1), "crack/2.png": png(2)}
    folder = make_folder(tmp_path / "source", members)
    with pytest.raises(CrackError, match="is not valid text") as caught:
        add_dataset("walls", folder)
    assert ascii(name)[1:-1] in caught.value.message
    assert not list(crack_home.glob("datasets/*"))
