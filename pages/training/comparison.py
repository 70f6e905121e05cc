"""Several runs as rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from crack.runs.run import Run
from pages.shared.formatting import duration, run_title, short_note, times_100

Row = dict[str, Any]


def overview(runs: Sequence[Run]) -> list[Row]:
    """Return one row per run."""
    return [_overview_row(run) for run in runs]


def _overview_row(run: Run) -> Row:
    config, best = run.config, run.best_epoch
    test = (run.evaluation or {}).get("test", {})
    seconds = sum(row["seconds"] for row in run.history)
    seconds += sum(phase["cache_seconds"] for phase in run.phases)
    return {
        "Dataset": config.dataset,
        "Test accuracy": times_100(test.get("accuracy")),
        "Test images": test.get("n"),
        "Val accuracy": times_100(best["val_accuracy"]) if best else None,
        "Val images": part_size(run, "val") if best else None,
        "Status": str(run.status),
        "Created": run.created.replace(tzinfo=None),
        "Split": config.split,
        "Recipe": config.preset,
        "Epochs": f"{len(run.history)} of {config.epochs}",
        "Took": duration(seconds) if seconds else None,
        "Id": run.id[-4:],
        "Backbone": config.backbone,
    }


def part_size(run: Run, part: Literal["val", "test"]) -> int:
    """Return how many images a part of the split of a run has."""
    if run.evaluation:
        return int(run.evaluation[part]["n"])
    return int((run.split["split"] == part).sum())


def final_numbers(runs: Sequence[Run]) -> list[Row]:
    """Return a row for test and one for validation of each run that is finished.

    What a phone has no room for, beyond the numbers, is last.
    """
    rows = []
    for run in runs:
        evaluation = run.evaluation or {}
        note = short_note(evaluation.get("note", ""))
        for name, title in (("test", "test"), ("val", "validation")):
            metrics = evaluation.get(name)
            if metrics:
                rows.append(
                    ({"Run": run.id[-4:]} if len(runs) > 1 else {})
                    | {
                        "On": title,
                        "Accuracy": times_100(metrics["accuracy"]),
                        "Images": metrics["n"],
                        "Recall": times_100(metrics["recall"]),
                        "Precision": times_100(metrics["precision"]),
                        "AUROC": metrics["auroc"],
                        "Split": run.config.split,
                    }
                    | ({"Note": note} if note else {})
                )
    return rows


def differences(runs: Sequence[Run]) -> list[Row]:
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
