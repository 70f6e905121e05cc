from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crack.cli import predict_command
from crack.data.images import decode_image
from crack.inference.card import ModelCard
from crack.inference.overlay import grey_heatmap
from crack.inference.predictor import Predictor
from crack.settings import PROJECT

pytestmark = pytest.mark.usefixtures("shipped_models")


def photo(path: Path, grey: int, width: int = 20, height: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height), grey).save(path)
    return path


def noise_jpeg() -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(4).integers(0, 256, (80, 80, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


def without_seconds(row: dict) -> dict:
    return {key: value for key, value in row.items() if key != "seconds"}


def test_bad_files_become_rows_and_the_others_are_answered(crack, model, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(noise_jpeg()[:1500])
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    names = ("text.jpg", "empty.jpg", "cut.jpg", "gone.jpg", "broken.zip")
    good = photo(tmp_path / "good.png", 255)
    paths = [tmp_path / name for name in names]
    status, out, err = crack("predict", *paths, good, "--format", "jsonl")
    assert (status, err) == (1, "")
    *bad, answer = map(json.loads, out.splitlines())
    assert [row["file"] for row in bad] == [path.as_posix() for path in paths]
    assert all(row["error"] and row["probability"] is None for row in bad)
    assert (answer["label"], answer["error"]) == ("crack", None)


@pytest.mark.parametrize("member", ["../a.png", "/a.png", "C:\\a.png", "..\\a.png"])
def test_a_photo_that_points_outside_its_zip_is_a_row_with_an_error(
    crack, model, make_zip, member
):
    path = make_zip({member: b"1"})
    status, out, _ = crack("predict", path, "--format", "jsonl")
    assert status == 1
    assert "outside the zip" in json.loads(out)["error"]


def test_csv_and_jsonl_agree_with_the_predictor_to_the_last_digit(
    crack, model, patch_folder
):
    status, as_csv, _ = crack("predict", patch_folder, "--format", "csv")
    as_jsonl = crack("predict", patch_folder, "--format", "jsonl")[1]
    assert status == 0
    table = list(csv.DictReader(io.StringIO(as_csv)))
    rows = [json.loads(line) for line in as_jsonl.splitlines()]
    paths = sorted(patch_folder.rglob("*.png"))
    items = [(path.as_posix(), path) for path in paths]
    answers = list(Predictor(model).predict(items))
    assert len(rows) == len(table) == len(answers) == 24
    for line, row, answer in zip(table, rows, answers, strict=True):
        assert row["file"] == answer.file
        assert row["probability"] == round(answer.probability, 6)
        assert row["label"] == answer.label
        texts = {k: "" if v is None else str(v) for k, v in row.items()}
        assert without_seconds(line) == without_seconds(texts)


def test_the_columns_are_the_promised_ones(crack, model, tmp_path):
    path = photo(tmp_path / "a.png", 255)
    header = crack("predict", path, "--format", "csv")[1].splitlines()[0]
    assert (
        header == "file,label,probability,threshold,width,height,seconds,error,reasons"
    )
    row = json.loads(crack("predict", path, "--format", "jsonl")[1])
    assert ",".join(row) == header


def test_files_folders_and_zips_may_be_mixed(crack, model, tmp_path, make_zip):
    single = photo(tmp_path / "single.png", 1)
    folder = photo(tmp_path / "folder" / "inner" / "a.png", 1).parents[1]
    archive = make_zip({"b.png": single.read_bytes()})
    status, out, _ = crack("predict", single, folder, archive, "--format", "jsonl")
    assert status == 0
    files = [Path(json.loads(line)["file"]).name for line in out.splitlines()]
    assert files == ["single.png", "a.png", "b.png"]


def test_names_reach_the_table_as_they_are(crack, model, tmp_path):
    names = ["Wand [red]1[/red].png", "ü :smile: 日本.png", f"{'x' * 150}.png"]
    paths = [photo(tmp_path / name, 9) for name in names]
    status, out, _ = crack("predict", *paths)
    assert status == 0
    assert all(path.as_posix() in out for path in paths)


def test_errors_stand_below_the_table_where_they_can_be_read(crack, model, tmp_path):
    photo(tmp_path / "a.png", 255)
    (tmp_path / "text.jpg").write_text("no picture")
    status, out, _ = crack("predict", tmp_path)
    assert status == 1
    header, good, bad, error = out.splitlines()
    assert "error" not in header
    assert re.search(r" \d+\.\d\d ", good)
    assert len(bad) == len(header)
    assert re.match(r".*/text\.jpg: This file is not a picture", error)


@pytest.mark.parametrize("command", [["predict", "a.png"], ["evaluate", "walls"]])
def test_an_empty_name_is_not_the_default_model(crack, model, dataset, command):
    status, out, err = crack(*command, "--model", "")
    assert (status, out) == (1, "")
    assert "There is no model named ''" in err


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_a_name_that_is_no_text_is_answered_all_the_same(crack, model, tmp_path, form):
    path = photo(tmp_path / "a.png", 255)
    path = path.rename(tmp_path / os.fsdecode(b"\xfcber.png"))
    status, out, _ = crack("predict", path, "--format", form)
    assert status == 0
    assert "ber.png" in out


def test_maps_are_8_bit_grey_of_the_size_of_the_photo(crack, model, tmp_path):
    path = tmp_path / "wall.jpg"
    Image.linear_gradient("L").resize((90, 40)).save(path)
    crack("predict", path, "--maps", tmp_path / "out" / "maps")
    with Image.open(tmp_path / "out" / "maps" / "wall.png") as written:
        assert (written.mode, written.size) == ("L", (90, 40))
        values = np.asarray(written)
    (answer,) = Predictor(model).predict([("wall.jpg", path)])
    np.testing.assert_array_equal(values, grey_heatmap(answer.heatmap, 90, 40))
    assert values[0].mean() < 100 < 156 < values[-1].mean()


def test_maps_of_photos_with_equal_stems_do_not_overwrite_each_other(
    crack, model, tmp_path
):
    names = ["1/a.png", "2/a-2.png", "3/a.png", "4/a.jpg", "5/A.png"]
    widths = [30, 31, 32, 33, 34]
    paths = [
        photo(tmp_path / name, 200, width)
        for name, width in zip(names, widths, strict=True)
    ]
    assert crack("predict", *paths, "--maps", tmp_path / "maps")[0] == 0
    found = list((tmp_path / "maps").iterdir())
    assert sorted(decode_image(path).shape[1] for path in found) == widths
    assert len({path.name.casefold() for path in found}) == 5


def test_a_bad_photo_gets_no_map(crack, model, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    good = photo(tmp_path / "good.png", 9)
    status, _, _ = crack(
        "predict", tmp_path / "bad.png", good, "--maps", tmp_path / "maps"
    )
    assert status == 1
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["good.png"]


@pytest.mark.parametrize("given", ["photos", "photos/a.png"])
def test_maps_never_take_the_place_of_the_photos(crack, model, tmp_path, given):
    before = photo(tmp_path / "photos" / "a.png", 9).read_bytes()
    status, out, err = crack("predict", tmp_path / given, "--maps", tmp_path / "photos")
    assert (status, out) == (1, "")
    assert "could overwrite" in err
    assert (tmp_path / "photos" / "a.png").read_bytes() == before


def test_maps_may_be_written_again(crack, model, tmp_path):
    path = photo(tmp_path / "photos" / "a.png", 9)
    for _ in range(2):
        assert crack("predict", path, "--maps", tmp_path / "maps")[0] == 0
    assert [p.name for p in (tmp_path / "maps").iterdir()] == ["a.png"]


def test_a_file_in_the_place_of_the_maps_folder_is_told(crack, model, tmp_path):
    path = photo(tmp_path / "a.png", 9)
    (tmp_path / "maps").touch()
    status, _, err = crack("predict", path, "--maps", tmp_path / "maps")
    assert status == 1
    assert "is a file" in err


def test_a_model_without_its_graph_is_told(crack, model, tmp_path):
    (model / "graph.bin").unlink()
    status, _, err = crack("predict", photo(tmp_path / "a.png", 9))
    assert status == 1
    assert "damaged or incomplete" in err


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_report_holds_every_photo_and_the_rows_are_printed_too(
    crack, model, tmp_path, suffix
):
    (tmp_path / "text.jpg").write_text("no picture")
    good = photo(tmp_path / "good.png", 255)
    report = tmp_path / f"report.{suffix}"
    words = (tmp_path / "text.jpg", good, "--report", report, "--format", "jsonl")
    status, out, _ = crack("predict", *words)
    assert status == 1
    assert len(out.splitlines()) == 2
    content = report.read_bytes()
    assert content.startswith(b"<!" if suffix == "html" else b"%PDF")
    if suffix == "html":
        assert b"good.png" in content
        assert b"text.jpg" in content


def test_a_report_of_another_kind_is_refused_before_any_photo_is_read(
    crack, model, tmp_path
):
    status, out, err = crack("predict", tmp_path, "--report", tmp_path / "a.docx")
    assert (status, out) == (1, "")
    assert ".html or .pdf" in err


@pytest.fixture
def scaled_model(model):
    """The bright model, which knows that it learned at 0.5 mm per pixel."""
    replace(ModelCard.read(model), mm_per_pixel=0.5).write(model)
    return model


def rows(out):
    return [without_seconds(json.loads(line)) for line in out.splitlines()]


def test_the_shown_width_is_divided_by_the_pixels_of_each_photo(
    crack, scaled_model, tmp_path
):
    paths = []
    for width in (200, 400):
        ramp = Image.linear_gradient("L").resize((width, 200))
        paths.append(tmp_path / f"{width}.png")
        ramp.save(paths[-1])
    form = ("--format", "jsonl")
    both = rows(crack("predict", *paths, "--shown-width", 100, *form)[1])
    each = [
        rows(crack("predict", path, "--mm-per-pixel", mm, *form)[1])[0]
        for path, mm in zip(paths, (0.5, 0.25), strict=True)
    ]
    assert both == each
    assert both != rows(crack("predict", *paths, *form)[1])


@pytest.mark.parametrize("width", ["0", "-3", "nan"])
def test_a_shown_width_that_is_none_is_told(crack, scaled_model, tmp_path, width):
    path = photo(tmp_path / "a.png", 9)
    status, out, err = crack("predict", path, f"--shown-width={width}")
    assert (status, out) == (1, "")
    assert "width of wall in mm above 0" in err


def test_both_scales_at_once_are_wrong_usage(crack, scaled_model, tmp_path):
    words = ("--shown-width", 100, "--mm-per-pixel", 1)
    status, _, err = crack("predict", tmp_path, *words)
    assert status == 2
    assert "not allowed with" in err


def test_a_scale_beyond_what_can_be_looked_at_is_told_once(
    crack, scaled_model, tmp_path
):
    paths = [photo(tmp_path / f"{n}.png", 255, 300, 200) for n in range(3)]
    paths.append(tmp_path / "gone.jpg")
    words = ("predict", *paths, "--format", "jsonl", "--mm-per-pixel")
    status, out, err = crack(*words, 5)
    assert (status, len(out.splitlines())) == (1, 4)
    assert err.count("\n") == 1
    assert err.startswith("crack: 3 photos could not be looked at in the size that")
    assert f"{paths[0].as_posix()}: At 5 mm per pixel" in err
    assert crack(*words, 0.5)[2] == ""


def test_progress_is_reported_photo_by_photo_with_the_number_of_all(
    crack, model, tmp_path, make_zip, monkeypatch
):
    reported = []

    @contextmanager
    def noting():
        yield lambda *report: reported.append(report)

    monkeypatch.setattr(predict_command, "progress_bar", noting)
    path = photo(tmp_path / "folder" / "a.png", 9)
    archive = make_zip({"b.png": path.read_bytes(), "c.png": b"1"})
    crack("predict", path.parent, archive)
    assert reported == [("Looking at the photos", n, 3) for n in range(4)]


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals")
def test_the_bar_is_on_the_terminal_and_the_rows_are_where_they_were_sent(
    model, tmp_path
):
    path = photo(tmp_path / "a.png", 255)
    terminal, end = os.openpty()
    command = [sys.executable, "-m", "crack", "predict", str(path), "--format", "csv"]
    environment = {**os.environ, "TERM": "xterm"}
    program = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=end, cwd=PROJECT, env=environment
    )
    os.close(end)
    said = os.read(terminal, 100_000).decode()
    os.close(terminal)
    lines = program.stdout.decode().splitlines()
    assert re.match(r"file,label,", lines[0])
    assert len(lines) == 2
    assert "Looking at the photos" in said
    assert "file,label" not in said
