"""What several pages say of models."""

from __future__ import annotations

from typing import Any

from crack.inference.card import ModelCard
from crack.reporting.words import percent
from pages.shared.formatting import plain, share_right, short_note


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


def how_good(card: ModelCard) -> str:
    """Say as Markdown what to expect of a model on photos it does not know.

    The hardest of the test sets from sources that were not in the training is named,
    where there are such; else the test split. "" for a model without numbers.
    """
    counted = "if every probability from 50 % on counts as crack"
    unseen = [
        entry for entry in card.metrics.get("sets", []) if not entry["in_training"]
    ]
    if unseen:
        entry = min(unseen, key=lambda entry: entry["accuracy"])
        found = entry["recall"]
        cracks = "" if found is None else f", {percent(found)} of the cracks found"
        return (
            f"On a source that was not in the training: {share_right(entry)}"
            f"{cracks}, {counted} ({plain(entry['title'])}; {entry['n']:,} images). "
            "Photos of another kind can be much harder. The Start page has all results."
        )
    metrics = test_metrics(card)
    if metrics.get("accuracy") is None:
        return ""
    return (
        f"Measured on {plain(tested_on(card))}: {share_right(metrics)}, {counted}. "
        "Photos of another kind can be much harder."
    )
