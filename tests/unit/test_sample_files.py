from __future__ import annotations

import numpy as np
import pytest

from crack.data.images import decode_image
from crack.synthetic import sample_files
from crack.synthetic.sample_files import CRACK, NO_CRACK, PATCH_SIDE, write_patches
from tests.conftest import FakePhoto

HEIGHT, WIDTH = 720, 950


@pytest.fixture
def drawn(monkeypatch):
    """Decide where the cracks of the photo are."""

    def draw(*boxes):
        image = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
        cracks = np.zeros((HEIGHT, WIDTH), np.bool_)
        for box in boxes:
            cracks[box] = True
        image[cracks] = 0
        photo = FakePhoto(image, cracks)
        monkeypatch.setattr(sample_files, "draw_photo", lambda *_: photo)
        return photo

    return draw


def corners(number):
    return sample_files._corners(np.random.default_rng([sample_files._SEED, number]))


def test_patches_lie_inside_the_photo_and_share_no_pixel():
    for number in range(20):
        covered = np.zeros((HEIGHT, WIDTH), np.int64)
        places = corners(number)
        for top, left in places:
            covered[top : top + PATCH_SIDE, left : left + PATCH_SIDE] += 1
        assert len(places) == 12
        assert covered.max() == 1
        assert covered.sum() == 12 * PATCH_SIDE**2
    assert len({tuple(corners(number)) for number in range(20)}) > 10


def test_a_photo_without_cracks_gives_a_few_patches_without(drawn, tmp_path):
    drawn()
    written = write_patches(tmp_path, 5)
    assert written[CRACK] == []
    assert len(set(written[NO_CRACK])) == 5
    for stem in written[NO_CRACK]:
        picture = decode_image(tmp_path / NO_CRACK / f"{stem}.jpg")
        assert picture.shape == (PATCH_SIDE, PATCH_SIDE, 3)
        assert stem.startswith("photo-005-")
    assert not (tmp_path / "masks").exists()


def test_a_long_crack_gives_cracked_patches_with_their_masks(drawn, tmp_path):
    drawn(np.s_[:, 110:113])  # down through the left column
    written = write_patches(tmp_path, 1)
    assert sorted(written[CRACK]) == ["photo-001-01", "photo-001-05", "photo-001-09"]
    for stem in written[CRACK]:
        mask = decode_image(tmp_path / "masks" / f"{stem}.png")[..., 0]
        grey = decode_image(tmp_path / CRACK / f"{stem}.jpg")[..., 0]
        assert set(np.unique(mask)) == {0, 255}
        assert (mask > 0).sum() == 3 * PATCH_SIDE
        assert grey[mask > 0].mean() < 40 < 120 < grey[mask == 0].mean()


@pytest.mark.parametrize(
    "box",
    [
        np.s_[300:312, 100:112],  # many pixels, but a mere spot
        np.s_[250:420:5, 110],  # long, but few pixels
    ],
)
def test_what_is_hardly_a_crack_is_of_no_class(drawn, tmp_path, monkeypatch, box):
    monkeypatch.setattr(sample_files, "_MOST_WITHOUT", 12)
    drawn(box)
    written = write_patches(tmp_path, 1)
    assert written[CRACK] == []
    assert len(written[NO_CRACK]) == 11


def test_a_crack_just_outside_makes_a_patch_unclear(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(sample_files, "_MOST_WITHOUT", 12)
    monkeypatch.setattr(sample_files, "_corners", lambda _: [(0, 0), (400, 400)])
    drawn(np.s_[0:PATCH_SIDE, PATCH_SIDE + 2 : PATCH_SIDE + 5])
    assert write_patches(tmp_path, 1) == {CRACK: [], NO_CRACK: ["photo-001-02"]}


def test_every_number_is_another_photo_and_the_same_each_time(fake_drawing, tmp_path):
    for folder, number in (("a", 1), ("b", 1), ("c", 2)):
        write_patches(tmp_path / folder, number)
    first, again, other = (
        {path.name: path.read_bytes() for path in (tmp_path / f).rglob("*.jpg")}
        for f in "abc"
    )
    assert first == again
    assert not set(first.values()) & set(other.values())
