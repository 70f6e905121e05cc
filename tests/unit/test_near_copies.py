from __future__ import annotations

import csv
import hashlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from crack.data import near_copies
from crack.data.images import decode_image
from crack.data.near_copies import near_copy_groups
from crack.data.signature import signature

SIDE = 227


def draw_grey(seed, *, side=SIDE, crack=True):
    """Blotchy, grainy concrete, float (side, side), with a dark wandering line."""
    rng = np.random.default_rng(seed)
    grey = 160 + 80 * gaussian_filter(rng.normal(size=(side, side)), 4)
    grey += 60 * gaussian_filter(rng.normal(size=(side, side)), 12)
    grey += rng.normal(0, 4, (side, side))
    if crack:
        steps = rng.normal(rng.normal(0, 0.3), 1, side).cumsum()
        line = np.clip(rng.uniform(60, side - 60) + steps, 0, side - 1)
        grey[abs(np.arange(side) - line[:, None]) < 4] = 40
    return grey


def as_photo(grey):
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def groups_of(*greys):
    photos = [as_photo(grey) for grey in greys]
    hashes = [hashlib.sha256(photo.tobytes()).hexdigest() for photo in photos]
    return list(near_copy_groups(np.stack([signature(p) for p in photos]), hashes))


def orient(grey, orientation):
    mirrored = grey[:, ::-1] if orientation >= 4 else grey
    return np.rot90(mirrored, orientation % 4)


def recompress(grey):
    file = BytesIO()
    Image.fromarray(as_photo(grey)).save(file, "JPEG", quality=30)
    return np.asarray(Image.open(file).convert("L"), dtype=float)


def enlarge(grey):
    photo = Image.fromarray(as_photo(grey))
    return np.asarray(photo.resize((700, 700)).convert("L"), dtype=float)


def test_a_signature_is_1024_small_floats_of_mean_0_and_deviation_1():
    found = signature(as_photo(draw_grey(1)))
    assert found.shape == (1024,)
    assert found.dtype == np.float16
    assert found.mean(dtype=float) == pytest.approx(0, abs=1e-3)
    assert found.std(dtype=float) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (20, 30, 3), (900, 700, 3)])
def test_an_image_of_any_size_has_a_finite_signature(shape):
    noise = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    found = signature(noise)
    assert found.shape == (1024,)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("orientation", range(1, 8))
def test_a_turned_or_mirrored_copy_shares_the_group(orientation):
    original = draw_grey(3)
    assert groups_of(original, draw_grey(4), orient(original, orientation)) == [0, 1, 0]


@pytest.mark.parametrize("orientation", range(1, 8))
def test_a_turned_copy_that_is_not_square_shares_the_group(orientation):
    original = draw_grey(5)[:, :150]
    assert groups_of(original, orient(original, orientation)) == [0, 0]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(recompress, id="saved again as JPEG"),
        pytest.param(enlarge, id="enlarged"),
        pytest.param(lambda grey: 0.5 * grey + 90, id="paler"),
        pytest.param(
            lambda grey: grey - np.linspace(0, 90, SIDE), id="lit from a side"
        ),
    ],
)
def test_a_changed_copy_shares_the_group(change):
    for crack in (True, False):
        original = draw_grey(6, crack=crack)
        assert groups_of(original, change(original)) == [0, 0]


@pytest.mark.parametrize("shift", [(0, 7), (10, 0), (-7, 8)])
def test_a_slightly_shifted_crop_shares_the_group(shift):
    scene = draw_grey(7, side=300)
    down, right = shift
    first = scene[30 : 30 + SIDE, 30 : 30 + SIDE]
    second = scene[30 + down : 30 + down + SIDE, 30 + right : 30 + right + SIDE]
    assert groups_of(first, second[:, ::-1]) == [0, 0]


@pytest.mark.parametrize("crack", [True, False])
def test_a_copy_without_its_margin_shares_the_group(crack):
    grey = draw_grey(11, side=250, crack=crack)
    assert groups_of(grey, grey[6:-6, 6:-6]) == [0, 0]


def test_different_photos_stay_apart():
    greys = [draw_grey(seed, crack=seed % 2 == 0) for seed in range(20, 60)]
    assert groups_of(*greys) == list(range(40))


def test_straight_cracks_at_the_same_place_stay_apart():
    greys = [draw_grey(seed, crack=False) for seed in range(60, 70)]
    for grey in greys:
        grey[:, 110:117] = 40
    assert groups_of(*greys) == list(range(10))


def draw_pipe(grey, left):
    """A wide upright pipe, bright in its middle, with its shadow."""
    across = np.arange(SIDE) - left
    pipe = (across >= 0) & (across < 60)
    grey[:, pipe] = 220 - 0.12 * (across[pipe] - 30) ** 2
    grey[:, (across >= 60) & (across < 95)] -= 60


def test_walls_behind_the_same_pipe_stay_apart():
    greys = [draw_grey(seed, crack=seed % 3 == 0) for seed in range(80, 90)]
    for grey in greys:
        draw_pipe(grey, 110)
    assert groups_of(*greys) == list(range(10))
    assert groups_of(*(grey.T for grey in greys)) == list(range(10))


def test_a_copy_of_a_wall_behind_a_pipe_shares_the_group():
    original = draw_grey(90)
    draw_pipe(original, 110)
    copies = [orient(recompress(original), orientation) for orientation in range(8)]
    assert groups_of(original, *copies) == [0] * 9


def test_walls_under_the_same_slanting_shadow_stay_apart():
    rows, columns = np.indices((SIDE, SIDE))
    shadow = abs(columns - 150 + rows) < 30
    greys = [draw_grey(seed, crack=False) - 80 * shadow for seed in range(91, 101)]
    assert groups_of(*greys) == list(range(10))


def test_smooth_surfaces_under_the_same_light_stay_apart():
    light = np.linspace(90, 200, SIDE)
    greys = [
        light + np.random.default_rng(seed).normal(0, 3, (SIDE, SIDE))
        for seed in range(10)
    ]
    assert groups_of(*greys) == list(range(10))


def test_images_without_texture_are_grouped_by_their_bytes_alone():
    flat = np.full((SIDE, SIDE), 120.0)
    assert groups_of(flat, flat + 1, flat) == [0, 1, 0]


def test_equal_bytes_share_a_group_whatever_the_signature():
    signatures = np.stack([signature(as_photo(draw_grey(seed))) for seed in (1, 2)])
    assert list(near_copy_groups(signatures, ["same", "same"])) == [0, 0]


def test_a_chain_of_near_copies_is_one_group():
    scene = draw_grey(8, side=300)
    crops = [scene[:SIDE, left : left + SIDE] for left in (0, 7, 14, 21)]
    assert groups_of(*crops) == [0, 0, 0, 0]
    assert groups_of(crops[0], crops[3]) == [0, 1]


def test_a_burst_larger_than_a_block_is_one_group():
    one = signature(as_photo(draw_grey(9))).astype(np.float32)
    noise = np.random.default_rng(10).normal(0, 0.1, (520, 1024))
    groups = near_copy_groups((one + noise).astype(np.float16), [*map(str, range(520))])
    assert set(groups) == {0}


def test_a_single_image_is_a_group():
    assert groups_of(draw_grey(1)) == [0]


def test_the_known_near_copies_among_real_photos_are_found(test_data):
    with (test_data / "metu_near_duplicate_examples.csv").open() as file:
        known = list(csv.DictReader(file))[::2]
    pairs = [
        [f"{row['class']}/{row[c]}" for c in ("file_a", "file_b")] for row in known
    ]
    files = sorted({name for pair in pairs for name in pair})
    contents = [(test_data / "metu" / name).read_bytes() for name in files]
    signatures = np.stack([signature(decode_image(content)) for content in contents])
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    groups = near_copy_groups(signatures, hashes)
    group = dict(zip(files, groups, strict=True))
    found = np.mean([group[a] == group[b] for a, b in pairs])
    assert found >= 0.99
    assert np.bincount(groups).max() < 20


@pytest.mark.parametrize("waves", [3, 63])
def test_the_short_look_loses_no_pair(waves, monkeypatch):
    monkeypatch.setattr(near_copies, "_WAVES", waves)
    drawn = [draw_grey(seed) for seed in range(12)]
    turned = [orient(grey, n % 8) for n, grey in enumerate(drawn)]
    plain = np.full((SIDE, SIDE), 90.0)
    signatures = np.stack([signature(as_photo(g)) for g in [*drawn, plain, *turned]])
    _, coarse = near_copies._two_scales(signatures)
    basis = near_copies._waves(coarse)
    bounds = near_copies._bounds(coarse, basis)
    found = 0
    for orientation in range(8):
        block = near_copies._orient(coarse, orientation)
        exact = block.reshape(len(block), -1) @ coarse.reshape(len(coarse), -1).T
        first, second = np.nonzero(np.triu(exact > 0.7, k=1))
        pairs = near_copies._candidates(coarse, basis, bounds, 0, orientation)
        alike = exact[tuple(pairs)]
        assert set(zip(*pairs.tolist(), strict=True)) == set(
            zip(first.tolist(), second.tolist(), strict=True)
        )
        assert (np.diff(alike) <= 1e-5).all()
        found += len(alike)
    assert found >= len(drawn)
