from __future__ import annotations

import hashlib
import io
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

from crack.data.importer import add_dataset, inspect_source
from crack.data.mask_tiles import MOST, label_tiles
from crack.data.masks import find_masked, read_mask
from crack.data.pyramid import scales_for
from crack.data.tiles import CRACK, NO_CRACK, TILE_SIDE
from crack.errors import CrackError

SIDE = TILE_SIDE


def paths(*names: str) -> set[PurePosixPath]:
    return {PurePosixPath(name) for name in names}


def pairs(*names: str) -> dict[str, str]:
    found = find_masked(paths(*names))
    return {} if found is None else {str(p): str(m) for p, m in found.masks.items()}


@pytest.mark.parametrize(
    ("photo", "mask"),
    [
        ("images/a.jpg", "masks/a.png"),
        ("a.JPG", "masks/a.png"),
        ("rgb/a.jpg", "BW/a.jpg"),
        ("x/train_img/a.jpg", "x/train_lab/a.png"),
        ("scenes/a.jpg", "scene-masks/a.png"),
        ("photos/wall 1/a.tif", "Ground Truth/a.bmp"),
    ],
)
def test_a_picture_of_the_same_name_in_a_folder_of_masks_is_the_mask(photo, mask):
    assert pairs(photo, mask, "readme.txt") == {photo: mask}


@pytest.mark.parametrize(
    "names",
    [
        ("Positive/1.jpg", "Negative/1.jpg"),
        ("images/a.jpg", "masks/b.png", "masks/c.png"),
        ("images/a.jpg", "unmasked/a.png"),
        ("Positive/1.jpg", "labelled/1.jpg"),
        ("x/images/a.jpg", "y/masks/a.png"),
    ],
)
def test_other_folders_hold_no_masks(names):
    assert find_masked(paths(*names)) is None


def test_each_folder_of_masks_belongs_to_the_photos_that_have_its_names():
    names = ["train/1.jpg", "test/1.jpg", "test/2.jpg", "test_mask/1.png"]
    assert pairs(*names, "test_mask/2.png") == {
        "test/1.jpg": "test_mask/1.png",
        "test/2.jpg": "test_mask/2.png",
    }


def test_of_class_folders_the_cracked_photos_have_masks_and_the_others_are_sound():
    files = paths("Positive/1.jpg", "Negative/1.jpg", "Negative/2.jpg", "masks/1.png")
    found = find_masked(files | paths("notes.txt"))
    assert found is not None
    assert found.masks == {
        PurePosixPath("Positive/1.jpg"): PurePosixPath("masks/1.png")
    }
    assert found.sound == [
        PurePosixPath("Negative/1.jpg"),
        PurePosixPath("Negative/2.jpg"),
    ]
    assert found.unused == [PurePosixPath("notes.txt")]


def test_two_photos_of_one_name_could_both_own_the_mask_so_neither_does():
    names = ("a/1.jpg", "a/1.png", "a/2.jpg", "masks/1.png", "masks/2.png")
    assert pairs(*names) == {"a/2.jpg": "masks/2.png"}


def saved(path, pixels, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def blank(height=60, width=80):
    return np.zeros((height, width), np.uint8)


def test_white_is_crack_in_whatever_way_it_is_stored(tmp_path):
    mask = blank()
    mask[20:24] = 255
    stored = {
        "grey.png": mask,
        "one-bit.png": mask > 0,
        "colour.png": np.stack([mask] * 3, 2),
        "lossy.jpg": mask,
    }
    for name, pixels in stored.items():
        read = read_mask(saved(tmp_path / name, pixels), (80, 60))
        assert (read == (mask > 0)).all()


def test_a_mask_of_many_megapixels_may_be_black_and_white(tmp_path):
    mask = np.zeros((2500, 2000), np.bool_)
    path = saved(tmp_path / "large.png", mask)
    assert not read_mask(path, (2000, 2500)).any()


def coloured(colour):
    mask = np.zeros((60, 80, 3), np.uint8)
    mask[30, :20] = colour
    return mask


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (coloured((255, 0, 0)), "has colours"),
        (coloured((1, 1, 1)), "brightest pixel of its mask is 1 of 255"),
        (coloured((150, 150, 150)), "has greys"),
        (255 - blank(), "Most of its mask is white"),
        (blank(61), "80 × 61 px, the photo 80 × 60"),
    ],
)
def test_what_a_mask_must_not_be(tmp_path, mask, said):
    with pytest.raises(CrackError, match=said):
        read_mask(saved(tmp_path / "mask.png", mask), (80, 60))


def drawn(height, width, top, bottom, left, right):
    mask = np.zeros((height, width), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def labels(mask, scales=(1.0,)):
    return {
        (t.photo_width, t.left, t.top): t.label for t in label_tiles(mask, scales, SIDE)
    }


def test_tiles_beside_each_other_are_cracked_sound_or_left_out():
    # A line through the middle of the first tile that ends in the second one's edge.
    found = labels(drawn(SIDE, 3 * SIDE, 80, 82, 0, SIDE + 10))
    assert found == {
        (3 * SIDE, 0, 0): CRACK,
        (3 * SIDE, 2 * SIDE, 0): NO_CRACK,
    }


@pytest.mark.parametrize(
    ("mask", "label"),
    [
        (drawn(SIDE, SIDE, 80, 81, 40, 96), CRACK),
        (drawn(SIDE, SIDE, 80, 81, 40, 95), None),  # too short
        (drawn(SIDE, SIDE, 0, 19, 0, SIDE), None),  # along the edge alone
        (drawn(SIDE, SIDE, 30, 130, 0, SIDE), None),  # wider than it is seen as one
        (drawn(SIDE, SIDE, 5, 6, 5, 6), None),
        (drawn(SIDE, SIDE, 0, 0, 0, 0), NO_CRACK),
    ],
)
def test_the_rule_of_a_tile(mask, label):
    assert labels(mask).get((SIDE, 0, 0)) == label


def test_two_spots_far_from_each_other_are_no_crack():
    mask = drawn(SIDE, SIDE, 40, 42, 40, 42) | drawn(SIDE, SIDE, 120, 122, 120, 122)
    assert labels(mask) == {}


def test_a_crack_just_beside_a_tile_leaves_it_out():
    near, far = (drawn(SIDE, 2 * SIDE, 0, SIDE, SIDE + n, SIDE + n + 3) for n in (5, 7))
    assert (2 * SIDE, 0, 0) not in labels(near)
    assert labels(far)[2 * SIDE, 0, 0] == NO_CRACK


def test_a_hairline_is_cut_where_it_is_seen_and_a_wide_crack_where_it_is_one():
    scales = scales_for(1280, 1280, SIDE)
    assert scales == (0.25, 0.5, 1.0)
    hairline = drawn(1280, 1280, 400, 401, 0, 1280)
    wide = drawn(1280, 1280, 320, 480, 0, 1280)
    sizes = [
        {t.photo_width for t in label_tiles(mask, scales, SIDE) if t.label == CRACK}
        for mask in (hairline, wide)
    ]
    assert sizes == [{1280, 640}, {640, 320}]


def test_no_end_of_tiles_comes_from_one_photo():
    tiles = label_tiles(np.zeros((3000, 4000), np.bool_), (0.25, 0.5, 1.0), SIDE)
    assert len(tiles) == len(set(tiles)) == MOST
    assert len({tile.left for tile in tiles if tile.photo_width == 4000}) > 10


def encoded(pixels, kind="PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def masked_source(photos=4) -> dict[str, bytes]:
    """Photos of 320 px, each with a crack across its upper half, and their masks."""
    rng = np.random.default_rng(5)
    files = {}
    for number in range(photos):
        photo = rng.integers(120, 200, (320, 320, 3), np.uint8)
        mask = drawn(320, 320, 78, 82, 0, 320)
        photo[mask] = 20
        files[f"images/{number}.jpg"] = encoded(photo, "JPEG")
        files[f"masks/{number}.png"] = encoded(mask)
    return files


def as_folder(top, files):
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    return top


def test_photos_with_masks_become_a_dataset_of_tiles(tmp_path, make_zip, crack_home):
    files = masked_source() | {"images/odd.jpg": b"1", "readme.txt": b"2"}
    files["images/9.jpg"] = files["images/0.jpg"]
    files["masks/9.png"] = encoded(blank(320, 321))
    for name, source in (
        ("folder", as_folder(tmp_path / "photos", files)),
        ("zip", make_zip(files)),
    ):
        summary = inspect_source(source)
        assert summary.masked is not None
        assert len(summary.masked.masks) == 5
        dataset = add_dataset(name, source, summary=summary)
        assert dataset.crack_class == CRACK
        assert min(dataset.counts.values()) >= 4
        assert dataset.photos == 4
        assert set(dataset.samples["width"]) == {SIDE}
        assert all(dataset.path(file).is_file() for file in dataset.samples["file"])
        assert "cut into tiles of 160 px" in dataset.source
        reasons = dict(dataset.unreadable.itertuples(index=False))
        assert set(reasons) == {"images/9.jpg", "images/odd.jpg", "readme.txt"}
        assert "321 × 320 px" in reasons["images/9.jpg"]
        kept = {path.name for path in (crack_home / "datasets" / name).iterdir()}
        assert kept == {"dataset.json", "samples.csv", "unreadable.csv", "images"}


def test_sound_class_folders_are_cut_as_well(tmp_path):
    files = masked_source(2)
    files = {n.replace("images/", "Positive/"): c for n, c in files.items()}
    files["Negative/0.jpg"] = encoded(np.full((320, 320), 150, np.uint8), "JPEG")
    dataset = add_dataset("walls", as_folder(tmp_path / "photos", files))
    photos = dataset.samples.groupby("class")["photo"].unique()
    assert "Negative/0.jpg" in photos[NO_CRACK]
    assert set(photos[CRACK]) == {"Positive/0.jpg", "Positive/1.jpg"}
    hashes = dict(dataset.samples[["photo", "photo_sha256"]].itertuples(index=False))
    assert hashes == {name: hashlib.sha256(files[name]).hexdigest() for name in hashes}


def test_masks_without_a_crack_give_no_dataset_and_leave_nothing(tmp_path, crack_home):
    files = {n: c for n, c in masked_source().items() if n.startswith("images")}
    files |= {f"masks/{n}.png": encoded(blank(320, 320)) for n in range(4)}
    with pytest.raises(CrackError, match="no tile with a crack"):
        add_dataset("walls", as_folder(tmp_path / "photos", files))
    assert list((crack_home / "datasets").iterdir()) == []


@pytest.mark.parametrize(
    "activity", ["Unpacking", "Cutting photos into tiles", "Reading images"]
)
def test_an_import_that_is_stopped_leaves_nothing(make_zip, crack_home, activity):
    def stop(now: str, *_: int) -> None:
        if now == activity:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_dataset("walls", make_zip(masked_source()), progress=stop)
    assert list((crack_home / "datasets").iterdir()) == []


def test_real_photos_with_masks_are_cut_at_sizes_where_the_crack_is_seen(
    test_data, tmp_path
):
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        for path in sorted((test_data / "uav_cc0" / folder).iterdir())[:12]:
            (tmp_path / folder / path.name).symlink_to(path)
    dataset = add_dataset("drones", tmp_path)
    assert dataset.photos == 12
    assert min(dataset.counts.values()) > 30
