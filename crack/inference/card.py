"""The model card: what a model is, and how to interpret its scores."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from crack.checked import check
from crack.errors import CrackError
from crack.inference.results import Adaptation, CardMetrics, Metrics, TrainingData
from crack.inference.thresholds import Thresholds
from crack.storage import read_json, write_json

CARD_FILE = "card.json"


@dataclass(frozen=True)
class ModelCard:
    """Everything about a model that is not in its graph.

    Attributes:
        name: The user's name for the model; also the name of its folder.
        created: Day and time of the export, ISO 8601.
        backbone: Name of the pretrained feature extractor.
        image_size: Side in pixels to which a picture is scaled.
        class_names: The two classes in the order of the graph's outputs.
        crack_class: Which of them means a crack.
        temperature: Divides the log-odds before they become a probability.
        offset: Taken from the log-odds before that.
        thresholds: Probabilities at which the answer changes.
        dataset: What it was trained on.
        metrics: How good it is.
        run_id: Run it came from; empty for a model that came with the program.
        parameters: Settings of the training, see `crack.runs.config.TrainConfig`.
        notes: Free text.
        rule: How the answer for a photo follows from its parts, in words.
        mm_per_pixel: Millimetres of wall per pixel of the network's input in training,
            if known.
        strongest_weight: Part of the strongest tile in the log-odds of a photo.
        adaptation: How it was made from another model, None if it was trained.
        version: Counts the thresholds that the model has had, see
            `crack.inference.card_versions`.
        thresholds_from: Where the thresholds come from, as a sentence; "" if it was
            not noted.
    """

    name: str
    created: str
    backbone: str
    image_size: int
    class_names: tuple[str, str]
    crack_class: str
    temperature: float
    thresholds: Thresholds
    dataset: TrainingData
    metrics: CardMetrics
    offset: float = 0.0
    run_id: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    notes: str = ""
    rule: str = ""
    strongest_weight: float = 0.0
    mm_per_pixel: float | None = None
    adaptation: Adaptation | None = None
    version: int = 1
    thresholds_from: str = ""

    def __post_init__(self) -> None:
        if len(self.class_names) != 2 or self.crack_class not in self.class_names:
            raise CrackError(
                "Expected two class names, one of them the crack class, got "
                f"{self.class_names} and {self.crack_class!r}."
            )
        if self.temperature <= 0 or self.image_size <= 0:
            raise CrackError(
                "Expected a positive temperature and image size, got "
                f"{self.temperature} and {self.image_size}."
            )

    @property
    def test_metrics(self) -> Metrics | None:
        """Results on the test split, None where they were not measured."""
        return self.metrics.get("test") or None

    @property
    def false_alarms_from(self) -> float:
        """Threshold at which the false alarms in its metrics were counted."""
        return self.metrics.get("counted_at", self.thresholds.crack)

    def with_thresholds(self, thresholds: Thresholds, reason: str) -> ModelCard:
        """Return the card with other thresholds; it tells what was counted at which.

        Args:
            thresholds: Probabilities at which the answer changes.
            reason: Why these, as a sentence.
        """
        metrics = {**self.metrics, "counted_at": self.false_alarms_from}
        if metrics["counted_at"] == thresholds.crack or not metrics.get("sets"):
            del metrics["counted_at"]
        return replace(
            self,
            thresholds=thresholds,
            thresholds_from=reason,
            metrics=cast(CardMetrics, metrics),
        )

    def probability(self, log_odds: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated probability of a crack, 0 to 1.

        Args:
            log_odds: Of a crack, from the network; any shape.
        """
        scores = np.asarray(log_odds, dtype=np.float64)
        return np.asarray(expit((scores - self.offset) / self.temperature))

    def fitting_scale(self, mm_per_pixel: float | None) -> float | None:
        """Return the factor that brings a photo to the scale of the training images.

        Args:
            mm_per_pixel: Millimetres of wall per pixel of the photo.

        Returns:
            None if the scale of the photo or of the model is not known.
        """
        if mm_per_pixel is None or self.mm_per_pixel is None:
            return None
        return mm_per_pixel / self.mm_per_pixel

    @classmethod
    def read(cls, folder: Path, file: str = CARD_FILE) -> ModelCard:
        """Return the card of the model in `folder`.

        Unknown fields are ignored, so that a card written by a later version can be
        read.

        Args:
            folder: Of the card.
            file: Name of the card in it.

        Raises:
            CrackError: The card is missing or damaged.
        """
        path = folder / file
        try:
            return cls._from_json(read_json(path))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise CrackError(
                f"There is no model in {folder}: {file} is missing.",
                "Choose another model.",
            ) from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CrackError(
                f"The model card {path} cannot be read: it is damaged or incomplete.",
                "Export the model again or choose another one.",
            ) from error

    def write(self, folder: Path, file: str = CARD_FILE) -> None:
        """Write the card into a folder, by default as that of the model there."""
        write_json(folder / file, asdict(self))

    @classmethod
    def _from_json(cls, content: dict[str, Any]) -> ModelCard:
        known = {f.name: content[f.name] for f in fields(cls) if f.name in content}
        check(content, cls)
        thresholds = content["thresholds"]
        return cls(
            **known
            | {
                "image_size": int(content["image_size"]),
                "class_names": tuple(content["class_names"]),
                "temperature": float(content["temperature"]),
                "offset": float(content.get("offset", 0)),
                "thresholds": Thresholds(
                    float(thresholds["no_crack"]), float(thresholds["crack"])
                ),
            }
        )
