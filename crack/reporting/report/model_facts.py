"""What a report says of the model that answered."""

from __future__ import annotations

from dataclasses import dataclass

from crack.evaluation.intervals import wilson_interval
from crack.inference.card import ModelCard
from crack.inference.results import Metrics, TestSet
from crack.inference.thresholds import Thresholds
from crack.reporting.words import interval, percent, version_words

NOTHING = "–"


@dataclass(frozen=True)
class TestResult:
    """The result on one test set, in words.

    Attributes:
        tested_on: What it was tested on, and on how many images.
        right: Share of right answers, counting a probability from 50 % on as crack.
        cracks_found: Share of the images with a crack that were found so.
        false_alarms: Images without a crack that are answered with "crack".
        origin: Whether the model learned from the source of these images.
    """

    __test__ = False  # pytest takes a class of this name for tests

    tested_on: str
    right: str
    cracks_found: str
    false_alarms: str
    origin: str


@dataclass(frozen=True)
class ModelFacts:
    """A model as a report names it, fixed at the time of its answers.

    Attributes:
        name: What the user calls it.
        version: When it was exported, in words: a model of the same name that was
            trained anew has another.
        run_id: Run it came from, "" for a model that came with the program.
        trained_on: Name and number of images.
        source: Where they came from, with the credits their licences ask for.
        calibrated_on: Images the probability was calibrated on.
        thresholds: Where the answer changes.
        results: By test set.
        notes: What it is for and what it is not for.
    """

    name: str
    version: str
    run_id: str
    trained_on: str
    source: str
    calibrated_on: str
    thresholds: Thresholds
    results: tuple[TestResult, ...]
    notes: str


def model_facts(name: str, card: ModelCard) -> ModelFacts:
    """Return what a report says of the model with this card.

    Args:
        name: What the user calls the model.
        card: As it was when the model answered.
    """
    dataset = card.dataset
    trained_on = str(dataset.get("name") or "unknown images")
    train, val = dataset.get("train"), dataset.get("val")
    notes = (str(dataset.get("note") or ""), card.notes)
    return ModelFacts(
        name=name,
        version=version_words(card.created),
        run_id=card.run_id,
        trained_on=trained_on + (f", {train:,} images" if train else ""),
        source=str(dataset.get("source") or ""),
        calibrated_on=(f"{val:,} " if val else "the ")
        + f"validation images of {trained_on}",
        thresholds=card.thresholds,
        results=_results(card),
        notes=" ".join(note for note in notes if note),
    )


def _results(card: ModelCard) -> tuple[TestResult, ...]:
    sets = card.metrics.get("sets")
    if sets:
        return tuple(_of_set(result) for result in sets)
    test = card.test_metrics
    accuracy = test.get("accuracy") if test else None
    if test is None or accuracy is None:
        return ()
    return (_of_test(test, accuracy, card),)


def _of_set(result: TestSet) -> TestResult:
    images = "drawn images" if result["kind"] == "drawn" else "images"
    alarms = result["false_alarms"]
    return TestResult(
        tested_on=f"{result['title']}: {result['n']:,} {images}",
        right=_share(result["accuracy"]) + interval(result["accuracy_interval"]),
        cracks_found=_share(result["recall"]),
        false_alarms=f"{alarms['count']:,} of {alarms['total']:,}"
        + interval(alarms["interval"]),
        origin="other images from sources it learned from"
        if result["in_training"]
        else "sources it never saw",
    )


def _of_test(test: Metrics, accuracy: float, card: ModelCard) -> TestResult:
    n, split = test["n"], card.dataset.get("split")
    return TestResult(
        tested_on=f"test images of {card.dataset.get('name', 'unknown data')}"
        + (f", {split} split" if split else "")
        + f": {n:,} images",
        right=_share(accuracy) + interval(wilson_interval(round(accuracy * n), n)),
        cracks_found=_share(test["recall"]),
        false_alarms=NOTHING,
        origin="other images from sources it learned from",
    )


def _share(value: float | None) -> str:
    return NOTHING if value is None else percent(value)
