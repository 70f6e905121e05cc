"""All numbers of an evaluation: what the page, the report and `--json` say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.intervals import share_interval
from crack.evaluation.metric_intervals import MetricInterval, metric_intervals
from crack.evaluation.metrics import DECISION, binary_metrics
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.evaluation.trade import answer_table
from crack.inference.prediction import Label
from crack.inference.results import AnswerCounts, Metrics, ScoreKey
from crack.inference.thresholds import Thresholds

_CRACK, _REVIEW, _NO_CRACK = range(len(ANSWERS))


class Share(TypedDict):
    """A share that was counted.

    Attributes:
        count: How many.
        total: Of how many.
        interval: 95 % interval of the share, None without images.
    """

    count: int
    total: int
    interval: Sequence[float] | None


class SourceResult(TypedDict):
    """The result on the images of one source.

    Attributes:
        source: Its folder, or the beginning of its file names.
        n: Number of images.
        accuracy: As in `Metrics`.
        accuracy_interval: 95 % interval.
        recall: As in `Metrics`.
        auroc: As in `Metrics`.
    """

    source: str
    n: int
    accuracy: float | None
    accuracy_interval: Sequence[float] | None
    recall: float | None
    auroc: float | None


class Result(TypedDict):
    """All numbers of an evaluation.

    Attributes:
        metrics: Counting a probability from 50 % on as crack.
        intervals: 95 % interval of each metric, by its key; None where unknown.
        answers: What users would have been told, at the card's thresholds.
        missed: Images with a crack answered with "no crack".
        false_alarms: Images without one answered with "crack".
        review: Images left for a person.
        sources: By source, [] if all images are from one.
    """

    metrics: Annotated[
        Metrics,
        "balanced_accuracy",
        "f1",
        "average_precision",
        "ece",
        "brier",
        "confusion",
    ]
    intervals: Annotated[
        dict[ScoreKey, MetricInterval | None],
        "accuracy",
        "balanced_accuracy",
        "recall",
        "precision",
        "f1",
        "auroc",
        "average_precision",
        "ece",
        "brier",
    ]
    answers: AnswerCounts
    missed: Share
    false_alarms: Share
    review: Share
    sources: list[SourceResult]


def result_of(images: ScoredImages, thresholds: Thresholds) -> Result:
    """Return all numbers of a set of images.

    Args:
        images: Judged ones.
        thresholds: Of the card.
    """
    said, truth = images.answers(thresholds), images.is_crack
    counts = answer_table(images, thresholds)
    everything = np.ones(len(images), np.bool_)
    return {
        "metrics": binary_metrics(truth, images.probability),
        "intervals": metric_intervals(images),
        "answers": {
            "thresholds": {"no_crack": thresholds.no_crack, "crack": thresholds.crack},
            "with_crack": _named(counts[True]),
            "without_crack": _named(counts[False]),
        },
        "missed": _share(images, said == _NO_CRACK, truth),
        "false_alarms": _share(images, said == _CRACK, ~truth),
        "review": _share(images, said == _REVIEW, everything),
        "sources": [
            _of_source(images, source) for source in sorted(set(images.source) - {""})
        ],
    }


def _of_source(images: ScoredImages, source: str) -> SourceResult:
    part = images.part(np.array(images.source) == source)
    metrics = binary_metrics(part.is_crack, part.probability)
    right = part.is_crack == (part.probability >= DECISION)
    return {
        "source": source,
        "n": len(part),
        "accuracy": metrics["accuracy"],
        "accuracy_interval": share_interval(right, part.group),
        "recall": metrics["recall"],
        "auroc": metrics["auroc"],
    }


def _share(images: ScoredImages, hit: ArrayLike, among: ArrayLike) -> Share:
    inside = np.asarray(among, dtype=bool)
    hits = np.asarray(hit, dtype=bool)[inside]
    return {
        "count": int(hits.sum()),
        "total": len(hits),
        "interval": share_interval(hits, images.group[inside]),
    }


def _named(counts: dict[Label, int]) -> dict[str, int]:
    return {label.name.lower(): counts[label] for label in Label}
