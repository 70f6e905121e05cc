from __future__ import annotations

import argparse
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crack import __version__
from crack.cli import build_parser
from crack.settings import PROJECT

pytestmark = pytest.mark.usefixtures("shipped_models")


def left_in(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.parent != home]


def noise_jpeg() -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(4).integers(0, 256, (80, 80, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


# Wrong usage


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["dataset"],
        ["dataset", "add", "walls"],
        ["predict"],
        ["predict", "a.png", "--format", "xml"],
        ["evaluate", "walls", "--split", "train"],
        ["train", "walls", "--backbone", "resnet"],
        ["train", "walls", "--preset", "best"],
        ["train", "walls", "--seed", "x"],
        ["train", "walls", "--seed", "1.5"],
        ["train", "walls", "--seed", "-1"],
        ["train", "walls", "--image-size", "0"],
        ["train", "walls", "--frozen-epochs", "0", "--fine-tune-epochs", "0"],
        ["models", "export", "default", "out"],
        ["runs", "list", "--nonsense"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_how_it_goes(crack, words, crack_home):
    status, out, err = crack(*words)
    assert (status, out) == (2, "")
    assert "usage: python -m crack" in err
    assert not crack_home.exists()


@pytest.mark.parametrize("words", [[], ["dataset"], ["models"]])
def test_a_command_left_out_is_answered_with_those_there_are(crack, words):
    status, out, err = crack(*words)
    assert (status, out) == (2, "")
    assert err == crack(*words, "--help")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prdict", "a.png"], "Did you mean predict?\nHelp: python -m crack --help"),
        (["dataset", "ad"], "Did you mean add?\nHelp: python -m crack dataset --help"),
        (
            ["predict", "a.png", "--modle=x"],
            "Did you mean --model?\nHelp: python -m crack predict --help",
        ),
        (
            ["predict", "a.png", "--format", "jsnl"],
            "Did you mean jsonl?\nHelp: python -m crack predict --help",
        ),
        (
            ["runs", "list", "--xyz"],
            "unknown: --xyz.\nHelp: python -m crack runs list --help",
        ),
    ],
)
def test_the_closest_word_is_named_for_one_that_is_unknown(crack, words, said):
    status, _, err = crack(*words)
    assert status == 2
    assert said in err


def _parsers(parser):
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _parsers(below)


def test_every_word_of_every_command_is_explained():
    parsers = list(_parsers(build_parser()))
    assert len(parsers) > 25
    for parser in parsers:
        assert parser.description, parser.prog
        for action in parser._actions:
            group = isinstance(action, argparse._SubParsersAction)
            assert group or action.help, (parser.prog, action.dest)


@pytest.mark.parametrize(
    "words", [["--help"], ["dataset", "add", "--help"], ["train", "--help"]]
)
def test_help_is_no_failure(crack, words):
    status, out, _ = crack(*words)
    assert status == 0
    assert "usage: python -m crack" in out


@pytest.mark.parametrize(
    "words",
    [["predict", ""], ["dataset", "add", "walls", ""], ["predict", "a", "--maps", ""]],
)
def test_an_empty_path_is_not_the_folder_one_is_in(crack, words, crack_home):
    status, out, err = crack(*words)
    assert (status, out) == (1, "")
    assert err.startswith("crack: A path is empty.")


def test_the_version_is_told_and_written_down_in_one_place(crack):
    assert crack("--version") == (0, f"crack {__version__}\n", "")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert "version" in project["dynamic"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["models", "import", "gone.keras", "--name", "x"], "There is no file: gone"),
        (["dataset", "check", "gone"], "There is no dataset named 'gone'"),
        (["dataset", "delete", "gone"], "There is no dataset named 'gone'"),
        (["dataset", "delete", ".."], "There is no dataset named '..'"),
        (["train", "gone"], "There is no dataset named 'gone'"),
        (["evaluate", "gone"], "There is no dataset named 'gone'"),
        (["predict", "a.png", "--model", "gone"], "There is no model named 'gone'"),
        (["predict", "a.png"], "There is no model named 'default'"),
        (["models", "delete", "gone"], "There is no model named 'gone'"),
        (["models", "promote", "gone", "x"], "'gone' names no run"),
        (
            ["models", "export", "gone", "--format", "onnx", "out"],
            "There is no model named 'gone'",
        ),
        (["runs", "show", "gone"], "'gone' names no run"),
        (["runs", "stop", "gone"], "'gone' names no run"),
        (["runs", "resume", "gone"], "'gone' names no run"),
        (["runs", "delete", "gone"], "'gone' names no run"),
        (["runs", "delete", ""], "'' names no run"),
    ],
)
def test_an_unknown_name_is_told_in_a_sentence(crack, words, sentence, crack_home):
    status, out, err = crack(*words)
    assert (status, out) == (1, "")
    assert err.startswith("crack: ")
    assert sentence in err
    assert not crack_home.exists()


# Datasets


def test_a_dataset_is_added_listed_checked_and_deleted(crack, patch_folder):
    status, out, err = crack("dataset", "add", "walls", patch_folder)
    assert (status, err) == (0, "")
    assert "Added 'walls': 12 Negative, 12 Positive; 'Positive' means crack." in out
    (listed,) = json.loads(crack("dataset", "list", "--json")[1])
    assert (listed["name"], listed["images"]) == ("walls", 24)
    assert "walls" in crack("dataset", "list")[1]
    assert "All 24 images are as they" in crack("dataset", "check", "walls")[1]
    assert crack("dataset", "delete", "walls")[:2] == (0, "Deleted 'walls'.\n")
    assert json.loads(crack("dataset", "list", "--json")[1]) == []


def test_files_left_out_are_listed_and_not_fatal(crack, patch_folder):
    (patch_folder / "Positive" / "text.jpg").write_text("no picture")
    (patch_folder / "Positive" / "empty.jpg").touch()
    (patch_folder / "Negative" / "cut.jpg").write_bytes(noise_jpeg()[:1500])
    status, out, _ = crack("dataset", "add", "walls", patch_folder)
    assert status == 0
    assert "Left out Positive/text.jpg: This file is not a picture" in out
    assert "Left out Positive/empty.jpg: Expected a picture, got an empty" in out
    assert "Left out Negative/cut.jpg: This JPEG file is damaged" in out
    summary = json.loads(crack("dataset", "check", "walls", "--json")[1])
    assert (summary["images"], summary["unreadable"]) == (24, 3)


def test_checking_names_what_changed_and_ends_with_1(crack, dataset, patch_folder):
    (patch_folder / "Positive" / "00001.png").unlink()
    (patch_folder / "Negative" / "00002.png").write_bytes(b"other")
    status, out, _ = crack("dataset", "check", "walls")
    assert status == 1
    assert "missing" in out
    assert "changed" in out
    status, out, _ = crack("dataset", "check", "walls", "--json")
    assert status == 1
    problems = {p["file"]: p["problem"] for p in json.loads(out)["problems"]}
    assert problems == {
        "Positive/00001.png": "missing",
        "Negative/00002.png": "changed",
    }


BAD_ZIPS = {
    "climbing": ({"../evil.png": b"1"}, "points outside"),
    "absolute": ({"/evil.png": b"1"}, "points outside"),
    "drive": ({"C:\\evil.png": b"1"}, "points outside"),
    "one class": ({"Positive/1.png": b"1"}, "found 1 (Positive)"),
    "three classes": ({"a/1": b"", "b/1": b"", "crack/1": b""}, "two and no third"),
    "unreadable class": ({"crack/1.png": b"1", "b/1.png": b"1"}, "None of the 1"),
    "unclear": ({"a/1.png": b"1", "b/1.png": b"1"}, "--crack-class NAME"),
    "nothing": ({}, "found 0 (none)"),
}


@pytest.mark.parametrize("case", BAD_ZIPS)
def test_a_zip_that_is_no_dataset_is_told_and_leaves_nothing(
    crack, make_zip, crack_home, case
):
    members, sentence = BAD_ZIPS[case]
    status, out, err = crack("dataset", "add", "walls", make_zip(members))
    assert (status, out) == (1, "")
    assert sentence in err
    assert left_in(crack_home) == []
    assert not list(crack_home.parent.rglob("evil*"))


def test_a_broken_or_missing_source_is_told_and_leaves_nothing(
    crack, tmp_path, crack_home
):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    for name, sentence in (
        ("broken.zip", "not a readable ZIP"),
        ("gone", "no file or folder at"),
        ("x" * 5000, "File name too long"),
    ):
        status, _, err = crack("dataset", "add", "walls", tmp_path / name)
        assert status == 1
        assert sentence in err
    assert left_in(crack_home) == []


def test_an_encrypted_zip_is_told(crack, make_zip, crack_home):
    path = make_zip({"Positive/1.png": b"1", "Negative/1.png": b"1"})
    with zipfile.ZipFile(path, "a") as archive:
        for member in archive.filelist:
            member.flag_bits |= 1
        archive.comment = b"so that it is written again"
    status, _, err = crack("dataset", "add", "walls", path)
    assert status == 1
    assert "protected by a password" in err
    assert left_in(crack_home) == []


def test_a_taken_or_unusable_name_is_told(crack, dataset, patch_folder, crack_home):
    before = left_in(crack_home)
    for name, sentence in (("walls", "already"), ("../x", "cannot be the name")):
        status, _, err = crack("dataset", "add", name, patch_folder)
        assert status == 1
        assert sentence in err
    assert left_in(crack_home) == before


def test_an_interrupted_import_ends_with_130_and_leaves_nothing(
    crack, patch_folder, crack_home, monkeypatch
):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crack.data.index.near_copy_groups", interrupt)
    assert crack("dataset", "add", "walls", patch_folder)[0] == 130
    assert left_in(crack_home) == []


def test_a_broken_dataset_does_not_hide_the_others(crack, dataset, crack_home):
    (crack_home / "datasets" / "ruin").mkdir()
    (crack_home / "datasets" / "ruin" / "dataset.json").write_text("{")
    status, out, err = crack("dataset", "list", "--json")
    assert status == 0
    assert [row["name"] for row in json.loads(out)] == ["walls"]
    assert "index of the dataset 'ruin' cannot be read" in err


def test_a_workspace_that_cannot_be_made_is_told(
    crack, patch_folder, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "workspace"
    monkeypatch.setenv("CRACK_HOME", str(home))
    status, _, err = crack("dataset", "add", "walls", patch_folder)
    assert status == 1
    told = f"crack: The workspace {home} cannot be read or written: Not a directory."
    assert err.startswith(told)
    assert "point CRACK_HOME elsewhere" in err


def test_a_disk_that_fills_is_told_and_nothing_is_left(
    crack, make_zip, patch_folder, crack_home, monkeypatch
):
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extract", fill)
    members = {f"{p.parent.name}/{p.name}": b"1" for p in patch_folder.rglob("*.png")}
    status, _, err = crack("dataset", "add", "walls", make_zip(members))
    assert status == 1
    assert f"{crack_home} cannot be read or written: No space left on device." in err
    assert "ZIP again" not in err
    assert left_in(crack_home) == []


def test_how_many_images_photos_csv_names_is_told(crack, patch_folder):
    rows = "file,photo\nPositive\\00001.png,a\n./Negative/00001.png,a\n"
    (patch_folder / "photos.csv").write_text(rows)
    _, out, _ = crack("dataset", "add", "walls", patch_folder)
    assert "photos.csv names 2 of 24 images, cut from 1 photos." in out


# Processes


INTERRUPTED = """
import os, runpy, signal, sys

class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
runpy.run_module("crack", run_name="__main__")
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_an_interrupt_while_the_program_starts_ends_it_without_a_word():
    command = [sys.executable, "-c", INTERRUPTED]
    ended = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_a_python_without_the_packages_is_told_which_one_to_use():
    command = [sys.executable, "-S", "-m", "crack", "check"]
    ended = subprocess.run(
        command, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("crack: This Python lacks the package '")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_an_import_told_to_end_leaves_nothing(make_zip, crack_home):
    members = {f"{c}/{n}.png": b"1" for c in ("crack", "b") for n in range(5000)}
    datasets = crack_home / "datasets"
    with subprocess.Popen(
        [sys.executable, "-m", "crack", "dataset", "add", "walls", make_zip(members)],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
    ) as process:
        while process.poll() is None and not list(datasets.glob(".walls.*/images/*")):
            time.sleep(0.01)
        process.terminate()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGTERM
    assert left_in(crack_home) == []


def test_adding_says_what_was_recognised(crack, tmp_path):
    wall = np.random.default_rng(1).integers(120, 200, (700, 700, 3), np.uint8)
    mask = np.zeros((700, 700), np.bool_)
    mask[100:104] = True
    for name in ("masked/images/1.png", "large/Positive/1.png", "large/Negative/1.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.fromarray(wall).save(tmp_path / name)
    (tmp_path / "masked/masks").mkdir()
    Image.fromarray(mask).save(tmp_path / "masked/masks/1.png")
    status, said, _ = crack("dataset", "add", "masked", tmp_path / "masked")
    assert status == 0
    assert "Cut 1 photos with masks and 0 sound ones into tiles of 160 px" in said
    assert "photos.csv" not in said
    status, said, _ = crack("dataset", "add", "large", tmp_path / "large")
    assert status == 0
    assert "about 700 px long" in said
