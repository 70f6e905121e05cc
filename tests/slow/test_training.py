from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from crack import storage
from crack.data.dataset import delete_dataset, load_dataset
from crack.data.images import decode_image, resize_image
from crack.data.importer import add_dataset
from crack.data.split import read_split
from crack.errors import CrackError
from crack.evaluation.metrics import metrics_by_group
from crack.inference.card import ModelCard
from crack.inference.engine import Engine
from crack.inference.photo_rule import STRONGEST_WEIGHT
from crack.inference.predictor import Predictor
from crack.runs import jobs
from crack.runs.config import Phase, PhaseConfig
from crack.runs.run import RunStatus
from tests.slow.conftest import (
    SIDE,
    draw_folder,
    kill,
    new_run,
    quick_config,
    wait_for,
    wait_for_end,
)

pytestmark = pytest.mark.slow

HISTORY = {
    "epoch",
    "phase",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
}
PHASES = {
    "phase",
    "epochs",
    "trainable_parameters",
    "total_parameters",
    "cache_seconds",
    "train_seconds",
    "val_accuracy",
    "val_loss",
}
GRAPH = {"graph.xml", "graph.bin"}
MODEL = GRAPH | {
    "model.keras",
    "familiarity.npz",
    "replay.npz",
    "card.json",
    "seen.npy",
    "split.csv",
}


@pytest.fixture
def without_finish(monkeypatch):
    """Leave out export and evaluation, which take longer than the epochs."""
    from crack.training import trainer

    monkeypatch.setattr(trainer, "finish", lambda *_: None)


def test_the_epochs_count_through_both_phases(finished):
    history = finished.run.history
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["phase"] for row in history] == ["frozen"] * 4 + ["fine_tune"] * 3
    assert all(set(row) == HISTORY for row in history)
    rates = [row["learning_rate"] for row in history]
    assert rates[:4] == pytest.approx([3e-3] * 4)
    # Cosine from 1e-4 to 0 over three epochs.
    assert rates[4:] == pytest.approx([0.75e-4, 0.25e-4, 0], abs=1e-9)


def test_the_phases_are_summed_up(finished):
    history, phases = finished.run.history, finished.run.phases
    assert [row["phase"] for row in phases] == ["frozen", "fine_tune"]
    assert [row["epochs"] for row in phases] == [4, 3]
    assert [row["trainable_parameters"] for row in phases] == [2_562, 1_864_002]
    for phase in phases:
        assert set(phase) == PHASES
        assert phase["total_parameters"] == 2_260_546
        rows = [row for row in history if row["phase"] == phase["phase"]]
        assert phase["val_accuracy"] == max(row["val_accuracy"] for row in rows)
        assert phase["train_seconds"] >= sum(row["seconds"] for row in rows)
    # Both phases share the one pass over the images.
    assert phases[0]["cache_seconds"] > 0.1 > phases[1]["cache_seconds"]


def test_the_best_and_the_last_checkpoint_are_kept(finished):
    run = finished.run
    kept = {path.name for path in (run.path / "checkpoints").iterdir()}
    best = run.best_epoch["epoch"]
    assert kept == {f"epoch-{epoch:03d}.weights.h5" for epoch in {best, 7}}


def test_steps_and_event_files_are_written(finished):
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = finished.run
    assert {row["epoch"] for row in run.steps} >= {1, 5}
    assert all(0 < row["position"] <= row["epoch"] for row in run.steps)
    for part, prefix in (("train", ""), ("validation", "val_")):
        events = EventAccumulator(str(run.path / "tensorboard" / part)).Reload()
        for tag in ("loss", "accuracy"):
            told = events.Tensors(f"epoch_{tag}")
            assert [event.step for event in told] == [1, 2, 3, 4, 5, 6, 7]
            values = [float(tf.make_ndarray(event.tensor_proto)) for event in told]
            assert values == pytest.approx([row[prefix + tag] for row in run.history])


def test_a_finished_run_leaves_nothing_half_done(finished):
    run = finished.run
    assert run.progress.message == "Finished."
    assert {path.name for path in run.model_folder.iterdir()} == MODEL
    assert not [path for path in run.path.rglob("*") if "partial" in path.name]
    assert not list(run.path.glob(".model*"))
    assert "Traceback" not in run.log_tail(1000)
    assert "Warning" not in run.log_tail(1000)


def test_the_metrics_are_those_of_the_predictor(finished, monkeypatch):
    monkeypatch.setenv("CRACK_HOME", str(finished.home))
    run, dataset = finished.run, load_dataset("concrete")
    split = read_split(run.model_folder / "split.csv")
    assert split.equals(run.split)
    evaluation = run.evaluation
    predictor = Predictor(run.model_folder)
    for part in ("val", "test"):
        rows = split[split["split"] == part]
        items = [(file, dataset.path(file)) for file in rows["file"]]
        probability = [p.probability for p in predictor.predict(items)]
        truth = (rows["class"] == "Positive").to_numpy()
        expected = metrics_by_group(truth, probability, rows["group"])
        assert evaluation[part].keys() == expected.keys()
        for name in expected.keys() - {"confusion"}:
            assert evaluation[part][name] == pytest.approx(expected[name]), name
        assert evaluation[part]["confusion"] == expected["confusion"]
    assert evaluation["best_epoch"] == run.best_epoch["epoch"]
    card = ModelCard.read(run.model_folder)
    assert card.metrics == {part: evaluation[part] for part in ("val", "test")}
    assert card.temperature == evaluation["temperature"]
    assert card.offset == evaluation["offset"]
    assert "strongest tile" in card.rule
    assert card.strongest_weight == STRONGEST_WEIGHT
    assert card.dataset["note"] == evaluation["note"] == dataset.note != ""


def test_the_model_is_that_of_the_best_epoch(finished, monkeypatch):
    monkeypatch.setenv("CRACK_HOME", str(finished.home))
    run, dataset = finished.run, load_dataset("concrete")
    val = run.split[run.split["split"] == "val"]
    paths = [dataset.path(file) for file in val["file"]]
    images = np.stack([resize_image(decode_image(path), SIDE, SIDE) for path in paths])
    _, maps, *_ = Engine(run.model_folder / "graph.xml").run(images)
    right = (maps.mean((1, 2)) > 0) == (val["class"] == "Positive").to_numpy()
    assert right.mean() == pytest.approx(run.best_epoch["val_accuracy"])


def test_what_a_crack_looks_like_is_learnt(finished):
    # Chance is 0.5 with a standard deviation of 0.09 among the 32 of validation.
    assert finished.run.best_epoch["val_accuracy"] > 0.75


def test_runs_queue_and_waiting_costs_no_tensorflow(dataset, no_process_left):
    long = quick_config(frozen=PhaseConfig(5_000, "adam", 1e-3))
    first = jobs.start(long)
    wait_for(lambda: first.status is RunStatus.RUNNING, first)
    second, third = sorted([jobs.start(long), jobs.start(long)], key=lambda run: run.id)
    wait_for(lambda: first.history, first)
    assert (second.status, third.status) == (RunStatus.QUEUED, RunStatus.QUEUED)
    pid = storage.read_json(second.path / "process.json")["pid"]
    assert "tensorflow" not in Path(f"/proc/{pid}/maps").read_text()
    assert psutil.Process(pid).memory_info().rss < 400e6

    jobs.stop(second)
    wait_for_end(second)
    assert second.status is RunStatus.STOPPED
    assert second.history == []
    assert first.status is RunStatus.RUNNING
    assert third.status is RunStatus.QUEUED

    jobs.stop(first)
    wait_for_end(first)
    assert first.status is RunStatus.STOPPED
    wait_for(lambda: third.status is RunStatus.RUNNING, third)
    kill(third)
    assert third.status is RunStatus.FAILED


def test_a_phase_ends_early_and_resume_does_not_go_on_with_it(
    dataset, without_finish, monkeypatch
):
    from crack.training import trainer

    # Nothing can improve at such a rate: the second epoch is the first in vain.
    vain = PhaseConfig(5, "adam", 1e-30)
    config = quick_config(patience=1, dropout=0.0, frozen=vain, fine_tune=vain)
    run = new_run(dataset, config)
    append = storage.append_jsonl

    def die_before_the_summary(path, row):
        if path.name == "phases.jsonl":
            raise InterruptedError
        append(path, row)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "append_jsonl", die_before_the_summary)
        with pytest.raises(InterruptedError):
            trainer.Trainer(run).train()
    assert [row["epoch"] for row in run.history] == [1, 2]
    assert run.phases == []

    trainer.Trainer(run).train()
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4]
    phases = [row["phase"] for row in run.history]
    assert phases == ["frozen", "frozen", "fine_tune", "fine_tune"]
    assert [row["epochs"] for row in run.phases] == [2, 2]


def test_the_rarer_class_is_learnt_too(tmp_path):
    from crack.training.trainer import Trainer

    folder = draw_folder(tmp_path / "rare", cracked=40, intact=160)
    dataset = add_dataset("rare", folder, crack_class="Positive")
    config = quick_config(
        dataset="rare",
        frozen=PhaseConfig(20, "adam", 3e-3),
        fine_tune=PhaseConfig(0, "adam", 1e-4),
    )
    run = new_run(dataset, config)
    Trainer(run).train()
    assert len(run.history) == 20
    assert [row["phase"] for row in run.phases] == ["frozen"]
    assert run.evaluation["val"]["recall"] > 0


def test_both_classes_weigh_the_same():
    from crack.training.batches import class_weights

    assert class_weights(np.repeat([0, 1], [30, 10])) == pytest.approx({0: 2 / 3, 1: 2})
    assert class_weights(np.repeat([0, 1], [20, 20])) == {0: 1, 1: 1}


def test_a_loss_beyond_all_numbers_ends_the_run_with_a_sentence(dataset):
    from crack.training.callbacks import EpochRecorder

    run = new_run(dataset, quick_config())
    recorder = EpochRecorder(run, Phase.FROZEN, patience=None)
    with pytest.raises(CrackError, match="lower learning rate"):
        recorder.on_epoch_end(0, {"loss": float("nan"), "val_loss": 0.1})
    assert run.history == []


def test_fine_tune_alone_from_the_image(dataset, without_finish):
    from crack.training.trainer import Trainer

    config = quick_config(
        views=2,
        fine_tune_at=0,
        frozen=PhaseConfig(0, "adam", 1e-3),
        fine_tune=PhaseConfig(1, "adam", 1e-4),
    )
    run = new_run(dataset, config)
    Trainer(run).train()
    assert [row["phase"] for row in run.history] == ["fine_tune"]
    # All but the moving statistics of BatchNorm.
    assert run.phases[0]["trainable_parameters"] == 2_226_434


def test_a_vanished_image_fails_the_run_with_a_sentence(patch_folder, no_process_left):
    add_dataset("concrete", patch_folder, crack_class="Positive")
    shutil.rmtree(patch_folder / "Positive")
    run = jobs.start(quick_config())
    wait_for_end(run)
    assert run.status is RunStatus.FAILED
    assert ".png" in run.progress.message
    assert "Traceback" not in run.log_tail(1000)


@pytest.mark.parametrize("changed", ["nothing", "images", "crack class"])
def test_another_dataset_of_the_same_name_is_refused(dataset, tmp_path, changed):
    from crack.errors import CrackError
    from crack.training.trainer import Trainer

    run = new_run(dataset, quick_config())
    delete_dataset(dataset.name)
    folder = shutil.copytree(dataset.root, tmp_path / "again")
    if changed == "images":
        shutil.copy(folder / "Positive/00000.png", folder / "Negative/00000.png")
    crack_class = "Negative" if changed == "crack class" else "Positive"
    add_dataset(dataset.name, folder, crack_class=crack_class)
    if changed == "nothing":
        Trainer(run)
        return
    with pytest.raises(CrackError, match="is not the one"):
        Trainer(run)


def test_cracks_are_learnt_from_few_real_photos(test_data, imagenet_home, tmp_path):
    from crack.training.trainer import Trainer

    folder = tmp_path / "few"
    for name in ("Positive", "Negative"):
        (folder / name).mkdir(parents=True)
        for path in sorted((test_data / "metu" / name).iterdir())[::40]:
            shutil.copy(path, folder / name)
    dataset = add_dataset("few", folder, crack_class="Positive")
    config = replace(
        quick_config(dataset="few", views=1),
        backbone="imagenet",
        image_size=160,
        frozen=PhaseConfig(6, "adam", 3e-3, "cosine"),
        fine_tune=PhaseConfig(0, "adam", 1e-4),
    )
    run = new_run(dataset, config)
    Trainer(run).train()
    assert np.mean([run.evaluation[part]["accuracy"] for part in ("val", "test")]) > 0.9


def test_an_epoch_shorter_than_the_steps_at_once_ends_where_it_ends(dataset):
    from crack.training.callbacks import StepRecorder

    run, told = new_run(dataset, quick_config()), []
    recorder = StepRecorder(run, Phase.FROZEN, 3, lambda *news: told.append(news))
    recorder.on_epoch_begin(1)
    recorder.on_train_batch_end(9, {"loss": 0.5, "accuracy": 0.75})
    assert told == [(2, 3)]
    rows = storage.read_jsonl(run.path / "steps.jsonl")
    assert [row["position"] for row in rows] == [2]
