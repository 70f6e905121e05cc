"""Walls laid out from METU's images, and its cracks seen in them from further away.

METU was photographed from about 1 m, each image 7 cm of a wall. In a photo of a larger
piece of wall a crack is as fine, but most of what is around it is sound: so are these.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from crack.data.dataset import Dataset
from crack.data.images import decode_image
from tools.default_crops import CRACK, SEED, SOUND

FEATHER = 24
"""Pixels over which a patch fades into its surroundings."""

Picture = NDArray[np.uint8]
Wall = NDArray[np.float32]

_SIDE = 227  # px, of METU's images and of what is made here
_FURTHER = (1.15, 3.2)
"""How many times as far. From three times on a fine crack of METU's is hardly seen."""


def draw_far_walls(
    metu: Dataset, samples: pd.DataFrame, count: int, stem: str, folder: Path
) -> None:
    """Write images of METU in walls of other images, half of them with a crack.

    Args:
        metu: Where the samples are from.
        samples: Rows of `metu.samples` to use, of both classes.
        count: How many images to make with a crack, and how many without.
        stem: Start of the names of the files.
        folder: With the two class folders.
    """
    rng = np.random.default_rng([SEED, 6, *stem.encode()])
    is_crack = samples["class"] == metu.crack_class
    cracked = rng.permutation(samples.loc[is_crack, "file"])
    sound = rng.permutation(samples.loc[~is_crack, "file"])
    others = np.roll(sound, len(sound) // 2)
    for number in range(count):
        rng = np.random.default_rng([SEED, 7, number, *stem.encode()])
        side = int(_SIDE * np.exp(rng.uniform(*np.log(_FURTHER))))
        surface = decode_image(metu.path(sound[number % len(sound)]))
        wall = sound_wall(surface, side, side)
        turns = int(rng.integers(4))
        # In the same wall, so that nothing but the crack tells the two apart.
        for class_name, files in ((CRACK, cracked), (SOUND, others)):
            patch = decode_image(metu.path(files[number % len(files)]))
            image = blend(wall, np.rot90(patch, turns), rng)
            seen = Image.fromarray(image)
            seen = seen.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
            seen.save(folder / class_name / f"{stem}-{number:05d}.jpg", quality=90)


def sound_wall(patch: Picture, height: int, width: int) -> Wall:
    """Return a wall of mirrored copies of a patch that fade into each other.

    Args:
        patch: uint8 array (side, side, 3).
        height: Of the wall in pixels.
        width: Of the wall in pixels.

    Returns:
        float32 array (height, width, 3).
    """
    side = len(patch)
    step = side - FEATHER
    rows, columns = -(-height // step) + 1, -(-width // step) + 1
    window = _window(side)
    mirrored = [
        [window * patch[::down, ::across] for across in (1, -1)] for down in (1, -1)
    ]
    wall = np.zeros((rows * step + FEATHER, columns * step + FEATHER, 3), np.float32)
    for row in range(rows):
        for column in range(columns):
            top, left = row * step, column * step
            wall[top : top + side, left : left + side] += mirrored[row % 2][column % 2]
    return wall[FEATHER : FEATHER + height, FEATHER : FEATHER + width]


def blend(wall: Wall, patch: Picture, rng: np.random.Generator) -> Picture:
    """Return a wall with a patch somewhere in it, in the colour of what is around."""
    height, width, _ = wall.shape
    side = len(patch)
    top, left = (int(rng.integers(length - side + 1)) for length in (height, width))
    below = wall[top : top + side, left : left + side]
    shift = np.median(below, (0, 1)) - np.median(patch, (0, 1))
    window = _window(side)
    image = wall.copy()
    image[top : top + side, left : left + side] = (
        below * (1 - window) + (patch + shift) * window
    )
    return image.clip(0, 255).astype(np.uint8)


def _window(side: int) -> NDArray[np.float32]:
    """Return weights (side, side, 1) that add up to 1 where two patches overlap."""
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(FEATHER) + 0.5) / FEATHER)
    edge = np.concatenate([rise, np.ones(side - 2 * FEATHER), rise[::-1]])
    return (edge[:, None] * edge)[..., None].astype(np.float32)
