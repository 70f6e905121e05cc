"""The title of each metric, and whether it is shown in percent.

A metric in `SCORES` appears in `crack evaluate`, and on the Runs page if `compared`.
"""

from __future__ import annotations

from dataclasses import dataclass

from crack.inference.results import ScoreKey
from crack.runs.records import Metric


@dataclass(frozen=True)
class Score:
    """How a metric of labelled images is shown.

    Attributes:
        key: Its name in the files.
        title: Its name before a number or above a column.
        in_percent: Whether it is shown in percent, or as a number up to 1.
        compared: Whether the Runs page shows it.
    """

    key: ScoreKey
    title: str
    in_percent: bool = True
    compared: bool = False


ACCURACY = Score("accuracy", "Accuracy", compared=True)
RECALL = Score("recall", "Recall", compared=True)

SCORES = (
    ACCURACY,
    Score("balanced_accuracy", "Balanced accuracy"),
    RECALL,
    Score("precision", "Precision", compared=True),
    Score("f1", "F1"),
    Score("auroc", "AUROC", in_percent=False, compared=True),
    Score("average_precision", "Average precision", in_percent=False),
    Score("ece", "Calibration error"),
    Score("brier", "Brier score", in_percent=False),
)
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Curve:
    """How a value measured in each epoch is shown.

    Attributes:
        of: The images it is measured on.
        title: Its name.
        unit: Of the values drawn.
        scale: Factor from the values in the files.
    """

    of: str
    title: str
    unit: str
    scale: int

    @property
    def full_title(self) -> str:
        """Its name with the images it is measured on."""
        return f"{self.of} {self.title.lower()}"

    @property
    def suffix(self) -> str:
        """The text after a value."""
        return " %" if self.unit == "%" else ""


_LOSS, _ACCURACY = ("Loss", "cross-entropy", 1), (ACCURACY.title, "%", 100)
CURVES: dict[Metric, Curve] = {
    "val_accuracy": Curve("Validation", *_ACCURACY),
    "val_loss": Curve("Validation", *_LOSS),
    "accuracy": Curve("Training", *_ACCURACY),
    "loss": Curve("Training", *_LOSS),
}
"""The columns of a history, the most informative first."""
