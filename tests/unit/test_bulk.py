from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from crack.bulk import answering, parts, photos
from crack.bulk.packed_model import fingerprint, pack_model, unpacked_predictor
from crack.bulk.photos import deal_out, listed, part_of, parts_wanted
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.read_ahead import read_ahead
from crack.reporting.tables import COLUMNS

pytestmark = pytest.mark.usefixtures("shipped_models")


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(photos, "_PHOTOS_PER_PART", 4)


@pytest.fixture
def walls(tmp_path):
    """Ten photos, the first of which are dark and the last bright."""
    folder = tmp_path / "walls"
    folder.mkdir()
    for number in range(10):
        grey = 10 + 25 * number
        Image.new("L", (40, 30), grey).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "answers"


def rows_in(out: Path) -> list[dict]:
    """All rows as any reader of the folder finds them, however often they are there."""
    from pyarrow import dataset

    return dataset.dataset(out, format="parquet").to_table().to_pylist()


def by_name(out: Path) -> dict[str, dict]:
    rows = rows_in(out)
    counts = Counter(row["file"] for row in rows)
    assert set(counts.values()) <= {1}
    return {Path(row["file"]).name: row for row in rows}


def asked_about(monkeypatch) -> list[str]:
    names = []
    ask = Predictor.predict

    def noted(self, items, *more):
        def each():
            for item in items:
                names.append(Path(item[0]).name)
                yield item

        return ask(self, each(), *more)

    monkeypatch.setattr(Predictor, "predict", noted)
    return names


def test_the_rows_are_those_of_the_other_formats(crack, model, walls, out):
    (walls / "bad.jpg").write_text("no picture")
    status, text, err = crack("predict", walls, "--out", out)
    assert (status, text) == (1, "")
    assert "11 photos: 10 answered, 0 had an answer, 1 could not be read" in err
    lines = crack("predict", walls, "--format", "jsonl")[1].splitlines()
    expected = {Path(row["file"]).name: row for row in map(json.loads, lines)}
    rows = by_name(out)
    assert rows.keys() == expected.keys()
    for name, row in rows.items():
        for column in set(COLUMNS) - {"seconds"}:
            assert row[column] == expected[name][column], (name, column)
    assert list(rows["0.png"])[: len(COLUMNS)] == list(COLUMNS)


def test_photos_with_an_answer_are_not_asked_about_again(
    crack, model, walls, out, small_parts, monkeypatch
):
    (walls / "bad.jpg").write_text("no picture")
    (walls / "empty.jpg").touch()
    crack("predict", walls, "--out", out)
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    names = asked_about(monkeypatch)
    status, _, err = crack("predict", walls, "--out", out)
    assert status == 1
    assert "12 photos: 0 answered, 10 had an answer, 2 could not be read" in err
    assert names == []
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_a_new_and_a_changed_photo_are_asked_about(
    crack, model, walls, out, small_parts, monkeypatch
):
    crack("predict", walls, "--out", out)
    assert by_name(out)["0.png"]["label"] == "no crack"
    Image.new("L", (40, 30), 255).save(walls / "0.png")
    os.utime(walls / "0.png", ns=(1, 1))
    Image.new("L", (40, 30), 255).save(walls / "new.png")
    names = asked_about(monkeypatch)
    crack("predict", walls, "--out", out)
    assert sorted(names) == ["0.png", "new.png"]
    rows = by_name(out)
    assert len(rows) == 11
    assert rows["0.png"]["label"] == "crack"


def test_what_could_not_be_read_is_tried_again(crack, model, walls, out):
    gone = walls.parent / "gone.png"
    crack("predict", walls, gone, "--out", out)
    assert "There is no file" in by_name(out)["gone.png"]["error"]
    Image.new("L", (40, 30), 255).save(gone)
    status, _, err = crack("predict", walls, gone, "--out", out)
    assert status == 0
    assert "11 photos: 1 answered, 10 had an answer" in err
    assert by_name(out)["gone.png"]["label"] == "crack"


def test_another_model_replaces_the_answers(crack, model, walls, out):
    crack("predict", walls, "--out", out)
    card = ModelCard.read(model)
    replace(card, temperature=9.0).write(model)
    err = crack("predict", walls, "--out", out)[2]
    assert "10 answered" in err
    assert len({row["model"] for row in by_name(out).values()}) == 1


def test_another_scale_replaces_the_answers(crack, model, walls, out):
    replace(ModelCard.read(model), mm_per_pixel=1.0).write(model)
    crack("predict", walls, "--out", out)
    err = crack("predict", walls, "--out", out, "--mm-per-pixel", 1)[2]
    assert "10 answered" in err
    assert (
        "10 had an answer"
        in crack(*("predict", walls, "--out", out, "--mm-per-pixel", 1))[2]
    )


def test_regions_and_maps_are_added_where_they_are_wanted(crack, model, walls, out):
    maps = walls.parent / "maps"
    crack("predict", walls, "--out", out)
    assert all(row["regions"] is row["map"] is None for row in by_name(out).values())
    wanted = ("predict", walls, "--out", out, "--regions", "--maps", maps)
    assert "10 answered" in crack(*wanted)[2]
    assert "10 had an answer" in crack(*wanted)[2]
    rows = by_name(out)
    (answer,) = Predictor(model).predict([("", walls / "9.png")])
    strongest = rows["9.png"]["regions"][0]
    assert strongest["width"] == answer.regions[0].width
    assert {row["map"] for row in rows.values()} == {p.name for p in maps.iterdir()}
    with Image.open(maps / rows["9.png"]["map"]) as heatmap:
        assert heatmap.size == (40, 30)


def test_photos_of_one_name_have_heatmaps_of_their_own(crack, model, walls, out):
    other = walls.parent / "other"
    other.mkdir()
    Image.new("L", (40, 30), 9).save(other / "9.png")
    maps = walls.parent / "maps"
    crack("predict", walls, other, "--out", out, "--maps", maps)
    assert len(list(maps.iterdir())) == 11


def test_several_folders_share_a_folder_of_answers(crack, model, walls, out):
    crack("predict", walls / "1.png", "--out", out)
    crack("predict", walls / "2.png", walls / "2.png", "--out", out)
    assert sorted(by_name(out)) == ["1.png", "2.png"]


def test_many_more_photos_are_dealt_out_to_more_parts(
    crack, model, walls, out, small_parts, monkeypatch
):
    crack("predict", walls / "1.png", "--out", out)
    assert len(list(out.iterdir())) == 1
    more = walls.parent / "more"
    more.mkdir()
    for number in range(40):
        Image.new("L", (40, 30), number).save(more / f"more-{number}.png")
    names = asked_about(monkeypatch)
    crack("predict", walls, more, "--out", out)
    assert len(names) == 49
    assert len(by_name(out)) == 50
    assert all("of-000016" in path.name for path in out.iterdir())
    # Fewer photos do not bring back fewer parts.
    crack("predict", walls / "1.png", "--out", out)
    assert len(by_name(out)) == 50


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_question_is_continued(
    crack, model, walls, out, small_parts, monkeypatch, after
):
    written = []

    def write(*place_and_rows):
        if len(written) == after:
            raise CrackError("The disk is full.")
        written.append(place_and_rows)
        parts.write_part(*place_and_rows)

    with monkeypatch.context() as patched:
        patched.setattr(answering, "write_part", write)
        status, _, err = crack("predict", walls, "--out", out)
        assert (status, err) == (1, "crack: The disk is full.\n")
    done = len(by_name(out)) if after else 0
    assert (
        f"{10 - done} answered, {done} had" in crack("predict", walls, "--out", out)[2]
    )
    assert len(by_name(out)) == 10


def test_answers_interrupted_while_they_are_dealt_out_are_asked_for_again(
    crack, model, walls, out, monkeypatch
):
    crack("predict", walls, "--out", out)
    monkeypatch.setattr(photos, "_PHOTOS_PER_PART", 1)
    with monkeypatch.context() as patched:
        patched.setattr(parts, "write_part", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            crack("predict", walls, "--out", out)
    crack("predict", walls, "--out", out)
    assert len(by_name(out)) == 10


def test_a_damaged_file_of_answers_is_told(crack, model, walls, out):
    crack("predict", walls, "--out", out)
    (file,) = out.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    status, _, err = crack("predict", walls, "--out", out)
    assert status == 1
    assert f"{file} is damaged" in err
    assert "Delete it" in err


def test_names_that_are_no_text_become_rows(crack, model, walls, out):
    (walls / os.fsdecode(b"\xfc.png")).write_bytes(b"")
    status = crack("predict", walls, "--out", out)[0]
    assert status == 1
    assert "not valid text" in by_name(out)["\\udcfc.png"]["error"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--engine", "ray"), "--out PLACE"),
        (("--regions",), "--out PLACE"),
        (("--out", "x", "--format", "csv"), "neither a report nor another format"),
        (("--out", "x", "--report", "r.pdf"), "neither a report nor another format"),
        (("--out", "x", "--workers", 2), "Add --engine ray"),
        (("--out", "x", "--address", "auto"), "Add --engine ray"),
        (("--out", "x", "--engine", "ray", "--workers", 0), "at least one worker"),
        (("--out", "s3://key:secret@bucket/x"), "holds a user"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    crack, model, walls, options, told, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    words = options if isinstance(options, tuple) else ("--out", options)
    status, _, err = crack("predict", walls, *words)
    assert status == 1
    assert told in err
    assert "secret" not in err


def test_a_zip_and_an_empty_folder_are_refused(crack, model, out, make_zip, tmp_path):
    assert "Unpack it" in crack("predict", make_zip({}), "--out", out)[2]
    (tmp_path / "empty").mkdir()
    status, _, err = crack("predict", tmp_path / "empty", "--out", out)
    assert status == 1
    assert "could not be read" in err


def test_without_ray_a_sentence_says_what_to_install(
    crack, model, walls, out, monkeypatch
):
    monkeypatch.setitem(sys.modules, "ray", None)
    status, _, err = crack("predict", walls, "--out", out, "--engine", "ray")
    assert status == 1
    assert err.startswith("crack: Ray is not installed. Install it: pip install -r")


def test_photos_are_dealt_out_by_their_name_alone(walls):
    table = listed([walls])
    assert parts_wanted(table) == 1
    dealt = dict(deal_out(table, 4).each_part())
    assert sum(map(len, dealt.values())) == 10
    for part, rows in dealt.items():
        assert all(part_of(row["file"], 4) == part for row in rows)
    # A part splits into those that have its number, counted on.
    assert all(part_of(str(n), 8) % 4 == part_of(str(n), 4) for n in range(99))


@pytest.mark.parametrize(
    ("count", "megabytes", "wanted"),
    [(20, 0.005, 1), (20, 4, 8), (200, 4, 64), (20_000, 4, 1024), (10**6, 4, 16384)],
)
def test_large_photos_are_dealt_out_finely_as_long_as_the_files_are_few(
    count, megabytes, wanted
):
    sizes = pa.array(np.full(count, megabytes * 1e6, np.int64))
    assert parts_wanted(pa.table({"size": sizes})) == wanted


def test_a_packed_model_answers_the_same_and_leaves_no_files(
    model, walls, tmp_path, monkeypatch
):
    packed = pack_model(model)
    assert fingerprint(packed) == fingerprint(pack_model(model))
    assert fingerprint({**packed, "graph.bin": b""}) != fingerprint(packed)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    predictor = unpacked_predictor(packed, threads=1)
    assert list(temporary.iterdir()) == []
    items = [(path.name, path) for path in sorted(walls.iterdir())]
    here = Predictor(model).predict(items)
    for mine, other in zip(predictor.predict(items), here, strict=True):
        assert abs(mine.probability - other.probability) < 1e-6


def test_photos_are_read_ahead_in_order(walls):
    paths = sorted(walls.iterdir())
    items = [(path.name, path) for path in [*paths, walls / "gone.png"] * 5]
    read = list(read_ahead(items))
    assert [name for name, _ in read] == [name for name, _ in items]
    for (_, content), (_, path) in zip(read, items, strict=True):
        if path.name == "gone.png":
            assert isinstance(content, CrackError)
        else:
            assert content == path.read_bytes()


def test_reading_ahead_stops_with_whoever_asked(walls):
    noise = np.random.default_rng(1).bytes(1000)
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield str(number), noise

    reading = read_ahead(items())
    next(reading)
    reading.close()
    assert len(taken) < 20
