"""A model adapted to photos of the user, if it is better on them and loses nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crack.access import change
from crack.adaptation.comparison import Comparison, WorseModelError, why_worse
from crack.adaptation.enough import FEWEST_IMAGES, FEWEST_PHOTOS, Supply
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.folder import fingerprint, write_adapted
from crack.adaptation.judged import (
    Calibration,
    Judged,
    calibrated_with,
    cross_validated,
    on_old,
)
from crack.adaptation.photos import PhotoReader
from crack.adaptation.progress import Activity
from crack.adaptation.refit import HeadFit
from crack.adaptation.refused import Fitted, keep, recall, refused_file
from crack.adaptation.replay import Replay
from crack.data.dataset import Dataset, Progress
from crack.errors import CrackError
from crack.evaluation.holdout import contents, seen_samples
from crack.inference.card import ModelCard
from crack.inference.results import Adaptation, OldImages, TestSet
from crack.runs.registry import Model, check_new_name


@dataclass(frozen=True)
class Adapted:
    """What came of adapting a model.

    Attributes:
        model: The new model.
        comparison: With the one it was made from.
        seconds: How long it took.
    """

    model: Model
    comparison: Comparison
    seconds: float


@change("write an adapted model", on="{name}, from {base.name} on {dataset.name}")
def adapt(
    base: Model, dataset: Dataset, name: str, report: Progress, *, force: bool = False
) -> Adapted:
    """Make a model for photos like those of a dataset from one there is.

    Its network stays. Its head and calibration are fitted to the photos together with a
    sample of what the model learned from, close to the head there is.

    Args:
        base: The model to start from.
        dataset: The photos of the user, labelled.
        name: Of the new model.
        report: Told the activity, how much of it is done, and of how much; may raise
            to stop.
        force: Whether to write a model that is not better. One that was refused before
            is written as it is, without a second fit.

    Raises:
        WorseModelError: The new model would be worse, and is not forced.
        CrackError: There are too few photos, an image cannot be read, or the name is
            taken.
    """
    began = time.monotonic()
    check_new_name(name)
    _check_enough(dataset)
    replay, kept = Replay.read(base.folder), refused_file(base, dataset)
    fitted = recall(kept) if force else None
    if fitted is None:
        fitted = _fitted(base, dataset, replay, report)
    how = fitted.comparison.adaptation
    if fitted.comparison.worse and not force:
        keep(kept, fitted)
        raise WorseModelError(fitted.comparison)
    report(Activity.WRITE, 0, 1)
    model = write_adapted(
        base,
        fitted.change,
        _card(base.card, name, dataset, how, fitted.calibration),
        replay and replay.after(fitted.change, fitted.photos, dataset.name),
        contents(dataset.samples),
    )
    kept.unlink(missing_ok=True)
    return Adapted(model, fitted.comparison, time.monotonic() - began)


@dataclass(frozen=True)
class _Trial:
    """A head fitted to the photos, not written yet.

    Attributes:
        examples: The photos with turned views, as the old head sees them.
        change: What is added to the log-odds before calibration.
        calibration: Of the log-odds that the new head gives.
        share: See `Setting`.
        strength: See `Setting`.
        before: The photos, judged by the old model.
        after: The same by cross-validation.
        old: What the change does to images the model knew.
    """

    examples: Examples
    change: HeadChange
    calibration: Calibration
    share: float
    strength: float
    before: Judged
    after: Judged
    old: OldImages | None


def _fitted(
    base: Model, dataset: Dataset, replay: Replay | None, report: Progress
) -> Fitted:
    seen = seen_samples(base.folder, dataset)
    trial = _try(PhotoReader(base.folder), dataset, replay, report)
    return Fitted(
        comparison=_compared(base, dataset, trial, _remarks(base, replay, seen)),
        change=trial.change,
        calibration=trial.calibration,
        photos=trial.examples[~trial.examples.is_view],
    )


def _try(
    reader: PhotoReader, dataset: Dataset, replay: Replay | None, report: Progress
) -> _Trial:
    """Fit a head to all photos; judge heads fitted the same way to parts of them."""
    card, rows = reader.card, np.arange(len(dataset.samples))
    looked = partial(report, Activity.LOOK)
    examples = reader.examples(dataset, rows, looked, turned=True)
    fitting, measuring = (
        replay.examples(card, measures=measures) if replay else None
        for measures in (False, True)
    )
    fit = HeadFit(examples.calibrated(card), fitting)
    present = Calibration(card.temperature, card.offset)
    source = replay.source[replay.measures] if replay else np.array([], str)

    def log_odds_by(changes: list[HeadChange]) -> NDArray[np.float64]:
        heads = [[change.times(card.temperature)] for change in changes]
        looked = partial(report, Activity.JUDGE)
        return present.of(reader.log_odds(dataset, rows, heads, looked)[:, 0])

    report(Activity.CHOOSE, 0, 1)
    held_out, calibrated = cross_validated(fit, measuring, log_odds_by)
    report(Activity.FIT, 0, 1)
    everything = np.ones(len(examples), np.bool_)
    setting, _ = fit.choose(everything)
    change = fit.fit(everything, setting)
    photos = fit.new[~examples.is_view]
    calibration = calibrated_with(photos, held_out, measuring, change)
    return _Trial(
        examples=examples,
        change=change.times(card.temperature),
        calibration=calibration.after(present),
        share=setting.share,
        strength=setting.strength,
        before=Judged(photos, photos.log_odds),
        after=Judged(photos, calibrated),
        old=on_old(measuring, source, change),
    )


def _check_enough(dataset: Dataset) -> None:
    cracked, sound = (
        Supply(int(of_class.sum()), len(np.unique(dataset.groups[of_class])))
        for of_class in (dataset.is_crack, ~dataset.is_crack)
    )
    if cracked.is_enough and sound.is_enough:
        return
    raise CrackError(
        f"Adapting a model needs at least {FEWEST_IMAGES} images with a crack and as "
        f"many without, each from at least {FEWEST_PHOTOS} photos that are not copies "
        f"of one another. '{dataset.name}' has {cracked.images} with a crack, from "
        f"{cracked.photos} photos, and {sound.images} without, from {sound.photos}.",
        "Label more photos, then add them as a dataset.",
    )


def _compared(
    base: Model, dataset: Dataset, trial: _Trial, remarks: tuple[str, ...]
) -> Comparison:
    adaptation = _adaptation(base, dataset, trial)
    before, after = trial.before, trial.after
    thresholds = base.card.thresholds
    return Comparison(
        adaptation=adaptation,
        told_before=before.told(thresholds),
        told_after=after.told(thresholds),
        remarks=remarks,
        worse=why_worse(adaptation, before.log_loss, after.log_loss),
    )


def _adaptation(base: Model, dataset: Dataset, trial: _Trial) -> Adaptation:
    thresholds = base.card.thresholds
    return {
        "model": base.name,
        "fingerprint": fingerprint(base.folder),
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.fingerprint,
        "images": len(dataset.samples),
        "photos": len(np.unique(dataset.groups)),
        "refit": ["head", "calibration"],
        "share": trial.share,
        "strength": trial.strength,
        "before": trial.before.result(thresholds),
        "after": trial.after.result(thresholds),
        "old": trial.old,
    }


def _card(
    card: ModelCard,
    name: str,
    dataset: Dataset,
    adaptation: Adaptation,
    calibration: Calibration,
) -> ModelCard:
    """Return the card of the new model, without what was measured of the old one."""
    tested: TestSet = {
        **adaptation["after"],
        "name": dataset.name,
        "title": f"{dataset.name}, by cross-validation",
        "kind": "drawn" if dataset.note else "photos",
        "in_training": True,
        "credit": dataset.source,
    }
    notes = (
        f"Adapted from '{adaptation['model']}' to {adaptation['images']:,} images of "
        f"'{dataset.name}', from {adaptation['photos']:,} photos: head and calibration "
        "are new, the network is the same."
    )
    return replace(
        card,
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        temperature=calibration.temperature,
        offset=calibration.offset,
        metrics={"sets": [tested]},
        run_id="",
        notes=f"{notes} {card.notes}".strip(),
        adaptation=adaptation,
        version=1,
        thresholds_from=f"Those of '{adaptation['model']}', see there.",
    )


def _remarks(
    base: Model, replay: Replay | None, seen: NDArray[np.bool_]
) -> tuple[str, ...]:
    remarks = []
    if replay is None:
        remarks.append(
            f"'{base.name}' was made before models kept a sample of what they learned "
            "from. Only the pull towards its head keeps what it knew, and what the "
            "adaptation costs on old images is not known."
        )
    if seen.any():
        remarks.append(
            f"{seen.sum()} of the {len(seen)} images, near-copies of them or other "
            f"parts of their photos served to train '{base.name}': the numbers before "
            "flatter it."
        )
    return tuple(remarks)
