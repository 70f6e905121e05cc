"""The end of a run: export the best weights, calibrate and measure the model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from crack import storage
from crack.adaptation.replay import write_replay
from crack.data.dataset import Dataset
from crack.data.split import SplitMethod, leak, split_fingerprint, write_split
from crack.evaluation.calibration import fit_calibration
from crack.evaluation.evaluate import scores_of
from crack.evaluation.holdout import contents, write_seen
from crack.evaluation.metrics import metrics_by_group
from crack.inference.card import ModelCard
from crack.inference.photo_rule import RULE, STRONGEST_WEIGHT
from crack.inference.predictor import Predictor
from crack.inference.results import TrainingData
from crack.inference.thresholds import RULE_OF_CHOW, review_thresholds
from crack.model.export import write_model
from crack.runs.backbones import find_backbone
from crack.runs.config import TrainConfig
from crack.runs.estimate import Stage
from crack.runs.records import Evaluation
from crack.runs.run import Run, best_row
from crack.training.ood_fit import fit_ood_detector

OOD_SHARE = 0.01
"""Share of the validation images that are called unlike the training data."""

Report = Callable[[Stage, int, int], None]


def finish(
    run: Run,
    model: keras.Sequential,
    dataset: Dataset,
    split: pd.DataFrame,
    report: Report,
) -> None:
    """Write `model/` and `evaluation.json` of a run.

    The numbers are those of the exported graph on the image files, as a user gets them:
    the calibration from the validation samples, the metrics of validation and test.

    Args:
        run: The run.
        model: The full network with the weights to keep.
        dataset: What it was trained on.
        split: The part of each sample.
        report: Told the stage, how much of it is done, and of how much; may raise to
            stop.
    """
    # A run that was killed at this point has the folder already.
    shutil.rmtree(run.model_folder, ignore_errors=True)
    config = run.config
    crack_index = dataset.class_names.index(dataset.crack_class)
    judged = split[split["split"] != "train"]
    with storage.new_folder(run.model_folder) as folder:
        report(Stage.EXPORT, 0, 1)
        write_model(model, find_backbone(config.backbone), crack_index, folder)
        write_split(folder / "split.csv", split)
        served = (split["split"] != "test").to_numpy()
        write_seen(folder, contents(dataset.samples.loc[served]))
        card = _card(run, dataset, split)
        card.write(folder)
        known = fit_ood_detector(
            folder, dataset, split, partial(report, Stage.DESCRIBE)
        )
        known.write(folder)
        write_replay(folder, dataset, split, partial(report, Stage.KEEP))
        scores = scores_of(
            Predictor(folder),
            dataset,
            list(judged["file"]),
            partial(report, Stage.MEASURE),
        )
        val = (judged["split"] == "val").to_numpy()
        limit = np.quantile(scores["distance"][val], 1 - OOD_SHARE)
        replace(known, limit=float(limit)).write(folder)
        evaluation = _evaluate(run, dataset, split, scores["log_odds"].to_numpy())
        replace(
            card,
            temperature=evaluation["temperature"],
            offset=evaluation["offset"],
            metrics={"test": evaluation["test"], "val": evaluation["val"]},
        ).write(folder)
    # Written last: if it exists, the model beside it is complete.
    storage.write_json(run.path / "evaluation.json", evaluation)


def _evaluate(
    run: Run, dataset: Dataset, split: pd.DataFrame, log_odds: NDArray[np.float64]
) -> Evaluation:
    """Fit the calibration on validation, then measure both parts with it.

    Args:
        run: Whose best epoch was exported.
        dataset: Of the run.
        split: Of the dataset.
        log_odds: Of the samples that are not in train, in the order of the split.
    """
    judged = split[split["split"] != "train"]
    is_crack = (judged["class"] == dataset.crack_class).to_numpy()
    val = (judged["split"] == "val").to_numpy()
    temperature, offset = fit_calibration(log_odds[val], is_crack[val])
    probability = expit((log_odds - offset) / temperature)
    best, group = best_row(run.history), judged["group"].to_numpy()
    return {
        "temperature": temperature,
        "offset": offset,
        "val": metrics_by_group(is_crack[val], probability[val], group[val]),
        "test": metrics_by_group(is_crack[~val], probability[~val], group[~val]),
        "best_epoch": best["epoch"],
        "split_method": run.config.split,
        "leak": leak(split),
        "note": dataset.note,
    }


def _card(run: Run, dataset: Dataset, split: pd.DataFrame) -> ModelCard:
    config = run.config
    counts = split["split"].value_counts()
    return replace(
        untested_card(run.id, config, dataset),
        thresholds_from=RULE_OF_CHOW,
        dataset={
            **dataset_entry(dataset, config.split, config.seed),
            "split_fingerprint": split_fingerprint(split),
            "train": int(counts.get("train", 0)),
            "val": int(counts.get("val", 0)),
            "test": int(counts.get("test", 0)),
        },
        run_id=run.id,
        parameters=config.to_dict(),
    )


def untested_card(name: str, config: TrainConfig, dataset: Dataset) -> ModelCard:
    """Return the card of a network just trained: neither calibrated nor tested.

    Args:
        name: Of the model.
        config: By which it was trained.
        dataset: On which.
    """
    return ModelCard(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        backbone=config.backbone,
        image_size=config.image_size,
        class_names=dataset.class_names,
        crack_class=dataset.crack_class,
        temperature=1.0,
        thresholds=review_thresholds(),
        dataset={"name": dataset.name},
        metrics={},
        rule=RULE,
        strongest_weight=STRONGEST_WEIGHT,
    )


def dataset_entry(dataset: Dataset, split: SplitMethod, seed: int) -> TrainingData:
    """Return what a card says of a dataset and of the way it was split."""
    return {
        "name": dataset.name,
        "source": dataset.source,
        "fingerprint": dataset.fingerprint,
        "note": dataset.note,
        "split": split,
        "seed": seed,
    }
