"""Crops of photos and drawings, with a crack or clearly without, for `default_sources`.

Each function here makes the files of one source in two class folders, and returns which
photo or drawing each file came from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.data.images import decode_image
from crack.synthetic.camera import photograph
from crack.synthetic.canvas import Canvas
from crack.synthetic.cracks import draw_cracks, draw_stepped_crack
from crack.synthetic.drawing import (
    EVERYTHING,
    Draw,
    crack_contrast,
    draw_close_up,
    draw_photo,
)
from crack.synthetic.gaps import draw_gap, draw_spall
from crack.synthetic.lookalikes import BEFORE_THE_WALL

SEED = 17
CRACK, SOUND = "crack", "no crack"

Photos = dict[str, str]
"""The photo each file was cut from."""

_MARGIN = 6  # px around a sound crop without a crack
_ROAD_MARGIN = 24  # px; the masks of the roads leave out some of the finer cracks
_LOGO = (slice(60), slice(-260, None))  # of the agency, in every photo of a road

_GROUND = 320  # px, side of a crop of a texture and of a close-up
_CRACKED = {"aerial_asphalt_01", "asphalt_02", "brushed_concrete"}
_RUBBLE = {"broken_wall", "broken_brick_wall"}  # joints wide and ragged as cracks
_NEVER_CRACKED = ("aerial_", "mud_", "anti_skid", "metal", "snow")
"""Ground on which a drawn crack would look like none: grass, pebbles, steel."""

_HAIRLINED = {"trowelled": 0.35, "cast": 0.25, "broomed": 0.2, "weathered": 0.2}
_MASONRY = {"laid": 0.85, "painted": 0.15}

_CLOSE_UPS: dict[str, tuple[Draw | None, int]] = {
    "gap": (draw_gap, 1100),
    "spall": (draw_spall, 600),
    "near": (None, 500),
}
"""What is drawn as from nearby, and how many. Where it gapes or has burst off, nearly
the same edges show; only the first is a crack."""


def cut_drones(source: Path, folder: Path) -> Photos:
    """Cut crops that hold a crack or clearly do not."""
    photos = {}
    for path in sorted((source / "images").iterdir()):
        image, mask = decode_image(path), _mask(source, path)[..., 0] > 127
        number = re.sub(r"\D", "", path.stem)
        # The photos are windows of larger ones, numbered one after the other.
        group = (
            f"window-{int(number) // 25}"
            if path.stem.startswith("slide")
            else path.stem
        )
        for file in _cut(image, mask, folder, path.stem, tries=60, most=8):
            photos[file] = group
    return photos


def cut_damage(source: Path, folder: Path) -> Photos:
    """Cut tiles at two scales; red in the mask is a crack."""
    photos = {}
    for path in sorted((source / "images").iterdir()):
        image, colours = decode_image(path), _mask(source, path).astype(int)
        red = (colours[..., 0] > 127) & (colours[..., 1:].max(-1) < 100)
        for file in _cut(image, red, folder, path.stem, tries=120, most=30):
            photos[file] = path.stem
    return photos


def cut_roads(source: Path, folder: Path) -> Photos:
    """Cut crops of whole scenes: lanes, lines, verges, sky. A road is one photo."""
    photos = {}
    for path in sorted((source / "images").iterdir()):
        image, mask = decode_image(path).copy(), _mask(source, path)[..., 0] > 127
        image[_LOGO] = image[_LOGO[0].stop : 2 * _LOGO[0].stop, _LOGO[1]]
        cut = partial(_cut, tries=150, most=8, margin=_ROAD_MARGIN, extent=0.3)
        for file in cut(image, mask, folder, path.stem):
            photos[file] = path.stem.rsplit("_", 1)[0]
    return photos


def draw_surfaces(folder: Path) -> Photos:
    """Cut crops of drawn photos: all kinds, hairlines, masonry; draw close-ups."""
    jobs = [
        *(partial(_draw_any, number, folder) for number in range(1500)),
        *(partial(_draw_hairline, number, folder) for number in range(240)),
        *(partial(_draw_masonry, number, folder) for number in range(240)),
        *(
            partial(_draw_close_up, stem, broken, number, folder)
            for stem, (broken, count) in _CLOSE_UPS.items()
            for number in range(count)
        ),
    ]
    return _all(jobs)


def crack_textures(source: Path, folder: Path) -> Photos:
    """Cut crops of photographed surfaces, half of them with a drawn crack."""
    jobs = []
    for path in sorted(source.iterdir()):
        if path.stem in _CRACKED | _RUBBLE:
            continue
        bare_only = any(word in path.stem for word in _NEVER_CRACKED)
        count = 30 if bare_only else 90 if "brick" in path.stem else 40
        for number in range(count):
            jobs.append(partial(_on_texture, path, number, False, folder))
            if not bare_only:
                jobs.append(partial(_on_texture, path, number, True, folder))
    return _all(jobs)


def _all(jobs: Iterable[Callable[[], Photos]]) -> Photos:
    photos: Photos = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for made in pool.map(_call, jobs, chunksize=8):
            photos |= made
    return photos


def _call(job: Callable[[], Photos]) -> Photos:
    return job()


def _draw_any(number: int, folder: Path) -> Photos:
    rng = np.random.default_rng([SEED, 1, number])
    zoom = float(np.exp(rng.normal(0.1, 0.6)))
    surfaces = EVERYTHING
    return _draw(rng, f"photo-{number:05d}", folder, number, surfaces, zoom, 25, 8)


def _draw_hairline(number: int, folder: Path) -> Photos:
    """Cracks of one or two pixels, hardly darker than the wall around them."""
    rng = np.random.default_rng([SEED, 2, number])
    zoom = float(np.exp(rng.normal(0, 0.35)))
    surfaces = _HAIRLINED
    return _draw(rng, f"hairline-{number:05d}", folder, number, surfaces, zoom, 1.8, 3)


def _draw_masonry(number: int, folder: Path) -> Photos:
    rng = np.random.default_rng([SEED, 3, number])
    zoom = float(np.exp(rng.normal(0.1, 0.6)))
    return _draw(rng, f"masonry-{number:05d}", folder, number, _MASONRY, zoom, 14, 7)


def _draw_close_up(stem: str, broken: Draw | None, number: int, folder: Path) -> Photos:
    """Draw a wall from so near that a crack fills much of the picture."""
    rng = np.random.default_rng([SEED, 5, number, *stem.encode()])
    marked, kind = ("crack", CRACK) if broken is draw_gap else ("stain", SOUND)
    for _ in range(6):
        drawing = draw_close_up(rng, _GROUND, broken)
        if broken is None or 0.02 < drawing.marks[marked].mean() < 0.75:
            file = f"{kind}/{stem}-{number:05d}.jpg"
            quality = int(rng.integers(75, 96))
            Image.fromarray(drawing.image).save(folder / file, quality=quality)
            return {file: f"{stem}-{number:05d}"}
    return {}


def _draw(
    rng: np.random.Generator,
    stem: str,
    folder: Path,
    number: int,
    surfaces: dict[str, float],
    zoom: float,
    widest: float,
    contrast: float,
) -> Photos:
    drawing = draw_photo(rng, 600, 600, number % 3 > 0, surfaces, zoom, widest)
    image, mask = drawing.image, drawing.cracks
    cut = partial(_cut, tries=14, most=5, contrast=contrast, rng=rng)
    return dict.fromkeys(cut(image, mask, folder, stem), stem)


def _on_texture(path: Path, number: int, cracked: bool, folder: Path) -> Photos:
    """Photograph a piece of a texture anew, with a crack or without.

    Both go through the same lens, so that nothing but the crack tells them apart.
    """
    rng = np.random.default_rng([SEED, 4, number, *path.stem.encode()])
    for _ in range(6):
        canvas = _piece(rng, path)
        if cracked and "plank" not in path.stem and rng.random() < 0.3:
            draw_stepped_crack(rng, canvas, rng.uniform(14, 60), widest=9)
        elif cracked:
            draw_cracks(rng, canvas, widest=12)
        for draw, share in BEFORE_THE_WALL.items():
            if rng.random() < share * (0.4 if cracked else 0.7):
                draw(rng, canvas)
        image = photograph(rng, canvas)
        mask = canvas.marks.get("crack", np.zeros(canvas.shape)) > 0.25
        seen = _extent(mask) > 0.35 * _GROUND and crack_contrast(image, mask) >= 7
        if seen or not cracked:
            file = f"{CRACK if cracked else SOUND}/{path.stem}-{number:03d}.jpg"
            quality = int(rng.integers(75, 96))
            Image.fromarray(image).save(folder / file, quality=quality)
            return {file: path.stem}
    return {}


def _piece(rng: np.random.Generator, path: Path) -> Canvas:
    """Return a piece of a texture as a wall to draw upon, of some size and light."""
    texture = Image.open(path).convert("RGB")
    side = int(min(texture.size) * rng.uniform(0.18, 0.62))
    left, top = (int(rng.integers(length - side + 1)) for length in texture.size)
    piece = texture.crop((left, top, left + side, top + side))
    piece = piece.resize((_GROUND, _GROUND), Image.Resampling.BICUBIC)
    colour = np.asarray(piece, np.float32) / 255 * np.exp(rng.normal(0, 0.15))
    dark = float(colour.mean())
    if dark < 0.25:  # no crack would show
        colour *= rng.uniform(1, 0.4 / max(dark, 0.02))
    if rng.random() < 0.5:
        colour = colour[:, ::-1]
    flat = np.zeros((_GROUND, _GROUND), np.float32)
    zoom = float(np.exp(rng.normal(0.1, 0.4)))
    return Canvas(colour.clip(0, 1).astype(np.float32).copy(), flat, zoom)


def _mask(source: Path, path: Path) -> NDArray[np.uint8]:
    return decode_image(next((source / "masks").glob(f"{path.stem}.*")))


def _extent(mask: NDArray[np.bool_]) -> int:
    """Return how far a crack reaches in the middle of a crop, in px."""
    border = len(mask) // 8
    middle = np.nonzero(mask[border:-border, border:-border])
    return max(int(np.ptp(axis)) for axis in middle) if middle[0].size else 0


def _cut(
    image: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    folder: Path,
    stem: str,
    tries: int,
    most: int,
    contrast: float = 0,
    margin: int = _MARGIN,
    extent: float = 0.35,
    rng: np.random.Generator | None = None,
) -> list[str]:
    """Write crops of random size and place, at most so many of each class."""
    rng = rng or np.random.default_rng([SEED, *stem.encode()])
    files: list[str] = []
    count = {CRACK: 0, SOUND: 0}
    height, width = mask.shape
    for _ in range(tries):
        side = int(min(height, width) * rng.uniform(0.22, 0.6))
        top = int(rng.integers(height - side + 1))
        left = int(rng.integers(width - side + 1))
        inside = mask[top : top + side, left : left + side]
        around = mask[
            max(0, top - margin) : top + side + margin,
            max(0, left - margin) : left + side + margin,
        ]
        picture = image[top : top + side, left : left + side]
        seen = _extent(inside) > extent * side and (
            not contrast or crack_contrast(picture, inside) >= contrast
        )
        class_name = CRACK if seen else None if around.any() else SOUND
        if class_name is None or count[class_name] == most:
            continue
        count[class_name] += 1
        file = f"{class_name}/{stem}-{top}-{left}-{side}.jpg"
        Image.fromarray(picture).save(folder / file, quality=95)
        files.append(file)
    return files
