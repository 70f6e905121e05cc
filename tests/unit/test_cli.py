from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from scipy.special import expit

from crack import storage
from crack.cli import main
from crack.data.images import decode_image
from crack.data.importer import add_dataset
from crack.data.split import make_split, write_split
from crack.inference.card import ModelCard
from crack.inference.overlay import spread
from crack.inference.predictor import Predictor
from crack.runs import jobs
from crack.runs.run import RunStatus
from crack.settings import PROJECT

pytestmark = pytest.mark.usefixtures("shipped_models")


@pytest.fixture
def crack(capsys):
    """Run a command; return its exit status and what it said on stdout and stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:  # argparse
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def model(model_folder, crack_home):
    """The bright model, as "default"."""
    return shutil.copytree(model_folder, crack_home / "models" / "default")


@pytest.fixture
def launched(monkeypatch):
    """The runs whose process would have been started."""
    runs = []
    monkeypatch.setattr(jobs, "_launch", runs.append)
    return runs


def left_in(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.parent != home]


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
        ["models", "export", "default", "out"],
        ["runs", "list", "--nonsense"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_how_it_goes(crack, words, crack_home):
    status, out, err = crack(*words)
    assert (status, out) == (2, "")
    assert "usage: python -m crack" in err
    assert not crack_home.exists()


@pytest.mark.parametrize(
    "words", [["--help"], ["dataset", "add", "--help"], ["train", "--help"]]
)
def test_help_is_no_failure(crack, words):
    status, out, _ = crack(*words)
    assert status == 0
    assert "usage: python -m crack" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
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
    "three classes": ({"a/1": b"", "b/1": b"", "crack/1": b""}, "found 3"),
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

    monkeypatch.setattr("crack.data.importer.near_copy_groups", interrupt)
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
    monkeypatch.setenv("CRACK_HOME", str(tmp_path / "file" / "workspace"))
    status, _, err = crack("dataset", "add", "walls", patch_folder)
    assert status == 1
    assert err.startswith("crack: ")


# Predicting


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
    assert header == "file,label,probability,threshold,width,height,seconds,error"
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
    expected = expit(spread(answer.activation_map, 90, 40)) * 255
    np.testing.assert_array_equal(values, expected.round().astype(np.uint8))
    assert values[0].mean() < 10
    assert values[-1].mean() > 245


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


@pytest.mark.skipif(os.name == "nt", reason="there is no head")
def test_a_reader_that_has_seen_enough_gets_no_traceback(crack, dataset):
    command = [sys.executable, "-m", "crack", "dataset", "list", "--json"]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT
    )
    program.stdout.close()
    assert program.stderr.read() == ""
    program.stderr.close()
    program.wait(30)


# Evaluating


def trained_on(model: Path, **about: object) -> None:
    replace(ModelCard.read(model), dataset=about).write(model)


def test_a_model_is_judged_on_its_own_test_split(crack, model, dataset):
    trained_on(model, fingerprint=dataset.fingerprint)
    split = make_split(dataset, "grouped", seed=17)
    split["split"] = "train"
    mine = ["Positive/00001.png", "Positive/00002.png", "Negative/00003.png"]
    split.loc[split["file"].isin(mine), "split"] = "test"
    write_split(model / "split.csv", split)
    status, out, err = crack("evaluate", "walls", "--json")
    result = json.loads(out)
    assert (status, err) == (0, "")
    assert (result["model"], result["dataset"]) == ("default", "walls")
    assert (result["split"], result["n"]) == ("test", 3)
    assert np.sum(result["confusion"], axis=1).tolist() == [1, 2]


def test_another_dataset_is_judged_on_its_grouped_split(crack, model, dataset):
    trained_on(model, fingerprint="another")
    expected = make_split(dataset, "grouped", seed=17)["split"].eq("test").sum()
    assert json.loads(crack("evaluate", "walls", "--json")[1])["n"] == expected


def test_judging_on_all_warns_where_the_model_was_trained_on_it(crack, model, dataset):
    status, out, err = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, err, json.loads(out)["n"]) == (0, "", 24)
    trained_on(model, fingerprint=dataset.fingerprint)
    status, out, err = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, json.loads(out)["n"]) == (0, 24)
    assert "flatter" in err


def test_the_metrics_are_those_of_the_predictions(crack, model, dataset):
    result = json.loads(crack("evaluate", "walls", "--split", "all", "--json")[1])
    items = [(file, dataset.path(file)) for file in dataset.samples["file"]]
    said = np.array([p.probability >= 0.5 for p in Predictor(model).predict(items)])
    truth = dataset.is_crack
    assert result["accuracy"] == np.mean(said == truth)
    assert result["confusion"][1] == [np.sum(truth & ~said), np.sum(truth & said)]
    promised = "accuracy balanced_accuracy precision recall f1 auroc average_precision"
    assert result.keys() >= {*promised.split(), "ece", "confusion", "n"}


def test_the_crack_class_is_that_of_the_dataset(crack, model, dataset, patch_folder):
    add_dataset("turned", patch_folder, crack_class="Negative")
    first, second = (
        json.loads(crack("evaluate", name, "--split", "all", "--json")[1])
        for name in ("walls", "turned")
    )
    assert first["confusion"] == second["confusion"][::-1]


def test_a_model_that_lost_its_split_is_told(crack, model, dataset):
    trained_on(model, fingerprint=dataset.fingerprint)
    status, _, err = crack("evaluate", "walls")
    assert status == 1
    assert "has no split.csv" in err


def test_a_dataset_with_missing_photos_is_told(crack, model, dataset, patch_folder):
    shutil.rmtree(patch_folder)
    status, out, err = crack("evaluate", "walls")
    assert (status, out) == (1, "")
    assert "dataset check walls" in err


# Models


def test_a_broken_card_does_not_hide_the_other_models(crack, model, crack_home):
    (crack_home / "models" / "ruin").mkdir()
    (crack_home / "models" / "ruin" / "card.json").write_text("{")
    status, out, err = crack("models", "list", "--json")
    assert status == 0
    assert [row["name"] for row in json.loads(out)] == ["default"]
    assert "ruin" in err
    assert crack("models", "delete", "ruin")[0] == 0
    assert crack("models", "list")[2] == ""


def test_an_export_never_overwrites(crack, model, tmp_path):
    (tmp_path / "out").touch()
    words = ("models", "export", "default", "--format", "onnx", tmp_path / "out")
    status, _, err = crack(*words)
    assert status == 1
    assert "exists already" in err


# Runs


def test_training_with_impossible_values_is_told_and_leaves_no_run(
    crack, dataset, crack_home, launched
):
    for words, sentence in (
        (("--image-size", 33), "The image size must be"),
        (("--frozen-epochs", 0, "--fine-tune-epochs", 0), "The epochs must be"),
        (("--seed", -1), "The seed must be"),
        (("--batch-size", 0), "The batch size must be"),
        (("--fine-tune-at", 999), "The fine-tune layer must be"),
    ):
        status, out, err = crack("train", "walls", *words)
        assert (status, out) == (1, "")
        assert sentence in err
    assert not (crack_home / "runs").exists()
    assert launched == []


def test_what_is_said_on_the_command_line_reaches_the_run(crack, dataset, monkeypatch):
    seen = []

    def stop_at_once(run):
        seen.append(run.config)
        run.report(RunStatus.STOPPED, "Stopped by the test.")

    monkeypatch.setattr(jobs, "_launch", stop_at_once)
    words = "--frozen-epochs 2 --fine-tune-epochs 3 --image-size 96 --batch-size 16"
    more = "--split random --seed 5 --views 4 --patience 2 --backbone random --json"
    status, out, _ = crack("train", "walls", *words.split(), *more.split())
    (config,) = seen
    assert (config.frozen.epochs, config.fine_tune.epochs) == (2, 3)
    assert (config.image_size, config.batch_size, config.views) == (96, 16, 4)
    assert (config.split, config.seed, config.patience) == ("random", 5, 2)
    assert config.backbone == "random"
    result = json.loads(out)
    assert status == 1
    assert (result["status"], result["split"]) == ("stopped", "random")
    assert result["phases"] == []


def test_ctrl_c_stops_the_training_and_waits_for_its_end(
    crack, dataset, launched, monkeypatch
):
    looks = []

    def look() -> None:
        (run,) = launched
        looks.append(run.stop_requested)
        if len(looks) == 1:
            raise KeyboardInterrupt
        if run.stop_requested:
            run.report(RunStatus.STOPPED, "Stopped after 0 finished epochs.")

    monkeypatch.setattr(jobs, "reconcile", look)
    status, _, err = crack("train", "walls")
    assert status == 1
    assert looks == [False, True]
    assert "Stopping after the current batch." in err
    assert "Stopped after 0 finished epochs." in err


def test_runs_are_listed_and_a_broken_one_hides_none(crack, new_run):
    whole, broken = new_run(RunStatus.FAILED, "It failed."), new_run()
    (broken.path / "config.json").write_text('{"dataset": "wa')
    status, out, err = crack("runs", "list", "--json")
    assert status == 0
    assert [row["run"] for row in json.loads(out)] == [whole.id]
    assert f"{broken.path} cannot be read" in err
    assert crack("runs", "list")[0] == 0
    assert "It failed." in crack("runs", "show", whole.id)[1]


def test_a_run_whose_process_died_is_listed_as_failed_and_cannot_stop(crack, new_run):
    run = new_run(RunStatus.RUNNING)
    started = psutil.Process().create_time() - 100
    process = {"pid": os.getpid(), "started": started}
    storage.write_json(run.path / "process.json", process)
    status, _, err = crack("runs", "stop", run.id)
    assert status == 1
    assert "is failed already" in err
    (row,) = json.loads(crack("runs", "list", "--json")[1])
    assert row["status"] == "failed"


def test_stopping_and_deleting_answer_in_json_too(crack, new_run):
    run = new_run()
    assert crack("runs", "delete", run.id)[0] == 1
    status, out, _ = crack("runs", "stop", run.id[-4:], "--json")
    assert (status, json.loads(out)["run"]) == (0, run.id)
    assert run.stop_requested
    run.report(RunStatus.STOPPED, "")
    status, out, _ = crack("runs", "delete", run.id, "--json")
    assert (status, json.loads(out)["run"]) == (0, run.id)
    assert not run.path.exists()


def test_a_shown_run_tells_its_config_and_history(crack, new_run):
    run = new_run(RunStatus.STOPPED, "Stopped.")
    row = {"epoch": 1, "phase": "frozen", "loss": 0.5, "accuracy": 0.8}
    row |= {"val_loss": 0.4, "val_accuracy": 0.9}
    storage.append_jsonl(run.path / "history.jsonl", row)
    shown = json.loads(crack("runs", "show", run.id, "--json")[1])
    assert shown["history"] == [row]
    assert shown["config"] == run.config.to_dict()
    assert "0.9000" in crack("runs", "show", run.id)[1]
