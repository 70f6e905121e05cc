"""What several pages say about models."""

from __future__ import annotations

from crack.inference.card import ModelCard
from crack.inference.results import Adaptation, TestSet
from crack.reporting.result_words import COUNTED, share_right
from crack.reporting.words import count, percent
from pages.shared.formatting import plain, short_note


def tested_on(card: ModelCard) -> str:
    """Say on which data the metrics of a card were measured."""
    name = card.dataset.get("name", "unknown data")
    split = card.dataset.get("split")
    metrics = card.test_metrics
    images = count(metrics["n"], "image") if metrics else ""
    said = [name, f"{split} split" if split else "", images]
    said.append(short_note(card.dataset.get("note", "")))
    return ", ".join(part for part in said if part)


def how_good(card: ModelCard) -> str:
    """Say as Markdown what to expect of a model on photos it does not know.

    "" for a model without numbers.
    """
    if card.adaptation:
        return _how_well_adapted(card.adaptation)
    known = honest_number(card)
    if not known:
        return ""
    where = " The Models page has all results." if card.metrics.get("sets") else ""
    return f"{known}. Photos of another kind can be much harder.{where}"


def honest_number(card: ModelCard) -> str:
    """Say as Markdown, in a sentence, how good a model is where it is worst.

    Of the test sets from sources that were not in the training the hardest is named,
    with how good it is on the easiest; if there are none, the hardest of the others or
    the test split. "" for a model without numbers.
    """
    judged = [
        (accuracy, result)
        for result in card.metrics.get("sets", [])
        if (accuracy := result["accuracy"]) is not None
    ]
    unseen = [pair for pair in judged if not pair[1]["in_training"]]
    hardest = min(unseen or judged, key=lambda pair: pair[0], default=None)
    split = card.test_metrics
    accuracy = split["accuracy"] if split and not unseen else None
    if split and accuracy is not None and (not hardest or accuracy < hardest[0]):
        right = share_right(split)
        return f"Measured on {plain(tested_on(card))}: {right}, {COUNTED}"
    if hardest is None:
        return ""
    if not unseen:
        origin = "On its hardest test, other images of a source it learned from"
        return _on_a_set(hardest[1], origin)
    if len(unseen) == 1:
        return _on_a_set(hardest[1], "On a source that was not in the training")
    origin = f"On the hardest of {len(unseen)} sources that were not in the training"
    easiest = max(accuracy for accuracy, _ in unseen)
    return f"{_on_a_set(hardest[1], origin)}; on the easiest {percent(easiest)} right"


def _on_a_set(result: TestSet, origin: str) -> str:
    found = result["recall"]
    cracks = "" if found is None else f", {percent(found)} of the cracks found"
    return (
        f"{origin}: {share_right(result)}{cracks}, {COUNTED} "
        f"({plain(result['title'])}; {count(result['n'], 'image')})"
    )


def _how_well_adapted(how: Adaptation) -> str:
    after = how["after"]
    return (
        f"Adapted from {plain(how['model'])} to {how['images']:,} images of "
        f"{plain(how['dataset'])}: {share_right(after)} by "
        f"cross-validation, {COUNTED}. Photos of another kind can be much harder."
    )
