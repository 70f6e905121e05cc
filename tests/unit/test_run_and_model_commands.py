from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from crack import storage
from crack.data.importer import add_dataset
from crack.data.split import make_split, write_split
from crack.evaluation.holdout import write_seen
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.runs import jobs
from crack.runs.config import Phase
from crack.runs.run import RunStatus
from tests.runs import epoch_row

pytestmark = pytest.mark.usefixtures("shipped_models")


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
    write_seen(model, dataset.samples["sha256"][:3])
    status, out, err = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, json.loads(out)["n"]) == (0, 24)
    assert "3 of these 24 samples" in err
    assert "flatter" in err


def test_what_a_model_has_seen_never_judges_it(crack, model, dataset, patch_folder):
    write_seen(model, dataset.samples["sha256"][:3])
    for number in (1, 2):  # near-copies of what it has seen
        with Image.open(patch_folder / dataset.samples["file"][number - 1]) as seen:
            seen.transpose(Image.Transpose.ROTATE_90).save(
                patch_folder / "Positive" / f"turned-{number}.png"
            )
    add_dataset("more", patch_folder)
    status, out, err = crack("evaluate", "more", "--json")
    assert (status, json.loads(out)["n"]) == (0, 21)
    assert "5 of the 26 samples, near-copies of them or other parts" in err


def test_a_model_that_has_seen_everything_cannot_be_judged(crack, model, dataset):
    write_seen(model, dataset.samples["sha256"])
    status, out, err = crack("evaluate", "walls")
    assert (status, out) == (1, "")
    assert "The model has seen all of 'walls'." in err


def test_a_model_that_does_not_say_what_it_has_seen_is_told(crack, model, dataset):
    (model / "seen.npy").unlink()
    status, out, err = crack("evaluate", "walls")
    assert (status, out) == (1, "")
    assert "does not say what it was trained on" in err


def test_the_metrics_are_those_of_the_predictions(crack, model, dataset):
    result = json.loads(crack("evaluate", "walls", "--split", "all", "--json")[1])
    items = [(file, dataset.path(file)) for file in dataset.samples["file"]]
    said = np.array([p.probability >= 0.5 for p in Predictor(model).predict(items)])
    truth = dataset.is_crack
    assert result["accuracy"] == np.mean(said == truth)
    assert result["confusion"][1] == [np.sum(truth & ~said), np.sum(truth & said)]
    promised = "accuracy balanced_accuracy precision recall f1 auroc average_precision"
    assert result.keys() >= {*promised.split(), "ece", "confusion", "n"}


def test_the_answers_are_those_a_user_would_get(crack, model, dataset):
    result = json.loads(crack("evaluate", "walls", "--split", "all", "--json")[1])
    items = [(file, dataset.path(file)) for file in dataset.samples["file"]]
    labels = [prediction.label for prediction in Predictor(model).predict(items)]
    sound = [
        label
        for label, cracked in zip(labels, dataset.is_crack, strict=True)
        if not cracked
    ]
    told = result["answers"]
    assert told["thresholds"] == {"no_crack": 0.2, "crack": 0.8}
    assert told["without_crack"] == {
        "crack": sound.count("crack"),
        "review": sound.count("review"),
        "no_crack": sound.count("no crack"),
    }
    assert sum(told["with_crack"].values()) == 12
    alarms = result["false_alarms"]
    assert (alarms["count"], alarms["total"]) == (sound.count("crack"), 12)
    low, high = result["accuracy_interval"]
    assert low < result["accuracy"] < high


def test_the_table_says_in_words_what_a_user_would_be_told(crack, model, dataset):
    status, out, _ = crack("evaluate", "walls", "--split", "all")
    assert status == 0
    result = json.loads(crack("evaluate", "walls", "--split", "all", "--json")[1])
    counts = result["answers"]["without_crack"]
    assert f"{counts['crack']} called crack, {counts['review']} for review" in out
    assert f"{counts['crack']} of 12: {100 * counts['crack'] / 12:.2f} %" in out
    assert "95 % interval" in out


def test_a_split_of_one_class_is_judged_all_the_same(crack, model, dataset):
    trained_on(model, fingerprint=dataset.fingerprint)
    split = make_split(dataset, "grouped", seed=17)
    split["split"] = "train"
    split.loc[split["class"] == "Negative", "split"] = "test"
    write_split(model / "split.csv", split)
    result = json.loads(crack("evaluate", "walls", "--json")[1])
    assert (result["n"], result["recall"], result["auroc"]) == (12, None, None)
    assert result["false_alarms"]["total"] == 12
    status, out, _ = crack("evaluate", "walls")
    assert status == 0
    assert "0 with a crack, 12 without" in out


def test_too_few_of_a_class_to_split_can_still_be_judged_on(crack, model, patch_folder):
    for path in sorted((patch_folder / "Positive").iterdir())[1:]:
        path.unlink()
    add_dataset("few", patch_folder)
    status, _, err = crack("evaluate", "few")
    assert status == 1
    assert "--split all" in err
    result = json.loads(crack("evaluate", "few", "--split", "all", "--json")[1])
    assert result["false_alarms"]["total"] == 12


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
        assert (status, out) == (2, "")
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


@pytest.mark.parametrize(
    ("words", "backbone"),
    [
        ("", "surfaces"),
        ("--preset reference", "imagenet"),
        ("--preset reference --backbone surfaces", "surfaces"),
        ("--backbone imagenet", "imagenet"),
    ],
)
def test_the_backbone_is_the_presets_unless_said(
    crack, dataset, monkeypatch, words, backbone
):
    seen = []

    def fail_at_once(run):
        seen.append(run.config)
        run.report(RunStatus.FAILED, "Failed by the test.")

    monkeypatch.setattr(jobs, "_launch", fail_at_once)
    crack("train", "walls", *words.split())
    assert seen[0].backbone == backbone
    assert seen[0].fine_tune_at == 100


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
    assert f"python -m crack runs resume {launched[0].id}" in err


@pytest.mark.parametrize(
    ("group", "hint"),
    [("runs", "crack train DATASET"), ("dataset", "crack dataset add")],
)
def test_an_empty_list_says_how_to_fill_it(crack, group, hint):
    status, out, err = crack(group, "list")
    assert (status, out) == (0, "")
    assert hint in err
    assert crack(group, "list", "--json") == (0, "[]\n", "")


def test_the_table_of_models_shows_no_value_of_python(crack, model):
    out = crack("models", "list")[1]
    assert not any(word in out for word in ("None", "True", "False"))


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
    row = {**epoch_row(1, Phase.FROZEN), "val_accuracy": 0.9}
    storage.append_jsonl(run.path / "history.jsonl", row)
    shown = json.loads(crack("runs", "show", run.id, "--json")[1])
    assert shown["history"] == [row]
    assert shown["config"] == run.config.to_dict()
    assert "0.9000" in crack("runs", "show", run.id)[1]


def test_the_default_is_asked_where_no_model_is_named(crack, model, dataset):
    shutil.copytree(model, model.parent / "bright")
    assert crack("models", "default", "bright")[0] == 0
    status, out, _ = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, json.loads(out)["model"]) == (0, "bright")
    assert crack("models", "rename", "bright", "shiny")[0] == 0
    status, out, _ = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, json.loads(out)["model"]) == (0, "shiny")
    status, out, _ = crack("models", "delete", "shiny")
    assert (status, out) == (0, "Deleted model 'shiny'.\n")
    status, out, _ = crack("evaluate", "walls", "--split", "all", "--json")
    assert (status, json.loads(out)["model"]) == (0, "default")


def test_a_model_that_cannot_be_deleted_is_told_and_nothing_else(
    crack, model, shipped_models, crack_home
):
    shipped_models.mkdir()
    model.rename(shipped_models / "default")
    status, _, err = crack("models", "delete", "default")
    assert status == 1
    assert err.startswith("crack: The model 'default' came with the program.")
