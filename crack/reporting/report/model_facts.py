"""What a report says about the model that answered."""

from __future__ import annotations

from dataclasses import dataclass

from crack.inference.card import ModelCard
from crack.inference.thresholds import Thresholds
from crack.reporting.model_card_words import training_config
from crack.reporting.result_words import TestResult, results_of
from crack.reporting.words import version_words
from crack.runs.architecture import Architecture, architecture_of
from crack.runs.backbones import BACKBONES


@dataclass(frozen=True)
class ModelFacts:
    """A model as described in a report, at the time of its answers.

    Attributes:
        name: The user's name for it.
        version: When it was exported, in words; different for a model trained later
            under the same name.
        run_id: Run it came from, "" for a model that came with the program.
        trained_on: Name and number of images.
        fingerprints: Of these images and of their split, as far as they are known.
        source: Where they came from, with the credits their licences ask for.
        calibrated_on: Images the probability was calibrated on.
        thresholds: Probabilities at which the answer changes.
        false_alarms_from: Threshold at which the false alarms of `results` were
            counted.
        results: By test set.
        notes: Its purpose and limits.
        network: Its layers and what learned, None if that is not known.
    """

    name: str
    version: str
    run_id: str
    trained_on: str
    fingerprints: str
    source: str
    calibrated_on: str
    thresholds: Thresholds
    false_alarms_from: float
    results: tuple[TestResult, ...]
    notes: str
    network: Architecture | None = None


def model_facts(name: str, card: ModelCard) -> ModelFacts:
    """Return what a report says about the model with this card.

    Args:
        name: The user's name for the model.
        card: As it was when the model answered.
    """
    dataset = card.dataset
    trained_on = str(dataset.get("name") or "unknown images")
    train, val = dataset.get("train"), dataset.get("val")
    notes = (str(dataset.get("note") or ""), card.notes)
    return ModelFacts(
        name=name,
        version=version_words(card.created),
        run_id=card.run_id,
        trained_on=trained_on + (f", {train:,} images" if train else ""),
        fingerprints=_fingerprints(card),
        source=str(dataset.get("source") or ""),
        calibrated_on=(f"{val:,} " if val else "the ")
        + f"validation images of {trained_on}",
        thresholds=card.thresholds,
        false_alarms_from=card.false_alarms_from,
        results=results_of(card),
        notes=" ".join(note for note in notes if note),
        network=_network(card),
    )


def _fingerprints(card: ModelCard) -> str:
    kinds = (
        ("dataset", card.dataset.get("fingerprint", "")),
        ("split", card.dataset.get("split_fingerprint", "")),
    )
    return ", ".join(f"{kind} {text}" for kind, text in kinds if text)


def _network(card: ModelCard) -> Architecture | None:
    config = training_config(card)
    if config is None or config.backbone not in BACKBONES:
        return None
    return architecture_of(config)
