"""500 files as an engineer may have them, 50 of them broken, by page and by CLI."""

from __future__ import annotations

import csv
import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from streamlit.testing.v1 import AppTest

from crack.settings import PROJECT
from tests.conftest import draw_concrete, draw_crack

pytestmark = pytest.mark.slow

FILES, BROKEN = 500, 50
SIZES = [(96 + 37 * n, 96 + 61 * (7 * n % 20) // 2) for n in range(20)]  # px
MEMORY = 150  # MB; decoded, the photos between the two measurements have 200

# Says how much memory it takes after 100 files and at the end, in bytes.
WATCHED = """
import sys
from pathlib import Path
import psutil
from crack.inference.predictor import Predictor
from crack.inference.sources import collect_sources
from crack.settings import SHIPPED_MODELS
process = psutil.Process()
paths = [Path(path) for path in sys.argv[1:]]
predictor = Predictor(SHIPPED_MODELS / "default")
for number, _ in enumerate(predictor.predict(collect_sources(paths)), start=1):
    if number in (100, len(paths)):
        print(process.memory_info().rss)
"""


def draw(rng, number: int) -> Image.Image:
    """Grainy grey, of every other one with a crack, in one of 20 sizes."""
    patch = draw_concrete(rng)
    if number % 2:
        draw_crack(patch, rng)
    width, height = SIZES[number % len(SIZES)]
    photo = np.asarray(Image.fromarray(patch).resize((width, height)))
    grains = rng.normal(0, 8, photo.shape[:2])[:, :, None]
    return Image.fromarray(np.clip(photo + grains, 0, 255).astype(np.uint8))


def encoded(photo: Image.Image, form: str, **how) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, form, **how)
    return buffer.getvalue()


def turned(photo: Image.Image, number: int) -> bytes:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 2 + number % 7
    return encoded(photo, "JPEG", exif=tags)


def deep(photo: Image.Image) -> bytes:
    grey = np.asarray(photo.convert("L")).astype(np.uint16) * 257
    return encoded(Image.fromarray(grey), "PNG")


def see_through(photo: Image.Image) -> bytes:
    photo = photo.copy()
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    return encoded(photo, "PNG")


def good(kind: int, photo: Image.Image, number: int) -> tuple[str, bytes]:
    """Return one of ten kinds of good files, with its suffix."""
    return (
        lambda: (".jpg", encoded(photo, "JPEG")),
        lambda: (".png", encoded(photo, "PNG")),
        lambda: (".webp", encoded(photo, "WEBP")),
        lambda: (".heic", encoded(photo, "HEIF")),
        lambda: (".jpeg", encoded(photo.convert("CMYK"), "JPEG")),
        lambda: (".png", deep(photo)),
        lambda: (".png", encoded(photo.quantize(200), "PNG")),
        lambda: (".gif", encoded(photo, "GIF")),
        lambda: (".JPG", turned(photo, number)),
        lambda: (".png", see_through(photo)),
    )[kind]()


def gigantic() -> bytes:
    """A PNG whose header claims 60,000 × 60,000 px."""
    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def broken(kind: int, photo: Image.Image) -> tuple[str, bytes, str]:
    """Return a file broken in one of ten ways, with its suffix and what is told."""
    return (
        lambda: (".jpg", b"Notes of Tuesday", "not a picture"),
        lambda: (".jpg", b"", "empty file"),
        lambda: (".jpg", cut(encoded(photo, "JPEG")), "JPEG file is damaged"),
        lambda: (".png", cut(encoded(photo, "PNG")), "PNG file is damaged"),
        lambda: (".png", b"%PDF-1.7\n", "kind PDF"),
        lambda: (".png", gigantic(), "more than 120 megapixels"),
        lambda: (".zip", cut(zipped("a.jpg", deep(photo))), "zip is damaged"),
        lambda: (".zip", zipped("../a.png", deep(photo)), "outside the zip"),
        lambda: (".heic", cut(encoded(photo, "HEIF")), "HEIF file is damaged"),
        lambda: (".tif", cut(encoded(photo, "TIFF")), "TIFF file is damaged"),
    )[kind]()


@pytest.fixture(scope="module")
def batch(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A folder with the files; their names, each with the words of its error."""
    rng = np.random.default_rng(31)
    folder = tmp_path_factory.mktemp("batch")
    expected = {}
    for number, place in enumerate(rng.permutation(FILES)):
        photo = draw(rng, number)
        if number < BROKEN:
            suffix, content, words = broken(number % 10, photo)
        else:
            # Every kind in every size: ten kinds, and twenty sizes in a row.
            (suffix, content), words = good((number // 20) % 10, photo, number), ""
        name = f"{place:03d}{suffix}"
        (folder / name).write_bytes(content)
        expected[name] = words
    return folder, dict(sorted(expected.items()))


def program(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV, but how long each took."""
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        assert float(row.pop("seconds")) >= 0
    return rows


def upload_to_the_page(folder: Path, names, monkeypatch) -> str:
    """Ask the Predict page about the files; return what its CSV holds."""
    made = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda label, make, *, file_name, **_: made.update({file_name: make}),
    )
    main = str(PROJECT / "streamlit_app.py")
    app = AppTest.from_file(main, default_timeout=600).run()
    app.switch_page("pages/inspection/predict.py").run()
    uploader = app.file_uploader(key="predict_files")
    for name in names:
        uploader.upload(name, (folder / name).read_bytes())
    app.run()
    assert not app.exception
    return made["answers.csv"]().getvalue().decode()


def test_both_doors_answer_450_of_500_files_alike_and_say_why_not_the_others(
    batch, monkeypatch
):
    folder, expected = batch
    words = ("-m", "crack", "predict", *expected, "--format", "csv")
    done = program(folder, *words)
    assert (done.returncode, done.stderr) == (1, "")
    rows = rows_of(done.stdout)
    assert rows == rows_of(upload_to_the_page(folder, expected, monkeypatch))
    assert len(rows) == FILES
    assert sum(bool(row["label"]) for row in rows) == FILES - BROKEN
    for row, (name, reason) in zip(rows, expected.items(), strict=True):
        assert row["file"].partition("/")[0] == name
        assert bool(row["error"]) != bool(row["probability"]), name
        assert reason in row["error"], name


def test_memory_does_not_grow_with_the_number_of_photos(batch):
    folder, expected = batch
    done = program(folder, "-c", WATCHED, *expected)
    assert done.returncode == 0, done.stderr
    early, late = map(int, done.stdout.split())
    assert (late - early) / 1e6 < MEMORY
