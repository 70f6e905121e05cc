"""How fast a model answers on this machine."""

from __future__ import annotations

import io
import os
import platform
import time
from dataclasses import dataclass
from statistics import median

import numpy as np
from PIL import Image

from crack.inference.predictor import Predictor

PATCH_SIDE = 227
"""Pixels, as the patches of METU."""

_PATCHES = 48
_WARM_UP = 4  # the first ones prepare the engine


@dataclass(frozen=True)
class Speed:
    """The time a model takes for an answer.

    Attributes:
        milliseconds: Median for a patch, from the bytes of its file to the answer.
        patches: How many were timed.
        cores: Of the machine.
        machine: Its kind of processor.
    """

    milliseconds: float
    patches: int
    cores: int
    machine: str


def measure_speed(predictor: Predictor) -> Speed:
    """Time a model on patches of noise, one after the other."""
    rng = np.random.default_rng(0)
    seconds = []
    for _ in range(_WARM_UP + _PATCHES):
        pixels = rng.integers(60, 200, (PATCH_SIDE, PATCH_SIDE, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG")
        began = time.perf_counter()
        list(predictor.predict([("patch.jpg", file.getvalue())]))
        seconds.append(time.perf_counter() - began)
    return Speed(
        milliseconds=1000 * median(seconds[_WARM_UP:]),
        patches=_PATCHES,
        cores=os.cpu_count() or 1,
        machine=platform.processor() or platform.machine(),
    )
