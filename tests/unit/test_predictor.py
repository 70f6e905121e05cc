from __future__ import annotations

import io
import random
import threading
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from crack.errors import CrackError
from crack.inference import predictor as predictor_module
from crack.inference.card import ModelCard
from crack.inference.ood import OodDetector
from crack.inference.photo_rule import STRONGEST_WEIGHT
from crack.inference.prediction import FailedPhoto, Label, Prediction, Reason
from crack.inference.predictor import Predictor
from crack.inference.scale import UNKNOWN_SCALE, Scale
from crack.inference.sources import collect_sources, read_photo, zipped_photos

BATCH = 8


def png(grey: int, width: int = 20, height: int = 10) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), grey).save(buffer, "PNG")
    return buffer.getvalue()


def bmp(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "BMP")
    return buffer.getvalue()


def test_a_bright_picture_is_a_crack_for_the_bright_model(model_folder):
    (answer,) = Predictor(model_folder).predict([("wall.png", png(255))])
    assert answer.file == "wall.png"
    assert answer.label is Label.CRACK
    assert answer.probability == pytest.approx(1 / (1 + np.exp(-12.75 / 2)), abs=1e-6)
    assert answer.threshold == 0.8
    assert (answer.width, answer.height) == (20, 10)
    assert answer.mm_per_pixel is None
    assert answer.seconds > 0
    assert answer.log_odds == pytest.approx(12.75)
    assert answer.heatmap.dtype == np.float32
    np.testing.assert_allclose(answer.heatmap, 12.75 / 2, rtol=1e-5)


@pytest.mark.parametrize(
    ("grey", "label"), [(0, "no crack"), (127, "review"), (255, "crack")]
)
def test_the_label_follows_the_two_thresholds(model_folder, grey, label):
    (answer,) = Predictor(model_folder).predict([("a.png", png(grey))])
    assert answer.label == label


def test_answers_come_in_the_order_of_the_items(model_folder):
    greys = np.random.default_rng(3).integers(0, 256, 5 * BATCH + 3).tolist()
    items = [(str(number), png(grey)) for number, grey in enumerate(greys)]
    answers = list(Predictor(model_folder).predict(items))
    assert [a.file for a in answers] == [name for name, _ in items]
    found = [a.log_odds * 10 + 127.5 for a in answers]
    np.testing.assert_allclose(found, greys, atol=0.01)


def test_bad_input_becomes_an_error_row_among_the_answers(model_folder, tmp_path):
    items = [
        ("good.png", png(255)),
        ("empty.png", b""),
        ("text.png", b"hello"),
        ("cut.png", png(200, 100, 100)[:60]),
        ("gone.png", tmp_path / "gone.png"),
        ("refused.png", CrackError("Refused.", "Do this.")),
        ("good too.png", png(0)),
    ]
    answers = list(Predictor(model_folder).predict(items))
    assert [a.file for a in answers] == [name for name, _ in items]
    assert [type(a) for a in answers] == [Prediction, *[FailedPhoto] * 5, Prediction]
    assert answers[5].error == "Refused. Do this."
    assert (answers[0].label, answers[6].label) == (Label.CRACK, Label.NO_CRACK)
    assert "empty" in answers[1].error
    assert answers[1].threshold == 0.8


def test_nothing_but_bad_input_is_answered(model_folder):
    items = [(str(n), b"") for n in range(2 * BATCH)]
    answers = list(Predictor(model_folder).predict(items))
    assert len(answers) == 2 * BATCH
    assert all("empty" in a.error for a in answers)


def test_no_items_give_no_answers(model_folder):
    assert list(Predictor(model_folder).predict([])) == []


def test_a_picture_gets_the_same_numbers_alone_and_in_a_batch(model_folder):
    predictor = Predictor(model_folder)
    items = [(str(grey), png(grey)) for grey in range(100, 100 + BATCH)]
    together = [a.probability for a in predictor.predict(items)]
    alone = [next(predictor.predict([item])).probability for item in items]
    assert together == alone


def test_items_are_asked_for_only_a_few_ahead(model_folder):
    asked = 0

    def items():
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield str(number), png(9)

    answers = Predictor(model_folder).predict(items())
    next(answers)
    assert asked <= 5 * BATCH
    answers.close()


def test_leaving_early_ends_the_decoding_threads(model_folder):
    answers = Predictor(model_folder).predict((str(n), png(9)) for n in range(99))
    next(answers)
    answers.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("decode")]


def photo(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def answer_to(model_folder, image: np.ndarray, scale: Scale = UNKNOWN_SCALE):
    (answer,) = Predictor(model_folder).predict([("a.png", photo(image))], scale)
    return answer


def with_bright_place(height: int, width: int, top: int, left: int) -> np.ndarray:
    image = np.full((height, width, 3), 60, np.uint8)
    image[top : top + 96, left : left + 96] = 255
    return image


def test_a_small_bright_region_in_a_large_photo_is_found_where_it_is(model_folder):
    answer = answer_to(model_folder, with_bright_place(1500, 2000, 700, 1200))
    best = answer.regions[0]
    assert best.probability > 0.99
    assert answer.probability < 0.95  # it is one of 2,900 places
    assert 1200 <= best.left + best.width / 2 <= 1296
    assert 700 <= best.top + best.height / 2 <= 796
    row, column = np.unravel_index(answer.heatmap.argmax(), answer.heatmap.shape)
    rows, columns = answer.heatmap.shape
    assert 700 <= (row + 0.5) * 1500 / rows <= 796
    assert 1200 <= (column + 0.5) * 2000 / columns <= 1296


def test_a_region_that_shows_a_crack_is_never_lost_in_a_sound_wall(model_folder):
    # By the rule of earlier cards, the mean of the odds of all tiles alone.
    photo = np.full((3000, 3000, 3), 60, np.uint8)
    photo[1536:1664, 1536:1664] = 190
    answer = answer_to(model_folder, photo)
    assert answer.regions[0].probability >= answer.threshold
    assert answer.probability < 0.2
    assert (answer.label, answer.reasons) == (Label.REVIEW, (Reason.REGION,))


def test_by_the_strongest_tile_a_crack_does_not_fade_as_the_wall_grows(model_folder):
    card = ModelCard.read(model_folder)
    replace(card, strongest_weight=STRONGEST_WEIGHT).write(model_folder)
    predictor = Predictor(model_folder)
    labels = []
    for height, width in ((480, 640), (1536, 2048), (4000, 6000)):
        photo = np.full((height, width, 3), 60, np.uint8)
        photo[192:320, 192:320] = 230
        (answer,) = predictor.predict([("wall", bmp(photo))])
        labels.append(answer.label)
    assert labels == [Label.CRACK] * 3


def test_a_heatmap_has_a_position_for_every_32_pixels_or_less(model_folder):
    for height, width in ((10, 20), (100, 500), (700, 1100), (1501, 2003)):
        answer = answer_to(model_folder, np.full((height, width, 3), 9, np.uint8))
        rows, columns = answer.heatmap.shape
        assert rows >= height / 32
        assert columns >= width / 32


def test_a_sound_photo_has_no_regions(model_folder):
    assert answer_to(model_folder, np.full((300, 300, 3), 20, np.uint8)).regions == ()


def test_a_known_scale_is_the_only_one_looked_at(model_folder):
    card = ModelCard.read(model_folder)
    replace(card, mm_per_pixel=0.5).write(model_folder)
    image = np.full((800, 800, 3), 9, np.uint8)
    assert answer_to(model_folder, image).heatmap.shape == (25, 25)
    narrowed = answer_to(model_folder, image, Scale(mm_per_pixel=0.25))
    assert narrowed.mm_per_pixel == 0.25
    assert narrowed.heatmap.shape == (13, 13)


def test_a_scale_the_model_does_not_know_is_refused(model_folder):
    with pytest.raises(CrackError, match="scale"):
        answer_to(model_folder, np.zeros((99, 99, 3), np.uint8), Scale(1.0))


def test_poor_quality_sends_a_photo_to_a_person(model_folder, monkeypatch):
    found = lambda image, size: (Reason.BLURRED, Reason.DARK)  # noqa: E731
    monkeypatch.setattr(predictor_module, "quality_reasons", found)
    answer = answer_to(model_folder, np.full((200, 200, 3), 255, np.uint8))
    assert answer.probability > 0.95
    assert answer.label is Label.REVIEW
    assert answer.reasons == (Reason.BLURRED, Reason.DARK)


def test_a_close_call_is_told_as_such(model_folder):
    answer = answer_to(model_folder, np.full((200, 200, 3), 128, np.uint8))
    assert (answer.label, answer.reasons) == (Label.REVIEW, (Reason.CLOSE_CALL,))


def test_what_is_unlike_the_training_images_goes_to_a_person(model_folder):
    known = OodDetector.read(model_folder)
    replace(known, limit=0.2).write(model_folder)
    near = answer_to(model_folder, np.full((200, 200, 3), 255, np.uint8))
    far = answer_to(model_folder, np.full((200, 200, 3), 170, np.uint8))
    assert (near.label, near.reasons) == (Label.CRACK, ())
    assert (far.label, far.reasons) == (Label.REVIEW, (Reason.OUT_OF_DISTRIBUTION,))


def test_a_large_photo_waits_alone(model_folder, monkeypatch):
    monkeypatch.setattr(predictor_module, "_PIXELS_AHEAD", 1000)
    asked = 0

    def items():
        nonlocal asked
        for number in range(20):
            asked += 1
            yield str(number), png(9, 40, 40)

    answers = Predictor(model_folder).predict(items())
    next(answers)
    assert asked <= 3
    assert len(list(answers)) == 19


def test_a_defect_of_the_program_is_not_taken_for_a_bad_picture(
    model_folder, monkeypatch
):
    def defect(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(predictor_module, "decode_image", defect)
    with pytest.raises(ZeroDivisionError):
        list(Predictor(model_folder).predict([("a.png", png(1))]))


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(CrackError, match="There is no model"):
        Predictor(tmp_path)


def test_a_file_is_tried_whatever_its_name(tmp_path):
    path = tmp_path / "photo.dat"
    assert list(collect_sources([path])) == [(path.as_posix(), path)]


def test_a_folder_gives_its_pictures_sorted_at_any_depth(tmp_path):
    names = ["b.JPG", "a.png", "wall/c.heic", "notes.txt", ".hidden.png", "x.jpg/d.png"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    found = [path.relative_to(tmp_path) for _, path in collect_sources([tmp_path])]
    assert [path.as_posix() for path in found] == [
        "a.png",
        "b.JPG",
        "wall/c.heic",
        "x.jpg/d.png",
    ]


def test_a_folder_without_pictures_becomes_an_error_row(tmp_path):
    ((name, error),) = collect_sources([tmp_path])
    assert name == tmp_path.as_posix()
    assert "no pictures" in str(error)


def contents(items):
    """Read each of the items; an error stays in its place."""
    read = []
    for name, source in items:
        try:
            read.append((name, read_photo(source)))
        except CrackError as error:
            read.append((name, error))
    return read


def zip_with(path, **members: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_gives_its_pictures_sorted_at_any_depth(tmp_path):
    members = {"b/2.png": b"2", "a/1.png": b"1", "read.me": b"", "b/": b""}
    members |= {"__MACOSX/a/._1.png": b"", "a/._1.png": b""}
    path = zip_with(tmp_path / "photos.zip", **members)
    name = path.as_posix()
    assert contents(collect_sources([path])) == [
        (f"{name}/a/1.png", b"1"),
        (f"{name}/b/2.png", b"2"),
    ]


def test_an_uploaded_zip_is_read_without_a_file(tmp_path):
    path = zip_with(tmp_path / "photos.zip", **{"1.png": b"1"})
    upload = io.BytesIO(path.read_bytes())
    assert contents(zipped_photos("photos.zip", upload)) == [("photos.zip/1.png", b"1")]


@pytest.mark.parametrize(
    "member", ["../a.png", "b/../../a.png", "/etc/a.png", "C:/a.png", "..\\a.png"]
)
def test_a_name_that_points_outside_the_zip_is_refused(tmp_path, member):
    path = zip_with(tmp_path / "photos.zip", **{member: png(1), "good.png": b"1"})
    sources = dict(contents(collect_sources([path])))
    assert "outside the zip" in str(sources[f"{path.as_posix()}/{member}"])
    assert sources[f"{path.as_posix()}/good.png"] == b"1"


def test_a_member_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("crack.data.images.MAX_BYTES", 10)
    path = zip_with(tmp_path / "photos.zip", **{"bomb.png": b"0" * 11})
    ((_, error),) = contents(collect_sources([path]))
    assert "limit" in str(error)


def test_a_member_with_damaged_content_becomes_an_error_row(tmp_path):
    path = zip_with(tmp_path / "photos.zip", **{"1.png": b"A" * 50, "2.png": b"B"})
    path.write_bytes(path.read_bytes().replace(b"A" * 50, b"X" * 50))
    (_, first), (_, second) = contents(collect_sources([path]))
    assert "cannot be unpacked" in str(first)
    assert second == b"B"


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\0" * 50])
def test_a_damaged_zip_becomes_an_error_row(tmp_path, content):
    path = tmp_path / "photos.zip"
    path.write_bytes(content)
    ((name, error),) = collect_sources([path])
    assert name == path.as_posix()
    assert "damaged" in str(error)


def test_random_damage_to_a_zip_gives_rows(tmp_path):
    rng = random.Random(7)
    whole = zip_with(tmp_path / "z.zip", **{"a.png": b"1" * 99, "ü.jpg": b""})
    for _ in range(300):
        damaged = bytearray(whole.read_bytes())
        for _ in range(rng.choice([1, 2, 8])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        assert contents(zipped_photos("z.zip", io.BytesIO(damaged)))


def test_a_zip_without_pictures_becomes_an_error_row(tmp_path):
    path = zip_with(tmp_path / "photos.zip", **{"read.me": b""})
    ((_, error),) = collect_sources([path])
    assert "no pictures" in str(error)


def test_a_missing_zip_becomes_an_error_row(tmp_path):
    ((_, error),) = collect_sources([tmp_path / "gone.zip"])
    assert isinstance(error, CrackError)
