"""From a wall to a photo of it: light from the side, lens, sensor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from crack.synthetic.canvas import Canvas
from crack.synthetic.noise import field


def photograph(rng: np.random.Generator, canvas: Canvas) -> NDArray[np.uint8]:
    """Return the photo, RGB (h, w, 3).

    The relief is shaded as a matt surface under a low sun (Lambert), the light falls
    off over the picture, the lens blurs, and the sensor adds noise that grows with the
    light (Foi et al. 2008, IEEE TIP 17:1737, "Practical Poissonian-Gaussian noise
    modeling and fitting for single-image raw-data").
    """
    image = canvas.colour
    image *= _shading(rng, canvas)[..., None]
    image *= _light(rng, canvas.shape, float(image.mean()))
    sharp, near, far = rng.uniform((0.0, 0.4, 0.9), (0.0, 0.9, 2.2))
    sigma = float(rng.choice((sharp, near, far), p=(0.35, 0.45, 0.2)))
    if sigma:
        image = gaussian_filter(image, (sigma, sigma, 0))
    if rng.random() < 0.06:  # the hand moved
        image = gaussian_filter1d(image, rng.uniform(1, 2.5), axis=int(rng.integers(2)))
    if rng.random() < 0.5:  # phones sharpen
        amount = rng.uniform(0.3, 1.0)
        image = image + amount * (image - gaussian_filter(image, (1.2, 1.2, 0)))
    height, width = canvas.shape
    grains = np.stack([field(rng, height, width, 0.0) for _ in range(3)], axis=-1)
    grey = grains.mean(axis=-1, keepdims=True)
    coloured = grey + rng.uniform(0.1, 0.6) * (grains - grey)
    strength = rng.uniform(0.001, 0.02)
    image = image + strength * np.sqrt(np.clip(image, 0.02, 1)) * coloured
    return np.asarray(np.clip(image, 0, 1) * 255 + 0.5, dtype=np.uint8)


def _shading(rng: np.random.Generator, canvas: Canvas) -> NDArray[np.float32]:
    turn = rng.uniform(0, 2 * np.pi)
    strength = rng.uniform(0.03, 0.3)
    down, right = np.gradient(canvas.relief)
    slope = down * np.sin(turn) + right * np.cos(turn)
    return np.asarray(1 + np.clip(strength * slope, -0.6, 0.6), dtype=np.float32)


def _light(
    rng: np.random.Generator, shape: tuple[int, int], level: float
) -> NDArray[np.float32]:
    """Return exposure, fall-off and colour of the light, (h, w, 3)."""
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    slant = rng.normal(0, 0.07) * x + rng.normal(0, 0.07) * y
    vignette = rng.uniform(0, 0.12) * (x**2 + y**2)
    exposure = float(np.exp(rng.normal(0, 0.2)))
    # Few walls are overexposed, since a camera measures the light.
    exposure = min(exposure, 0.75 / level)
    warmth = rng.normal(0, 0.02)
    colour = np.array([1 + warmth, 1 + rng.normal(0, 0.01), 1 - warmth])
    falls = exposure * (1 + slant - vignette)
    return np.asarray(falls[..., None] * colour, dtype=np.float32)
