"""The fine-tune phase by one process and by two, on one split.

    python -m benchmarks.processes DATASET

trains a preset three times, first by one process, which fills the cache: with
`crack train`, and with `crack train --engine ray` by one and by two workers. It prints
the seconds of the phases and how far the curves are apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from crack.runs.listing import find_run
from crack.runs.records import HistoryRow

_ENGINES = {
    "one process": [],
    "one worker": ["--engine", "ray", "--workers", "1"],
    "two workers": ["--engine", "ray", "--workers", "2"],
}


def main() -> None:
    """Train, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--preset", default="recommended")
    options = parser.parse_args()
    alone: list[HistoryRow] = []
    print("| by | fine-tune | an epoch | loss apart | val loss apart | val accuracy |")
    print("|---|---|---|---|---|---|")
    for name, words in _ENGINES.items():
        run = find_run(_trained(options, words)["run"])
        history = [row for row in run.history if row["phase"] == "fine_tune"]
        alone = alone or history
        seconds = run.phases[-1]["train_seconds"]
        print(
            f"| {name} | {seconds:.1f} s | {history[-1]['seconds']:.2f} s "
            f"| {_apart(history, alone, 'loss'):.1e} "
            f"| {_apart(history, alone, 'val_loss'):.1e} "
            f"| {history[-1]['val_accuracy']:.4f} |"
        )


def _trained(options: argparse.Namespace, words: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "crack", "train", options.dataset, "--json"]
    command += ["--preset", options.preset, *words]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def _apart(rows: list[HistoryRow], others: list[HistoryRow], name: str) -> float:
    both = zip(rows, others, strict=True)
    return max(abs(one[name] - other[name]) for one, other in both)  # type: ignore[literal-required]


if __name__ == "__main__":
    main()
