"""From bytes to pixels: the only decoder and the only resize.

Pages, batches, the command line and training all read pictures here, so none of them
sees a picture turned, coloured or scaled differently.
"""

from __future__ import annotations

import stat
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image

from crack.data.image_formats import image_format_of
from crack.data.image_limits import (
    MAX_PIXELS,
    PatientBytes,
    check_picture,
    check_stored,
    too_many_pixels,
)
from crack.data.pixels import rgb_pixels
from crack.errors import CrackError, unreadable

Source = Path | bytes

MAX_BYTES = 200_000_000
"""Above any photo of `MAX_PIXELS` in a compressed format; the usual upload limit."""

# What Pillow's decoders raise, now or in earlier versions, on bytes that do not match
# their header. 200,000 randomly damaged files raised nothing else.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
    zlib.error,
)
_TOO_MUCH = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    MemoryError,
)

_TURNS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    2: lambda seen: seen[:, ::-1],
    3: lambda seen: seen[::-1, ::-1],
    4: lambda seen: seen[::-1],
    5: lambda seen: seen.swapaxes(0, 1),
    6: lambda seen: seen.swapaxes(0, 1)[:, ::-1],
    7: lambda seen: seen[::-1, ::-1].swapaxes(0, 1),
    8: lambda seen: seen.swapaxes(0, 1)[::-1],
}

# All of Pillow's plugins are loaded here: doing so on demand is not thread-safe.
Image.init()
pillow_heif.register_heif_opener()
# Pillow's own guard also sees sizes inside a file (tiles, frames); it follows our
# limit, and its warning is an error because `warnings` cannot be caught per thread.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
# The user need not know of damaged metadata as long as the pixels are whole.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def decode_image(source: Source, *, drawn: bool = False) -> NDArray[np.uint8]:
    """Decode a picture to upright RGB.

    The content decides the format, never the suffix. Transparent areas become white,
    16-bit grey keeps its whole range, and an animation is read as its first frame.

    Args:
        source: Path of a file, or its content.
        drawn: Whether it may be a large drawing in black and white, as masks are.

    Returns:
        Read-only uint8 array (height, width, 3), values 0 to 255.

    Raises:
        CrackError: The source cannot be read, is not a picture in an accepted format,
            is damaged, or exceeds `MAX_BYTES` or `MAX_PIXELS`.
    """
    data = read_source(source)
    image_format = image_format_of(data)
    try:
        seen, orientation = _open(data, image_format, drawn)
    except _TOO_MUCH as error:
        raise too_many_pixels() from error
    except _DAMAGE as error:
        raise CrackError(
            f"This {image_format} file is damaged or incomplete.",
            "Copy it again from the camera or from its source.",
        ) from error
    turn = _TURNS.get(orientation)
    # Turned only after Pillow's own copy is freed, which is larger than the result.
    upright = seen if turn is None else np.ascontiguousarray(turn(seen))
    upright.flags.writeable = False
    return upright


def _open(data: bytes, image_format: str, drawn: bool) -> tuple[NDArray[np.uint8], int]:
    """Return the pixels as stored, and the EXIF orientation to turn them by."""
    with _opened(data, image_format) as image:
        check_picture(image, drawn=drawn)
        image.load()
        # After loading: some TIFF files turn themselves while being loaded.
        return rgb_pixels(image), _orientation(image)


def _opened(data: bytes, image_format: str) -> Image.Image:
    """Return a picture of which only the header was read."""
    check_stored(data, image_format)
    return Image.open(PatientBytes(data), formats=image_format.split("/"))


def upright_size(data: bytes) -> tuple[int, int] | None:
    """Return the upright width and height that a file declares, without decoding it.

    Returns:
        Pixels; None if they cannot be read, for which `decode_image` gives the reason.
    """
    try:
        with _opened(data, image_format_of(data)) as image:
            width, height = image.size
            return (height, width) if _orientation(image) > 4 else (width, height)
    except (CrackError, *_TOO_MUCH, *_DAMAGE):
        return None


def resize_image(
    image: NDArray[np.uint8], height: int, width: int
) -> NDArray[np.uint8]:
    """Scale a picture, bilinear with antialiasing.

    Args:
        image: uint8 array (any height, any width, 3).
        height: Of the result in pixels.
        width: Of the result in pixels.

    Returns:
        uint8 array (height, width, 3); `image` itself where it has that size already.
    """
    if image.shape[:2] == (height, width):
        return image
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized)


def shrink_image(image: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """Return a picture reduced for the screen or a report, its proportions kept.

    Args:
        image: uint8 array (height, width, 3).
        longest: Limit of its longer side, in pixels.

    Returns:
        uint8 array (height, width, 3); `image` itself where it is small enough.
    """
    height, width, _ = image.shape
    scale = min(1.0, longest / max(height, width))
    return resize_image(
        image, max(1, round(height * scale)), max(1, round(width * scale))
    )


def check_byte_count(count: int) -> None:
    """Refuse a file by its size in bytes, before reading it.

    Raises:
        CrackError: It is empty, or has more than `MAX_BYTES`.
    """
    if count == 0:
        raise CrackError(
            "Expected a picture, got an empty file.", "Copy it again from its source."
        )
    if count > MAX_BYTES:
        raise CrackError(
            f"The file has {count / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f}.",
            "Save the picture as JPEG or PNG.",
        )


def read_source(source: Source) -> bytes:
    """Return the content of a picture file.

    Args:
        source: Path of a file, or its content.

    Raises:
        CrackError: The file cannot be read, is empty or exceeds `MAX_BYTES`.
    """
    if isinstance(source, Path):
        return _read(source)
    check_byte_count(len(source))
    return source


def _read(path: Path) -> bytes:
    check_is_file(path)
    try:
        check_byte_count(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise unreadable(f"The file {path.name}", error) from error


def check_is_file(path: Path) -> None:
    """Refuse what is no file: reading a pipe or a device may never end.

    Raises:
        CrackError: It is something else, or is not there.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        what = "This link leads nowhere" if path.is_symlink() else "There is no file"
        raise CrackError(f"{what}: {path}.", "Check the path.") from error
    except OSError as error:
        raise unreadable(f"The file {path.name}", error) from error
    if stat.S_ISDIR(mode):
        raise CrackError(f"Expected a picture, got the folder {path}.")
    if not stat.S_ISREG(mode):
        raise CrackError(
            f"Expected a picture, got a pipe or a device: {path}.", "Choose a file."
        )


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 if it is missing or unreadable."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:
        return 1
    return orientation if isinstance(orientation, int) else 1
