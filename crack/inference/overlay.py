"""A heatmap laid over its picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOUR_SCALE = (
    (13, 8, 135),
    (70, 3, 159),
    (114, 1, 168),
    (156, 23, 158),
    (189, 55, 134),
    (216, 87, 107),
    (237, 121, 83),
    (251, 159, 58),
    (253, 202, 38),
    (240, 249, 33),
)
"""Ten evenly spaced colours of "plasma" (S. van der Walt and N. Smith, matplotlib, CC0;
`plotly.colors.sequential.Plasma`), as RGB 0 to 255 for 0 to 1. Lightness rises all the
way, so it reads without colour vision; cividis does too, but its middle is the grey of
concrete."""


def overlay(
    image: NDArray[np.uint8],
    heatmap: NDArray[np.float32],
    probability: float,
    opacity: float,
) -> NDArray[np.uint8]:
    """Lay a heatmap over a picture.

    Each position is coloured in proportion to its log-odds, the strongest position of
    the picture fully; all colours are weaker if a crack is less probable overall.
    Probabilities at single positions are not used, because a confident network has
    values near 1 almost everywhere.

    Args:
        image: uint8 array (height, width, 3).
        heatmap: float32 array (rows, columns), log-odds; spread over the whole
            picture, bilinear between the positions.
        probability: Of a crack in the picture, 0 to 1.
        opacity: 0 leaves the picture as it is, 1 covers the strongest position of a
            certain crack.

    Returns:
        uint8 array (height, width, 3).
    """
    height, width, _ = image.shape
    small = Image.fromarray(heatmap)
    large = small.resize((width, height), Image.Resampling.BILINEAR)
    for_a_crack = np.asarray(large).clip(min=0)
    strength = for_a_crack * (probability / max(float(for_a_crack.max()), 1e-6))
    colours = Image.fromarray((strength * 255).round().astype(np.uint8))
    colours.putpalette(_palette())
    mask = Image.fromarray((strength * opacity * 255).round().astype(np.uint8))
    overlaid = Image.fromarray(image)
    overlaid.paste(colours.convert("RGB"), mask=mask)
    return np.asarray(overlaid)


def grey_heatmap(
    heatmap: NDArray[np.float32], width: int, height: int
) -> NDArray[np.uint8]:
    """Return a heatmap as a grey picture of the size of the photo.

    128 is a probability of 50 %, and 8 steps are one unit of log-odds; beyond 16 units
    values are clipped. As probabilities, the positions of a confident network would
    nearly all be black or white.

    Args:
        heatmap: float32 array (rows, columns), log-odds.
        width: Of the photo in pixels.
        height: Of the photo in pixels.

    Returns:
        uint8 array (height, width), bilinear between the positions of the heatmap.
    """
    grey = (128 + 8 * heatmap).round().clip(0, 255).astype(np.uint8)
    large = Image.fromarray(grey).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(large)


def _palette() -> list[int]:
    """Return 256 colours as a flat list of RGB values."""
    at = np.linspace(0, 1, 256)
    anchors = np.linspace(0, 1, len(COLOUR_SCALE))
    channels = np.transpose(COLOUR_SCALE)
    table = np.stack([np.interp(at, anchors, channel) for channel in channels], axis=1)
    return [int(value) for value in table.round().ravel()]
