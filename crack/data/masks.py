"""Masks beside photos: which photo each belongs to, and what it says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from crack.data.image_formats import IMAGE_SUFFIXES
from crack.data.images import decode_image
from crack.data.layout import propose_crack_class
from crack.errors import CrackError

# How published datasets call such folders: masks, train_lab, scene-masks, BW, GT ...
_SAYS_MASK = re.compile(
    r"(^|[-_ .])(masks?|labels?|labs?|gt|ground[-_ ]?truths?|annotations?|bw|alpha"
    r"|segmentations?|annot)([-_ .]|$)",
    re.IGNORECASE,
)
_WHITE = 127  # grey levels; above it a pixel is a crack
_COLOURED = 64  # difference of two colours; JPEG makes up smaller ones
_BLACK, _MOST_GREY = 63, 2  # grey levels; times the white, for the edges of hairlines

_Folder = PurePosixPath


@dataclass(frozen=True)
class MaskedPhotos:
    """Photos of a source, with what is known of the cracks in each.

    Attributes:
        masks: The mask of each photo that has one.
        sound: Photos without a crack: they have no mask, and lie in the class folder
            beside the one of the photos with masks.
        unused: Other files, masks without a photo among them.
    """

    masks: dict[PurePosixPath, PurePosixPath]
    sound: list[PurePosixPath]
    unused: list[PurePosixPath]


def find_masked(files: Collection[PurePosixPath]) -> MaskedPhotos | None:
    """Return the photos that have a mask: a picture of the same name in another folder.

    The name of that folder says that it holds masks, and it lies beside or within the
    folder of the photos.

    Args:
        files: Paths within a source.

    Returns:
        None if there is no folder of masks, or most of its files have no photo.
    """
    # Asked first, as it is quickly answered for the 40,000 files of another dataset.
    if not any(map(_SAYS_MASK.search, {f.parts[-2] for f in files if f.parts[1:]})):
        return None
    photos, mask_files = _by_folder(files)
    masks: dict[PurePosixPath, PurePosixPath] = {}
    for folder, members in sorted(mask_files.items()):
        mask_of = {mask.stem: mask for mask in members}
        near = {f: p for f, p in photos.items() if f.is_relative_to(folder.parent)}
        found = _photos_of(mask_of, near)
        if 2 * len(found) >= len(mask_of):
            masks |= {photo: mask_of[photo.stem] for photo in found}
    if not masks:
        return None
    sound = _sound(masks, photos)
    used = {*masks, *masks.values(), *sound}
    return MaskedPhotos(masks, sound, sorted(f for f in files if f not in used))


def _by_folder(
    files: Collection[PurePosixPath],
) -> tuple[dict[_Folder, list[PurePosixPath]], dict[_Folder, list[PurePosixPath]]]:
    """Return the pictures in each folder of photos, and in each folder of masks."""
    photos: dict[_Folder, list[PurePosixPath]] = defaultdict(list)
    masks: dict[_Folder, list[PurePosixPath]] = defaultdict(list)
    for file in sorted(files):
        if file.suffix.lower() in IMAGE_SUFFIXES:
            is_mask = _SAYS_MASK.search(file.parent.name)
            (masks if is_mask else photos)[file.parent].append(file)
    return photos, masks


def _photos_of(
    stems: Collection[str], photos: dict[_Folder, list[PurePosixPath]]
) -> list[PurePosixPath]:
    """Return the photos of these names in the folder that has most of them."""
    matched = {
        folder: [file for file in members if file.stem in stems]
        for folder, members in photos.items()
    }

    def fits(folder: _Folder) -> tuple[int, bool]:
        # Class folders may both begin with 00001.jpg; masks are of cracks.
        is_crack = propose_crack_class([folder.name]) is not None
        return len(matched[folder]), is_crack

    best = max(matched, key=fits, default=None)
    return _once(matched[best]) if best is not None else []


def _once(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return the files whose mask is theirs alone: not both `1.jpg` and `1.png`."""
    files = list(files)
    number = Counter(file.stem for file in files)
    return [file for file in files if number[file.stem] == 1]


def _sound(
    masks: Collection[PurePosixPath], photos: dict[_Folder, list[PurePosixPath]]
) -> list[PurePosixPath]:
    """Return the photos in the class folders beside those of photos with masks."""
    sound = []
    for folder in {photo.parent for photo in masks}:
        beside = [f for f in photos if f.parent == folder.parent and f != folder]
        if propose_crack_class([folder.name]) and len(beside) == 1:
            sound += [photo for photo in photos[beside[0]] if photo not in masks]
    return sorted(sound)


def read_mask(path: Path, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return where the cracks of a photo are.

    Args:
        path: Of the mask, white where a crack is and black elsewhere.
        size: Width and height of the photo.

    Returns:
        Shape (height, width).

    Raises:
        CrackError: It cannot be read, is not black and white, mostly white, or of
            another size than the photo.
    """
    pixels = decode_image(path, drawn=True)
    height, width, _ = pixels.shape
    if (width, height) != size:
        raise CrackError(
            f"Its mask has {width} × {height} px, the photo {size[0]} × {size[1]}."
        )
    low, high = pixels.min(axis=2), pixels.max(axis=2)
    # A colour stands for a class in such masks, and another one may be the crack.
    if np.any(high - low > _COLOURED):
        raise CrackError("Its mask has colours; a crack must be white, the rest black.")
    brightest = int(high.max())
    if 0 < brightest <= _WHITE:
        raise CrackError(
            f"The brightest pixel of its mask is {brightest} of 255; a crack must be "
            "white."
        )
    surely = int(np.count_nonzero(low > 255 - _BLACK))
    grey = int(np.count_nonzero(low > _BLACK)) - surely
    if grey > _MOST_GREY * surely:
        raise CrackError("Its mask has greys; a crack must be white, the rest black.")
    white: NDArray[np.bool_] = low > _WHITE
    if white.mean() > 0.5:
        raise CrackError(
            "Most of its mask is white; only the crack must be, and the rest black."
        )
    return white
