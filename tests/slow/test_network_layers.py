"""The layers kept for the dashboard are those of the real Keras models."""

from __future__ import annotations

import re

import numpy as np
import pytest

from crack.runs.backbones import MOBILENET_V2
from crack.runs.layers import NETWORKS, network_blocks
from tools.network_layers import as_text, blocks_of

pytestmark = pytest.mark.slow


def test_the_file_is_what_the_tool_writes():
    kept = (NETWORKS / f"{MOBILENET_V2.name}.json").read_text(encoding="utf-8")
    assert as_text(blocks_of(MOBILENET_V2)) == kept


@pytest.mark.parametrize("side", [32, 96, 160, 224, 352])
def test_names_shapes_and_counts_are_those_of_keras(side):
    import keras

    model = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(side, side, 3)
    )
    kept = [layer for block in network_blocks(MOBILENET_V2) for layer in block.layers]
    for layer, real in zip(kept, model.layers, strict=True):
        # Keras numbers the inputs of all models of a process.
        assert layer.name == re.sub(r"^input_layer_\d+$", "input_layer", real.name)
        assert layer.type == type(real).__name__
        assert (None, *layer.shape(side)) == real.output.shape
        assert layer.parameters == real.count_params()
        trainable = sum(int(np.prod(w.shape)) for w in real.trainable_weights)
        assert layer.trainable == trainable
