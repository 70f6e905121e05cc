from __future__ import annotations

import json
from dataclasses import replace

import pytest

from crack.errors import CrackError
from crack.inference.card import CARD_FILE, ModelCard
from tests.cards import PLAIN

CARD = replace(
    PLAIN,
    temperature=1.5,
    dataset={"name": "metu", "counts": {"Negative": 3, "Positive": 4}},
    metrics={"accuracy": 0.99},
    run_id="20261122-120000-surfaces-ab12",
    parameters={"seed": 17},
    notes="A note.",
)


def test_what_was_written_is_read(tmp_path):
    CARD.write(tmp_path)
    assert ModelCard.read(tmp_path) == CARD


def test_a_card_with_fields_of_a_later_version_still_reads(tmp_path):
    CARD.write(tmp_path)
    change(tmp_path, licence="CC0")
    assert ModelCard.read(tmp_path) == CARD


def test_a_card_without_the_optional_fields_reads(tmp_path):
    CARD.write(tmp_path)
    change(tmp_path, notes=None, run_id=None, parameters=None)
    card = ModelCard.read(tmp_path)
    assert (card.notes, card.run_id, card.parameters) == ("", "", {})


def test_a_folder_without_a_card_is_no_model(tmp_path):
    with pytest.raises(CrackError, match="There is no model"):
        ModelCard.read(tmp_path / "gone")


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": None},
        {"thresholds": {"crack": 0.9}},
        {"thresholds": 0.5},
        {"temperature": "warm"},
        {"temperature": 0},
        {"image_size": None},
        {"crack_class": "Cracked"},
        {"class_names": ["Positive"]},
        {"backbone": None},
    ],
)
def test_a_card_with_a_wrong_or_missing_field_is_refused(tmp_path, changes):
    CARD.write(tmp_path)
    change(tmp_path, **changes)
    with pytest.raises(CrackError):
        ModelCard.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_broken_card_is_refused(tmp_path, content):
    (tmp_path / CARD_FILE).write_bytes(content)
    with pytest.raises(CrackError, match="cannot be read"):
        ModelCard.read(tmp_path)


def change(folder, **changes):
    """Set fields of the card on disk; None removes a field."""
    path = folder / CARD_FILE
    content = json.loads(path.read_text()) | changes
    kept = {name: value for name, value in content.items() if value is not None}
    path.write_text(json.dumps(kept))
