"""Pictures at the limits of size, each a small file that is made in seconds.

All but one have one shade, so they compress to almost nothing: what they cost is
decided by their header and by the way they are stored.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pillow_heif
from PIL import Image

WIDTH, HEIGHT = 11_000, 10_900
"""In pixels: 119.9 megapixels, just below the limit of the program."""

_GREY, _RGB, _PALETTE, _RGBA = 0, 2, 3, 6  # colour types of PNG
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _RGBA: 4}
# Of each pass of an interlaced PNG: first column and row, step to the next.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return (
        struct.pack(">I", len(content))
        + checked
        + struct.pack(">I", zlib.crc32(checked))
    )


def _zeros(count: int) -> bytes:
    """Return so many zeros, compressed."""
    packer, packed = zlib.compressobj(1), []
    block = bytes(1 << 20)
    for _ in range(count >> 20):
        packed.append(packer.compress(block))
    packed.append(packer.compress(bytes(count & ((1 << 20) - 1))))
    return b"".join([*packed, packer.flush()])


def png(
    depth: int,
    colours: int,
    *,
    interlaced: bool = False,
    extra: bytes = b"",
    width: int = WIDTH,
    height: int = HEIGHT,
) -> bytes:
    """Return a black PNG."""
    bits = depth * _CHANNELS[colours]

    def size(columns: int, rows: int) -> int:
        return rows * (1 + (columns * bits + 7) // 8) if columns else 0

    if interlaced:
        parts = [
            size(-(-(width - x) // across), -(-(height - y) // down))
            for x, y, across, down in _PASSES
        ]
    else:
        parts = [size(width, height)]
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    palette = _chunk(b"PLTE", bytes(range(256)) * 3) if colours == _PALETTE else b""
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            palette,
            extra,
            _chunk(b"IDAT", _zeros(sum(parts))),
            _chunk(b"IEND", b""),
        ]
    )


def png_with_profile(megabytes: int) -> bytes:
    """Return a small PNG with a colour profile that grows when it is unpacked."""
    profile = b"icc\0\0" + _zeros(megabytes * 1_000_000)
    return png(8, _GREY, extra=_chunk(b"iCCP", profile), width=64, height=64)


def png_with_texts(count: int) -> bytes:
    """Return a small PNG with many compressed notes of a megabyte each."""
    note = _chunk(b"zTXt", b"note\0\0" + _zeros(1_000_000))
    return png(8, _GREY, extra=note * count, width=64, height=64)


def tiff(
    bits: tuple[int, ...],
    compression: int,
    *,
    tile: int | None = None,
    rows_per_strip: int = HEIGHT,
    photometric: int = 2,
    width: int = WIDTH,
    height: int = HEIGHT,
    parts: int | None = None,
    part: bytes | None = None,
) -> bytes:
    """Return a black TIFF of parts that are all one, the first, stored once."""
    rows = tile or rows_per_strip
    columns = tile or width
    count = parts or -(-height // rows) * (-(-width // columns))
    raw = rows * columns * sum(bits) // 8
    part = part or (_zeros(raw) if compression == 8 else b"\0" * raw)
    entries: list[tuple[int, int, list[int]]] = [
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, list(bits)),
        (259, 3, [compression]),
        (262, 3, [photometric]),
        (277, 3, [len(bits)]),
        (284, 3, [1]),
    ]
    if tile:
        entries += [(322, 4, [tile]), (323, 4, [tile])]
        entries += [(324, 4, [8] * count), (325, 4, [len(part)] * count)]
    else:
        entries += [(273, 4, [8] * count), (278, 4, [rows])]
        entries += [(279, 4, [len(part)] * count)]
    if len(bits) == 4 and photometric == 2:
        entries.append((338, 3, [2]))
    return _tiff_file(part, sorted(entries))


def tiff_header(bits: tuple[int, ...]) -> bytes:
    """Return a TIFF whose one strip is missing."""
    return tiff(bits, 8, part=b"none")


def _tiff_file(part: bytes, entries: list[tuple[int, int, list[int]]]) -> bytes:
    directory_at = 8 + len(part) + len(part) % 2
    values_at = directory_at + 2 + 12 * len(entries) + 4
    directory, values = struct.pack("<H", len(entries)), b""
    for tag, kind, numbers in entries:
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        field = packed.ljust(4, b"\0")
        if len(packed) > 4:
            field = struct.pack("<I", values_at + len(values))
            values += packed
        directory += struct.pack("<HHI", tag, kind, len(numbers)) + field
    head = b"II*\0" + struct.pack("<I", directory_at)
    return head + part + b"\0" * (len(part) % 2) + directory + bytes(4) + values


def saved(
    mode: str, kind: str, width: int = WIDTH, height: int = HEIGHT, **options: object
) -> bytes:
    """Return a grey picture as Pillow stores it."""
    colour = (
        120
        if len(Image.new(mode, (1, 1)).getbands()) == 1
        else (120, 130, 140, 150)[: len(Image.new(mode, (1, 1)).getbands())]
    )
    buffer = io.BytesIO()
    Image.new(mode, (width, height), colour).save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int, kind: str, **options: object) -> bytes:
    """Return a picture that does not compress."""
    rng = np.random.default_rng(17)
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg_of_passes(count: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return a progressive JPEG that refines the same coefficient again and again."""
    whole = saved("L", "JPEG", width, height, progressive=True)
    starts = _markers(whole, 0xDA)
    # The last pass of a progressive JPEG of Pillow refines the lowest bit.
    last = whole[starts[-1] : -2]
    return whole[: starts[-1]] + last * count + b"\xff\xd9"


def _markers(jpeg: bytes, marker: int) -> list[int]:
    found, at = [], jpeg.find(bytes([0xFF, marker]))
    while at >= 0:
        found.append(at)
        at = jpeg.find(bytes([0xFF, marker]), at + 1)
    return found


def jpeg_with_segments(count: int, marker: int, head: bytes) -> bytes:
    """Return a small JPEG with many application segments of the largest size."""
    small = saved("L", "JPEG", 64, 64)
    body = head + bytes(65_533 - len(head))
    segment = bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    return small[:2] + segment * count + small[2:]


def animation(kind: str, frames: int, side: int = 64) -> bytes:
    """Return an animation whose frames differ."""
    rng = np.random.default_rng(17)
    pictures = [
        Image.fromarray(rng.integers(0, 256, (side, side), np.uint8)).convert("RGB")
        for _ in range(frames)
    ]
    buffer = io.BytesIO()
    pictures[0].save(buffer, kind, save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def heif(width: int, height: int) -> bytes:
    """Return a grey HEIF."""
    buffer = io.BytesIO()
    pillow_heif.register_heif_opener()
    Image.new("RGB", (width, height), (120, 130, 140)).save(buffer, "HEIF", quality=30)
    return buffer.getvalue()


def png_of_chunks(count: int) -> bytes:
    """Return a small PNG with so many empty chunks."""
    return png(8, _GREY, extra=_chunk(b"teSt", b"") * count, width=64, height=64)


def jpeg_of_markers(count: int) -> bytes:
    """Return a small JPEG with so many empty segments."""
    small = saved("L", "JPEG", 64, 64)
    return small[:2] + b"\xff\xe5\0\2" * count + small[2:]


def gif_with_comment(blocks: int) -> bytes:
    """Return a small GIF with a comment of so many blocks."""
    small = saved("P", "GIF", 64, 64)
    at = small.rindex(b",", 0, 13 + 3 * 256 + 60)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * blocks + b"\0"
    return small[:at] + comment + small[at:]


def tiff_of_parts(count: int) -> bytes:
    """Return a small TIFF that says it is in so many strips."""
    return tiff(
        (8,), 1, rows_per_strip=1, photometric=1, width=64, height=64, parts=count
    )


def rle_bmp(runs: int) -> bytes:
    """Return a BMP of run lengths, each a pixel long."""
    width = height = 10_000
    palette = bytes(range(256)) * 4
    content = b"\1\x80" * runs + b"\0\1"
    start = 54 + len(palette)
    head = b"BM" + struct.pack("<IHHI", start + len(content), 0, 0, start)
    info = (40, width, height, 1, 8, 1, len(content), 2835, 2835, 256, 0)
    return head + struct.pack("<IiiHHIIiiII", *info) + palette + content


LARGE: dict[str, Callable[[], bytes]] = {
    "PNG 8-bit RGB": lambda: png(8, _RGB),
    "PNG 8-bit RGBA": lambda: png(8, _RGBA),
    "PNG 16-bit RGB": lambda: png(16, _RGB),
    "PNG 16-bit RGBA": lambda: png(16, _RGBA),
    "PNG 16-bit grey": lambda: png(16, _GREY),
    "PNG palette": lambda: png(8, _PALETTE),
    "PNG interlaced RGBA": lambda: png(8, _RGBA, interlaced=True),
    "PNG interlaced 16-bit RGBA": lambda: png(16, _RGBA, interlaced=True),
    "PNG profile of 200 MB": lambda: png_with_profile(200),
    "PNG 2,000 notes of 1 MB": lambda: png_with_texts(2000),
    "TIFF 16-bit grey, deflate, one strip": lambda: tiff((16,), 8, photometric=1),
    "TIFF 16-bit grey, deflate, strips of 1": lambda: tiff(
        (16,), 8, rows_per_strip=1, photometric=1
    ),
    "TIFF 16-bit RGB, deflate, one strip": lambda: tiff((16, 16, 16), 8),
    "TIFF 8-bit RGB, deflate, tiles of 16": lambda: tiff((8, 8, 8), 8, tile=16),
    "TIFF 8-bit RGB, deflate, one tile": lambda: tiff((8, 8, 8), 8, tile=11_008),
    "TIFF 16-bit RGBA, deflate, one tile": lambda: tiff(
        (16, 16, 16, 16), 8, tile=11_008
    ),
    "TIFF 32-bit float, deflate, one strip": lambda: tiff((32,), 8, photometric=1),
    "TIFF CMYK, deflate, one strip": lambda: tiff((8, 8, 8, 8), 8, photometric=5),
    "TIFF LZW": lambda: saved("RGB", "TIFF", compression="tiff_lzw"),
    "TIFF JPEG": lambda: saved("RGB", "TIFF", compression="jpeg"),
    "TIFF float LZW": lambda: saved("F", "TIFF", compression="tiff_lzw"),
    "JPEG RGB": lambda: saved("RGB", "JPEG"),
    "JPEG CMYK": lambda: saved("CMYK", "JPEG"),
    "JPEG progressive RGB": lambda: saved("RGB", "JPEG", progressive=True),
    "JPEG progressive RGB, noise, 36 megapixels": lambda: noise(
        6000, 6000, "JPEG", progressive=True, quality=95
    ),
    "JPEG progressive CMYK": lambda: saved("CMYK", "JPEG", progressive=True),
    "JPEG of 1,000 passes": lambda: jpeg_of_passes(1000),
    "JPEG of 20 passes more": lambda: jpeg_of_passes(20),
    "JPEG of 40 million markers": lambda: jpeg_of_markers(40_000_000),
    "PNG of 15 million chunks": lambda: png_of_chunks(15_000_000),
    "GIF with a comment of 190 MB": lambda: gif_with_comment(740_000),
    "TIFF of 20 million strips": lambda: tiff_of_parts(20_000_000),
    "TIFF small, in a tile of 1 gigapixel": lambda: tiff(
        (8,), 8, tile=32_000, photometric=1, width=64, height=64
    ),
    "BMP of 90 million runs": lambda: rle_bmp(90_000_000),
    "JPEG 3,000 segments of EXIF": lambda: jpeg_with_segments(3000, 0xE1, b"Exif\0\0"),
    "JPEG 3,000 segments of profile": lambda: jpeg_with_segments(
        3000, 0xE2, b"ICC_PROFILE\0\1\1"
    ),
    "JPEG 3,000 segments of XMP": lambda: jpeg_with_segments(
        3000, 0xE1, b"http://ns.adobe.com/xap/1.0/\0"
    ),
    "GIF": lambda: saved("P", "GIF"),
    "GIF of 5,000 frames": lambda: animation("GIF", 5000),
    "WebP lossless": lambda: saved("RGBA", "WEBP", lossless=True, quality=0, method=0),
    "WebP lossy": lambda: saved("RGB", "WEBP", method=0),
    "WebP of 3,000 frames": lambda: animation("WEBP", 3000),
    "APNG of 3,000 frames": lambda: animation("PNG", 3000),
    "BMP RGB, 66 megapixels": lambda: saved("RGB", "BMP", 8200, 8100),
    "BMP 1-byte": lambda: saved("L", "BMP"),
    "AVIF": lambda: saved("RGB", "AVIF", speed=10),
    "AVIF RGBA 4:4:4": lambda: saved("RGBA", "AVIF", speed=10, subsampling="4:4:4"),
    "HEIF": lambda: heif(WIDTH, HEIGHT),
}
"""What each is called in `docs/reliability.md`, and how it is made."""
