"""What a head is fitted to, and how it differs from the one it started from."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from crack.inference.card import ModelCard


@dataclass(frozen=True)
class Examples:
    """Views of labelled images, as the head of a model sees them.

    Attributes:
        features: float32 array (n, channels). For a photo of several tiles and sizes
            they are weighted by how much each tile counts, so that a change of the head
            times the features is the change of the log-odds of the photo.
        log_odds: float64 array (n,) of a crack, from the head that is there.
        is_crack: bool array (n,), the truth.
        group: int array (n,), equal for what must not be torn apart: views of an image,
            near-copies, images of one photo.
        weight: float64 array (n,): the views of an image count 1 together.
        is_view: bool array (n,): a turned or mirrored view, which is not judged.
    """

    features: NDArray[np.float32]
    log_odds: NDArray[np.float64]
    is_crack: NDArray[np.bool_]
    group: NDArray[np.int64]
    weight: NDArray[np.float64]
    is_view: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.is_crack)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Examples:
        """Return some of the views."""
        return Examples(*(getattr(self, field.name)[rows] for field in fields(self)))

    def calibrated(self, card: ModelCard) -> Examples:
        """Return the same with the log-odds calibrated."""
        return replace(self, log_odds=(self.log_odds - card.offset) / card.temperature)

    @property
    def of_class(self) -> tuple[int, int]:
        """Number of views with a crack, and without."""
        with_crack = int(self.is_crack.sum())
        return with_crack, len(self) - with_crack

    @property
    def fewest_photos(self) -> int:
        """Number of groups with images of the class that is in fewer of them."""
        return min(
            len(np.unique(self.group[self.is_crack == crack]))
            for crack in (True, False)
        )


@dataclass(frozen=True)
class HeadChange:
    """What is added to a head.

    Attributes:
        kernel: float32 array (channels,).
        bias: Added to the log-odds of every image.
    """

    kernel: NDArray[np.float32]
    bias: float

    def of(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return what is added to the log-odds.

        Args:
            features: float array (..., channels).
        """
        added = features.astype(np.float32) @ self.kernel + np.float32(self.bias)
        return np.asarray(added)

    def times(self, factor: float) -> HeadChange:
        """Return a change so many times as large."""
        return HeadChange(np.float32(factor) * self.kernel, factor * self.bias)
