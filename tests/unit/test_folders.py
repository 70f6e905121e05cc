from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from crack import settings
from crack.data.dataset import check_dataset
from crack.data.folders import check_inside, files_below, is_folder
from crack.data.importer import add_dataset, inspect_source
from crack.errors import CrackError
from tests.unit.test_importer import GOOD, make_folder, png

links = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


def found(top):
    return sorted(map(str, files_below(top)))


@links
@pytest.mark.parametrize("wrapper", ["", "set/"])
def test_a_class_folder_may_be_a_link(tmp_path, wrapper):
    folder = make_folder(tmp_path / "source", {f"{wrapper}{n}": GOOD[n] for n in GOOD})
    positive = folder / wrapper / "Positive"
    positive.rename(tmp_path / "elsewhere")
    positive.symlink_to(tmp_path / "elsewhere")
    assert inspect_source(folder).class_counts == {"Negative": 2, "Positive": 2}
    dataset = add_dataset("walls", folder)
    assert sorted(dataset.samples["file"]) == sorted(GOOD)
    assert check_dataset(dataset).empty


@links
def test_links_elsewhere_are_followed_once_and_never_in_a_circle(tmp_path):
    there = make_folder(tmp_path / "there", {"x.png": png(1)})
    (there / "back").symlink_to(tmp_path / "here")
    (there / "further").symlink_to(tmp_path / "third")
    make_folder(tmp_path / "third", {"y.png": png(1)})
    here = make_folder(tmp_path / "here", {"a/1.png": png(1)})
    for name, target in (("b", there), ("up", tmp_path), ("same", here / "a")):
        (here / name).symlink_to(target)
    (here / "a" / "inner").symlink_to(there)
    (here / ".hidden").symlink_to(there)
    assert found(here) == ["a/1.png", "a/inner/x.png", "b/x.png"]


@links
def test_a_folder_reached_by_a_link_is_listed_like_any_other(tmp_path):
    folder = make_folder(tmp_path / "source", GOOD)
    (tmp_path / "link").symlink_to(folder)
    assert found(tmp_path / "link") == found(folder) == sorted(GOOD)


def test_a_path_that_the_system_refuses_is_no_folder(tmp_path):
    assert is_folder(tmp_path)
    assert not is_folder(tmp_path / ("x" * 5000))


def test_only_named_folders_are_open_to_visitors(tmp_path):
    open_one, closed = tmp_path / "open", tmp_path / "closed"
    for folder in (open_one, closed):
        folder.mkdir()
    check_inside(open_one / "not there", [open_one])
    for path in (closed, tmp_path, open_one / ".." / "closed", Path("/etc")):
        with pytest.raises(CrackError, match="only opens folders it was told to"):
            check_inside(path, [open_one])
    with pytest.raises(CrackError, match="none so far"):
        check_inside(open_one, [])


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_do_not_lead_visitors_out(tmp_path):
    open_one, closed = tmp_path / "open", tmp_path / "closed"
    for folder in (open_one, closed):
        (folder / "crack").mkdir(parents=True)
        (folder / "crack/a.png").touch()
    (open_one / "crack/passwd.png").symlink_to("/etc/passwd")
    (open_one / "sound").symlink_to(closed / "crack")
    (open_one / "out").symlink_to(closed)
    with pytest.raises(CrackError, match="told to"):
        check_inside(open_one / "out", [open_one])
    assert files_below(open_one, [open_one]) == [PurePosixPath("crack/a.png")]
    assert len(files_below(open_one)) == 4


def test_the_roots_are_those_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("CRACK_DATA_ROOTS", raising=False)
    assert settings.data_roots() is None
    monkeypatch.setenv("CRACK_DATA_ROOTS", "")
    assert settings.data_roots() == ()
    monkeypatch.setenv("CRACK_DATA_ROOTS", os.pathsep.join([str(tmp_path), "/data"]))
    assert settings.data_roots() == (tmp_path.resolve(), Path("/data").resolve())
