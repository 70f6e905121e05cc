from __future__ import annotations

import errno
import io
import os
import random
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from crack.data.importer import add_dataset, inspect_source
from crack.errors import CrackError
from tests.unit.test_importer import GOOD, left_in, png


def changed(archive: Path, **attributes: int) -> Path:
    """Let the directory of a ZIP claim something else of every file."""
    with zipfile.ZipFile(archive, "a") as opened:
        for member in opened.filelist:
            for name, value in attributes.items():
                setattr(member, name, value)
        opened.comment = b"so that it is written again"
    return archive


def test_an_open_file_without_a_name_is_taken(make_zip):
    upload = io.BytesIO(make_zip(GOOD).read_bytes())
    inspect_source(upload)
    dataset = add_dataset("walls", upload)
    assert dataset.counts == {"Negative": 2, "Positive": 2}
    assert dataset.source == "an uploaded ZIP"


def test_an_open_file_is_called_by_its_name(make_zip):
    path = make_zip(GOOD)
    with path.open("rb") as upload:
        assert add_dataset("walls", upload).source == str(path)


def test_a_zip_with_windows_separators_is_taken(make_zip):
    members = {f"wrapper\\{n}".replace("/", "\\"): c for n, c in GOOD.items()}
    dataset = add_dataset("walls", make_zip(members))
    assert sorted(dataset.samples["file"]) == sorted(GOOD)


@pytest.mark.parametrize(
    "name", ["../a.png", "Positive/../../a.png", "/a.png", "C:/a.png", "..\\a.png"]
)
def test_a_zip_that_points_outside_of_itself_is_refused(make_zip, crack_home, name):
    source = make_zip(GOOD | {name: png(1)})
    with pytest.raises(CrackError, match="points outside"):
        add_dataset("walls", source)
    assert left_in(crack_home) == []
    assert not list(crack_home.parent.rglob("a.png"))


@pytest.mark.parametrize("name", ["./", ".", "//", "a\0b"])
def test_odd_names_in_a_zip_do_not_end_in_an_exception(make_zip, name):
    source = make_zip(GOOD | {name: b""})
    try:
        assert add_dataset("walls", source).counts == {"Negative": 2, "Positive": 2}
    except CrackError as error:
        assert "points outside" in str(error)  # noqa: PT017 - either is right


def test_a_zip_with_a_password_is_refused(make_zip, crack_home):
    with pytest.raises(CrackError, match="protected by a password"):
        add_dataset("walls", changed(make_zip(GOOD), flag_bits=1))
    assert left_in(crack_home) == []


@pytest.mark.parametrize(
    ("size", "free", "said"),
    [
        (10**8, 5 * 10**8, r"400\.0 MB, and 200\.0 MB must stay free; only 500\.0"),
        (10**6, 2 * 10**8, "needs 4.0 MB"),
        (10**6, 0, "only 0.0 MB are free"),
    ],
)
def test_a_zip_that_would_fill_the_disk_is_refused(
    make_zip, crack_home, monkeypatch, size, free, said
):
    disk = SimpleNamespace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    archive = changed(make_zip(GOOD), file_size=size, compress_size=size)
    with pytest.raises(CrackError, match=said) as caught:
        add_dataset("walls", archive)
    assert "CRACK_HOME" in caught.value.hint
    assert left_in(crack_home) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_fills_meanwhile_is_no_fault_of_the_zip(
    make_zip, crack_home, monkeypatch, number
):
    def fill(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(zipfile.ZipFile, "extract", fill)
    with pytest.raises(OSError, match=os.strerror(number)):
        add_dataset("walls", make_zip(GOOD))
    assert left_in(crack_home) == []


@pytest.mark.parametrize("wrapper", ["", "one/two/"])
def test_what_is_larger_than_any_picture_is_not_unpacked(
    make_zip, crack_home, monkeypatch, wrapper
):
    monkeypatch.setattr("crack.data.images.MAX_BYTES", 10_000)
    bombs = {"Positive/bomb.png": b"0" * 10_001, "loose.bin": b"0" * 10_001}
    members = {wrapper + name: c for name, c in (GOOD | bombs).items()}
    dataset = add_dataset("walls", make_zip(members))
    assert sorted(dataset.samples["file"]) == sorted(GOOD)
    reasons = dict(dataset.unreadable.itertuples(index=False, name=None))
    assert "the limit is" in reasons.pop("Positive/bomb.png")
    assert reasons == {"loose.bin": "It is in neither class folder."}
    assert not list(crack_home.rglob("bomb.png"))
    assert not list(crack_home.rglob("loose.bin"))


def test_a_class_of_nothing_but_too_large_files_is_told(
    make_zip, crack_home, monkeypatch
):
    monkeypatch.setattr("crack.data.images.MAX_BYTES", 10_000)
    members = {"Positive/1.png": b"0" * 10_001, "Negative/2.png": b"0" * 10_001}
    with pytest.raises(CrackError, match="None of the 1 files in Negative") as caught:
        add_dataset("walls", make_zip(members))
    assert "Negative/2.png: The file has" in caught.value.hint
    assert left_in(crack_home) == []


def test_a_zip_that_lies_about_its_sizes_is_refused(make_zip, crack_home):
    with pytest.raises(CrackError, match="cannot be unpacked"):
        add_dataset("bomb", changed(make_zip(GOOD), file_size=5))
    assert left_in(crack_home) == []


def test_a_zip_with_damaged_content_is_refused(make_zip, crack_home):
    path = make_zip(GOOD | {"Positive/x.png": b"A" * 50})
    path.write_bytes(path.read_bytes().replace(b"A" * 50, b"B" * 50))
    with pytest.raises(CrackError, match=r"Positive/x\.png cannot be unpacked"):
        add_dataset("walls", path)
    assert left_in(crack_home) == []


def test_a_zip_with_a_file_in_the_place_of_a_folder_is_refused(make_zip, crack_home):
    with pytest.raises(CrackError, match="cannot be unpacked"):
        add_dataset("walls", make_zip({"Positive": b"1"} | GOOD))
    assert left_in(crack_home) == []


def test_a_zip_with_a_name_too_long_for_the_disk_is_refused(make_zip, crack_home):
    with pytest.raises(CrackError, match="cannot be unpacked"):
        add_dataset("walls", make_zip(GOOD | {f"Positive/{'x' * 300}.png": b"1"}))
    assert left_in(crack_home) == []


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50])
def test_a_file_that_is_no_zip_is_told(tmp_path, crack_home, content):
    path = tmp_path / "photos.zip"
    path.write_bytes(content)
    with pytest.raises(CrackError, match="not a readable ZIP"):
        add_dataset("walls", path)
    assert left_in(crack_home) == []


def test_random_damage_to_a_zip_is_told_or_harmless(make_zip, crack_home):
    rng = random.Random(11)
    whole = make_zip(GOOD).read_bytes()
    for number in range(60):
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 2, 8])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        before = left_in(crack_home)
        try:
            add_dataset(f"z{number}", io.BytesIO(damaged), crack_class="Positive")
        except CrackError:
            assert left_in(crack_home) == before
