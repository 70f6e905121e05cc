"""Photos of an inspection in the store.

`tests/slow/test_postgres.py` runs the same on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack import storage
from crack.inference.prediction import Label, Reason, Region
from crack.inspections import photo_files
from crack.inspections.records import common_scale
from crack.inspections.store import add_photo, photos_of
from crack.inspections.verdicts import give_verdict
from tests.inspections import ACCEPT, FAILED, answer, inspect, png, refuses


def test_a_photo_comes_back_with_all_of_its_answer():
    made = inspect()
    given = answer(
        Label.REVIEW,
        file="cam/IMG 7.png",
        probability=1 / 3,
        log_odds=-2 / 3,
        distance=5 / 3,
        seconds=0.1 + 0.2,
        reasons=(Reason.CLOSE_CALL, Reason.BLURRED),
        regions=(Region(1, 2, 3, 4, 1 / 7), Region(0, 0, 8, 8, 0.1)),
        mm_per_pixel=0.1 + 0.2,
    )
    photo = add_photo(made.id, png(1), given)
    assert photos_of(made.id) == [photo]
    assert photo.prediction == given
    assert photo.prediction.mm_per_pixel == 0.1 + 0.2
    assert (photo.inspection_id, photo.verdict) == (made.id, None)
    assert photo_files.photo_content(photo) == png(1)
    assert photo_files.stored_heatmap(photo) is None


def test_the_heatmap_comes_back(crack_home):
    heatmap = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    made = inspect()
    add_photo(made.id, png(1), answer(heatmap=heatmap))
    (photo,) = photos_of(made.id)
    read = photo_files.stored_heatmap(photo)
    assert read.dtype == np.float32
    assert np.array_equal(read, heatmap)
    names = {path.name for path in (crack_home / "inspections" / made.id).iterdir()}
    assert names == {f"{photo.sha256[:16]}.png", f"{photo.sha256[:16]}.npy"}


def test_numbers_of_numpy_become_plain_ones():
    region = Region(*np.array([1, 2, 3, 4]), np.float32(0.5))
    given = answer(
        probability=np.float32(0.75),
        log_odds=np.float64(1.5),
        distance=np.float32(2.5),
        width=np.int64(9),
        mm_per_pixel=np.float32(0.5),
        regions=(region,),
    )
    made = inspect()
    add_photo(made.id, png(1), given)
    (photo,) = photos_of(made.id)
    assert photo.prediction == given
    assert photo.prediction.mm_per_pixel == 0.5
    assert type(photo.prediction.regions[0].left) is int


def test_photos_stay_in_the_order_in_which_they_came():
    made = inspect()
    added = [add_photo(made.id, png(tone), answer()) for tone in (9, 3, 7, 1)]
    assert photos_of(made.id) == added


def test_the_same_photo_twice_in_an_inspection_is_one():
    made, other = inspect(), inspect()
    first = add_photo(made.id, png(1), answer())
    first = give_verdict(first.id, ACCEPT)
    assert add_photo(made.id, png(1), answer(Label.NO_CRACK, file="copy.png")) == first
    assert photos_of(made.id) == [first]
    assert add_photo(other.id, png(1), answer()).id != first.id


def test_a_photo_added_again_keeps_its_heatmap_and_scale():
    first_map, other_map = np.zeros((2, 2), np.float32), np.ones((3, 3), np.float32)
    made = inspect()
    first = add_photo(made.id, png(1), answer(heatmap=first_map, mm_per_pixel=0.5))
    again = answer(heatmap=other_map, mm_per_pixel=0.25)
    assert add_photo(made.id, png(1), again) == first
    assert np.array_equal(photo_files.stored_heatmap(first), first_map)


def test_a_photo_added_again_gets_no_heatmap_its_answer_did_not_have():
    made = inspect()
    first = add_photo(made.id, png(1), answer())
    heatmap = np.ones((3, 3), np.float32)
    add_photo(made.id, png(1), answer(heatmap=heatmap))
    assert photo_files.stored_heatmap(first) is None


@pytest.mark.parametrize(
    ("scales", "common"),
    [
        ((), None),
        ((0.5, 0.5), 0.5),
        ((0.5, 0.25), None),
        ((0.5, None), None),
        ((None, None), None),
    ],
)
def test_photos_have_a_scale_in_common_if_all_were_judged_at_it(scales, common):
    made = inspect()
    add_photo(made.id, b"no picture", FAILED)
    for tone, scale in enumerate(scales):
        add_photo(made.id, png(tone), answer(mm_per_pixel=scale))
    assert common_scale(photos_of(made.id)) == common


def test_a_photo_that_could_not_be_read_is_kept_with_its_reason():
    made = inspect()
    photo = add_photo(made.id, b"no picture", FAILED)
    assert photos_of(made.id) == [photo]
    assert photo.prediction == FAILED
    assert photo.stored.endswith(".bin")
    assert photo_files.photo_content(photo) == b"no picture"


def test_photos_without_content_are_told_apart_by_name(crack_home):
    made = inspect()
    names = ("a.png", "b.png", "a.png")
    added = [add_photo(made.id, b"", replace(FAILED, file=name)) for name in names]
    assert added[0] == added[2]
    assert photos_of(made.id) == added[:2]
    assert not (crack_home / "inspections").exists()
    refuses(photo_files.photo_content, added[0], match=r"a\.png cannot be read")
    assert photo_files.stored_heatmap(added[0]) is None


def test_names_that_are_no_text_are_kept_as_far_as_they_can_be():
    made = inspect(note="a\0b")
    photo = add_photo(made.id, png(1), answer(file="a\0\udcff.png"))
    assert (made.note, photo.prediction.file) == ("ab", "a\\udcff.png")
    assert photos_of(made.id) == [photo]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"\xff\xd8\xff\xe0rest", ".jpg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", ".webp"),
        (b"\0\0\0\x18ftypheic", ".heic"),
        (b"MM\0*", ".tif"),
        (b"%PDF-1.7", ".bin"),
        (b"B", ".bin"),
    ],
)
def test_a_file_is_named_by_its_content(content, suffix):
    photo = add_photo(inspect().id, content, answer(file="photo.png"))
    assert photo.stored == f"{photo.sha256[:16]}{suffix}"


def test_a_lost_file_is_told_by_the_name_of_the_photo(crack_home):
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    storage.remove_folder(crack_home / "inspections" / made.id)
    refuses(
        photo_files.photo_content, photo, match=r"a\.png cannot be read: No such file"
    )
    add_photo(made.id, png(1), answer())
    assert photo_files.photo_content(photo) == png(1)


def test_a_damaged_heatmap_is_told(crack_home):
    made = inspect()
    photo = add_photo(made.id, png(1), answer(heatmap=np.zeros((2, 2), np.float32)))
    (path,) = (crack_home / "inspections" / made.id).glob("*.npy")
    path.write_bytes(b"\x93NUMPY")
    refuses(photo_files.stored_heatmap, photo, match="heatmap is damaged")


def test_a_photo_that_cannot_be_kept_leaves_no_row(crack_home):
    made = inspect()
    crack_home.mkdir(exist_ok=True)
    (crack_home / "inspections").write_text("a file in the way of the folder")
    refuses(add_photo, made.id, png(1), answer(), match="cannot be kept")
    assert photos_of(made.id) == []
