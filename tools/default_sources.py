"""The images that the model `default` learns from and is judged by, as datasets.

Drone and damage photos are cut into crops, drawn surfaces are added. A quarter of the
drone and damage photos is held out, whole photos at a time.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack import settings
from crack.data.dataset import Dataset, dataset_names, load_dataset
from crack.data.images import decode_image
from crack.data.importer import add_dataset
from crack.synthetic.drawing import EVERYTHING, crack_contrast, draw_photo

SEED = 17
CRACK, SOUND = "crack", "no crack"
HELD_OUT = {"drones": "drones-held-out", "damage": "damage-held-out"}
DRAWN_PHOTOS = 1500

_MARGIN = 6  # px around a sound crop without a crack


@dataclass(frozen=True)
class Source:
    """Where a part of the images comes from.

    Attributes:
        title: What the user reads.
        kind: `photos` or `drawn`.
        credit: Author, place and licence.
        limit: At most so many training images of each class.
    """

    title: str
    kind: str
    credit: str
    limit: int


SOURCES = {
    "metu": Source(
        "Campus walls from nearby (METU)",
        "photos",
        "Özgenel (2019), Concrete Crack Images for Classification, Mendeley Data, "
        "doi:10.17632/5y9wdsg2zt.2, CC BY 4.0; 12,000 of the 40,000 images",
        4800,
    ),
    "drones": Source("Structures seen from a drone", "photos", "200 photos, CC0", 4000),
    "damage": Source(
        "Damaged concrete: spalling, rebar, rust (MDMCS)",
        "photos",
        "Mendeley Data, doi:10.17632/6x4dzzrs2h, CC BY 4.0; 36 photos",
        4000,
    ),
    "drawn": Source(
        "Drawn surfaces", "drawn", "crack.synthetic, of this project", 2000
    ),
}


def prepare(data: Path) -> dict[str, Dataset]:
    """Return all sources and what is held out as datasets, made where missing."""
    known = dataset_names()
    if "metu" not in known:
        add_dataset("metu", data / "metu", crack_class="Positive")
    makers: dict[str, Callable[[Path], dict[str, str]]] = {
        "drones": lambda folder: _cut_drones(data / "uav_cc0", folder),
        "damage": lambda folder: _cut_damage(data / "mdmcs_ccby", folder),
        "drawn": _draw,
    }
    for name, make in makers.items():
        if name not in known:
            folder = empty_folder(name)
            photos = make(folder)
            if name in HELD_OUT:
                _hold_out(folder, HELD_OUT[name], photos)
            _add(name, folder, photos)
    return {name: load_dataset(name) for name in (*SOURCES, *HELD_OUT.values())}


def empty_folder(name: str) -> Path:
    """Return a new folder of the workspace with the two class folders."""
    folder = settings.home() / "sources" / name
    shutil.rmtree(folder, ignore_errors=True)
    for class_name in (CRACK, SOUND):
        (folder / class_name).mkdir(parents=True)
    return folder


def _hold_out(folder: Path, name: str, photos: dict[str, str]) -> None:
    """Move the crops of every fourth photo to a dataset of their own."""
    target = empty_folder(name)
    shuffled = np.random.default_rng(SEED).permutation(sorted(set(photos.values())))
    chosen = set(shuffled[::4].tolist())
    held_out = {file: photo for file, photo in photos.items() if photo in chosen}
    for file in held_out:
        (folder / file).rename(target / file)
        del photos[file]
    _add(name, target, held_out)


def _add(name: str, folder: Path, photos: dict[str, str]) -> None:
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "photo"), *sorted(photos.items())])
    add_dataset(name, folder, crack_class=CRACK)


def _cut_drones(source: Path, folder: Path) -> dict[str, str]:
    """Cut crops that hold a crack or clearly do not."""
    photos = {}
    for path in sorted((source / "images").iterdir()):
        image = decode_image(path)
        mask_path = next((source / "masks").glob(f"{path.stem}.*"))
        mask = decode_image(mask_path)[..., 0] > 127
        rng = np.random.default_rng([SEED, *path.stem.encode()])
        number = re.sub(r"\D", "", path.stem)
        # The photos are windows of larger ones, numbered one after the other.
        group = (
            f"window-{int(number) // 25}"
            if path.stem.startswith("slide")
            else path.stem
        )
        for file in _cut(rng, image, mask, folder, path.stem, tries=60, most=8):
            photos[file] = group
    return photos


def _cut_damage(source: Path, folder: Path) -> dict[str, str]:
    """Cut tiles at two scales; red in the mask is a crack."""
    photos = {}
    for path in sorted((source / "images").iterdir()):
        image = decode_image(path)
        mask_path = next((source / "masks").glob(f"{path.stem}.*"))
        colours = decode_image(mask_path).astype(int)
        red = (colours[..., 0] > 127) & (colours[..., 1:].max(-1) < 100)
        rng = np.random.default_rng([SEED, *path.stem.encode()])
        for file in _cut(rng, image, red, folder, path.stem, tries=120, most=30):
            photos[file] = path.stem
    return photos


def _cut(
    rng: np.random.Generator,
    image: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    folder: Path,
    stem: str,
    tries: int,
    most: int,
    min_contrast: float = 0,
) -> list[str]:
    """Write crops of random size and place, at most so many of each class."""
    files: list[str] = []
    count = {CRACK: 0, SOUND: 0}
    height, width = mask.shape
    for _ in range(tries):
        side = int(min(height, width) * rng.uniform(0.22, 0.6))
        top, left = (
            int(rng.integers(height - side + 1)),
            int(rng.integers(width - side + 1)),
        )
        inside = mask[top : top + side, left : left + side]
        around = mask[
            max(0, top - _MARGIN) : top + side + _MARGIN,
            max(0, left - _MARGIN) : left + side + _MARGIN,
        ]
        middle = inside[side // 8 : -(side // 8), side // 8 : -(side // 8)]
        extent = max(np.ptp(axis) for axis in np.nonzero(middle)) if middle.any() else 0
        picture = image[top : top + side, left : left + side]
        seen = extent > 0.35 * side and (
            not min_contrast or crack_contrast(picture, inside) >= min_contrast
        )
        class_name = CRACK if seen else None if around.any() else SOUND
        if class_name is None or count[class_name] == most:
            continue
        count[class_name] += 1
        file = f"{class_name}/{stem}-{top}-{left}-{side}.jpg"
        Image.fromarray(picture).save(folder / file, quality=95)
        files.append(file)
    return files


def _draw(folder: Path) -> dict[str, str]:
    photos = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = pool.map(
            _draw_one, range(DRAWN_PHOTOS), [folder] * DRAWN_PHOTOS, chunksize=8
        )
        for number, files in enumerate(jobs):
            photos.update(dict.fromkeys(files, f"photo-{number}"))
    return photos


def _draw_one(number: int, folder: Path) -> list[str]:
    rng = np.random.default_rng([SEED, 1, number])
    zoom = float(np.exp(rng.normal(0.1, 0.6)))
    drawing = draw_photo(rng, 600, 600, number % 3 > 0, EVERYTHING, zoom, widest=25)
    stem = f"photo-{number:05d}"
    return _cut(
        rng,
        drawing.image,
        drawing.cracks,
        folder,
        stem,
        tries=14,
        most=5,
        min_contrast=8,
    )
