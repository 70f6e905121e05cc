"""A picture of any size through the network, in blocks that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crack.inference.engine import Engine

MOST_PIXELS = 2_600_000
"""In one pass; MobileNetV2 needs about 200 bytes for each."""

MARGIN = 96
"""Pixels of surroundings around a block that the network also sees. Without them,
log-odds at the seams are off by up to 11, with 64 px by 3.4, with 96 px by 0.9 (0.003
on average), with 160 px by 0.002; a photo of 12 megapixels then takes 18 % longer."""


@dataclass(frozen=True)
class Level:
    """The output of the network for a picture at one size.

    Attributes:
        height: Of the picture in pixels.
        width: Of the picture in pixels.
        activation_map: float32 array (rows, columns), log-odds of a crack in each
            cell; the last ones may extend beyond the edge.
        described: float32 array (n, channels): the last output of the graph, by which
            photos unlike the training images are told, pooled over tiles beside each
            other.
        cell: Side in pixels of one position of the activation map.
        features: float16 array (rows, columns, channels) that the head turns into the
            activation map, None unless they were asked for.
    """

    height: int
    width: int
    activation_map: NDArray[np.float32]
    described: NDArray[np.float32]
    cell: int
    features: NDArray[np.float16] | None = None


@dataclass(frozen=True)
class _Span:
    """A block along one axis: its position, and the part that is used, in cells."""

    start: int
    stop: int
    counts_from: int
    counts_to: int

    @property
    def core(self) -> slice:
        """The part that is used, relative to the block."""
        return slice(self.counts_from - self.start, self.counts_to - self.start)

    @property
    def whole(self) -> slice:
        """The same part, relative to the picture."""
        return slice(self.counts_from, self.counts_to)


def run_level(
    engine: Engine, image: NDArray[np.uint8], tile: int, *, keep_features: bool = False
) -> Level:
    """Pass a picture through the network.

    Args:
        engine: Of a graph as `crack.model.export.inference_graph` makes it.
        image: uint8 array (height, width, 3), at least a tile high and wide.
        tile: Side in pixels over which the last output is pooled.
        keep_features: Whether to return the features too: 250 MB for 100 megapixels.
    """
    cell = engine.stride
    height, width, _ = image.shape
    rows, columns = -(-height // cell), -(-width // cell)
    activation_map = np.empty((rows, columns), np.float32)
    described, features = [], []
    overlap = 2 * MARGIN // cell
    down, across = _grid(rows, columns, overlap, MOST_PIXELS // cell**2)
    for vertical in _spans(rows, down, overlap):
        for horizontal in _spans(columns, across, overlap):
            block = _cut(image, vertical, horizontal, cell)
            outputs = [output[0] for output in engine.run(block[None])]
            core = vertical.core, horizontal.core
            whole = vertical.whole, horizontal.whole
            activation_map[whole] = outputs[1][core]
            described.append(_pooled(outputs[-1][core], tile // cell))
            if keep_features:
                features.append((whole, outputs[2][core].astype(np.float16)))
    return Level(
        height,
        width,
        activation_map,
        np.concatenate(described),
        cell,
        _joined(features, rows, columns) if keep_features else None,
    )


def _joined(
    parts: list[tuple[tuple[slice, slice], NDArray[np.float16]]],
    rows: int,
    columns: int,
) -> NDArray[np.float16]:
    joined = np.empty((rows, columns, parts[0][1].shape[-1]), np.float16)
    for whole, part in parts:
        joined[whole] = part
    return joined


def _grid(rows: int, columns: int, overlap: int, most: int) -> tuple[int, int]:
    """Return the smallest number of blocks, down and across, of limited size."""
    down = across = 1
    while True:
        high, wide = _length(rows, down, overlap), _length(columns, across, overlap)
        if high * wide <= most:
            return down, across
        if high > wide:
            down += 1
        else:
            across += 1


def _length(cells: int, count: int, overlap: int) -> int:
    """Return the number of cells in each of several overlapping blocks."""
    return -(-(cells + (count - 1) * overlap) // count)


def _spans(cells: int, count: int, overlap: int) -> Iterator[_Span]:
    """Yield blocks of equal length, since each new size costs the engine time.

    Neighbours share at least `overlap` cells; each is used up to the middle of them.
    """
    length = _length(cells, count, overlap)
    starts = np.linspace(0, cells - length, count).round().astype(int).tolist()
    seams = [(a + length + b) // 2 for a, b in pairwise(starts)]
    parts = pairwise([0, *seams, cells])
    for start, (low, high) in zip(starts, parts, strict=True):
        yield _Span(start, start + length, low, high)


def _cut(
    image: NDArray[np.uint8], vertical: _Span, horizontal: _Span, cell: int
) -> NDArray[np.uint8]:
    """Return a block, padded with the picture's edge if the picture ends before it."""
    top, left = vertical.start * cell, horizontal.start * cell
    bottom, right = vertical.stop * cell, horizontal.stop * cell
    block = image[top:bottom, left:right]
    missing = (bottom - top - block.shape[0], right - left - block.shape[1])
    if any(missing):
        block = np.pad(block, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    return block


def _pooled(places: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return the mean over tiles of `side` positions, ignoring a remainder."""
    rows, columns, channels = places.shape
    high, wide = min(side, rows), min(side, columns)
    down, across = rows // high, columns // wide
    whole = places[: down * high, : across * wide]
    tiles = whole.reshape(down, high, across, wide, channels).mean((1, 3))
    return np.asarray(tiles.reshape(-1, channels))
