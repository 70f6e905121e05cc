"""Cached training beside plain Keras, on one split, in one session.

    python -m benchmarks.training_speed DATASET

trains a preset with an empty activation cache, again with a full one, and then the
reference recipe as a plain Keras script; prints the seconds of each phase and how
many times faster the cached phases are.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from typing import Any

from crack import settings
from crack.runs.listing import find_run


def main() -> None:
    """Run the three trainings one after the other and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--preset", default="recommended")
    parser.add_argument("--backbone", default="imagenet", help="of the cached ones")
    parser.add_argument(
        "--plain-epochs",
        type=int,
        default=5,
        help="epochs of plain Keras per phase; the time of five is extrapolated",
    )
    options = parser.parse_args()
    shutil.rmtree(settings.cache_dir() / "activations", ignore_errors=True)
    shutil.rmtree(settings.cache_dir() / "graphs", ignore_errors=True)
    # The next seed has another split, but can use the same cache.
    cold, warm = _train(options, seed=17), _train(options, seed=18)
    plain = _train_plainly(cold["run"], options.plain_epochs)
    print("| phase | plain Keras | cold cache | warm cache | faster, cold | warm |")
    print("|---|---|---|---|---|---|")
    for slow, first, second in zip(plain, cold["phases"], warm["phases"], strict=True):
        seconds = slow["seconds"] * first["epochs"] / slow["epochs"]
        ours = [p["cache_seconds"] + p["train_seconds"] for p in (first, second)]
        print(
            f"| {slow['phase']} | {seconds:.1f} s | {ours[0]:.1f} s | {ours[1]:.1f} s "
            f"| {seconds / ours[0]:.1f} x | {seconds / ours[1]:.1f} x |"
        )
    print(json.dumps({"plain": plain, "cold": cold, "warm": warm}))


def _train(options: argparse.Namespace, seed: int) -> dict[str, Any]:
    words = ["crack", "train", options.dataset, "--preset", options.preset]
    words += ["--backbone", options.backbone]
    return _output_of([*words, "--seed", str(seed), "--json"])[-1]


def _train_plainly(run_id: str, epochs: int) -> list[dict[str, Any]]:
    words = ["benchmarks.plain_keras", str(find_run(run_id).path)]
    counts = ["--frozen-epochs", str(epochs), "--fine-tune-epochs", str(epochs)]
    return _output_of([*words, *counts])


def _output_of(module_and_arguments: list[str]) -> list[dict[str, Any]]:
    """Run a module in a process of its own; return the JSON values it printed."""
    command = [sys.executable, "-m", *module_and_arguments]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    decoder, values, position = json.JSONDecoder(), [], 0
    while position < len(text):
        value, end = decoder.raw_decode(text, position)
        values.append(value)
        position = end + len(text[end:]) - len(text[end:].lstrip())
    return values


if __name__ == "__main__":
    main()
