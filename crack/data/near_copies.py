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
from scipy.fft import dct
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

# Most pairs are far from alike. For those, some waves of the coarse cells are enough to
# tell; 63 have nine tenths of what there is in METU, and take a quarter of the time.
_WAVES = 63
_INEXACT = 1e-3  # what single precision may take off the bound made of the waves

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
    waves = _waves(coarse)
    bounds = _bounds(coarse, waves)
    # Once for each image: each is compared with many.
    energies = _window_energies(fine)
    steps = list(product(range(0, len(groups), _ROWS), range(8)))
    for done, (start, orientation) in enumerate(steps, start=1):
        pairs = _candidates(coarse, waves, bounds, start, orientation)
        groups = _connect(groups, fine, energies, pairs, orientation)
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


def _waves(coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the waves that have most of the coarse cells, shape (256, 63).

    They stand at right angles to one another and have length 1.
    """
    half = SIDE // 2
    across = dct(np.eye(half), norm="ortho", axis=0)
    waves = np.kron(across, across).astype(np.float32)
    power = np.zeros(half * half)
    for start in range(0, len(coarse), _ROWS):
        parts = _flat(coarse[start : start + _ROWS]) @ waves.T
        power += np.square(parts, dtype=np.float64).sum(axis=0)
    return waves[np.argsort(-power, kind="stable")[:_WAVES]].T


def _bounds(
    coarse: NDArray[np.float32], waves: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return numbers whose product is at least the correlation of the coarse cells.

    Returns:
        Shape (n, 64): the part in each wave, and the length of all the rest, as the
        rests of two pictures have no larger product than their lengths.
    """
    cells = _flat(coarse)
    parts = cells @ waves
    rest = np.square(cells).sum(axis=1) - np.square(parts).sum(axis=1)
    return np.column_stack([parts, np.sqrt(np.maximum(rest, 0))])


def _flat(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    return cells.reshape(len(cells), cells.shape[1] * cells.shape[2])


def _candidates(
    coarse: NDArray[np.float32],
    waves: NDArray[np.float32],
    bounds: NDArray[np.float32],
    start: int,
    orientation: int,
) -> NDArray[np.int64]:
    """Return pairs that look alike once the first is put in the orientation.

    Returns:
        Shape (2, pairs), the most alike first; the upper row is from the block of rows
        at `start` and less than the lower row.
    """
    block = _orient(coarse[start : start + _ROWS], orientation)
    at_most = _bounds(block, waves) @ bounds[start:].T
    near = np.flatnonzero((at_most > _MIN_COARSE - _INEXACT).any(axis=0))
    correlation = _flat(block) @ _flat(coarse[start + near]).T
    # In one dimension, finding what is true is many times as fast.
    places = np.flatnonzero(correlation > _MIN_COARSE)
    first, column = np.divmod(places, max(1, len(near)))
    second = near[column]
    later = second > first
    order = np.argsort(-correlation.ravel()[places[later]], kind="stable")
    return np.stack([first[later][order], second[later][order]]) + start


def _connect(
    groups: NDArray[np.int64],
    fine: NDArray[np.float32],
    energies: NDArray[np.float32],
    pairs: NDArray[np.int64],
    orientation: int,
) -> NDArray[np.int64]:
    """Merge the groups of the pairs that are confirmed."""
    while True:
        # Skipping pairs already joined keeps long bursts of one scene affordable;
        # giving up in time, a dataset with the same frame around every photo.
        pairs = pairs[:, groups[pairs[0]] != groups[pairs[1]]]
        tried, pairs = pairs[:, :_PATIENCE], pairs[:, _PATIENCE:]
        same = _confirm(fine, energies, tried, orientation)
        if not same.any():
            return groups
        groups = _join(groups, tried[:, same])


def _confirm(
    fine: NDArray[np.float32],
    energies: NDArray[np.float32],
    pairs: NDArray[np.int64],
    orientation: int,
) -> NDArray[np.bool_]:
    """Return for each pair whether the fine textures agree at some small shift.

    They must agree beside the edges too: what two photos share may be a pipe.
    """
    same = np.zeros(pairs.shape[1], dtype=np.bool_)
    for start in range(0, len(same), _PAIRS):
        rows = slice(start, start + _PAIRS)
        first = _orient(fine[pairs[0, rows]], orientation)
        second = fine[pairs[1, rows]]
        energy = energies[:, pairs[1, rows]]
        alike = _best_correlation(first, second, energy) > _MIN_FINE
        second = _beside_edges(second[alike])
        beside = _best_correlation(
            _beside_edges(first[alike]), second, _window_energies(second)
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


def _windows(cells: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return what is seen of each image at every small shift, the middle halfway."""
    shifts = range(2 * _SHIFT + 1)
    side = SIDE - 2 * _SHIFT
    return [
        cells[:, top : top + side, left : left + side]
        for top, left in product(shifts, shifts)
    ]


def _window_energies(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of squares of each window, shape (25, n)."""
    return np.stack([_products(window, window) for window in _windows(cells)])


def _best_correlation(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    energies: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Correlate the middle of each first image with the second at every small shift.

    Args:
        first: Shape (n, 32, 32).
        second: Shape (n, 32, 32).
        energies: Of the windows of `second`.
    """
    windows = _windows(first)
    middle = windows[len(windows) // 2]
    energy = _products(middle, middle)
    best = np.full(len(first), -1, dtype=np.float32)
    for window, other in zip(_windows(second), energies, strict=True):
        correlation = _products(middle, window) / np.sqrt(energy * other + 1e-6)
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
