"""What one drawn photo leaves on disk: patches with their class, or a scene.

A photo depends only on its number or its scene, so it does not matter which process of
`sample_workers` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.synthetic.drawing import crack_contrast, draw_photo

CRACK, NO_CRACK = "crack", "no crack"
"""The class folders."""

PATCH_SIDE = 227  # px, as in the METU dataset

_SEED = 20
_SCENES_FROM = 10_000  # above all photo numbers, so that no seed is used twice

_PHOTO_HEIGHT, _PHOTO_WIDTH = 720, 950  # px
_ROWS, _COLUMNS = 3, 4  # patches of a photo
_UNCRACKED = 5  # every fifth photo has no crack at all
# Every photo has many patches without a crack; taking a few of each gives variety.
_MOST_WITHOUT = 5

# A patch counts as cracked if the crack has so many pixels, over such an extent, that
# nobody would miss it; as uncracked only if there is none even just outside it.
_MIN_PIXELS = 150
_MIN_EXTENT = 110  # px, diagonal of the box around them
_MIN_CONTRAST = 18  # grey levels
_MARGIN = 8  # px


@dataclass(frozen=True)
class Scene:
    """A large photo of a wall.

    Attributes:
        number: From 1 on, in the names of its files.
        seed: The same seed and size give the same scene.
        height: In px.
        width: In px.
        cracked: Whether there is a crack in it, or only what looks like one.
    """

    number: int
    seed: int
    height: int
    width: int
    cracked: bool


def write_patches(folder: Path, number: int) -> dict[str, list[str]]:
    """Draw a photo, cut it into patches and save those whose class is clear.

    Args:
        folder: Gets `CLASS/STEM.jpg`, and `masks/STEM.png` of those with a crack.
        number: Of the photo, from 1 on.

    Returns:
        The stems of the files by class.
    """
    rng = np.random.default_rng([_SEED, number])
    cracked = number % _UNCRACKED != 0
    photo = draw_photo(rng, _PHOTO_HEIGHT, _PHOTO_WIDTH, cracked)
    written: dict[str, list[str]] = {CRACK: [], NO_CRACK: []}
    corners = _corners(rng)
    for position in rng.permutation(len(corners)):
        top, left = corners[position]
        class_name = _class_of(photo.image, photo.cracks, top, left)
        enough = len(written[NO_CRACK]) == _MOST_WITHOUT
        if class_name is None or (class_name == NO_CRACK and enough):
            continue
        stem = f"photo-{number:03d}-{position + 1:02d}"
        inside = np.s_[top : top + PATCH_SIDE, left : left + PATCH_SIDE]
        _write_jpeg(folder / class_name / f"{stem}.jpg", photo.image[inside])
        if class_name == CRACK:
            _write_mask(folder / "masks" / f"{stem}.png", photo.cracks[inside])
        written[class_name].append(stem)
    return written


def write_scene(folder: Path, scene: Scene) -> None:
    """Draw a large photo of a wall.

    Args:
        folder: Gets `scenes/scene-N.jpg` and `scene-masks/scene-N.png`.
        scene: What to draw.
    """
    rng = np.random.default_rng([_SEED, _SCENES_FROM + scene.seed])
    photo = draw_photo(rng, scene.height, scene.width, scene.cracked)
    _write_jpeg(folder / "scenes" / f"scene-{scene.number}.jpg", photo.image)
    _write_mask(folder / "scene-masks" / f"scene-{scene.number}.png", photo.cracks)


def _corners(rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return top and left of each patch: a grid with gaps of random width."""
    room_down = _PHOTO_HEIGHT - _ROWS * PATCH_SIDE
    room_right = _PHOTO_WIDTH - _COLUMNS * PATCH_SIDE
    # Sorted, so that patches do not overlap.
    downs = np.sort(rng.integers(0, room_down + 1, _ROWS))
    rights = np.sort(rng.integers(0, room_right + 1, _COLUMNS))
    return [
        (row * PATCH_SIDE + int(down), column * PATCH_SIDE + int(right))
        for row, down in enumerate(downs)
        for column, right in enumerate(rights)
    ]


def _class_of(
    image: NDArray[np.uint8], cracks: NDArray[np.bool_], top: int, left: int
) -> str | None:
    """Return the class of a patch, None if it is not clear."""
    bottom, right = top + PATCH_SIDE, left + PATCH_SIDE
    around = np.s_[max(0, top - _MARGIN) : bottom + _MARGIN]
    beside = np.s_[max(0, left - _MARGIN) : right + _MARGIN]
    if not cracks[around, beside].any():
        return NO_CRACK
    inside = np.s_[top:bottom, left:right]
    rows, columns = np.nonzero(cracks[inside])
    if len(rows) < _MIN_PIXELS:
        return None
    if crack_contrast(image[inside], cracks[inside]) < _MIN_CONTRAST:
        return None
    return CRACK if np.hypot(np.ptp(rows), np.ptp(columns)) >= _MIN_EXTENT else None


def _write_jpeg(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Colour at half the resolution, as phones save it.
    Image.fromarray(image).save(path, quality=92, subsampling="4:2:0")


def _write_mask(path: Path, mask: NDArray[np.bool_]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)
