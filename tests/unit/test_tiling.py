from __future__ import annotations

import numpy as np
import pytest

from crack.inference import tiling
from crack.inference.engine import Engine
from crack.inference.tiling import run_level
from tests.conftest import CELL, write_graph


@pytest.fixture
def engine(model_folder):
    return Engine(model_folder / "graph.xml")


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)


def means(image: np.ndarray, cell: int = CELL) -> np.ndarray:
    """What the test model says of each whole cell, as log-odds."""
    rows, columns = image.shape[0] // cell, image.shape[1] // cell
    whole = image[: rows * cell, : columns * cell].astype(float)
    cells = whole.reshape(rows, cell, columns, cell, 3).mean((1, 3, 4))
    return (cells - 127.5) * 0.1


@pytest.mark.parametrize("most", [10**9, 300_000, 120_000])
@pytest.mark.parametrize("size", [(64, 64), (640, 1600), (1600, 640), (1000, 999)])
def test_blocks_give_the_map_of_a_single_pass(engine, monkeypatch, most, size):
    monkeypatch.setattr(tiling, "MOST_PIXELS", most)
    image = picture(*size)
    level = run_level(engine, image, tile=64)
    rows, columns = -(-size[0] // CELL), -(-size[1] // CELL)
    assert level.activation_map.shape == (rows, columns)
    expected = means(image)
    inside = level.activation_map[: len(expected), : expected.shape[1]]
    np.testing.assert_allclose(inside, expected, atol=2e-3)


@pytest.mark.parametrize("stride", [8, 16, 64])
def test_the_side_of_a_cell_is_that_of_the_network(tmp_path, monkeypatch, stride):
    write_graph(tmp_path, zero=127.5, slope=0.1, stride=stride)
    monkeypatch.setattr(tiling, "MOST_PIXELS", 200_000)
    image = picture(640, 704)
    level = run_level(Engine(tmp_path / "graph.xml"), image, tile=128)
    assert level.cell == stride
    expected = means(image, stride)
    np.testing.assert_allclose(level.activation_map, expected, atol=2e-3)


def test_no_pass_is_larger_than_agreed(engine, monkeypatch):
    passes = []

    class Watched:
        stride = engine.stride

        def run(self, images):
            passes.append(images.shape)
            return engine.run(images)

    monkeypatch.setattr(tiling, "MOST_PIXELS", 200_000)
    run_level(Watched(), picture(1500, 1100), tile=64)
    assert len(passes) > 1
    assert len(set(passes)) == 1
    assert all(height * width <= 200_000 for _, height, width, _ in passes)


def test_the_last_output_is_pooled_over_tiles(engine):
    level = run_level(engine, picture(640, 320), tile=160)
    assert level.described.shape == (4 * 2, 2)
    np.testing.assert_allclose(level.described.sum(1), 255, rtol=1e-4)
    assert level.features is None


@pytest.mark.parametrize("most", [10**9, 120_000])
def test_features_are_kept_for_each_cell_if_asked_for(engine, monkeypatch, most):
    monkeypatch.setattr(tiling, "MOST_PIXELS", most)
    level = run_level(engine, picture(640, 704), tile=160, keep_features=True)
    assert level.features.shape == (*level.activation_map.shape, 2)
    grey = level.activation_map / 0.1 + 127.5
    np.testing.assert_allclose(level.features[..., 0], grey, rtol=1e-3)


def test_the_edge_of_a_picture_is_carried_on_not_blackened(engine):
    bright = np.full((70, 70, 3), 255, np.uint8)
    level = run_level(engine, bright, tile=64)
    np.testing.assert_allclose(level.activation_map, 12.75, rtol=1e-4)
