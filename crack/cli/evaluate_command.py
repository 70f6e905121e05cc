"""`crack evaluate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from crack.cli.output import (
    JSON_HELP,
    percent_or_dash,
    print_json,
    print_table,
    progress_bar,
    score_or_dash,
)
from crack.data.dataset import load_dataset
from crack.evaluation.baselines import Baseline
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import fingerprints
from crack.evaluation.intervals import CONFIDENCE
from crack.evaluation.kept import Evaluation
from crack.evaluation.metrics import DECISION
from crack.evaluation.result import Result, Share
from crack.inference.predictor import Predictor
from crack.reporting.metric_titles import SCORES, Score
from crack.reporting.words import count, threshold
from crack.runs.registry import Model, default_model, find_model


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    evaluate = commands.add_parser("evaluate", help="judge a model on labelled images")
    evaluate.add_argument("dataset", help="its name, as `dataset list` shows it")
    evaluate.add_argument("--model", help="by default as set with `models default`")
    evaluate.add_argument(
        "--split",
        choices=("test", "all"),
        default="test",
        help="by default test, what the model was not trained on; with all, the "
        "numbers may flatter it",
    )
    evaluate.add_argument("--json", action="store_true", help=JSON_HELP)
    evaluate.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> int:
    dataset = load_dataset(options.dataset)
    model = default_model() if options.model is None else find_model(options.model)
    evaluation = begin(model.folder, dataset, options.split)
    with progress_bar() as report:
        # Loaded only if an image is left to judge.
        if not evaluation.complete:
            judged = partial(report, "Judging")
            evaluation.go_on(Predictor(model.folder), dataset, judged)
        looked = partial(report, "Trying it without a network")
        baselines = evaluation.baselines(model.card, dataset, looked)
    for remark in (evaluation.about["remark"], dataset.note):
        if remark:
            print(remark, file=sys.stderr)
    result = evaluation.result(model.card)
    if options.json:
        print_json(_as_json(model, evaluation, result, baselines))
    else:
        header = {"model": model.name, "dataset": dataset.name, "split": options.split}
        rows = [*header.items(), *_in_words(result), *_without(baselines)]
        print_table(("figure", "value"), rows)
    return 0


def _as_json(
    model: Model, evaluation: Evaluation, result: Result, baselines: list[Baseline]
) -> dict[str, Any]:
    about = evaluation.about
    intervals = {
        f"{key}_interval": found and [found["low"], found["high"]]
        for key, found in result["intervals"].items()
    }
    return {
        "model": model.name,
        "dataset": about["dataset"],
        "dataset_fingerprint": about["dataset_fingerprint"],
        "model_split_fingerprint": fingerprints(model.folder).get("the split"),
        "split": about["part"],
        **result["metrics"],
        **intervals,
        "interval_methods": {
            key: found["method"] for key, found in result["intervals"].items() if found
        },
        "missed": result["missed"],
        "false_alarms": result["false_alarms"],
        "review": result["review"],
        "answers": result["answers"],
        "sources": result["sources"],
        "baselines": baselines,
    }


def _in_words(result: Result) -> list[tuple[str, str]]:
    """Return the rows of the table that says what `--json` says."""
    metrics, answers = result["metrics"], result["answers"]
    (tn, fp), (fn, tp) = metrics["confusion"]
    return [
        ("images", f"{tp + fn} with a crack, {tn + fp} without"),
        (f"Counting a probability from {threshold(DECISION)} on as crack", ""),
        *(_score_row(score, result) for score in SCORES),
        (
            "  confusion",
            f"{count(fp, 'sound image')} counted as crack, {fn} cracked not",
        ),
        (f"Told to a user ({_limits(answers['thresholds'])})", ""),
        ("  images with a crack", _told(answers["with_crack"])),
        ("  images without a crack", _told(answers["without_crack"])),
        ("  missed cracks", _of(result["missed"])),
        ("  false alarms", _of(result["false_alarms"])),
        ("  needs review", _of(result["review"])),
        *(
            (
                f"  {source['source']}",
                f"{source['n']} images, {percent_or_dash(source['accuracy'])} right"
                + _interval(source["accuracy_interval"]),
            )
            for source in result["sources"]
        ),
    ]


def _limits(at: Mapping[str, float]) -> str:
    crack, no_crack = threshold(at["crack"]), threshold(at["no_crack"])
    return f"crack from {crack} on, no crack below {no_crack}"


def _score_row(score: Score, result: Result) -> tuple[str, str]:
    said = score_or_dash(score, result["metrics"][score.key])
    interval = result["intervals"][score.key]
    if interval:
        ends = (score_or_dash(score, interval[end]) for end in ("low", "high"))
        said += " ({} to {}, {})".format(*ends, interval["method"])
    return f"  {score.title}", said


def _without(baselines: list[Baseline]) -> list[tuple[str, str]]:
    rows = [
        (f"  {way['title']}", f"{percent_or_dash(way['accuracy'])} right")
        for way in baselines
    ]
    return [("Without a network, fitted to these images", ""), *rows] if rows else []


def _told(counts: dict[str, int]) -> str:
    crack, review, no_crack = counts["crack"], counts["review"], counts["no_crack"]
    return f"{crack} called crack, {review} for review, {no_crack} called no crack"


def _of(share: Share) -> str:
    count, total = share["count"], share["total"]
    part = percent_or_dash(count / total if total else None)
    return f"{count} of {total}: {part}{_interval(share['interval'])}"


def _interval(bounds: Sequence[float] | None) -> str:
    if bounds is None:
        return ""
    low, high = (percent_or_dash(bound) for bound in bounds)
    return f" ({threshold(CONFIDENCE)} interval {low} to {high})"
