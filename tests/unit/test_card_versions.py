"""Thresholds change as a new version of the card; all that answers follows."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.card_versions import add_version, card_versions
from crack.inference.prediction import Label
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.reporting.report.model_facts import model_facts
from crack.reporting.result_words import how_counted
from crack.runs.registry import (
    delete_model,
    find_model,
    find_version,
    list_models,
    restore_version,
    save_thresholds,
)
from tests.unit.test_result_words import entry

STRICT = Thresholds(0.01, 0.99)


@pytest.fixture
def shipped(shipped_models, model_folder):
    """The bright model as one that came with the program."""
    folder = shutil.copytree(model_folder, shipped_models / "bright")
    sets = [entry("Walls", in_training=True)]
    replace(ModelCard.read(folder), metrics={"sets": sets}).write(folder)
    return find_model("bright")


@pytest.fixture
def own(shipped_models, model_folder, crack_home):
    """The bright model as one of the user."""
    shutil.copytree(model_folder, crack_home / "models" / "bright")
    return find_model("bright")


def label(model, tone: int) -> Label:
    photo = np.full((64, 64, 3), tone, np.uint8)
    content = io.BytesIO()
    Image.fromarray(photo).save(content, "PNG")
    (answer,) = Predictor(model.folder).predict([("a.png", content.getvalue())])
    return answer.label


def test_answers_follow_the_new_thresholds(own):
    before = label(own, 170)
    after = label(save_thresholds(own, STRICT, "A test."), 170)
    assert (before, after) == (Label.CRACK, Label.REVIEW)


def test_a_new_version_keeps_the_one_before(own):
    save_thresholds(own, STRICT, "Fewer false alarms.")
    cards = card_versions(own.folder)
    assert [card.version for card in cards] == [2, 1]
    assert cards[1] == own.card
    assert cards[0].thresholds == STRICT
    assert cards[0].thresholds_from == "Fewer false alarms."
    assert find_version("bright", own.card.created).card == cards[0]


def test_an_earlier_version_comes_back_as_the_next_one(own):
    changed = save_thresholds(own, STRICT, "Fewer false alarms.")
    back = restore_version(changed, 1)
    assert back.card == replace(own.card, version=3)
    assert [card.version for card in card_versions(own.folder)] == [3, 2, 1]


def test_an_unknown_version_is_refused(own):
    with pytest.raises(CrackError, match=r"no version 7 .*\n?.*Choose one of: 1"):
        restore_version(own, 7)


def test_a_killed_process_leaves_no_second_version(own):
    add_version(own.folder, own.card)
    own.card.write(own.folder, "card.json")  # killed before the new card was written
    assert card_versions(own.folder) == [own.card]


def test_the_programs_folder_is_not_written_to(shipped):
    files = {path: path.read_bytes() for path in shipped.folder.iterdir()}
    model = save_thresholds(shipped, STRICT, "Fewer false alarms.")
    assert {path: path.read_bytes() for path in shipped.folder.iterdir()} == files
    assert not model.shipped
    assert model.hides_shipped
    assert model.card.created == shipped.card.created
    assert [m.card.version for m in list_models()] == [2]
    delete_model("bright")
    assert find_model("bright") == shipped


def test_false_alarms_are_not_passed_off_as_those_of_the_new_thresholds(shipped):
    at_first = shipped.card.thresholds.crack
    card = save_thresholds(shipped, STRICT, "Fewer false alarms.").card
    assert card.false_alarms_from == at_first
    facts = model_facts("bright", card)
    told = how_counted(facts.results, facts.thresholds, facts.false_alarms_from)
    assert "reaches 80 %, the threshold of the model when this was counted" in told
    assert "crack from 99 % on" in told
    twice = save_thresholds(find_model("bright"), Thresholds(0.3, 0.7), "Once more.")
    assert twice.card.false_alarms_from == at_first
    back = restore_version(find_model("bright"), 1).card
    assert back.false_alarms_from == back.thresholds.crack == at_first
    assert "counted_at" not in back.metrics


def test_the_command_sets_and_restores(own, crack):
    status, said, _ = crack(
        *("models", "thresholds", "bright", "--no-crack", "0.1", "--crack", "0.9")
    )
    assert status == 0
    assert "crack from 90 % on and no crack below 10 % (version 2)" in said
    _, said, _ = crack("models", "versions", "bright", "--json")
    assert [
        (row["version"], row["no_crack"], row["crack"]) for row in json.loads(said)
    ] == [(2, 0.1, 0.9), (1, 0.2, 0.8)]
    status, said, _ = crack("models", "versions", "bright", "--restore", "1")
    assert status == 0
    assert find_model("bright").card == replace(own.card, version=3)
    assert len(said.splitlines()) == 4


def test_thresholds_the_wrong_way_round_are_refused(own, crack):
    words = ("models", "thresholds", "bright", "--no-crack", "0.9", "--crack", "0.1")
    status, _, told = crack(*words)
    assert status == 1
    assert "no crack <= crack" in told
    assert find_model("bright") == own
