"""Out-of-distribution detection: photos unlike those that a model learned from."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import storage
from crack.checked import BAD_ARRAY
from crack.errors import CrackError

OOD_FILE = "familiarity.npz"  # the name in existing models


@dataclass(frozen=True)
class OodDetector:
    """What the training images look like to the network, as a normal distribution.

    It describes the output of the layer below the first trained one for a tile: the
    mean and the standard deviation of each channel. There a network trained on photos
    of everything still distinguishes a wall from a flower; the features at its end have
    learned that only cracks matter.

    Its covariance is that of probabilistic principal components (Tipping and Bishop
    1999, J. R. Stat. Soc. B 61, 611-622): a few directions with a variance of their
    own, and one for all the others. Distances are Mahalanobis distances, by which Lee
    et al. (2018, NeurIPS) detect out-of-distribution images.

    Attributes:
        mean: float32 array (channels,).
        directions: float32 array (k, channels), orthonormal.
        variances: float32 array (k,), along the directions.
        rest: Variance along every other direction.
        limit: Distance that one in a hundred validation images exceeds, each with its
            nearest size and the middle of its tiles.
        scale: float32 array (channels,), a divisor after the mean is subtracted.
            None for a model of an earlier version: its graph gives features of the
            last layer, of which the direction alone counts (Sun et al. 2022, ICML).
    """

    mean: NDArray[np.float32]
    directions: NDArray[np.float32]
    variances: NDArray[np.float32]
    rest: float
    limit: float
    scale: NDArray[np.float32] | None = None

    def distances(self, described: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the distance of each tile from the training images.

        Args:
            described: float32 array (n, channels), the last output of the graph,
                pooled over each tile.

        Returns:
            float32 array (n,).
        """
        if self.scale is None:
            away = _of_length_1(described) - self.mean
        else:
            away = (spread(described) - self.mean) / self.scale
        along = away @ self.directions.T
        beside = np.maximum((away**2).sum(1) - (along**2).sum(1), 0)
        squared = (along**2 / self.variances).sum(1) + beside / self.rest
        return np.asarray(np.sqrt(squared))

    def write(self, folder: Path) -> None:
        """Write the file into a model's folder."""
        content = io.BytesIO()
        np.savez_compressed(
            content,
            mean=self.mean.astype(np.float16),
            directions=self.directions.astype(np.float16),
            variances=self.variances,
            rest=np.float64(self.rest),
            limit=np.float64(self.limit),
            **({} if self.scale is None else {"scale": self.scale}),  # type: ignore[arg-type]
        )
        storage.write_bytes(folder / OOD_FILE, content.getvalue())

    @classmethod
    def read(cls, folder: Path) -> OodDetector:
        """Return the detector in a model's folder.

        Raises:
            CrackError: The file is missing or damaged.
        """
        path = folder / OOD_FILE
        try:
            # Opened here, because numpy leaves a damaged file open.
            with path.open("rb") as file, np.load(file) as content:
                return cls(
                    mean=content["mean"].astype(np.float32),
                    directions=content["directions"].astype(np.float32),
                    variances=content["variances"].astype(np.float32),
                    rest=float(content["rest"]),
                    limit=float(content["limit"]),
                    scale=content.get("scale"),
                )
        except BAD_ARRAY as error:
            raise CrackError(
                f"{path} is missing or damaged.",
                "Train again, or choose another model.",
            ) from error


def spread(moments: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mean and standard deviation in place of mean and mean square.

    Args:
        moments: float32 array (n, 2 x channels).
    """
    mean, square = np.split(moments, 2, axis=1)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return np.concatenate([mean, deviation], axis=1)


def _of_length_1(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features scaled to length 1; all-zero features stay 0."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-12))
