"""Tables that compare runs."""

from __future__ import annotations

from collections.abc import Sequence

from crack.reporting.metric_titles import ACCURACY, SCORES
from crack.reporting.words import NOTHING
from crack.runs.config import Phase
from crack.runs.snapshot import RunSnapshot
from pages.shared.formatting import (
    duration,
    run_title,
    score_value,
    short_note,
    times_100,
)

Row = dict[str, object]

# What else would not be named as in the form.
_SETTINGS = {
    "preset": "recipe",
    "optimizer": "optimiser",
    "image_size": "image size (px)",
    "views": "views per image",
    "fine_tune_at": "fine-tune from layer",
    "patience": "patience (epochs)",
}


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

    Columns for which a phone has no room come last.
    """
    rows: list[Row] = []
    for run in runs:
        if run.evaluation is None:
            continue
        note = short_note(run.evaluation["note"])
        for title, metrics in (
            ("test", run.evaluation["test"]),
            ("validation", run.evaluation["val"]),
        ):
            numbers = {s.title: score_value(s, metrics) for s in SCORES if s.compared}
            row: Row = {"Run": run.id[-4:]} if len(runs) > 1 else {}
            # On a phone the number of images is still seen, right after the accuracy.
            row |= {"On": title, ACCURACY.title: None, "Images": metrics["n"]}
            row |= numbers
            row["Split"] = run.config.split
            if note:
                row["Note"] = note
            rows.append(row)
    return rows


def differences(runs: Sequence[RunSnapshot]) -> list[Row]:
    """Return a row per setting that is not the same in all runs."""
    settings = {run_title(run): _flat(run.config.to_dict()) for run in runs}
    names = list(next(iter(settings.values()), {}))
    rows: list[Row] = []
    for name in names:
        values = {title: flat.get(name) for title, flat in settings.items()}
        if len(set(values.values())) > 1:
            said = {title: _value_words(value) for title, value in values.items()}
            rows.append({"Setting": _setting_words(name), **said})
    return rows


def _setting_words(name: str) -> str:
    """Return a setting as the form for a training names it."""
    phase, _, setting = name.rpartition(": ")
    words = _SETTINGS.get(setting, setting.replace("_", " "))
    if phase:
        words = f"{Phase(phase).label}: {words}"
    return words[0].upper() + words[1:]


def _value_words(value: object) -> str:
    return NOTHING if value is None else str(value)


def _flat(config: Row) -> Row:
    flat: Row = {}
    for name, value in config.items():
        if isinstance(value, dict):
            flat |= {f"{name}: {inner}": v for inner, v in value.items()}
        else:
            flat[name] = value
    return flat
