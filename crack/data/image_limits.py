"""What cannot be a photo of a wall: refused by its header, before it costs minutes.

A file of a few kilobytes can ask for gigabytes or hours. Decoding what is accepted
needs at most `MAX_MEMORY` beside the file itself; `docs/reliability.md` has the times.
"""

from __future__ import annotations

import re
import struct
from io import BytesIO

from PIL import Image, TiffImagePlugin

from crack.errors import CrackError

MAX_PIXELS = 120_000_000
"""Above the 108-megapixel sensors of phones; 360 MB as 8-bit RGB."""

MAX_MEMORY = 1_250_000_000
"""Bytes that decoding may take at its peak: Pillow's picture and ours, both whole, are
840 MB for `MAX_PIXELS` in colour."""

_LONG, _MOST_LONGER = 2000, 25  # px of the longer side; times the shorter
_MOST_BLACK_AND_WHITE = 4_000_000  # pixels
_MOST_PASSES = 30  # of a JPEG; usual are 10, with four colours 18
_MOST_METADATA = 20_000_000  # bytes, of EXIF, XMP, profiles and previews together
_MOST_SEGMENTS = 5_000  # of a JPEG
_MOST_TAGS, _MOST_VALUES = 4_096, 1_000_000  # of a TIFF; a value for each part of it
_MOST_READS = 1_000_000  # a PNG of `MAX_BYTES` takes 100,000

_SAVE_AGAIN = "Open it in another program and save it again as JPEG or PNG."

# Copies of all pixels at a time, in bytes per pixel. These decoders know no parts: they
# hold the planes of the file, their own picture and what Pillow makes of it.
_AT_ONCE = {"WEBP": 16, "AVIF": 20}
_PILLOW = {"1": 1, "L": 1, "P": 1, "LA": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}
_OURS = 3

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_START_OF_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, 0xD8}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDD}
_BYTES = {1, 2, 6, 7}  # types of TIFF whose values are read as they are


class PatientBytes(BytesIO):
    """The content of a file, which is handed out as long as the parts are not too many.

    Some headers cannot tell how long decoding takes: a file may consist of millions of
    empty parts. Pillow reads each of them by itself, and is interrupted here.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            CrackError: They were asked for too often.
        """
        self._reads += 1
        if self._reads > _MOST_READS:
            raise CrackError(
                "The picture is stored in hundreds of thousands of parts, as no photo "
                "is.",
                _SAVE_AGAIN,
            )
        return super().read(size)


def check_stored(data: bytes, image_format: str) -> None:
    """Refuse a file by how it is stored, before Pillow opens it.

    Args:
        data: Its content.
        image_format: As from `image_format_of`.

    Raises:
        CrackError: It cannot be a photo of a wall.
    """
    if image_format == "JPEG":
        _check_jpeg(data)
    elif image_format == "TIFF":
        _check_tiff(data)


def check_picture(image: Image.Image, *, drawn: bool = False) -> None:
    """Refuse an opened picture by its header, before it is decoded.

    Args:
        image: Not decoded yet.
        drawn: Whether it may be a large drawing in black and white.

    Raises:
        CrackError: It cannot be a photo of a wall, or needs too much memory.
    """
    if image.width * image.height > MAX_PIXELS:
        raise too_many_pixels()
    _check_shape(image, drawn)
    needed = _memory(image)
    if needed > MAX_MEMORY:
        megapixels = image.width * image.height / 1e6
        fit = megapixels * MAX_MEMORY / needed
        raise CrackError(
            f"A picture of {megapixels:.0f} megapixels, stored like this one, needs "
            f"{needed / 1e9:.1f} GB to be read; the limit is {MAX_MEMORY / 1e9:.2f}.",
            "Save it as JPEG or as 8-bit PNG, or scale it down to "
            f"{int(fit)} megapixels.",
        )
    if len(image.info.get("exif") or b"") > _MOST_METADATA:
        raise _too_much_metadata()


def too_many_pixels() -> CrackError:
    """Return the error for a picture that is too large."""
    return CrackError(
        f"The picture has more than {MAX_PIXELS / 1e6:.0f} megapixels.",
        "Scale it down or cut it into parts.",
    )


def _check_shape(image: Image.Image, drawn: bool) -> None:
    short, long = sorted(image.size)
    if long > _LONG and long > _MOST_LONGER * short:
        raise CrackError(
            f"The picture is a strip of {image.width:,} × {image.height:,} px, and no "
            "photo of a wall.",
            "Cut it into pieces that are less than "
            f"{_MOST_LONGER} times as long as they are wide.",
        )
    many = image.width * image.height > _MOST_BLACK_AND_WHITE
    if image.mode == "1" and many and not drawn:
        raise CrackError(
            "The picture has only black and white, without a grey between: a drawing "
            "or a scanned text, and no photo of a wall.",
            "Choose a photo in grey or in colours.",
        )


def _memory(image: Image.Image) -> float:
    """Return the bytes that decoding takes at its peak, as the header tells."""
    pixels = image.width * image.height
    decoded = pixels * _PILLOW.get(image.mode, 4)
    if image.format in _AT_ONCE:
        return float(pixels * _AT_ONCE[image.format])
    return decoded + max(pixels * _OURS, _of_decoder(image))


def _of_decoder(image: Image.Image) -> float:
    """Return the bytes that a decoder holds beside Pillow's picture."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _largest_part(image)
    if "progressive" in image.info:  # all coefficients of all colours
        return 2.0 * image.width * image.height * len(image.getbands())
    return 0.0


def _largest_part(image: TiffImagePlugin.TiffImageFile) -> float:
    """Return the bytes of a tile or strip of a TIFF, which is unpacked as a whole."""
    tags = image.tag_v2
    width = tags.get(TiffImagePlugin.TILEWIDTH, image.width)
    strip = min(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height), image.height)
    height = tags.get(TiffImagePlugin.TILELENGTH, strip)
    bits = sum(tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
    return float(width * height * bits / 8)


def _check_jpeg(data: bytes) -> None:
    """Refuse a JPEG that is read over and over, or is mostly no picture."""
    metadata = passes = at = 0
    colours, in_passes = 0, False
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or data[found.end() - 1] == _END:
            return
        kind, at = data[found.end() - 1], found.end()
        if kind in _WITHOUT_LENGTH or at + 8 > len(data):
            continue
        if kind in _FRAMES:
            colours, in_passes = data[at + 7], kind not in (0xC0, 0xC1)
        elif kind == _START_OF_SCAN:
            passes += 1
            if not in_passes and data[at + 2] == colours:
                return  # one pass has all there is, as in most photos
        elif kind not in _TABLES:
            metadata += int.from_bytes(data[at : at + 2])
        if metadata > _MOST_METADATA:
            raise _too_much_metadata()
        if passes > _MOST_PASSES:
            break
        at += int.from_bytes(data[at : at + 2])
    raise CrackError(
        f"This JPEG is stored in more than {_MOST_PASSES} passes, or in thousands of "
        "parts; a photo has about ten.",
        _SAVE_AGAIN,
    )


def _too_much_metadata() -> CrackError:
    return CrackError(
        f"The file has more than {_MOST_METADATA / 1e6:.0f} MB beside its picture.",
        "Save the picture again without its metadata.",
    )


def _check_tiff(data: bytes) -> None:
    """Refuse a TIFF whose directory alone would fill the memory."""
    order = "<" if data.startswith(b"II") else ">"
    large = data[2:4] in (b"+\0", b"\0+")
    number, count, size = ("Q", "Q", 20) if large else ("I", "H", 12)
    entry = f"{order}HH{number}"
    try:
        (at,) = struct.unpack_from(order + number, data, 8 if large else 4)
        (tags,) = struct.unpack_from(order + count, data, at)
        at += struct.calcsize(count)
        kinds = [
            struct.unpack_from(entry, data, at + place * size)[1:]
            for place in range(min(tags, _MOST_TAGS))
        ]
    except struct.error:  # for Pillow to say that it is damaged
        return
    values = sum(many for kind, many in kinds if kind not in _BYTES)
    if tags > _MOST_TAGS or values > _MOST_VALUES:
        raise CrackError(
            f"This TIFF is stored in more than {_MOST_VALUES:,} parts, as no photo is.",
            _SAVE_AGAIN,
        )
