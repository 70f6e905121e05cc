"""A classifier of the user's own becomes a model of this program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from crack import settings, storage
from crack.access import change
from crack.adaptation.replay import write_replay
from crack.data.dataset import Dataset, Progress
from crack.data.split import make_split, write_split
from crack.errors import CrackError
from crack.evaluation.calibration import fit_calibration
from crack.evaluation.evaluate import scores_of
from crack.evaluation.holdout import SPLIT_FILE, contents, write_seen
from crack.evaluation.metrics import binary_metrics, metrics_by_group
from crack.inference.card import ModelCard
from crack.inference.ood import OodDetector
from crack.inference.photo_rule import RULE, STRONGEST_WEIGHT
from crack.inference.predictor import Predictor
from crack.inference.thresholds import RULE_OF_CHOW, review_thresholds
from crack.model.export import write_imported
from crack.model.foreign import read_foreign
from crack.runs.backbones import IMPORTED
from crack.runs.imports import PixelRange
from crack.runs.registry import Model, check_new_name, find_model
from crack.training.finish import OOD_SHARE, dataset_entry
from crack.training.ood_fit import fit_ood_detector

_SEED = 17
_CLASS_NAMES = ("no crack", "crack")
_WRONG_WAY_ROUND = 0.25  # AUROC; chance comes close to it on a dozen images only


@dataclass(frozen=True)
class Wanted:
    """What is to be imported.

    Attributes:
        file: A `.keras` file.
        name: Of the model.
        crack_class: Number of the output that means a crack; a single output is number
            1, and 0 its counterpart.
        image_size: Side of the images in px; None for that in the file.
        pixels: Values it was trained on; None if it scales its input itself.
    """

    file: Path
    name: str
    crack_class: int = 1
    image_size: int | None = None
    pixels: PixelRange | None = None


@change("import a model", on="{wanted.name}")
def import_model(wanted: Wanted, dataset: Dataset | None, report: Progress) -> Model:
    """Make a model of a classifier that was trained elsewhere.

    Args:
        wanted: The file and how to read it.
        dataset: To calibrate and test it on; without one its card says that it is
            neither.
        report: Told the activity, how much of it is done, and of how much; may raise to
            stop.

    Raises:
        CrackError: The name is taken or unusable, or the file cannot be used.
    """
    check_new_name(wanted.name)
    report("Reading the model", 0, 1)
    foreign = read_foreign(wanted.file, wanted.pixels)
    side = wanted.image_size or foreign.side
    if side is None:
        raise CrackError(
            "The model takes images of any size, so it must be said for which it was "
            "trained.",
            "Give the side in pixels with --image-size.",
        )
    names = _CLASS_NAMES if wanted.crack_class == 1 else _CLASS_NAMES[::-1]
    card = _card(wanted, side, (names[0], names[1]))
    with storage.new_folder(settings.models_dir() / wanted.name) as folder:
        write_imported(foreign.classifier(side), wanted.crack_class, folder)
        card.write(folder)
        channels = len(foreign.kernel)
        if dataset is None:
            _all_alike(2 * channels).write(folder)
            write_seen(folder, [])
        else:
            _calibrate(folder, card, dataset, wanted, report)
    return find_model(wanted.name)


def _card(wanted: Wanted, side: int, names: tuple[str, str]) -> ModelCard:
    return ModelCard(
        name=wanted.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        backbone=IMPORTED,
        image_size=side,
        class_names=names,
        crack_class="crack",
        temperature=1.0,
        thresholds=review_thresholds(),
        thresholds_from="The usual ones; the model was not calibrated, so they limit "
        "no error.",
        dataset={"name": "images that are not known"},
        metrics={},
        notes=f"{_origin(wanted)} Not calibrated and not tested here: its probability "
        "may be far off, and it does not notice photos unlike those it learned from.",
        rule=RULE,
        strongest_weight=STRONGEST_WEIGHT,
    )


def _all_alike(channels: int) -> OodDetector:
    """Return a detector to which nothing is unlike the training images."""
    return OodDetector(
        mean=np.zeros(channels, np.float32),
        directions=np.zeros((0, channels), np.float32),
        variances=np.zeros(0, np.float32),
        rest=1.0,
        limit=np.inf,
        scale=np.ones(channels, np.float32),
    )


def _calibrate(
    folder: Path, card: ModelCard, dataset: Dataset, wanted: Wanted, report: Progress
) -> None:
    """Fit calibration and detector to a dataset, and test the model on the rest."""
    split = make_split(dataset, "grouped", _SEED)
    part = split["split"].to_numpy()
    write_split(folder / SPLIT_FILE, split)
    write_seen(folder, contents(dataset.samples.loc[part != "test"]))
    known = fit_ood_detector(
        folder, dataset, split, partial(report, "Describing the images")
    )
    known.write(folder)
    write_replay(folder, dataset, split, partial(report, "Keeping a sample"))
    judged = split[part != "train"]
    told = partial(report, "Measuring")
    scores = scores_of(Predictor(folder), dataset, list(judged["file"]), told)
    val = (judged["split"] == "val").to_numpy()
    limit = float(np.quantile(scores["distance"][val], 1 - OOD_SHARE))
    replace(known, limit=limit).write(folder)
    is_crack = (judged["class"] == dataset.crack_class).to_numpy()
    log_odds = scores["log_odds"].to_numpy()
    temperature, offset = fit_calibration(log_odds[val], is_crack[val])
    card = replace(card, temperature=temperature, offset=offset)
    probability, group = card.probability(log_odds), judged["group"].to_numpy()
    auroc = binary_metrics(is_crack, probability)["auroc"]
    replace(
        card,
        thresholds_from=RULE_OF_CHOW,
        dataset={
            **dataset_entry(dataset, "grouped", _SEED),
            "val": int(val.sum()),
            "test": int((~val).sum()),
        },
        metrics={
            "test": metrics_by_group(is_crack[~val], probability[~val], group[~val]),
            "val": metrics_by_group(is_crack[val], probability[val], group[val]),
        },
        notes=f"{_origin(wanted)} Calibrated and tested here on images of "
        f"'{dataset.name}'. Whether it learned from some of them is not known; then "
        f"the numbers are too good.{_wrong_way_round(auroc, wanted.crack_class)}",
    ).write(folder)


def _wrong_way_round(auroc: float | None, crack_class: int) -> str:
    """Return what to say where the other output seems to mean the crack."""
    if auroc is None or auroc > _WRONG_WAY_ROUND:
        return ""
    return (
        " It takes sound images for cracked ones and the other way round (AUROC "
        f"{auroc:.2f}): its output {1 - crack_class} probably means the crack. Import "
        "it again with that one (on the command line: --crack-class "
        f"{1 - crack_class})."
    )


def _origin(wanted: Wanted) -> str:
    return f"Imported from '{wanted.file.name}'."
