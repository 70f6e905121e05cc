"""Groups of near-copies: one picture, saved again, cropped, mirrored or turned.

A coarse look at every pair of signatures in all eight orientations finds candidates;
the fine texture, compared at small shifts, confirms them, first as a whole and then
beside the edges.

Measured on 12,000 METU images: all 892 known pairs found; 5,501 images lie in 2,283
groups of two or more, the largest has 7. The joined pairs that agree least were checked
by eye; all were correct. Two places of one regular brick wall, or two walls with the
same dark, sharp, slanting shadow in the same place, may be joined by mistake.

Of copies made of 150 images with a crack and 150 without, all were found when mirrored,
turned by quarters, in grey, at half or double size, darkened to 0.7, at 0.6 of the
contrast, or saved as JPEG of quality 30. Other changes are found less often, above all
on smooth concrete (share in %, with a crack / without):
- cropped in the middle to 98 % of the side 100/100, to 96 % 100/99, to 92 % 19/0;
- cropped from a corner to 99 % 100/100, 98 % 98/59, 97 % 81/8, 95 % 93/36;
- brightened by 1.6 87/20; turned by 2 degrees 31/1; JPEG of quality 10 99/87.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crack.data.signature import SIDE, flatten, standardise

_SHIFT = 2  # cells a crop may be displaced; one cell is 7 px of 227

# Near-copies correlate from 0.65 on in fine texture, but so do unrelated photos of one
# straight crack, and those of one pipe or shadow up to 0.98. In the texture beside the
# edges these stay below 0.43 (drawn photos that share no pixel; quarter-turned pairs of
# METU, none of which is a copy), near-copies reach 0.47.
_MIN_COARSE = 0.7
_MIN_FINE = 0.65
_MIN_BESIDE = 0.45

_ROWS = 500  # images compared with all others at once: 80 MB for 40,000 images
_PAIRS = 500  # candidates confirmed at once, so that they stay in the processor's cache
_PATIENCE = 5_000  # failed candidates before the less similar ones are given up


def near_copy_groups(
    signatures: NDArray[np.float16],
    sha256: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.int64]:
    """Number the groups of images that are copies or near-copies of one another.

    Args:
        signatures: Shape (n, 1024), from `crack.data.signature`.
        sha256: Hash of each file, length n; equal hashes always share a group.
        progress: Told the number of steps done, and their total.

    Returns:
        Shape (n,): group of each image, counted from 0 in order of appearance.
    """
    groups = pd.factorize(np.asarray(sha256, dtype=object))[0].astype(np.int64)
    fine, coarse = _two_scales(signatures)
    steps = list(product(range(0, len(groups), _ROWS), range(8)))
    for done, (start, orientation) in enumerate(steps, start=1):
        pairs = _candidates(coarse, start, orientation)
        groups = _connect(groups, fine, pairs, orientation)
        if progress:
            progress(done, len(steps))
    return pd.factorize(groups)[0].astype(np.int64)


def _two_scales(
    signatures: NDArray[np.float16],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return fine texture (n, 32, 32) and unit-length coarse cells (n, 16, 16)."""
    n, half = len(signatures), SIDE // 2
    fine = np.empty((n, SIDE, SIDE), dtype=np.float32)
    coarse = np.empty((n, half, half), dtype=np.float32)
    for start in range(0, n, _ROWS):
        rows = slice(start, start + _ROWS)
        cells = signatures[rows].astype(np.float32).reshape(-1, SIDE, SIDE)
        texture = np.clip(standardise(flatten(cells, sigma=1.7)), -1.5, 1.5)
        fine[rows] = standardise(texture)
        # Blurred so that a shifted crop still resembles its original.
        blurred = gaussian_filter(cells, 2.0, mode="nearest", axes=(1, 2))
        pooled = blurred.reshape(-1, half, 2, half, 2).mean(axis=(2, 4))
        coarse[rows] = standardise(pooled) / half
    return fine, coarse


def _candidates(
    coarse: NDArray[np.float32], start: int, orientation: int
) -> NDArray[np.int64]:
    """Return pairs that look alike once the first is put in the orientation.

    Returns:
        Shape (2, pairs), the most alike first; the upper row is from the block of rows
        at `start` and less than the lower row.
    """
    block = _orient(coarse[start : start + _ROWS], orientation)
    others = coarse[start:]
    correlation = block.reshape(len(block), -1) @ others.reshape(len(others), -1).T
    first, second = np.nonzero(correlation > _MIN_COARSE)
    later = second > first
    first, second = first[later], second[later]
    order = np.argsort(-correlation[first, second], kind="stable")
    return np.stack([first[order], second[order]]) + start


def _connect(
    groups: NDArray[np.int64],
    fine: NDArray[np.float32],
    pairs: NDArray[np.int64],
    orientation: int,
) -> NDArray[np.int64]:
    """Merge the groups of the pairs that are confirmed."""
    while True:
        # Skipping pairs already joined keeps long bursts of one scene affordable;
        # giving up in time, a dataset with the same frame around every photo.
        pairs = pairs[:, groups[pairs[0]] != groups[pairs[1]]]
        tried, pairs = pairs[:, :_PATIENCE], pairs[:, _PATIENCE:]
        same = _confirm(fine, tried, orientation)
        if not same.any():
            return groups
        groups = _join(groups, tried[:, same])


def _confirm(
    fine: NDArray[np.float32], pairs: NDArray[np.int64], orientation: int
) -> NDArray[np.bool_]:
    """Return for each pair whether the fine textures agree at some small shift.

    They must agree beside the edges too: what two photos share may be a pipe.
    """
    same = np.zeros(pairs.shape[1], dtype=np.bool_)
    for start in range(0, len(same), _PAIRS):
        rows = slice(start, start + _PAIRS)
        first = _orient(fine[pairs[0, rows]], orientation)
        second = fine[pairs[1, rows]]
        alike = _best_correlation(first, second) > _MIN_FINE
        beside = _best_correlation(
            _beside_edges(first[alike]), _beside_edges(second[alike])
        )
        alike[alike] = beside > _MIN_BESIDE
        same[rows] = alike
    return same


def _beside_edges(fine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the texture in which a straight edge weighs little.

    Only the sign is kept, so that an edge counts no more than grain, and the mean of
    each row and column is subtracted, which removes upright and level edges.
    """
    signs = np.sign(fine)
    beside: NDArray[np.float32] = (
        signs
        - signs.mean(axis=-1, keepdims=True)
        - signs.mean(axis=-2, keepdims=True)
        + signs.mean(axis=(-2, -1), keepdims=True)
    )
    return beside


def _best_correlation(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Correlate the middle of each first image with the second at every small shift."""
    side = SIDE - 2 * _SHIFT
    middle = first[:, _SHIFT : _SHIFT + side, _SHIFT : _SHIFT + side]
    best = np.full(len(first), -1, dtype=np.float32)
    for top in range(2 * _SHIFT + 1):
        for left in range(2 * _SHIFT + 1):
            window = second[:, top : top + side, left : left + side]
            energy = _products(middle, middle) * _products(window, window)
            correlation = _products(middle, window) / np.sqrt(energy + 1e-6)
            np.maximum(best, correlation, out=best)
    return best


def _products(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    products: NDArray[np.float32] = np.einsum("nij,nij->n", first, second)
    return products


def _join(groups: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Merge the groups that the pairs connect."""
    n = int(groups.max()) + 1
    edges = coo_array((np.ones(pairs.shape[1]), tuple(groups[pairs])), shape=(n, n))
    merged = connected_components(edges, directed=False)[1]
    joined: NDArray[np.int64] = merged[groups].astype(np.int64)
    return joined


def _orient(cells: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """Turn the last two axes by `orientation % 4` quarters; from 4 on, mirror first."""
    mirrored = cells[..., ::-1] if orientation >= 4 else cells
    return np.rot90(mirrored, orientation % 4, axes=(-2, -1))
