"""What is measured of one image when it is imported."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crack.data.folders import is_text
from crack.data.images import check_byte_count, check_is_file, decode_image
from crack.data.signature import signature
from crack.errors import CrackError

Measured = tuple[dict[str, Any], NDArray[np.float16]]
"""The row of an image in the index, without group and photo, and its signature."""

_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
_STRIP = 256  # rows at a time: as floats, a whole picture is four times larger


def measure(root: Path, file: PurePosixPath, class_name: str) -> Measured | CrackError:
    """Return the index row and signature of an image, or the error that prevents them.

    Args:
        root: Folder of the class folders.
        file: Of the image, within `root`.
        class_name: Its class.

    Returns:
        The row as in `Dataset.samples`, without group and photo, and the signature of
        `crack.data.signature`.
    """
    try:
        if not is_text(str(file)):
            return CrackError("Its name is not valid text; rename the file.")
        path = root / file
        check_is_file(path)
        check_byte_count(path.stat().st_size)
        content = path.read_bytes()
        image = decode_image(content)
    except OSError as error:
        return CrackError(f"It cannot be opened: {error.strerror}.")
    except CrackError as error:
        return error
    brightness, contrast, sharpness = light_and_sharpness(image)
    row = {
        "file": str(file),
        "class": class_name,
        "width": image.shape[1],
        "height": image.shape[0],
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "brightness": round(brightness, 4),
        "contrast": round(contrast, 4),
        "sharpness": round(sharpness, 1),
    }
    return row, signature(image)


def light_and_sharpness(image: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Return mean and standard deviation of the grey value, and the sharpness.

    Sharpness is the variance of the Laplacian of the 8-bit grey image (Pech-Pacheco et
    al. 2000, "Diatom autofocusing in brightfield microscopy").

    Args:
        image: Shape (height, width, 3), RGB.

    Returns:
        Brightness and contrast, 0 to 1; sharpness, 0 or more.
    """
    height, width, _ = image.shape
    light, edges = np.zeros(2), np.zeros(2)
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        # The Laplacian also needs the rows above and below.
        above, below = min(1, top), min(1, height - bottom)
        grey = image[top - above : bottom + below] @ _GREY
        inside = np.s_[above : above + bottom - top]
        light += _sums(grey[inside])
        edges += _sums(_laplacian(grey)[inside])
    brightness, variance = _mean_and_variance(light, height * width)
    _, sharpness = _mean_and_variance(edges, height * width)
    return brightness / 255, variance**0.5 / 255, sharpness


def _laplacian(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of the differences to the four neighbours, the border repeated.

    SciPy's goes through memory in doubles, which takes four times as long.
    """
    found = grey * np.float32(-4)
    found[1:] += grey[:-1]
    found[:-1] += grey[1:]
    found[:, 1:] += grey[:, :-1]
    found[:, :-1] += grey[:, 1:]
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        found[edge] += grey[edge]
    return found


def _sums(values: NDArray[np.float32]) -> NDArray[np.float64]:
    exact = values.astype(np.float64)
    return np.array([exact.sum(), np.square(exact).sum()])


def _mean_and_variance(sums: NDArray[np.float64], count: int) -> tuple[float, float]:
    mean, square = sums / count
    return float(mean), max(0.0, float(square - mean**2))
