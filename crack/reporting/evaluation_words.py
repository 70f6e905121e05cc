"""An evaluation in words and rows, for the page, its PDF and a comparison alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from crack.evaluation.baselines import Baseline
from crack.evaluation.intervals import CONFIDENCE, Interval
from crack.evaluation.metrics import DECISION
from crack.evaluation.result import Result, Share
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds
from crack.reporting.metric_titles import SCORES, Score
from crack.reporting.words import ANSWERS, NOTHING, percent, threshold

MEANING = (
    'Counted by answer: a missed crack is an image with a crack answered with "no '
    'crack", a false alarm one without a crack answered with "crack". What is left for '
    "a person is neither. The card of a model counts its false alarms by probability."
)
"""What the two errors are in an evaluation, and that a card counts otherwise."""

BESIDE_THE_CURVE = (
    "The points on the curves are the answers at the two thresholds: at the upper one "
    'those with "crack", at the lower one those with "crack" or "needs review". They '
    "lie beside a curve, which is of the probability alone, where images need review "
    "whatever their probability."
)
"""What the points of the thresholds are, and why they may miss their curve."""

EXPECTED = (
    f"In brackets: {threshold(CONFIDENCE)} interval, by Wilson, counting groups of "
    "photos: near-copies and images of one photo tell the same thing twice."
)
"""What the bounds of `expected_words` are."""

NUMBER_COLUMNS = (
    f"Counting a probability from {threshold(DECISION)} on as crack",
    "Value",
    "95 % interval",
    "Found by",
)
SOURCE_COLUMNS = ("Source", "Images", "Right", "95 % interval", "Cracks found", "AUROC")
BASELINE_COLUMNS = ("", "Right", "Balanced accuracy", "AUROC")

ADVANTAGE = (
    "The simple ways were fitted to four fifths of these very images and judged the "
    "rest, so they have an advantage over the model."
)


class NumberRow(NamedTuple):
    """A metric below `NUMBER_COLUMNS`."""

    title: str
    value: str
    interval: str
    method: str


def score_words(score: Score, value: float | None, *, signed: bool = False) -> str:
    """Return a metric as text, with a sign if it is a difference."""
    if value is None or math.isnan(value):
        return NOTHING
    sign = "+" if signed else ""
    if score.in_percent:
        return f"{100 * value:{sign}.2f} %"
    return f"{value:{sign}.4f}"


def number_rows(result: Result) -> list[NumberRow]:
    """Return all metrics of an evaluation with their intervals."""
    rows = []
    for score in SCORES:
        interval = result["intervals"][score.key]
        ends = [interval["low"], interval["high"]] if interval else []
        rows.append(
            NumberRow(
                score.title,
                score_words(score, result["metrics"][score.key]),
                " to ".join(score_words(score, end) for end in ends) or NOTHING,
                interval["method"] if interval else NOTHING,
            )
        )
    return rows


def confusion_words(result: Result) -> str:
    """Return the confusion matrix of an evaluation as a sentence."""
    (tn, fp), (fn, tp) = result["metrics"]["confusion"]
    return (
        f"At {threshold(DECISION)}: of {tp + fn:,} images with a crack {tp:,} count as "
        f"crack and {fn:,} do not; of {tn + fp:,} without, {fp:,} count as crack and "
        f"{tn:,} do not."
    )


def share_words(share: Share) -> str:
    """Return a count with its share and interval."""
    counted = f"{share['count']:,} of {share['total']:,}"
    if share["interval"] is None:
        return counted
    return f"{counted} ({part_words(share)}; {interval_words(share['interval'])})"


def part_words(share: Share) -> str:
    """Return a share in percent, a dash of no images."""
    return percent(share["count"] / share["total"]) if share["total"] else NOTHING


def interval_words(interval: Sequence[float] | None) -> str:
    """Return the bounds of a share, "" where there are none."""
    return " to ".join(percent(end) for end in interval or ())


def expected_words(number: float, interval: Interval, decimals: int) -> str:
    """Return a number of photos with the ends of its interval in brackets."""
    low, high = (f"{end:,.{decimals}f}" for end in interval)
    return f"{number:,.{decimals}f} ({low} to {high})"


def answer_rows(result: Result) -> list[tuple[str, ...]]:
    """Return the answers by truth: images and their share of the row."""
    rows = []
    for title, counts in (
        ("With a crack", result["answers"]["with_crack"]),
        ("Without a crack", result["answers"]["without_crack"]),
    ):
        total = sum(counts.values())
        numbers = [counts[label.name.lower()] for label in ANSWERS]
        cells = (
            f"{number:,} ({percent(number / total)})" if total else NOTHING
            for number in numbers
        )
        rows.append((title, *cells))
    return rows


def answers_words(thresholds: Thresholds) -> str:
    """Return at which probabilities the answers change."""
    return (
        f"{ANSWERS[Label.CRACK]} from {threshold(thresholds.crack)} on, "
        f"{ANSWERS[Label.NO_CRACK].lower()} below {threshold(thresholds.no_crack)}."
    )


def source_rows(result: Result) -> list[tuple[str, ...]]:
    """Return the results by source below `SOURCE_COLUMNS`."""
    return [
        (
            source["source"],
            f"{source['n']:,}",
            _of_all(source["accuracy"]),
            interval_words(source["accuracy_interval"]),
            _of_all(source["recall"]),
            _ranked(source["auroc"]),
        )
        for source in result["sources"]
    ]


def baseline_rows(
    model: str, result: Result, baselines: Sequence[Baseline]
) -> list[tuple[str, ...]]:
    """Return a model above what simple ways achieve, below `BASELINE_COLUMNS`.

    Args:
        model: Its name.
        result: Of its evaluation.
        baselines: On the same images.
    """
    metrics = result["metrics"]
    own: Baseline = {
        "title": model,
        "accuracy": metrics["accuracy"],
        "balanced_accuracy": metrics["balanced_accuracy"],
        "auroc": metrics["auroc"],
    }
    return [
        (
            way["title"],
            _of_all(way["accuracy"]),
            _of_all(way["balanced_accuracy"]),
            _ranked(way["auroc"]),
        )
        for way in (own, *baselines)
    ]


def _of_all(share: float | None) -> str:
    return NOTHING if share is None else percent(share)


def _ranked(auroc: float | None) -> str:
    return NOTHING if auroc is None else f"{auroc:.4f}"
