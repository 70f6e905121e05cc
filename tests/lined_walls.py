"""Walls as METU's, half of them with a dark line down the middle as a crack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.data.dataset import Dataset
from crack.data.importer import add_dataset

SIDE = 227  # px, as METU's

Wall = Callable[[np.random.Generator], NDArray[np.uint8]]


def add_lined_walls(folder: Path, count: int, wall: Wall) -> Dataset:
    """Write walls to a folder, every second one with the line, and add them as `metu`.

    Args:
        folder: Is made.
        count: How many walls.
        wall: Draws one, shape (SIDE, SIDE, 3).
    """
    for number in range(count):
        image = wall(np.random.default_rng(number))
        part = folder / ("Positive" if number % 2 else "Negative")
        part.mkdir(parents=True, exist_ok=True)
        if number % 2:
            image[:, 105:120] = 20
        Image.fromarray(image).save(part / f"{number:05d}.png")
    return add_dataset("metu", folder, crack_class="Positive")
