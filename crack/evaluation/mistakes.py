"""The mistakes of a model, and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.evaluation.scored import ScoredImages

_LEAST = 1e-6
_EXTREME = 0.1  # of the images on either side
_TRAITS = (
    ("brightness", "dark", "bright"),
    ("contrast", "of little contrast", "of much contrast"),
    ("sharpness", "blurred", "sharp"),
    ("width", "small", "large"),
)


@dataclass(frozen=True)
class Trait:
    """A trait that mistakes have more often, or less often, than all images.

    Attributes:
        name: In words.
        mistakes: Share of the mistakes that have it.
        everything: Share of all images that have it.
    """

    name: str
    mistakes: float
    everything: float


def losses(images: ScoredImages) -> NDArray[np.float64]:
    """Return the log-loss of each image: how far the model was from the truth."""
    right = np.where(images.is_crack, images.probability, 1 - images.probability)
    loss: NDArray[np.float64] = -np.log(np.maximum(right, _LEAST))
    return loss


def traits(
    images: ScoredImages, dataset: Dataset, mistakes: NDArray[np.bool_]
) -> list[Trait]:
    """Return what the mistakes share, the most telling first.

    Dark, blurred and so on mean the tenth of all images that are most so.

    Args:
        images: Judged ones.
        dataset: They are from.
        mistakes: Shape (n,): which of them are mistakes; at least one.
    """
    samples = dataset.samples.set_index("file").loc[list(images.file)]
    found = [
        Trait(name, float(has[mistakes].mean()), float(has.mean()))
        for name, has in _has(samples, images.source)
    ]
    return sorted(found, key=lambda trait: trait.everything - trait.mistakes)


def _has(
    samples: pd.DataFrame, source: Sequence[str]
) -> list[tuple[str, NDArray[np.bool_]]]:
    rows = []
    for column, low_name, high_name in _TRAITS:
        values = samples[column].to_numpy(dtype=float)
        low, high = np.quantile(values, [_EXTREME, 1 - _EXTREME])
        if low < high:  # not all of one size
            rows += [(low_name, values <= low), (high_name, values >= high)]
    for name in sorted(set(source) - {""}):
        rows.append((f"from {name}", np.array([each == name for each in source])))
    return rows
