"""The folder of an adapted model: the old network with the new head.

The graph is that of the old model up to its features, bit for bit, so that what tells
photos unlike the training data stays valid.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from crack import settings, storage
from crack.adaptation.examples import HeadChange
from crack.adaptation.replay import Replay
from crack.evaluation.holdout import SEEN_FILE, add_seen
from crack.inference.card import ModelCard
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import GRAPH_FILE
from crack.runs.registry import Model, find_model

_KEPT = (OOD_FILE, SEEN_FILE, "split.csv")
_FEATURES = 2  # place among the outputs of a graph


def write_adapted(
    base: Model,
    change: HeadChange,
    card: ModelCard,
    replay: Replay | None,
    sha256: Iterable[str],
) -> Model:
    """Write a model that is another one with a changed head.

    Args:
        base: The model it is made from.
        change: What is added to the log-odds of a crack before calibration.
        card: Of the new model; its name is that of the folder.
        replay: What the new model keeps to be adapted again.
        sha256: Of what it was adapted to, as of `crack.evaluation.holdout.contents`.
    """
    crack_index = card.class_names.index(card.crack_class)
    with storage.new_folder(settings.models_dir() / card.name) as folder:
        for name in _KEPT:
            if (base.folder / name).exists():
                shutil.copyfile(base.folder / name, folder / name)
        kernel, bias = _write_keras(base.folder, folder, change, crack_index)
        graph = ov.Core().read_model(base.folder / GRAPH_FILE)
        changed = graph_with_head(graph, kernel, bias, crack_index)
        ov.save_model(changed, folder / GRAPH_FILE, compress_to_fp16=False)
        add_seen(folder, sha256)
        if replay is not None:
            replay.write(folder)
        card.write(folder)
    return find_model(card.name)


def graph_with_head(
    graph: ov.Model,
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
    crack_index: int,
) -> ov.Model:
    """Return a graph as of `crack.model.export.inference_graph` with another head.

    Args:
        graph: With the features as its third output.
        kernel: float32 array (channels, 2).
        bias: float32 array (2,).
        crack_index: Position of the crack class among the probabilities.
    """
    outputs = [result.input_value(0) for result in graph.get_results()]
    features = outputs[_FEATURES]
    pooled = ops.reduce_mean(features, np.array([1, 2]), keep_dims=False)
    scores = ops.add(ops.matmul(pooled, kernel, False, False), bias[None])
    sides = [crack_index, 1 - crack_index]
    of_crack = kernel[:, sides] @ np.array([[1], [-1]], np.float32)
    at_each_place = ops.matmul(features, of_crack, False, False)
    log_odds = ops.add(at_each_place, np.float32(bias[sides[0]] - bias[sides[1]]))
    activation_map = ops.squeeze(log_odds, np.array([3]))
    head = [ops.softmax(scores, 1).output(0), activation_map.output(0)]
    return ov.Model([*head, *outputs[_FEATURES:]], graph.get_parameters())


def fingerprint(folder: Path) -> str:
    """Return a hash of the graph of a model, which no other model has."""
    content = hashlib.sha256()
    for suffix in (".xml", ".bin"):
        content.update((folder / GRAPH_FILE).with_suffix(suffix).read_bytes())
    return content.hexdigest()[:16]


def _write_keras(
    base: Path, folder: Path, change: HeadChange, crack_index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Write the Keras file with the new head; return its kernel and bias."""
    # Takes seconds and most of a gigabyte, so only once there is something to write.
    from crack.model.export import KERAS_FILE  # isort: skip - tells Keras its folder
    import keras

    model = keras.models.load_model(base / KERAS_FILE, compile=False, safe_mode=True)
    kernel, bias = model.layers[-1].get_weights()
    # Half to each side: only the difference of the two counts.
    for side, half in ((crack_index, 0.5), (1 - crack_index, -0.5)):
        kernel[:, side] += half * change.kernel
        bias[side] += half * change.bias
    model.layers[-1].set_weights([kernel, bias])
    model.save(folder / KERAS_FILE)
    return kernel, bias
