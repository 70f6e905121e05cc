"""`crack adapt`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from crack.adaptation.adapt import Adapted, adapt
from crack.cli.output import percent_or_dash, print_json, print_table, progress_bar
from crack.data.dataset import load_dataset
from crack.runs.registry import find_model


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    parser = commands.add_parser(
        "adapt", help="make a model for photos of your own from one there is"
    )
    parser.add_argument("model", help="model to start from")
    parser.add_argument("dataset", help="your labelled photos, a few dozen or more")
    parser.add_argument("--name", help="of the new model; MODEL-DATASET by default")
    parser.add_argument(
        "--force", action="store_true", help="write it even if it is not better"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(command=_adapt)


def _adapt(options: argparse.Namespace) -> int:
    model, dataset = find_model(options.model), load_dataset(options.dataset)
    name = options.name or f"{model.name}-{dataset.name}"[:64]
    with progress_bar() as report:
        adapted = adapt(model, dataset, name, report, force=options.force)
    for remark in (dataset.note, *adapted.remarks):
        if remark:
            print(remark, file=sys.stderr)
    if options.json:
        print_json(_as_json(adapted))
    else:
        print_table(("figure", "before", "after"), _in_words(adapted))
        print(
            f"'{adapted.model.name}' is ready: python -m crack predict --model "
            f"{adapted.model.name} PHOTO"
        )
    return 0


def _as_json(adapted: Adapted) -> dict[str, Any]:
    adaptation = dict(adapted.adaptation)
    return {
        "model": adapted.model.name,
        "base": adaptation.pop("model"),
        **adaptation,
        "told_before": adapted.told_before,
        "told_after": adapted.told_after,
        "remarks": list(adapted.remarks),
        "seconds": round(adapted.seconds, 1),
    }


def _in_words(adapted: Adapted) -> list[tuple[str, str, str]]:
    """Return the rows of the table that says what `--json` says."""
    how, old = adapted.adaptation, adapted.adaptation["old"]
    told = (adapted.told_before, adapted.told_after)
    results = (how["before"], how["after"])
    photos = f"{how['images']} images of {how['photos']} photos of '{how['dataset']}'"
    rows = [
        (f"{photos}; after: by cross-validation", "", ""),
        _row("  AUROC", [_auroc(result["auroc"]) for result in results]),
        _row("  accuracy", [percent_or_dash(r["accuracy"]) for r in results]),
        _row("  cracks found", [percent_or_dash(r["recall"]) for r in results]),
        _row("  images with a crack", [_answers(t["with_crack"]) for t in told]),
        _row("  images without a crack", [_answers(t["without_crack"]) for t in told]),
    ]
    if old:
        aurocs = [_auroc(old["auroc_before"]), _auroc(old["auroc_after"])]
        rows += [
            (f"{old['n']} images that '{how['model']}' knew", "", ""),
            _row("  AUROC", aurocs),
        ]
    return rows


def _row(name: str, cells: list[str]) -> tuple[str, str, str]:
    before, after = cells
    return name, before, after


def _auroc(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _answers(counts: dict[str, int]) -> str:
    crack, review, no_crack = counts["crack"], counts["review"], counts["no_crack"]
    return f"{crack} crack, {review} review, {no_crack} no crack"
