"""Which picture files are accepted, recognised by their first bytes."""

from __future__ import annotations

from crack.errors import CrackError

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
    | {".heic", ".heif", ".hif", ".avif"}
)
"""Lower-case suffixes to look for in folders; decoding itself ignores the suffix."""

# (offset, bytes there, Pillow's names of the format). Checking them first means that
# only the matching decoder sees the file, and never one outside this list.
_ALLOWED = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"GIF8", "GIF"),
    (4, b"ftypavi", "AVIF"),
    (4, b"ftyphe", "HEIF"),
    (4, b"ftypmif1", "AVIF/HEIF"),
    (4, b"ftypmsf1", "AVIF/HEIF"),
)
_SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "TIFF": ".tif",
    "BMP": ".bmp",
    "GIF": ".gif",
    "AVIF": ".avif",
    "HEIF": ".heic",
    "AVIF/HEIF": ".heif",
}
_REFUSED = (
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"<svg", "SVG"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\0\0\x01\0", "ICO"),
    (4, b"jP  ", "JPEG 2000"),
    (4, b"JXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"ftyp", "video or raw photo"),
)


def image_format_of(data: bytes) -> str:
    """Return the format that the first bytes belong to, by Pillow's name.

    Args:
        data: Content of a file, or its beginning.

    Returns:
        A name such as "JPEG"; two with a slash between them if only decoding can tell
        which.

    Raises:
        CrackError: It is not a picture in an accepted format.
    """
    head = data[:16]
    for offset, magic, name in _ALLOWED:
        if head.startswith(magic, offset):
            return name
    for offset, magic, name in _REFUSED:
        if head.startswith(magic, offset):
            raise CrackError(
                f"Expected a picture, got a file of the kind {name}.",
                "Save it as JPEG, PNG, WebP, TIFF, BMP, GIF, HEIF or AVIF.",
            )
    raise CrackError(
        "This file is not a picture, whatever its name says.",
        "Accepted are JPEG, PNG, WebP, TIFF, BMP, GIF, HEIF and AVIF.",
    )


def image_suffix(data: bytes) -> str:
    """Return the suffix that fits the content of a file, such as ".jpg".

    Returns:
        ".bin" if it is not a picture in an accepted format.
    """
    try:
        return _SUFFIXES[image_format_of(data)]
    except CrackError:
        return ".bin"
