"""Photos with masks cut into tiles: the images of a dataset."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from crack.data.dataset import Progress, file_hash
from crack.data.folders import as_text
from crack.data.images import decode_image
from crack.data.mask_tiles import label_tiles
from crack.data.masks import MaskedPhotos, read_mask
from crack.data.pyramid import scales_for
from crack.data.source_photos import PHOTOS_FILE
from crack.data.tiles import CRACK, NO_CRACK, TILE_SIDE, cut_tiles
from crack.errors import CrackError
from crack.storage import free_name, safe_cell

LeftOut = list[tuple[PurePosixPath, str]]
"""Files that are no part of a dataset, and why."""


@dataclass(frozen=True)
class _Photo:
    """A photo to cut; its mask is None if it is sound."""

    file: PurePosixPath
    mask: PurePosixPath | None
    name: str  # of its tiles


def cut_photos(
    top: Path,
    photos: MaskedPhotos,
    refused: Mapping[PurePosixPath, CrackError],
    target: Path,
    report: Progress,
) -> LeftOut:
    """Write the tiles of photos into the class folders `crack` and `no crack`.

    `photos.csv` beside them says which photo each was cut from, and its content.

    Args:
        top: Folder of the source.
        photos: Within `top`.
        refused: Files of a ZIP that were not unpacked, and why.
        target: A new folder.
        report: Told how many photos are done.

    Returns:
        The photos that gave no tile, and files that are not used.

    Raises:
        CrackError: No tile has one of the labels.
    """
    for label in (CRACK, NO_CRACK):
        (target / label).mkdir(parents=True)
    orders = _orders(photos)
    left_out: LeftOut = [
        (file, "It is no photo with a mask, and no mask with a photo.")
        for file in photos.unused
    ]
    rows: list[tuple[str, object, str]] = []
    # No more threads than cores: each holds a whole photo in memory.
    pool = ThreadPoolExecutor(os.cpu_count())
    report("Cutting photos into tiles", 0, len(orders))
    try:
        cut = pool.map(lambda photo: _cut(top, photo, refused, target), orders)
        for done, (photo, files) in enumerate(zip(orders, cut, strict=True), start=1):
            if isinstance(files, CrackError):
                left_out.append((photo.file, files.message))
            else:
                named = safe_cell(as_text(str(photo.file)))
                content = file_hash(top / photo.file)
                rows += [(file, named, content) for file in files]
            report("Cutting photos into tiles", done, len(orders))
    finally:
        # A user who stops the import must not wait until the other photos are cut.
        pool.shutdown(cancel_futures=True)
    _check_both(rows, left_out[len(photos.unused) :])
    with (target / PHOTOS_FILE).open("w", encoding="utf-8", newline="") as index:
        csv.writer(index).writerows([("file", "photo", "photo_sha256"), *rows])
    return left_out


def _orders(photos: MaskedPhotos) -> list[_Photo]:
    pairs = [*photos.masks.items(), *((file, None) for file in photos.sound)]
    return [
        _Photo(file, mask, f"{number:05d}-{free_name(file.stem, ())}")
        for number, (file, mask) in enumerate(pairs, start=1)
    ]


def _cut(
    top: Path,
    photo: _Photo,
    refused: Mapping[PurePosixPath, CrackError],
    target: Path,
) -> list[str] | CrackError:
    """Write the tiles of a photo; return their names, or why there is none."""
    try:
        for file in filter(None, (photo.file, photo.mask)):
            if file in refused:
                return refused[file]
        image = decode_image(top / photo.file)
        height, width, _ = image.shape
        scales = scales_for(height, width, TILE_SIDE)
        mask = np.zeros((height, width), np.bool_)
        if photo.mask is not None:
            mask = read_mask(top / photo.mask, (width, height))
    except CrackError as error:
        return error
    tiles = label_tiles(mask, scales, TILE_SIDE)
    files = []
    for tile, pixels in cut_tiles(image, scales, TILE_SIDE, tiles):
        files.append(tile.file_name(photo.name))
        Image.fromarray(pixels).save(target / files[-1])
    return files or CrackError("No part of it is surely cracked or surely sound.")


def _check_both(rows: list[tuple[str, object, str]], failed: LeftOut) -> None:
    found = Counter(PurePosixPath(file).parts[0] for file, *_ in rows)
    for label in (CRACK, NO_CRACK):
        if not found[label]:
            example = failed[0] if failed else None
            raise CrackError(
                f"The photos give no tile with {'a' if label == CRACK else 'no'} "
                "crack, so there is nothing to learn from.",
                f"{as_text(str(example[0]))}: {example[1]}"
                if example
                else "In a mask, a crack is white and the rest is black.",
            )
