"""The images that the model `default` learns from and is judged by, as datasets.

Photos are cut into crops by `default_crops`, drawn surfaces and cracks drawn on
photographed surfaces are added. A part of each kind of photo is held out, whole photos,
roads and surfaces at a time.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crack import settings
from crack.data.dataset import Dataset, dataset_names, file_hash, load_dataset
from crack.data.importer import add_dataset
from tools.default_crops import (
    CRACK,
    SEED,
    SOUND,
    Photos,
    crack_textures,
    cut_damage,
    cut_drones,
    cut_roads,
    draw_surfaces,
)

_PHOTOS = {
    "drones": "uav_cc0/images",
    "damage": "mdmcs_ccby/images",
    "roads": "road_ccby/images",
    "textures": "textures_cc0",
}
"""Folders of the photos that crops are cut from; METU's images are used as they are."""

HELD_OUT = {
    "drones": "drones-held-out",
    "damage": "damage-held-out",
    "roads": "roads-held-out",
    "textures": "masonry-held-out",
}


@dataclass(frozen=True)
class Source:
    """Where a part of the images comes from.

    Attributes:
        title: What the user reads.
        held_out: What the user reads of the part that is held out, if that differs.
        kind: `photos` or `drawn`.
        credit: Author, place and licence.
        limit: At most so many training images of each class.
    """

    title: str
    kind: str
    credit: str
    limit: int
    held_out: str = ""


SOURCES = {
    "metu": Source(
        "Campus walls from nearby (METU)",
        "photos",
        "Özgenel (2019), Concrete Crack Images for Classification, Mendeley Data, "
        "doi:10.17632/5y9wdsg2zt.2, CC BY 4.0; 12,000 of the 40,000 images",
        1500,
    ),
    "drones": Source("Structures seen from a drone", "photos", "200 photos, CC0", 4000),
    "damage": Source(
        "Damaged concrete: spalling, rebar, rust (MDMCS)",
        "photos",
        "Mendeley Data, doi:10.17632/6x4dzzrs2h, CC BY 4.0; 36 photos",
        4000,
    ),
    "roads": Source(
        "Roads from a survey car",
        "photos",
        "Passos et al. (2020), Mendeley Data, doi:10.17632/t576ydh9v8.4, CC BY 4.0; "
        "120 photos",
        4000,
    ),
    "textures": Source(
        "Photographed surfaces with drawn cracks",
        "photos",
        "Poly Haven (polyhaven.com), CC0; 45 surfaces, cracks by crack.synthetic, of "
        "this project",
        2000,
        held_out="Brick walls it has not seen, with drawn cracks",
    ),
    "drawn": Source(
        "Drawn surfaces", "drawn", "crack.synthetic, of this project", 3900
    ),
}


def prepare(data: Path) -> dict[str, Dataset]:
    """Return all sources and what is held out as datasets, made where missing."""
    known = dataset_names()
    if "metu" not in known:
        add_dataset("metu", data / "metu", crack_class="Positive")
    makers: dict[str, Callable[[Path], Photos]] = {
        "drones": lambda folder: cut_drones(data / "uav_cc0", folder),
        "damage": lambda folder: cut_damage(data / "mdmcs_ccby", folder),
        "roads": lambda folder: cut_roads(data / "road_ccby", folder),
        "textures": lambda folder: crack_textures(data / "textures_cc0", folder),
        "drawn": draw_surfaces,
    }
    for name, make in makers.items():
        if name not in known:
            folder = empty_folder(name)
            photos = make(folder)
            if name in HELD_OUT:
                _hold_out(folder, name, photos)
            _add(name, folder, photos)
    return {name: load_dataset(name) for name in (*SOURCES, *HELD_OUT.values())}


def photo_hashes(data: Path, crops: Iterable[str]) -> set[str]:
    """Return the SHA-256 of the photos that crops were cut from, in hexadecimal.

    Args:
        data: Folder of the public photos.
        crops: Files of the mixture, such as `crack/drones--DJI1320-104-144-150.jpg`.
    """
    photos = {
        (source, path.stem): path
        for source, folder in _PHOTOS.items()
        for path in (data / folder).iterdir()
    }
    cut = set()
    for crop in crops:
        source, _, name = Path(crop).stem.partition("--")
        if source in _PHOTOS:
            # After the photo: a number, or the place and the side.
            cut.add((source, name.rsplit("-", 1 if source == "textures" else 3)[0]))
    return {file_hash(photos[key]) for key in cut}


def empty_folder(name: str) -> Path:
    """Return a new folder of the workspace with the two class folders."""
    folder = settings.home() / "sources" / name
    shutil.rmtree(folder, ignore_errors=True)
    for class_name in (CRACK, SOUND):
        (folder / class_name).mkdir(parents=True)
    return folder


def _hold_out(folder: Path, name: str, photos: Photos) -> None:
    """Move the crops of every fourth photo to a dataset of their own; 5 brick walls."""
    target = empty_folder(HELD_OUT[name])
    apart = sorted(set(photos.values()))
    if name == "textures":
        bricks = [photo for photo in apart if "brick" in photo]
        chosen = set(np.random.default_rng(SEED).permutation(bricks)[:5].tolist())
    else:
        chosen = set(np.random.default_rng(SEED).permutation(apart)[::4].tolist())
    held_out = {file: photo for file, photo in photos.items() if photo in chosen}
    for file in held_out:
        (folder / file).rename(target / file)
        del photos[file]
    _add(HELD_OUT[name], target, held_out)


def _add(name: str, folder: Path, photos: Photos) -> None:
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "photo"), *sorted(photos.items())])
    add_dataset(name, folder, crack_class=CRACK)
