from __future__ import annotations

import io
import random
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crack.data import images
from crack.data.image_formats import IMAGE_SUFFIXES
from crack.data.images import decode_image, resize_image
from crack.errors import CrackError

FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"]
RED, WHITE = (255, 0, 0), (255, 255, 255)

# In a test run every warning is an error; here it is the damage that is under test.
ignores_metadata_warnings = pytest.mark.filterwarnings("ignore::UserWarning")


def encode(image: Image.Image, image_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def corner_photo() -> Image.Image:
    """40 x 20, black with a white top left quarter."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:10, :20] = 255
    return Image.fromarray(pixels)


def with_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_accepted_format_decodes_to_the_same_picture(image_format):
    decoded = decode_image(encode(corner_photo(), image_format))
    assert decoded.dtype == np.uint8
    assert decoded.shape == (20, 40, 3)
    assert decoded[4, 8].min() > 240
    assert decoded[15, 30].max() < 15


def test_a_path_and_its_bytes_give_the_same_pixels(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(corner_photo(), "PNG"))
    assert np.array_equal(decode_image(path), decode_image(path.read_bytes()))


def test_the_content_counts_and_not_the_suffix(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(corner_photo(), "PNG"))
    assert decode_image(path).shape == (20, 40, 3)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_a_photo_taken_sideways_stands_upright(image_format):
    photo = encode(corner_photo(), image_format, exif=with_orientation(6))
    decoded = decode_image(photo)
    assert decoded.shape == (40, 20, 3)
    assert decoded[8, 15].min() > 240
    assert decoded[30, 5].max() < 15


@pytest.mark.parametrize(
    ("orientation", "white_corner"),
    [
        (1, (4, 8)),
        (2, (4, 32)),
        (3, (15, 32)),
        (4, (15, 8)),
        (5, (8, 4)),
        (6, (8, 15)),
        (7, (32, 15)),
        (8, (32, 4)),
    ],
)
def test_all_eight_orientations_are_undone(orientation, white_corner):
    photo = encode(corner_photo(), "PNG", exif=with_orientation(orientation))
    assert decode_image(photo)[white_corner].min() > 240


@ignores_metadata_warnings
def test_damaged_exif_does_not_cost_the_photo():
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"
    assert decode_image(encode(corner_photo(), "JPEG", exif=exif)).shape == (20, 40, 3)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (Image.new("RGBA", (8, 8), (0, 0, 0, 0)), {}),
        (Image.new("LA", (8, 8), (0, 0)), {}),
        (Image.new("P", (8, 8), 0), {"transparency": 0}),
        (Image.new("RGB", (8, 8), (1, 2, 3)), {"transparency": (1, 2, 3)}),
    ],
    ids=["rgba", "grey-alpha", "palette", "colour-key"],
)
def test_transparent_places_become_white(image, options):
    assert (decode_image(encode(image, "PNG", **options)) == 255).all()


def test_half_transparent_red_is_pink():
    pink = decode_image(encode(Image.new("RGBA", (8, 8), (*RED, 128)), "PNG"))
    assert pink[0, 0].tolist() == [255, 127, 127]


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF"])
def test_cmyk_red_is_red(image_format):
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert decode_image(encode(red, image_format))[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    "image",
    [
        Image.linear_gradient("L"),
        Image.linear_gradient("L").convert("P"),
    ],
    ids=["grey", "palette"],
)
def test_grey_keeps_its_values(image):
    column = decode_image(encode(image, "PNG"))[:, 0]
    assert np.array_equal(column, np.repeat(np.arange(256)[:, None], 3, axis=1))


def test_black_and_white_scans_decode():
    assert (decode_image(encode(Image.new("1", (8, 8), 1), "TIFF")) == 255).all()


@pytest.mark.parametrize(
    ("dtype", "image_format"),
    [("<u2", "PNG"), ("<u2", "TIFF"), (">u2", "TIFF"), ("i4", "TIFF"), ("f4", "TIFF")],
)
def test_deep_grey_is_scaled_and_not_clipped(dtype, image_format):
    ramp = np.arange(65536).reshape(256, 256).astype(dtype)
    decoded = decode_image(encode(Image.fromarray(ramp), image_format))
    assert np.abs(decoded[:, 0, 0].astype(int) - np.arange(256)).max() <= 1


def test_flat_deep_grey_is_black_without_a_division_by_zero():
    flat = Image.fromarray(np.full((8, 8), 7, np.float32))
    assert (decode_image(encode(flat, "TIFF")) == 0).all()


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_an_animation_shows_its_first_frame(image_format):
    first, second = Image.new("RGB", (8, 8), RED), Image.new("RGB", (8, 8), WHITE)
    animation = encode(first, image_format, save_all=True, append_images=[second])
    assert decode_image(animation)[0, 0, 0] > 240
    assert decode_image(animation)[0, 0, 2] < 15


def refusal(source) -> str:
    with pytest.raises(CrackError) as caught:
        decode_image(source)
    return str(caught.value)


def test_an_empty_file_is_named_as_such(tmp_path):
    path = tmp_path / "empty.jpg"
    path.touch()
    assert "empty" in refusal(path)
    assert "empty" in refusal(b"")


@pytest.mark.parametrize("content", [b"hello", b"\0" * 100, b"\xff", b"RIFF1234WAVE"])
def test_other_content_is_not_a_picture(content):
    assert "not a picture" in refusal(content)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (b"8BPS\0\1", "Photoshop"),
        (b"PK\x03\x04", "ZIP"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    ],
)
def test_a_format_outside_the_list_is_named(head, kind):
    assert kind in refusal(head + b"\0" * 100)


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.9])
@ignores_metadata_warnings
def test_a_truncated_file_is_refused(image_format, kept):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    whole = encode(Image.fromarray(noise), image_format)
    assert "damaged or incomplete" in refusal(whole[: int(len(whole) * kept)])


def test_a_missing_file_is_named(tmp_path):
    assert "There is no file" in refusal(tmp_path / "gone.jpg")


def test_a_folder_is_no_picture(tmp_path):
    assert "folder" in refusal(tmp_path)


def test_a_file_without_permission_is_told(tmp_path, monkeypatch):
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "locked.png"
    path.write_bytes(encode(corner_photo(), "PNG"))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "locked.png cannot be read: Permission denied" in refusal(path)


def test_too_many_bytes_are_refused_before_reading(tmp_path, monkeypatch):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(corner_photo(), "PNG"))
    monkeypatch.setattr(images, "MAX_BYTES", 50)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("was read"))
    assert "MB" in refusal(path)


@pytest.mark.parametrize("side", [11_000, 40_000], ids=["above", "far above"])
def test_too_many_pixels_are_refused_before_decoding(side):
    assert "more than 120 megapixels" in refusal(png_header(side, side))


def test_the_largest_accepted_photo_passes_the_limit():
    assert "damaged" in refusal(png_header(12_000, 10_000))


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and ends."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


@pytest.mark.parametrize("image_format", FORMATS)
@ignores_metadata_warnings
def test_random_damage_gives_a_picture_or_a_sentence(image_format):
    rng = random.Random(7)
    whole = encode(corner_photo(), image_format)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 3, 20])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            assert decode_image(bytes(damaged)).ndim == 3
        except CrackError:
            continue


def test_threads_decode_side_by_side():
    photo = encode(corner_photo(), "JPEG")
    results: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: results.append(decode_image(photo)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(np.array_equal(result, results[0]) for result in results)


def test_resize_is_square_and_antialiased():
    stripes = np.zeros((64, 96, 3), np.uint8)
    stripes[::2] = 255
    resized = resize_image(stripes, 16, 16)
    assert resized.shape == (16, 16, 3)
    assert resized.dtype == np.uint8
    assert np.abs(resized.astype(int) - 127).max() <= 16


def test_resize_leaves_a_picture_of_that_size_alone():
    pixels = np.zeros((16, 16, 3), np.uint8)
    assert resize_image(pixels, 16, 16) is pixels


def test_suffixes_are_lower_case_with_a_dot():
    assert {".jpg", ".heic", ".webp"} <= IMAGE_SUFFIXES
    assert all(s == s.lower() and s.startswith(".") for s in IMAGE_SUFFIXES)
