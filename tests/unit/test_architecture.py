"""The network as it is told of without Keras: its layers, and what learns when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crack.runs.architecture import architecture_of
from crack.runs.backbones import BACKBONES, MOBILENET_V2
from crack.runs.config import PRESETS, Phase
from crack.runs.layers import network_blocks

RECOMMENDED = PRESETS["recommended"].for_dataset("walls")


def network(**changes):
    return architecture_of(replace(RECOMMENDED, **changes))


def part(title, **changes):
    return next(p for p in network(**changes).parts if p.title == title)


@pytest.mark.parametrize("row", BACKBONES.values(), ids=lambda row: row.name)
def test_the_layers_of_each_backbone_are_known(row):
    layers = [layer for block in network_blocks(row.network) for layer in block.layers]
    assert len(layers) == row.network.layers
    assert layers[-1].channels == row.network.features
    assert layers[-1].stride == row.network.stride
    assert architecture_of(RECOMMENDED.with_backbone(row.name)).parameters == 2_260_546


def test_blocks_follow_each_other():
    first = 0
    for block in network_blocks(MOBILENET_V2):
        assert block.first == first
        first += len(block.layers)


def test_multiply_adds_are_those_that_were_published():
    blocks = network_blocks(MOBILENET_V2)
    layers = [layer for block in blocks for layer in block.layers]
    thousand_classes = 1280 * 1000
    counted = sum(layer.multiply_adds(224) for layer in layers) + thousand_classes
    # Sandler et al. 2018, Table 4: 300 M for MobileNetV2 1.0 at 224 px.
    assert counted == pytest.approx(300e6, rel=0.005)
    stem = layers[1]
    assert stem.name == "Conv1"
    assert stem.multiply_adds(160) == 3 * 3 * 3 * 32 * 80 * 80
    depthwise = layers[4]
    assert depthwise.multiply_adds(160) == 3 * 3 * 32 * 80 * 80
    assert layers[2].multiply_adds(160) == 0


def test_the_phases_train_as_many_parameters_as_a_training_counts():
    shown = network()
    assert shown.trained(Phase.FROZEN) == 2562
    assert shown.trained(Phase.FINE_TUNE) == 1_861_440 + 2562
    assert shown.head.trained(Phase.FINE_TUNE) == 2562


def test_a_stage_is_cut_where_fine_tuning_begins():
    cut = part("Stage 5")
    assert cut.with_weights == 18
    assert cut.learning(Phase.FROZEN) == 0
    assert cut.learning(Phase.FINE_TUNE) == 10
    learns = [layer.name for layer in cut.layers if layer.learns_in]
    assert learns[0] == "block_11_depthwise"
    assert part("Stage 4").learning(Phase.FINE_TUNE) == 0
    assert part("Stage 6").learning(Phase.FINE_TUNE) == 18


def test_every_freeze_point_trains_what_lies_above_it():
    blocks = network_blocks(MOBILENET_V2)
    layers = [layer for block in blocks for layer in block.layers]
    for at in range(MOBILENET_V2.layers):
        above = sum(layer.trainable for layer in layers[at:])
        assert network(fine_tune_at=at).trained(Phase.FINE_TUNE) == above + 2562


@pytest.mark.parametrize("side", [32, 96, 224, 512])
def test_shapes_follow_the_image_size(side):
    shown = network(image_size=side)
    assert shown.parts[0].shape == (side, side, 3)
    assert part("Stem", image_size=side).shape == (side // 2, side // 2, 32)
    assert part("Top", image_size=side).shape == (side // 32, side // 32, 1280)
    pad = part("Stage 6", image_size=side).layers[3]
    assert pad.shape == (side // 16 + 1, side // 16 + 1, 576)
    assert shown.parts[-1].shape == (2,)


def test_a_phase_without_epochs_is_left_out():
    without = replace(RECOMMENDED.fine_tune, epochs=0)
    shown = network(fine_tune=without)
    assert shown.phases == (Phase.FROZEN,)
    assert shown.trained(Phase.FINE_TUNE) == 0
    none = replace(RECOMMENDED.frozen, epochs=0)
    assert network(fine_tune=without, frozen=none).phases == tuple(Phase)
