"""Several runs as rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crack.reporting.metric_titles import SCORES
from crack.runs.snapshot import RunSnapshot
from pages.shared.formatting import (
    duration,
    run_title,
    score_value,
    short_note,
    times_100,
)

Row = dict[str, Any]


def overview(runs: Sequence[RunSnapshot]) -> list[Row]:
    """Return one row per run."""
    return [_overview_row(run) for run in runs]


def _overview_row(run: RunSnapshot) -> Row:
    config, best = run.config, run.best_epoch
    test = run.evaluation["test"] if run.evaluation else None
    return {
        "Dataset": config.dataset,
        "Test accuracy": times_100(test["accuracy"]) if test else None,
        "Test images": test["n"] if test else None,
        "Val accuracy": times_100(best["val_accuracy"]) if best else None,
        "Val images": run.validation_images if best else None,
        "Status": str(run.status),
        "Created": run.created.replace(tzinfo=None),
        "Split": config.split,
        "Recipe": config.preset,
        "Epochs": f"{len(run.history)} of {config.epochs}",
        "Took": duration(run.seconds) if run.seconds else None,
        "Id": run.id[-4:],
        "Backbone": config.backbone,
    }


def final_numbers(runs: Sequence[RunSnapshot]) -> list[Row]:
    """Return a row for test and one for validation of each run that is finished.

    What a phone has no room for, beyond the numbers, is last.
    """
    rows = []
    for run in runs:
        if run.evaluation is None:
            continue
        note = short_note(run.evaluation["note"])
        for title, metrics in (
            ("test", run.evaluation["test"]),
            ("validation", run.evaluation["val"]),
        ):
            compared = [score for score in SCORES if score.compared]
            first, *others = ((s.title, score_value(s, metrics)) for s in compared)
            rows.append(
                ({"Run": run.id[-4:]} if len(runs) > 1 else {})
                | {"On": title}
                | dict([first, ("Images", metrics["n"]), *others])
                | {"Split": run.config.split}
                | ({"Note": note} if note else {})
            )
    return rows


def differences(runs: Sequence[RunSnapshot]) -> list[Row]:
    """Return a row per setting that is not the same in all runs."""
    settings = {run_title(run): _flat(run.config.to_dict()) for run in runs}
    names = list(next(iter(settings.values()), {}))
    rows = []
    for name in names:
        values = {title: flat.get(name) for title, flat in settings.items()}
        if len(set(values.values())) > 1:
            rows.append(
                {"Setting": name.replace("_", " ")}
                | {title: str(value) for title, value in values.items()}
            )
    return rows


def _flat(config: Row) -> Row:
    flat: Row = {}
    for name, value in config.items():
        if isinstance(value, dict):
            flat |= {f"{name}: {inner}": v for inner, v in value.items()}
        else:
            flat[name] = value
    return flat
