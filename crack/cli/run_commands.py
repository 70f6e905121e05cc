"""`crack train` and `crack runs list | show | stop | resume | delete`."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from crack.bulk.ray_connection import check_installed
from crack.cli.engine_options import add_engine_options, asked_workers
from crack.cli.output import (
    JSON_HELP,
    percent_or_dash,
    print_json,
    print_table,
    progress_bar,
    score_or_dash,
)
from crack.data.split import split_fingerprint
from crack.errors import CrackError
from crack.inference.results import Metrics
from crack.reporting.metric_titles import ACCURACY, RECALL, Score
from crack.runs import jobs
from crack.runs.backbones import BACKBONES
from crack.runs.config import PRESETS, ConfigError, TrainConfig
from crack.runs.listing import broken_runs, find_run
from crack.runs.records import Metric
from crack.runs.run import Run, RunStatus

_LOOK_EVERY = 0.3  # seconds
_USUAL = PRESETS["recommended"].for_dataset("")
_VALUES = (
    ("--frozen-epochs", "N", _USUAL.frozen.epochs, "of the head alone; 0 for none"),
    ("--fine-tune-epochs", "N", _USUAL.fine_tune.epochs, "of more layers; 0 for none"),
    ("--fine-tune-at", "LAYER", _USUAL.fine_tune_at, "first layer that is unfrozen"),
    ("--image-size", "PX", _USUAL.image_size, "side that images are scaled to"),
    ("--batch-size", "N", _USUAL.batch_size, "images in a step"),
    ("--views", "N", _USUAL.views, "versions of each image; 1 for only itself"),
    (
        "--patience",
        "N",
        _USUAL.patience or "never",
        "end a phase after N epochs without a lower validation loss",
    ),
)


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of `crack`."""
    train = commands.add_parser(
        "train",
        help="train on a dataset, in a process of its own",
        epilog="Ctrl-C stops the training; `runs resume` goes on from there.",
    )
    train.add_argument("dataset", help="its name, as `dataset list` shows it")
    train.add_argument(
        "--preset",
        choices=PRESETS,
        default="recommended",
        help="values of all other options, by default recommended; reference is the "
        "published recipe, which starts from ImageNet",
    )
    train.add_argument(
        "--backbone",
        choices=BACKBONES,
        help="network to start from, instead of the preset's",
    )
    for option, metavar, value, text in _VALUES:
        train.add_argument(
            option, type=int, metavar=metavar, help=f"{text} (recommended: {value})"
        )
    train.add_argument(
        "--split",
        choices=("grouped", "random"),
        help="grouped keeps near-copies and parts of one photo on one side",
    )
    train.add_argument(
        "--seed", type=int, metavar="N", help="the same one gives the same split"
    )
    add_engine_options(
        train,
        "processes that share the fine-tune phase; by default one for each GPU or, "
        "without any, each computer",
    )
    train.add_argument("--json", action="store_true", help=JSON_HELP)
    train.set_defaults(command=partial(_train, train))

    group = commands.add_parser("runs", help="list, show, stop, resume and delete runs")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the runs, newest first")
    listing.add_argument("--json", action="store_true", help=JSON_HELP)
    listing.set_defaults(command=_list)
    for name, command, text in (
        ("show", _show, "show what is known of a run"),
        ("stop", _stop, "stop a run; it can be resumed"),
        ("resume", _resume, "go on with a stopped or failed run"),
        ("delete", _delete, "delete a run"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("run", help="id, or its beginning or end")
        action.add_argument("--json", action="store_true", help=JSON_HELP)
        action.set_defaults(command=command)


def _train(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if workers := asked_workers(options):
        check_installed()
    try:
        run = jobs.start(_config(options), workers)
    except ConfigError as error:  # wrong usage, as an unknown option is
        parser.error(str(error))
    print(f"Run {run.id} started.", file=sys.stderr)
    return _follow(run, options.json)


def _config(options: argparse.Namespace) -> TrainConfig:
    """Return the preset, changed by the options on the command line."""
    config = PRESETS[options.preset].for_dataset(options.dataset)
    config = config.with_backbone(options.backbone or config.backbone)
    names = ("fine_tune_at", "image_size", "batch_size", "views")
    said = {
        name: getattr(options, name) for name in (*names, "patience", "split", "seed")
    }
    changes: dict[str, Any] = {k: v for k, v in said.items() if v is not None}
    for phase, epochs in (
        ("frozen", options.frozen_epochs),
        ("fine_tune", options.fine_tune_epochs),
    ):
        if epochs is not None:
            changes[phase] = replace(getattr(config, phase), epochs=epochs)
    return replace(config, **changes)


def _follow(run: Run, as_json: bool) -> int:
    """Show the progress of a run until it ends; then its result."""
    try:
        with progress_bar() as report:
            while (progress := run.progress).status.is_active:
                report(progress.message, progress.done, progress.total)
                time.sleep(_LOOK_EVERY)
                jobs.reconcile()
    except KeyboardInterrupt:
        with suppress(CrackError):  # it may have ended in the meantime
            jobs.stop(run)
        print("Stopping after the current batch.", file=sys.stderr)
        while run.status.is_active:
            time.sleep(_LOOK_EVERY)
            jobs.reconcile()
    if as_json:
        print_json(_result(run))
    elif run.status is RunStatus.FINISHED:
        _print_result(run)
    else:
        print(f"Run {run.id} {run.status}: {run.progress.message}", file=sys.stderr)
        print(f"Resume it with: python -m crack runs resume {run.id}", file=sys.stderr)
    return 0 if run.status is RunStatus.FINISHED else 1


def _result(run: Run) -> dict[str, Any]:
    """Return the output of `train --json`."""
    evaluation = run.evaluation
    return {
        "run": run.id,
        "status": run.status.value,
        "message": run.progress.message,
        "dataset": run.config.dataset,
        "split": run.config.split,
        "seed": run.config.seed,
        "phases": run.phases,
        "test": evaluation["test"] if evaluation else None,
        "evaluation": evaluation,
    }


def _print_result(run: Run) -> None:
    print_table(
        ("phase", "epochs", "trainable", "cache s", "train s", "val accuracy"),
        [
            (
                row["phase"],
                row["epochs"],
                f"{row['trainable_parameters']:,}",
                row["cache_seconds"],
                row["train_seconds"],
                percent_or_dash(row["val_accuracy"]),
            )
            for row in run.phases
        ],
    )
    evaluation = run.evaluation
    if evaluation is None:  # deleted by hand; the model still exists
        return
    for split, result in (("val", evaluation["val"]), ("test", evaluation["test"])):
        print(
            f"{split}: {_said(ACCURACY, result)}, {_said(RECALL, result)} on "
            f"{result['n']} images of '{run.config.dataset}' "
            f"({run.config.split} split)"
        )
    if evaluation["note"]:
        print(evaluation["note"])
    print(f"Keep it with: python -m crack models promote {run.id} NAME")


def _said(score: Score, metrics: Metrics) -> str:
    return f"{score.title.lower()} {score_or_dash(score, metrics[score.key])}"


def _list(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = [
        {
            "run": run.id,
            "status": run.status.value,
            "dataset": run.config.dataset,
            "split": run.config.split,
            "preset": run.config.preset,
            "epochs": len(run.history),
            "val_accuracy": run.best_epoch["val_accuracy"] if run.best_epoch else None,
            "test_accuracy": run.evaluation["test"]["accuracy"]
            if run.evaluation
            else None,
        }
        for run in jobs.reconcile()
    ]
    for run in broken_runs():
        print(f"crack: {run.path} cannot be read. Delete the folder.", file=sys.stderr)
    if options.json:
        print_json(rows)
    elif rows:
        shown = [
            [
                percent_or_dash(v) if k.endswith("accuracy") else v
                for k, v in row.items()
            ]
            for row in rows
        ]
        print_table(list(rows[0]), shown)
    else:
        print("No runs yet. Train: python -m crack train DATASET", file=sys.stderr)
    return 0


def _show(options: argparse.Namespace) -> int:
    jobs.reconcile()
    run = find_run(options.run)
    if options.json:
        details = {
            "dataset_fingerprint": run.dataset_fingerprint,
            "split_fingerprint": split_fingerprint(run.split),
            "config": run.config.to_dict(),
            "history": run.history,
        }
        print_json({**_result(run), **details})
        return 0
    print(f"{run.id} ({run.status}): {run.progress.message}")
    measured: list[Metric] = ["loss", "accuracy", "val_loss", "val_accuracy"]
    rows = [
        (row["epoch"], row["phase"], *(f"{row[name]:.4f}" for name in measured))
        for row in run.history
    ]
    print_table(("epoch", "phase", *measured), rows)
    if run.status is RunStatus.FINISHED:
        _print_result(run)
    return 0


def _stop(options: argparse.Namespace) -> int:
    jobs.reconcile()
    run = find_run(options.run)
    jobs.stop(run)
    return _done(run, f"Run {run.id} stops after the current batch.", options.json)


def _resume(options: argparse.Namespace) -> int:
    jobs.reconcile()
    run = find_run(options.run)
    jobs.resume(run)
    return _follow(run, options.json)


def _delete(options: argparse.Namespace) -> int:
    jobs.reconcile()
    run = find_run(options.run)
    jobs.delete(run)
    return _done(run, f"Deleted run {run.id}.", options.json)


def _done(run: Run, message: str, as_json: bool) -> int:
    if as_json:
        print_json({"run": run.id, "message": message})
    else:
        print(message)
    return 0
