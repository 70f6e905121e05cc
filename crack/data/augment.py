"""Augmentation: variations of an image, the same ones at every call.

Views are computed once and cached, so they are drawn per image and view number, not per
epoch. Cracks have no up or down, hence all eight orientations. It stands here and not
beside the network as the dashboard shows what training will see.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from crack.data.images import resize_image

VERSION = 2
"""Increase it whenever views change, so that cached old ones are not reused."""

_MAX_ROTATION = 15.0  # degrees, on top of the quarter turns
_MIN_CROP = 0.75  # share of the side that is kept: the scale of photos varies
_LIGHT = (0.7, 1.3)  # factor of brightness and of contrast
_COLOUR = (0.4, 1.3)  # factor of saturation
_CAST = 0.06  # of each colour channel, up or down: light is not always white
_BLUR = 1.2  # px, standard deviation at most
_COARSER = 2.5  # times fewer pixels per side, as in photos from further away
_JPEG = (30, 90)  # quality
_OFTEN = 0.35  # share of the views that get each of blur, loss of detail and JPEG


def training_view(
    image: NDArray[np.uint8], view: int, sha256: str, side: int
) -> NDArray[np.uint8]:
    """Return what training sees of an image.

    Args:
        image: RGB, shape (h, w, 3).
        view: 0 for the image as it is, otherwise the number of a variation.
        sha256: Of its file.
        side: Of the input of the network in px.

    Returns:
        RGB, shape (side, side, 3).
    """
    seen = augmented_view(image, view, int(sha256[:15], base=16))
    return resize_image(seen, side, side)


def augmented_view(image: NDArray[np.uint8], view: int, key: int) -> NDArray[np.uint8]:
    """Return a version of an image.

    Args:
        image: RGB, shape (h, w, 3).
        view: 0 for the image itself, otherwise the number of a variation.
        key: Distinguishes images, so that each gets its own variations.

    Returns:
        RGB, shape (h', w', 3): turned or mirrored, rotated a little, cropped, lighter
        or darker, of another colour; some of them also blurred, coarser or saved as
        JPEG.
    """
    if view == 0:
        return image
    rng = np.random.default_rng((key, view))
    turned = np.rot90(image, int(rng.integers(4)))
    picture = Image.fromarray(turned if rng.random() < 0.5 else turned[:, ::-1])
    picture = _rotated(picture, rng.uniform(-_MAX_ROTATION, _MAX_ROTATION))
    picture = _cropped(picture, rng.uniform(_MIN_CROP, 1), rng.random(2))
    picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(*_LIGHT))
    picture = ImageEnhance.Contrast(picture).enhance(rng.uniform(*_LIGHT))
    picture = ImageEnhance.Color(picture).enhance(rng.uniform(*_COLOUR))
    picture = _tinted(picture, rng.uniform(1 - _CAST, 1 + _CAST, 3))
    blur, coarser, jpeg = rng.random(3) < _OFTEN
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, _BLUR)))
    if coarser:
        picture = _coarser(picture, rng.uniform(1.2, _COARSER))
    if jpeg:
        picture = _saved(picture, int(rng.integers(*_JPEG)))
    return np.asarray(picture)


def _tinted(picture: Image.Image, cast: NDArray[np.float64]) -> Image.Image:
    levels = np.arange(256)[None] * cast[:, None]
    return picture.point(levels.clip(0, 255).astype(int).ravel().tolist())


def _coarser(picture: Image.Image, times: float) -> Image.Image:
    width, height = (max(1, round(side / times)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)


def _saved(picture: Image.Image, quality: int) -> Image.Image:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _rotated(picture: Image.Image, degrees: float) -> Image.Image:
    """Rotate about the centre and crop to the part that has content."""
    turned = picture.rotate(degrees, Image.Resampling.BILINEAR)
    # Side of the largest upright rectangle of the same shape inside the turned one.
    width, height = picture.size
    angle = np.radians(abs(degrees))
    long_by_short = max(width, height) / min(width, height)
    keep = 1 / (np.cos(angle) + long_by_short * np.sin(angle))
    keep -= 2 / min(width, height)  # half-blended pixels along the edge
    return _cropped(turned, keep, np.array([0.5, 0.5]))


def _cropped(
    picture: Image.Image, share: float, place: NDArray[np.float64]
) -> Image.Image:
    """Crop to a share of both sides; `place` in [0, 1] says where."""
    width, height = (max(1, round(side * share)) for side in picture.size)
    left = round((picture.width - width) * place[0])
    top = round((picture.height - height) * place[1])
    return picture.crop((left, top, left + width, top + height))
