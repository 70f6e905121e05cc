from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from crack.errors import CrackError
from crack.runs.backbones import BACKBONES, find_backbone
from crack.runs.config import PRESETS, Phase, PhaseConfig, TrainConfig
from crack.settings import PROJECT

CONFIG = PRESETS["recommended"].for_dataset("walls")


def with_rate(rate: float) -> TrainConfig:
    return replace(CONFIG, fine_tune=PhaseConfig(5, "adam", rate))


def with_epochs(frozen: int, fine_tune: int) -> TrainConfig:
    return replace(
        CONFIG,
        frozen=replace(CONFIG.frozen, epochs=frozen),
        fine_tune=replace(CONFIG.fine_tune, epochs=fine_tune),
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_trained_with(name):
    config = PRESETS[name].for_dataset("walls")
    config.check()
    assert (config.preset, config.dataset) == (name, "walls")


def test_making_a_preset_for_a_dataset_leaves_the_preset_without_one():
    PRESETS["reference"].for_dataset("walls")
    assert PRESETS["reference"].config.dataset == ""


def test_the_reference_preset_is_the_published_recipe():
    config = PRESETS["reference"].config
    assert config.frozen == PhaseConfig(5, "adam", 1e-4, "constant")
    assert config.fine_tune == PhaseConfig(5, "rmsprop", 1e-5, "constant")
    assert (config.image_size, config.batch_size) == (160, 32)
    assert (config.dropout, config.fine_tune_at) == (0.3, 100)
    assert config.backbone == "imagenet"


def test_without_a_word_a_training_starts_from_the_embedded_backbone():
    assert PRESETS["recommended"].config.backbone == "surfaces"
    assert TrainConfig("walls", CONFIG.frozen, CONFIG.fine_tune).backbone == "surfaces"
    assert next(iter(BACKBONES)) == "surfaces"


def test_a_config_survives_json():
    config = replace(CONFIG, patience=3, split="random", seed=5)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_a_phase_without_epochs_is_left_out():
    assert [phase for phase, _ in CONFIG.phases] == [Phase.FROZEN, Phase.FINE_TUNE]
    assert [phase for phase, _ in with_epochs(0, 3).phases] == [Phase.FINE_TUNE]
    assert with_epochs(2, 3).epochs == 5


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (with_epochs(0, 0), "epochs"),
        (with_epochs(-1, 5), "epochs"),
        (with_epochs(5, -1), "epochs"),
        (replace(CONFIG, image_size=0), "image size"),
        (replace(CONFIG, image_size=100), "image size"),
        (replace(CONFIG, image_size=544), "image size"),
        (replace(CONFIG, image_size=-32), "image size"),
        (replace(CONFIG, batch_size=0), "batch size"),
        (replace(CONFIG, batch_size=1025), "batch size"),
        (replace(CONFIG, dropout=1.0), "dropout"),
        (replace(CONFIG, dropout=-0.1), "dropout"),
        (replace(CONFIG, dropout=math.nan), "dropout"),
        (replace(CONFIG, views=0), "views"),
        (replace(CONFIG, views=17), "views"),
        (replace(CONFIG, fine_tune_at=-1), "fine-tune layer"),
        (replace(CONFIG, fine_tune_at=154), "fine-tune layer"),
        (replace(CONFIG, patience=0), "patience"),
        (replace(CONFIG, split="stratified"), "split"),
        (replace(CONFIG, seed=-1), "seed"),
        (replace(CONFIG, seed=2**32), "seed"),
        (with_rate(0), "learning rate"),
        (with_rate(math.nan), "learning rate"),
        (with_rate(math.inf), "learning rate"),
    ],
)
def test_a_value_that_cannot_be_trained_with_is_named(config, name):
    with pytest.raises(CrackError, match=f"The {name} must be"):
        config.check()


@pytest.mark.parametrize(
    "changes",
    [
        {"image_size": 32},
        {"image_size": 512},
        {"batch_size": 1},
        {"dropout": 0.0},
        {"fine_tune_at": 0},
        {"fine_tune_at": 153},
        {"patience": 1},
        {"seed": 0},
        {"views": 16},
    ],
)
def test_the_bounds_themselves_are_allowed(changes):
    replace(CONFIG, **changes).check()


def test_an_unknown_backbone_is_told_with_those_there_are():
    with pytest.raises(CrackError, match="no backbone named 'resnet'") as caught:
        replace(CONFIG, backbone="resnet").check()
    assert all(name in caught.value.hint for name in BACKBONES)


def test_the_embedded_weights_lie_with_the_program():
    path = BACKBONES["surfaces"].embedded_weights
    assert path == PROJECT / "models" / "backbones" / "surfaces" / "weights.npz"


@pytest.mark.parametrize("name", BACKBONES)
def test_a_backbone_is_found_by_its_name_and_can_be_fine_tuned(name):
    backbone = find_backbone(name)
    assert backbone.name == name
    assert 0 <= backbone.fine_tune_at < backbone.network.layers


def test_another_backbone_brings_the_layer_it_is_fine_tuned_from(monkeypatch):
    deeper = replace(find_backbone("random"), name="deeper", fine_tune_at=120)
    monkeypatch.setitem(BACKBONES, "deeper", deeper)
    config = replace(CONFIG, fine_tune_at=90)
    assert config.with_backbone("deeper").fine_tune_at == 120
    assert config.with_backbone(CONFIG.backbone) == config
