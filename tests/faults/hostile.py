"""Hostile files and ZIPs, the same ones each time."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator

import numpy as np

from tests.faults import large_pictures as large

_FORMATS = {
    "JPEG": {},
    "JPEG progressive": {"progressive": True},
    "PNG": {},
    "GIF": {},
    "BMP": {},
    "WEBP": {},
    "TIFF": {},
    "TIFF LZW": {"compression": "tiff_lzw"},
    "AVIF": {"speed": 10},
    "HEIF": {},
}
_SPOILT = 28  # of each format
_SEED = 17


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Yield files: damaged pictures of each format, and what pretends to be one."""
    rng = np.random.default_rng(_SEED)
    for name, options in _FORMATS.items():
        kind = name.split()[0]
        whole = (
            large.heif(96, 64)
            if kind == "HEIF"
            else large.noise(96, 64, kind, **options)
        )
        for number in range(_SPOILT):
            yield f"{name} {number}", _spoilt(whole, number % 4, rng)
    for name, content in _PRETENDERS.items():
        yield name, content


def _spoilt(whole: bytes, way: int, rng: np.random.Generator) -> bytes:
    content = bytearray(whole)
    if way == 0:
        return whole[: int(rng.integers(1, len(whole)))]
    if way == 1:  # some bytes
        for place in rng.integers(4, len(content), 12):
            content[place] = rng.integers(256)
    elif way == 2:  # the header, where the sizes are
        for place in rng.integers(4, min(80, len(content)), 6):
            content[place] = rng.choice([0, 1, 127, 255])
    else:  # a part is there twice
        start, end = sorted(rng.integers(0, len(content), 2))
        content[end:end] = content[start:end] * 3
    return bytes(content)


_PRETENDERS = {
    "nothing": b"",
    "one byte": b"\xff",
    "only the first bytes of a JPEG": b"\xff\xd8\xff",
    "only the first bytes of a PNG": b"\x89PNG\r\n\x1a\n",
    "a web page": b"<html><script>alert(1)</script></html>",
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a script of PostScript": b"%!PS\n(/etc/passwd) (r) file\n",
    "a PDF": b"%PDF-1.7\n",
    "an executable": b"\x7fELF" + bytes(200),
    "a pickle": b"\x80\x04\x95cos\nsystem\n(S'true'\ntR.",
    "a strip": large.png(8, 0, width=60_000, height=1),
    "a JPEG of 100 passes": large.jpeg_of_passes(100, 64, 64),
    "a JPEG of markers": large.jpeg_of_markers(10_000),
    "a TIFF of a million strips": large.tiff_of_parts(1_000_001),
    "a TIFF in one huge strip": large.tiff_header((16, 16, 16, 16)),
    "a BMP of 100 megapixels in 16 bytes": large.rle_bmp(3),
}


def hostile_zips() -> Iterator[tuple[str, bytes]]:
    """Yield ZIPs that want to write elsewhere, fill the disk, or are damaged."""
    rng = np.random.default_rng(_SEED)
    good = large.noise(64, 64, "PNG")
    for name in _ELSEWHERE:
        yield f"a file named {name!r}", _packed({**_both(good), name: good})
    yield "a link", _packed(_both(good), link="crack/link.png")
    yield "zeros", _packed({**_both(good), "crack/zeros.png": bytes(30_000_000)})
    yield (
        "a ZIP in it",
        _packed({**_both(good), "crack/inner.zip": _packed(_both(good))}),
    )
    yield "a thousand folders", _packed({"/".join("d" * 500) + "/a.png": good})
    yield "twice the same name", _packed(_both(good), twice="crack/0.png")
    yield "a password", _flagged(_packed(_both(good)), 1)
    yield "an unknown way to pack", _method(_packed(_both(good)), 97)
    yield "formulas", _packed({**_both(good), "crack/=cmd()|x.png": good})
    whole = _packed(_both(good))
    for number in range(30):
        yield f"damaged {number}", _spoilt(whole, number % 4, rng)


_ELSEWHERE = (
    "../outside.png",
    "crack/../../outside.png",
    "/tmp/outside.png",
    "C:/outside.png",
    "C:\\outside.png",
    "..\\outside.png",
    "crack/..\\..\\outside.png",
    "\\\\server\\share\\outside.png",
    "~/outside.png",
    "crack/CON.png",
    "crack/a\x00b.png",
    "crack/a\nb.png",
)


def _both(good: bytes) -> dict[str, bytes]:
    return {
        f"{c}/{n}.png": good + bytes(n) for n in range(4) for c in ("crack", "sound")
    }


def _packed(
    members: dict[str, bytes], *, link: str | None = None, twice: str | None = None
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        if twice:
            archive.fp.seek(archive.start_dir)
            archive.filelist.append(archive.filelist[0])
            archive._didModify = True
    return file.getvalue()


def _flagged(content: bytes, flag: int) -> bytes:
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            struct.pack_into("<H", changed, at + offset, flag)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def _method(content: bytes, method: int) -> bytes:
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = changed.find(signature)
        while at >= 0:
            struct.pack_into("<H", changed, at + offset, method)
            at = changed.find(signature, at + 4)
    return bytes(changed)
