"""From a probability to an answer: the two thresholds at which it changes."""

from __future__ import annotations

from dataclasses import dataclass

from crack.errors import CrackError
from crack.inference.prediction import Label


@dataclass(frozen=True)
class Thresholds:
    """Two probabilities that divide the answers into three.

    Attributes:
        no_crack: The answer is "no crack" below it.
        crack: The answer is "crack" at or above it; in between, a person looks.
    """

    no_crack: float
    crack: float

    def __post_init__(self) -> None:
        if not 0 <= self.no_crack <= self.crack <= 1:
            raise CrackError(
                "Expected thresholds with 0 <= no crack <= crack <= 1, got "
                f"no crack {self.no_crack} and crack {self.crack}."
            )


RULE_OF_CHOW = (
    "Set so that of the answers at a threshold at most 5 % are expected to be wrong, "
    "as far as the calibration holds (Chow 1970)."
)
"""Where the thresholds of a trained model come from."""


def label_for(probability: float, thresholds: Thresholds) -> Label:
    """Return the answer for a probability."""
    if probability >= thresholds.crack:
        return Label.CRACK
    if probability < thresholds.no_crack:
        return Label.NO_CRACK
    return Label.REVIEW


def review_thresholds(max_error: float = 0.05) -> Thresholds:
    """Return the thresholds that limit the expected error of every answer.

    Chow's rule (1970, IEEE Trans. Inf. Theory 16, 41-46): answer where the likelier
    class is probable enough, otherwise leave it to a person. With calibrated
    probabilities, at most `max_error` of the answers at a threshold are wrong.

    Args:
        max_error: Accepted probability of a wrong answer, 0 to 0.5.
    """
    return Thresholds(no_crack=max_error, crack=1 - max_error)
