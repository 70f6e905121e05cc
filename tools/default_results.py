"""The results of the model `default` on each source, as rows of its card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import settings, storage
from crack.evaluation.answer_counts import set_result
from crack.inference.results import TestSet
from crack.inference.thresholds import Thresholds
from tools.default_sources import SOURCES

Truth = NDArray[np.bool_]
Probability = NDArray[np.float64]


def held_out_row(
    name: str, is_crack: Truth, probability: Probability, thresholds: Thresholds
) -> TestSet:
    """Return the result on the images of a source that were held out from it.

    Args:
        name: Of the source.
        is_crack: Shape (n,), the truth.
        probability: Shape (n,), of a crack, by the default.
        thresholds: Of the default.
    """
    source = SOURCES[name]
    return {
        "name": name,
        "title": source.held_out or source.title,
        "kind": source.kind,
        **set_result(is_crack, probability, thresholds),
        "in_training": True,
        "credit": source.credit,
    }


def keep_unseen(
    name: str, is_crack: Truth, probability: Probability, thresholds: Thresholds
) -> None:
    """Keep the result on a source that was left out, for the card of the default.

    Args:
        name: Of the source.
        is_crack: Shape (n,), the truth for its images, held out or not.
        probability: Shape (n,), of a crack, by a model that was trained with the recipe
            of the default on the other sources.
        thresholds: Of the default.
    """
    row = held_out_row(name, is_crack, probability, thresholds)
    title = f"{SOURCES[name].title}, by the same recipe trained without them"
    storage.write_json(_unseen(name), {**row, "title": title, "in_training": False})


def with_unseen(results: list[TestSet]) -> list[TestSet]:
    """Return results with those that `keep_unseen` kept in place of older ones."""
    kept = [_unseen(name) for name in SOURCES if _unseen(name).is_file()]
    seen = [row for row in results if row["in_training"]]
    return seen + [storage.read_json(path) for path in kept]


def _unseen(source: str) -> Path:
    return settings.home() / f"unseen-{source}.json"
