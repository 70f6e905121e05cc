"""`crack evaluate`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from crack.cli.output import (
    percent_or_dash,
    print_json,
    print_table,
    progress_bar,
    score_or_dash,
)
from crack.data.dataset import load_dataset
from crack.evaluation.answer_counts import AnswerCounts, count_answers, set_result
from crack.evaluation.evaluate import scores_of
from crack.evaluation.holdout import judged_samples
from crack.evaluation.intervals import CONFIDENCE
from crack.evaluation.metrics import DECISION, binary_metrics
from crack.inference.predictor import Predictor
from crack.inference.results import Metrics, SetResult
from crack.reporting.metric_titles import ACCURACY, SCORES, Score
from crack.reporting.words import threshold
from crack.runs.registry import DEFAULT_MODEL, find_model


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    evaluate = commands.add_parser("evaluate", help="judge a model on labelled images")
    evaluate.add_argument("dataset")
    evaluate.add_argument("--model", default=DEFAULT_MODEL)
    evaluate.add_argument("--split", choices=("test", "all"), default="test")
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> int:
    dataset, model = load_dataset(options.dataset), find_model(options.model)
    judged = judged_samples(model.folder, dataset, options.split)
    if judged.remark:
        print(judged.remark, file=sys.stderr)
    samples = judged.samples
    with progress_bar() as report:
        scores = scores_of(
            Predictor(model.folder),
            dataset,
            list(samples["file"]),
            lambda done, total: report("Judging", done, total),
        )
    is_crack = (samples["class"] == dataset.crack_class).to_numpy()
    probability = model.card.probability(scores["log_odds"])
    thresholds = model.card.thresholds
    metrics = binary_metrics(is_crack, probability)
    result = set_result(is_crack, probability, thresholds)
    answers = count_answers(is_crack, list(scores["label"]), thresholds)
    header = {"model": model.name, "dataset": dataset.name, "split": options.split}
    if dataset.note:
        print(dataset.note, file=sys.stderr)
    if options.json:
        print_json({**header, **metrics, **result, "answers": answers})
    else:
        rows = [*header.items(), *_in_words(metrics, result, answers)]
        print_table(("figure", "value"), rows)
    return 0


def _in_words(
    metrics: Metrics, result: SetResult, answers: AnswerCounts
) -> list[tuple[str, str]]:
    """Return the rows of the table that says what `--json` says."""
    (tn, fp), (fn, tp) = metrics["confusion"]
    alarms, thresholds = result["false_alarms"], answers["thresholds"]
    low, high = thresholds["no_crack"], thresholds["crack"]
    share = alarms["count"] / alarms["total"] if alarms["total"] else None
    return [
        ("images", f"{tp + fn} with a crack, {tn + fp} without"),
        (f"Counting a probability from {threshold(DECISION)} on as crack", ""),
        *(_score_row(score, metrics, result) for score in SCORES),
        ("  confusion", f"{fp} sound images counted as crack, {fn} cracked ones not"),
        (f"Told to a user (crack from {high:.3g} on, no crack below {low:.3g})", ""),
        ("  images with a crack", _told(answers["with_crack"])),
        ("  images without a crack", _told(answers["without_crack"])),
        (
            "  false alarms",
            f"{alarms['count']} of {alarms['total']} images without a crack reach "
            f"{high:.3g}: {percent_or_dash(share)}{_interval(alarms['interval'])}",
        ),
    ]


def _score_row(score: Score, metrics: Metrics, result: SetResult) -> tuple[str, str]:
    said = score_or_dash(score, metrics[score.key])
    if score is ACCURACY:
        said += _interval(result["accuracy_interval"])
    return f"  {score.title}", said


def _told(counts: dict[str, int]) -> str:
    crack, review, no_crack = counts["crack"], counts["review"], counts["no_crack"]
    return f"{crack} called crack, {review} for review, {no_crack} called no crack"


def _interval(bounds: list[float] | None) -> str:
    if bounds is None:
        return ""
    low, high = (percent_or_dash(bound) for bound in bounds)
    return f" ({threshold(CONFIDENCE)} interval {low} to {high})"
