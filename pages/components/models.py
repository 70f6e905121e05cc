"""What several pages say of models."""

from __future__ import annotations

from typing import Any

from crack.inference.card import ModelCard
from pages.components.words import short_note


def test_metrics(card: ModelCard) -> dict[str, Any]:
    """Return the metrics on the test split, nothing where there are none."""
    metrics: dict[str, Any] = card.metrics.get("test") or {}
    return metrics


def tested_on(card: ModelCard) -> str:
    """Say on which data the metrics of a card were measured."""
    name = card.dataset.get("name", "unknown data")
    split = card.dataset.get("split")
    n = test_metrics(card).get("n")
    said = [str(name), f"{split} split" if split else "", f"{n:,} images" if n else ""]
    said.append(short_note(card.dataset.get("note", "")))
    return ", ".join(part for part in said if part)
