"""Small files that would take minutes, a whole memory, or a disk."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from crack.data.dataset import load_dataset
from crack.data.images import decode_image
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto, Prediction
from crack.inference.predictor import Predictor
from crack.inference.sources import zipped_photos
from crack.reporting.tables import csv_lines


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def bomb(path, sizes, good=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, size in enumerate(sizes):
            archive.writestr(f"{number}.jpg", bytes(size))
        for name, content in good:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("size", [(50_000, 1), (1, 50_000), (320, 65_535)])
def test_a_strip_is_no_photo(size):
    with pytest.raises(CrackError, match="strip of"):
        decode_image(png(Image.new("L", size, 90)))


@pytest.mark.parametrize("size", [(1900, 10), (2400, 100), (64, 64)])
def test_panoramas_and_small_pictures_are_photos(size):
    assert decode_image(png(Image.new("L", size, 90))).shape == (*size[::-1], 3)


def test_a_large_picture_of_two_tones_is_no_photo():
    with pytest.raises(CrackError, match="only black and white"):
        decode_image(png(Image.new("1", (3000, 2000), 1)))
    assert decode_image(png(Image.new("1", (300, 200), 1))).shape == (200, 300, 3)


def test_zeros_in_a_zip_are_refused_before_they_are_unpacked(
    tmp_path, model_folder, monkeypatch
):
    grey = png(Image.new("L", (64, 64), 90))
    path = bomb(tmp_path / "bomb.zip", [50_000_000] * 3, [("good.png", grey)])
    unpacked = []
    read = zipfile.ZipFile.read

    def watch(self, member, *rest):
        unpacked.append(member.file_size)
        return read(self, member, *rest)

    monkeypatch.setattr(zipfile.ZipFile, "read", watch)
    outcomes = list(Predictor(model_folder).predict(zipped_photos("bomb.zip", path)))
    assert [type(outcome) for outcome in outcomes] == [FailedPhoto] * 3 + [Prediction]
    assert "times as large as in the ZIP" in outcomes[0].error
    assert unpacked == [len(grey)]


def test_what_is_no_picture_does_not_wait_in_memory(tmp_path, model_folder):
    """Noise packs badly, so only its first bytes say that it is no picture."""
    noise = np.random.default_rng(17).integers(0, 256, 5_000_000, np.uint8).tobytes()
    held = []

    class Noise(bytes):
        def __del__(self):
            held.append(-1)

    def items():
        for number in range(30):
            held.append(1)
            assert sum(held) <= 3
            yield f"{number}.jpg", Noise(noise)

    assert len(list(Predictor(model_folder).predict(items()))) == 30


def test_what_was_refused_is_not_kept(tmp_path, crack_home):
    grey = [png(Image.fromarray(p)) for p in np.eye(8, dtype=np.uint8)[:, None] * 255]
    good = [(f"{'crack' if n % 2 else 'sound'}/{n}.png", c) for n, c in enumerate(grey)]
    path = bomb(
        tmp_path / "site.zip", [], [*good, ("crack/bad.png", b"no picture" * 1000)]
    )
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sound/zeros.jpg", bytes(30_000_000))
    dataset = add_dataset("site", path)
    assert sorted(dataset.unreadable["file"]) == ["crack/bad.png", "sound/zeros.jpg"]
    kept = [p for p in (crack_home / "datasets/site/images").rglob("*") if p.is_file()]
    assert len(kept) == 8


@pytest.mark.parametrize("name", ["samples.csv", "unreadable.csv"])
@pytest.mark.parametrize("tenth", range(10))
def test_an_index_that_was_cut_off_is_a_sentence(dataset, crack_home, name, tenth):
    path = crack_home / "datasets/walls" / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    with pytest.raises(CrackError, match="damaged or incomplete") as caught:
        load_dataset("walls")
    assert "Error(" not in caught.value.message


def test_an_index_of_before_has_no_hashes(dataset, crack_home):
    from crack import storage

    path = crack_home / "datasets/walls/dataset.json"
    about = storage.read_json(path)
    del about["files"]
    storage.write_json(path, about)
    assert load_dataset("walls").fingerprint == dataset.fingerprint


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_no_formula_in_a_table(first):
    failed = FailedPhoto(f"{first}1+1.png", "No picture.", 0.9, 0.1)
    lines = "".join(csv_lines([failed]))
    assert f"'{first}1+1.png" in lines
