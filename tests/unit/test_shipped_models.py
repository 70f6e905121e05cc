"""What comes in models/ is whole, and does what its card says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from crack import settings
from crack.adaptation.replay import Replay
from crack.evaluation.holdout import SEEN_FILE
from crack.inference.photo_rule import RULE, STRONGEST_WEIGHT
from crack.inference.predictor import Predictor
from crack.runs.registry import DEFAULT_MODEL, find_model
from crack.storage import read_json
from crack.synthetic.sample_files import CRACK, NO_CRACK, write_patches
from tools.default_sources import SOURCES


@pytest.fixture
def card(crack_home):
    return find_model(DEFAULT_MODEL).card


def test_the_default_model_came_with_the_program(card):
    assert find_model(DEFAULT_MODEL).shipped
    assert card.name == DEFAULT_MODEL
    assert card.backbone == "imagenet"
    assert card.parameters["fine_tune_at"] == 100
    assert card.strongest_weight == STRONGEST_WEIGHT
    assert "no replacement for an inspection" in card.notes
    assert card.rule == RULE


def test_its_card_tells_each_test_set_with_source_and_interval(card):
    sets = card.metrics["sets"]
    assert {"metu", "drones", "damage", "roads", "textures", "drawn"} <= {
        entry["name"] for entry in sets
    }
    for entry in sets:
        assert entry["kind"] in ("photos", "drawn")
        assert isinstance(entry["in_training"], bool)
        assert entry["title"]
        assert entry["credit"]
        assert entry["n"] >= 200
        low, high = entry["accuracy_interval"]
        assert 0 <= low <= entry["accuracy"] <= high <= 1
        alarms = entry["false_alarms"]
        assert 0 <= alarms["count"] <= alarms["total"] <= entry["n"]


def test_it_says_which_images_it_has_seen(card):
    seen = np.load(find_model(DEFAULT_MODEL).folder / SEEN_FILE)
    served = card.dataset["train"] + card.dataset["val"]
    photos = 200 + 36 + 120 + 50  # from which crops are cut; some were held out
    assert 0.9 * served < len(seen) <= served + photos  # some files are there twice


def test_the_old_images_it_keeps_are_named_as_in_its_card(card):
    kept = Replay.read(find_model(DEFAULT_MODEL).folder)
    sources = set(kept.source)
    assert sources == {source.title for source in SOURCES.values()}
    assert all(f"{source}: " in card.dataset["source"] for source in sources)


@pytest.mark.parametrize("document", ["README.md", "docs/benchmarks.md"])
def test_the_documents_tell_the_numbers_of_the_card(card, document):
    text = (settings.PROJECT / document).read_text(encoding="utf-8")
    for entry in card.metrics["sets"]:
        alarms = entry["false_alarms"]
        start = f"| {entry['title']} | {entry['n']} | {share(entry['accuracy'])} ("
        found = f"| {entry['auroc']:.4f} | {share(entry['recall'])} |"
        row = next(line for line in text.splitlines() if line.startswith(start))
        assert f"{found} {alarms['count']} of {alarms['total']} (" in row


def share(value: float) -> str:
    return f"{100 * value:.1f} %"


def test_the_default_model_tells_drawn_cracks_from_sound_surfaces(tmp_path):
    for number in range(1, 13):
        write_patches(tmp_path, number)
    files = sorted((tmp_path / CRACK).iterdir()) + sorted(
        (tmp_path / NO_CRACK).iterdir()
    )
    predictor = Predictor(settings.SHIPPED_MODELS / DEFAULT_MODEL)
    answers = list(predictor.predict((file.name, file) for file in files))
    cracked = np.array([file.parent.name == CRACK for file in files])
    assert 20 < cracked.sum() < len(files) - 20
    probability = [answer.probability for answer in answers]
    assert roc_auc_score(cracked, probability) > 0.9


def test_the_card_of_the_backbone_says_how_it_was_made():
    card = read_json(settings.SHIPPED_MODELS / "backbones" / "surfaces" / "card.json")
    assert card["initialisation"] == "random"
    assert "imitated, not copied" in card["targets"]["features"]
    assert card["recipe"]["seed"]
    assert card["results"]["linear_probe_160_px"]["val_accuracy"] >= 0.993


def test_what_ships_is_small():
    files = [path for path in settings.SHIPPED_MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 20_000_000
