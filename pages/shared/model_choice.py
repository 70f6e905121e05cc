"""What several pages say about models."""

from __future__ import annotations

from crack.inference.card import ModelCard
from crack.reporting.result_words import COUNTED, share_right
from crack.reporting.words import percent
from pages.shared.formatting import plain, short_note


def tested_on(card: ModelCard) -> str:
    """Say on which data the metrics of a card were measured."""
    name = card.dataset.get("name", "unknown data")
    split = card.dataset.get("split")
    metrics = card.test_metrics
    images = f"{metrics['n']:,} images" if metrics else ""
    said = [name, f"{split} split" if split else "", images]
    said.append(short_note(card.dataset.get("note", "")))
    return ", ".join(part for part in said if part)


def how_good(card: ModelCard) -> str:
    """Say as Markdown what to expect of a model on photos it does not know.

    The hardest of the test sets from sources that were not in the training is named,
    where there are such; else the test split. "" for a model without numbers.
    """
    unseen = [
        (accuracy, entry)
        for entry in card.metrics.get("sets", [])
        if not entry["in_training"] and (accuracy := entry["accuracy"]) is not None
    ]
    if unseen:
        accuracy, entry = min(unseen, key=lambda pair: pair[0])
        found = entry["recall"]
        cracks = "" if found is None else f", {percent(found)} of the cracks found"
        return (
            "On a source that was not in the training: "
            f"{share_right(accuracy, entry['n'])}{cracks}, {COUNTED} "
            f"({plain(entry['title'])}; {entry['n']:,} images). "
            "Photos of another kind can be much harder. The Start page has all results."
        )
    metrics = card.test_metrics
    if metrics is None or metrics["accuracy"] is None:
        return ""
    return (
        f"Measured on {plain(tested_on(card))}: "
        f"{share_right(metrics['accuracy'], metrics['n'])}, {COUNTED}. "
        "Photos of another kind can be much harder."
    )
