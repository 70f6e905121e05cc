"""The versions of a model's card: each change of the thresholds keeps the card before.

The present card is `card.json`, an earlier one `cards/VERSION.json`, both in the
folder of the model.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.locks import locked

_EARLIER = "cards"


def card_versions(folder: Path) -> list[ModelCard]:
    """Return all cards that a model has had, the present one first.

    Args:
        folder: Of the model.

    Raises:
        CrackError: A card is missing or damaged.
    """
    present = ModelCard.read(folder)
    earlier = [
        # The model may have been renamed since.
        replace(ModelCard.read(folder / _EARLIER, path.name), name=present.name)
        for path in (folder / _EARLIER).glob("[0-9]*.json")
        if path.stem != str(present.version)  # left by a killed process
    ]
    return [present, *sorted(earlier, key=lambda card: -card.version)]


def card_version(folder: Path, version: int) -> ModelCard:
    """Return one of the cards that a model has had.

    Raises:
        CrackError: It has had no such version, or a card is damaged.
    """
    cards = card_versions(folder)
    for card in cards:
        if card.version == version:
            return card
    known = ", ".join(str(card.version) for card in cards)
    raise CrackError(
        f"The model '{cards[0].name}' has no version {version} of its card.",
        f"Choose one of: {known}.",
    )


def add_version(folder: Path, card: ModelCard) -> None:
    """Make a card that of a model, and keep the present one as an earlier version.

    Args:
        folder: Of the model.
        card: The new card; it gets the next number.

    Raises:
        CrackError: A card is missing or damaged.
    """
    # No two of them may get the same number.
    with locked(folder.with_name(f".{folder.name}.card.lock")) as lock:
        present, *_ = card_versions(folder)
        (folder / _EARLIER).mkdir(exist_ok=True)
        lock.check()
        present.write(folder / _EARLIER, f"{present.version}.json")
        replace(card, version=present.version + 1).write(folder)
