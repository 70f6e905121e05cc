from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
from scipy.special import softmax

from crack.adaptation.folder import fingerprint, graph_with_head
from crack.inference.engine import Engine
from tests.conftest import write_graph


@pytest.fixture
def images():
    return np.random.default_rng(3).integers(0, 256, (3, 64, 96, 3), np.uint8)


@pytest.mark.parametrize("crack_index", [0, 1])
def test_a_graph_gets_another_head_and_keeps_the_rest(
    model_folder, tmp_path, images, crack_index
):
    kernel = np.array([[0.02, -0.01], [0.005, 0.03]], np.float32)
    bias = np.array([0.3, -0.4], np.float32)
    before = Engine(model_folder / "graph.xml").run(images)
    graph = ov.Core().read_model(model_folder / "graph.xml")
    changed = graph_with_head(graph, kernel, bias, crack_index)
    ov.save_model(changed, tmp_path / "graph.xml", compress_to_fp16=False)
    probabilities, activation_map, *rest = Engine(tmp_path / "graph.xml").run(images)

    features = before[2]
    scores = features.mean((1, 2)) @ kernel + bias
    np.testing.assert_allclose(probabilities, softmax(scores, axis=1), atol=1e-5)
    sides = features @ kernel + bias
    expected = sides[..., crack_index] - sides[..., 1 - crack_index]
    np.testing.assert_allclose(activation_map, expected, atol=1e-4)
    assert len(rest) == len(before) - 2
    for same, kept in zip(rest, before[2:], strict=True):
        np.testing.assert_array_equal(same, kept)


def test_a_fingerprint_tells_one_graph_from_another(model_folder, tmp_path):
    first = fingerprint(model_folder)
    assert first == fingerprint(model_folder)
    write_graph(tmp_path, zero=127.5, slope=0.2)
    assert fingerprint(tmp_path) != first
