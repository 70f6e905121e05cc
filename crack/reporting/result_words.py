"""The results of a model on its test sets in words, for reports and pages alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crack.evaluation.intervals import CONFIDENCE, wilson_interval
from crack.evaluation.metrics import DECISION
from crack.inference.card import ModelCard
from crack.inference.results import Metrics, SetResult, TestSet
from crack.inference.thresholds import Thresholds
from crack.reporting.words import NOTHING, count, percent, threshold
from crack.runs.backbones import IMPORTED

RESULT_COLUMNS = ("Tested on", "Right", "Cracks found", "False alarms")

LEARNED_FROM = "other images from sources it learned from"
NEVER_SAW = "sources it never saw"
MAY_KNOW = "images that it may have learned from"
ORIGINS = (LEARNED_FROM, NEVER_SAW, MAY_KNOW)

COUNTED = f"if every probability from {threshold(DECISION)} on counts as crack"
"""How an accuracy is counted, for the text after it."""

HARDER_ELSEWHERE = "Photos of another kind can be much harder than any of these."

BY_PROBABILITY = (
    "It is counted by probability, so also where the answer was needs review because "
    "the image is blurred, dark or unlike the training images."
)
"""How the false alarms of a card differ from those of an evaluation."""

INTERVAL = f"{threshold(CONFIDENCE)} interval"
"""What the bounds beside a share are."""

_EACH_ALONE = "as if each image were from a photo of its own"
_GROUPS = "counting groups of photos"
_DRAWN = "drawn"  # the first word of the note of such a dataset


@dataclass(frozen=True)
class TestResult:
    """The result on one test set, in words.

    Attributes:
        title: What it was tested on.
        images: How many images.
        right: Share of right answers, counted at `DECISION`.
        cracks_found: Share of the images with a crack that were found.
        false_alarms: Images without a crack that are answered with "crack".
        origin: One of `ORIGINS`.
        in_groups: Whether the intervals count groups of photos, not single images.
    """

    __test__ = False  # pytest would collect a class of this name as tests

    title: str
    images: str
    right: str
    cracks_found: str
    false_alarms: str
    origin: str
    in_groups: bool

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The cells below `RESULT_COLUMNS`."""
        tested_on = f"{self.title}: {self.images}"
        return tested_on, self.right, self.cracks_found, self.false_alarms


def results_of(card: ModelCard) -> tuple[TestResult, ...]:
    """Return the results in a card: by test set, or the one on its test split."""
    sets = card.metrics.get("sets")
    if sets:
        return tuple(_of_set(result) for result in sets)
    test = card.test_metrics
    if test is None or test.get("accuracy") is None:
        return ()
    return (_of_test(test, card),)


def by_origin(results: Sequence[TestResult]) -> dict[str, list[TestResult]]:
    """Return the results by origin, in the order of `ORIGINS`."""
    groups: dict[str, list[TestResult]] = {}
    for result in sorted(results, key=lambda result: ORIGINS.index(result.origin)):
        groups.setdefault(result.origin, []).append(result)
    return groups


def how_counted(
    results: Sequence[TestResult], thresholds: Thresholds, false_alarms_from: float
) -> str:
    """Return how the columns of results are counted, in a few sentences.

    Args:
        results: What was counted.
        thresholds: By which the model answers.
        false_alarms_from: As of `ModelCard`.
    """
    now = ""
    units = _GROUPS if all(result.in_groups for result in results) else _EACH_ALONE
    if false_alarms_from != thresholds.crack:
        now = (
            ", the threshold of the model when this was counted; the answers here are "
            f"crack from {threshold(thresholds.crack)} on"
        )
    return (
        f"Right, and cracks found: a probability from {threshold(DECISION)} on counts "
        "as crack. A false alarm is an image without a crack whose probability reaches "
        f"{threshold(false_alarms_from)}{now}. {BY_PROBABILITY} In brackets: "
        f"{INTERVAL}, by Wilson, {units}."
    )


def share_right(result: Metrics | SetResult) -> str:
    """Return an accuracy in words, with its interval and what that counts.

    Args:
        result: One with an accuracy.
    """
    accuracy = result["accuracy"]
    assert accuracy is not None
    low, high = _interval(result, accuracy)
    return (
        f"{percent(accuracy)} right ({INTERVAL} {percent(low)} to {percent(high)}, "
        f"{counting(result)})"
    )


def counting(result: Metrics | SetResult) -> str:
    """Say what the interval of an accuracy counts: single images, or groups of them."""
    groups = result.get("interval_groups")
    if groups is None:
        return _EACH_ALONE
    return f"counting {count(groups, 'group')} of photos"


def _interval(result: Metrics | SetResult, accuracy: float) -> Sequence[float]:
    n = result["n"]
    return result.get("accuracy_interval") or wilson_interval(round(accuracy * n), n)


def _of_set(result: TestSet) -> TestResult:
    kind = "drawn images" if result["kind"] == "drawn" else "images"
    alarms = result["false_alarms"]
    return TestResult(
        title=result["title"],
        images=f"{result['n']:,} {kind}",
        right=_share(result["accuracy"]) + _in_brackets(result["accuracy_interval"]),
        cracks_found=_share(result["recall"]),
        false_alarms=f"{alarms['count']:,} of {alarms['total']:,}"
        + _in_brackets(alarms["interval"]),
        origin=LEARNED_FROM if result["in_training"] else NEVER_SAW,
        in_groups="interval_groups" in result,
    )


def _of_test(test: Metrics, card: ModelCard) -> TestResult:
    accuracy, split = test["accuracy"], card.dataset.get("split")
    assert accuracy is not None
    drawn = card.dataset.get("note", "").casefold().startswith(_DRAWN)
    return TestResult(
        title=f"test images of {card.dataset.get('name', 'unknown data')}"
        + (f", {split} split" if split else ""),
        images=count(test["n"], "drawn image" if drawn else "image"),
        right=_share(accuracy) + _in_brackets(_interval(test, accuracy)),
        cracks_found=_share(test["recall"]),
        false_alarms=NOTHING,
        origin=MAY_KNOW if card.backbone == IMPORTED else LEARNED_FROM,
        in_groups="interval_groups" in test,
    )


def _share(value: float | None) -> str:
    return NOTHING if value is None else percent(value)


def _in_brackets(bounds: Sequence[float] | None) -> str:
    if bounds is None:
        return ""
    low, high = bounds
    return f" ({percent(low)} to {percent(high)})"
