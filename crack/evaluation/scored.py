"""Labelled images with what a model says of them, and the answers at any thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack.inference.card import ModelCard
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds

ANSWERS = (Label.CRACK, Label.REVIEW, Label.NO_CRACK)
"""What the numbers of `ScoredImages.answers` mean."""

_CRACK, _REVIEW, _NO_CRACK = range(3)
# What numpy calls the values of a column: yes or no, whole and other numbers.
_KINDS = {"is_crack": "b", "look": "b", "group": "i"}
_KINDS |= dict.fromkeys(("log_odds", "strongest"), "if")


@dataclass(frozen=True)
class ScoredImages:
    """Labelled images with what a model says of them; n in all.

    Attributes:
        file: As in `Dataset.samples`.
        is_crack: bool array (n,), the truth.
        group: int array (n,), equal for near-copies and for images of one photo.
        probability: float64 array (n,), 0 to 1, calibrated, of a crack in the image.
        strongest: float64 array (n,), 0 to 1, of a crack in the strongest region alone.
        look: bool array (n,): answered with "needs review" whatever the probability,
            because the image is blurred, dark, or unlike the training images.
        source: Where each image is from, "" if all are from one place.
    """

    file: tuple[str, ...]
    is_crack: NDArray[np.bool_]
    group: NDArray[np.int64]
    probability: NDArray[np.float64]
    strongest: NDArray[np.float64]
    look: NDArray[np.bool_]
    source: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.file)

    @classmethod
    def of(cls, scores: pd.DataFrame, card: ModelCard) -> ScoredImages:
        """Return images as a card reads their scores.

        Args:
            scores: As kept by `crack.evaluation.kept`.
            card: With the calibration.

        Raises:
            KeyError: A column is missing.
            TypeError: A column holds something else.
        """
        for column, kinds in _KINDS.items():
            if scores[column].dtype.kind not in kinds:
                raise TypeError(f"{column} holds something else")
        files = tuple(scores["file"])
        return cls(
            file=files,
            is_crack=scores["is_crack"].to_numpy(dtype=bool),
            group=scores["group"].to_numpy(dtype=np.int64),
            probability=card.probability(scores["log_odds"]),
            strongest=card.probability(scores["strongest"]),
            look=scores["look"].to_numpy(dtype=bool),
            source=sources_of(files),
        )

    def answers(self, thresholds: Thresholds) -> NDArray[np.int8]:
        """Return the answer to each image at these thresholds, as the user gets it.

        Returns:
            int8 array (n,), places in `ANSWERS`.
        """
        said = np.full(len(self), _REVIEW, dtype=np.int8)
        said[self.probability >= thresholds.crack] = _CRACK
        sound = self.probability < thresholds.no_crack
        # As `Predictor` does: a region that is a crack by itself is for review.
        said[sound & (self.strongest < thresholds.crack)] = _NO_CRACK
        said[self.look] = _REVIEW
        return said

    def part(self, chosen: NDArray[np.bool_]) -> ScoredImages:
        """Return some of the images.

        Args:
            chosen: Shape (n,).
        """
        places = np.flatnonzero(chosen)
        return ScoredImages(
            tuple(self.file[place] for place in places),
            self.is_crack[chosen],
            self.group[chosen],
            self.probability[chosen],
            self.strongest[chosen],
            self.look[chosen],
            tuple(self.source[place] for place in places),
        )


def sources_of(files: tuple[str, ...]) -> tuple[str, ...]:
    """Return where each file is from, as its name tells: "" if that tells nothing.

    A dataset of several sources has a folder for each inside the class folders, or
    names such as `drones--17.jpg`.

    Args:
        files: As in `Dataset.samples`: class folder first.
    """
    inside = [file.split("/")[1:-1] for file in files]
    folders = tuple("/".join(parts) for parts in inside)
    if len(set(folders)) > 1:
        return folders
    before, marks = (
        zip(
            *(file.rpartition("/")[2].partition("--")[:2] for file in files),
            strict=True,
        )
        if files
        else ((), ())
    )
    if all(marks) and len(set(before)) > 1:
        return tuple(before)
    return ("",) * len(files)
