from __future__ import annotations

import numpy as np
import pytest

from crack.data.images import resize_image
from crack.data.pyramid import scales_for
from crack.data.tiles import cut_tiles
from crack.inference.prediction import Label
from crack.inspections.region_tiles import (
    largest_crack_side,
    plan_tiles,
    smallest_sound_side,
)

SIDE = 160
PHOTO = (4000, 3000)
SCALES = (0.25, 0.5, 1.0)


def plan(cracks=(), sound=(), photo=PHOTO, scales=SCALES):
    return plan_tiles(photo, scales, SIDE, cracks, sound)


def places(tiles, photo=PHOTO):
    """Where tiles are in the photo: left, top, width and height."""
    found = []
    for tile in tiles:
        scale = tile.photo_width / photo[0]
        found.append((tile.left / scale, tile.top / scale, SIDE / scale, SIDE / scale))
    return found


def holds(outer, inner, off=0.0):
    return (
        outer[0] <= inner[0] + off
        and outer[1] <= inner[1] + off
        and outer[0] + outer[2] >= inner[0] + inner[2] - off
        and outer[1] + outer[3] >= inner[1] + inner[3] - off
    )


def test_the_sizes_are_those_of_a_photo_of_12_megapixels():
    assert scales_for(3000, 4000, SIDE) == SCALES


def test_a_region_of_the_model_is_cut_as_the_model_saw_it_and_once_smaller():
    made = plan(cracks=[(640, 960, 320, 320)])
    assert places(made.tiles) == [(640, 960, 320, 320), (480, 800, 640, 640)]
    assert {tile.label for tile in made.tiles} == {Label.CRACK}


def test_the_largest_region_of_the_model_is_cut_once():
    assert places(plan(cracks=[(0, 0, 640, 640)]).tiles) == [(0, 0, 640, 640)]


def test_a_box_around_a_short_crack_is_cut_at_the_finest_size_alone():
    (tile,) = places(plan(cracks=[(1000, 1000, 60, 30)]).tiles)
    assert tile == (950, 935, 160, 160)


def test_a_tile_at_the_edge_stays_within_the_photo():
    made = plan(cracks=[(3950, 2990, 50, 10)], sound=[(0, 0, 155, 155)])
    assert places(made.tiles) == [(3840, 2840, 160, 160), (0, 0, 160, 160)]


def test_along_a_long_crack_there_are_tiles_from_end_to_end():
    found = places(plan(cracks=[(1000, 500, 40, 700)]).tiles)
    fine = [place for place in found if place[2] == SIDE]
    coarse = [place for place in found if place[2] == 2 * SIDE]
    assert len(fine) == 5
    assert len(coarse) == 3
    for tiles in (fine, coarse):
        assert tiles[0][1] <= 500
        assert tiles[-1][1] + tiles[-1][3] >= 1200
        assert all(left <= 1000 <= left + width - 40 for left, _, width, _ in tiles)


def test_no_end_of_tiles_comes_from_one_crack():
    assert len(plan(cracks=[(0, 0, 4000, 100)]).tiles) == 2 * 8


def test_a_box_larger_than_every_tile_gives_none_since_the_crack_may_be_anywhere():
    made = plan(cracks=[(0, 0, 1000, 800), (0, 0, 1000, 640)])
    assert made.too_large == 1
    assert len(made.tiles) == 2
    assert largest_crack_side(SCALES, SIDE) == 672


def test_a_sound_box_gives_tiles_within_it_at_each_size_but_not_too_many():
    box = (800, 400, 1400, 1000)
    found = places(plan(sound=[box]).tiles)
    assert [place[2] for place in found] == [640] * 2 + [320] * 4 + [160] * 4
    assert all(holds(box, place) for place in found)
    assert len(set(found)) == len(found)


def test_a_region_of_the_model_that_is_rejected_gives_itself_and_parts_of_it():
    box = (640, 960, 320, 320)
    found = places(plan(sound=[box]).tiles)
    assert found[0] == box
    assert [place[2] for place in found] == [320] + [160] * 4
    assert all(holds(box, place, off=1) for place in found)


@pytest.mark.parametrize(
    ("size", "tiles"), [((50, 30), 0), ((1000, 151), 0), ((152, 152), 1)]
)
def test_a_sound_box_smaller_than_every_tile_gives_none(size, tiles):
    made = plan(sound=[(1000, 1000, *size)])
    assert (len(made.tiles), made.too_small) == (tiles, int(tiles == 0))
    assert smallest_sound_side(SCALES, SIDE) == 152


def test_a_small_sound_box_gives_the_tile_around_it_if_that_is_sound_all_over():
    at_the_edge, whole = (3900, 2900, 100, 100), (0, 0, *PHOTO)
    made = plan(sound=[at_the_edge, whole])
    assert made.too_small == 0
    assert places(made.tiles)[0] == (3840, 2840, 160, 160)
    assert plan(sound=[at_the_edge, (0, 0, 3900, 3000)]).too_small == 1


def test_where_the_scale_is_known_there_is_one_size():
    made = plan(
        cracks=[(640, 960, 320, 320)], sound=[(0, 0, 4000, 3000)], scales=(0.5,)
    )
    assert {tile.photo_width for tile in made.tiles} == {2000}


def test_the_same_tile_is_cut_once():
    boxes = [(640, 960, 320, 320)] * 2
    assert len(plan(cracks=boxes).tiles) == 2
    assert len(plan(sound=boxes).tiles) == 5


def test_a_sound_tile_beside_a_crack_stays_and_one_that_touches_it_goes():
    crack = (640, 960, 320, 320)
    beside = plan(cracks=[crack], sound=[(960, 960, 320, 320)])
    assert (beside.overlapping, len(beside.tiles)) == (0, 2 + 5)
    touching = plan(cracks=[crack], sound=[(958, 960, 320, 320)])
    sound = [tile for tile in touching.tiles if tile.label is Label.NO_CRACK]
    # The whole of it, and of its four parts the two on the side of the crack.
    assert touching.overlapping == 3
    assert len(sound) == 2


def test_too_large_a_crack_box_keeps_sound_tiles_away_too():
    made = plan(cracks=[(0, 0, 2000, 3000)], sound=[(0, 0, 4000, 3000)])
    assert made.overlapping > 0
    assert all(left >= 2000 for left, _, _, _ in places(made.tiles))


@pytest.mark.parametrize("seed", range(20))
def test_of_any_boxes_no_sound_tile_touches_a_crack_and_all_are_within(seed):
    rng = np.random.default_rng(seed)
    photo = tuple(int(n) for n in rng.integers(SIDE, 3000, 2))
    scales = scales_for(photo[1], photo[0], SIDE)

    def boxes(number):
        for _ in range(number):
            corners = [sorted(rng.integers(0, side + 1, 2)) for side in photo]
            (left, right), (top, bottom) = corners
            yield int(left), int(top), max(1, right - left), max(1, bottom - top)

    cracks, sound = list(boxes(4)), [*boxes(4), (0, 0, *photo)]
    made = plan(cracks, sound, photo, scales)
    for tile, place in zip(made.tiles, places(made.tiles, photo), strict=True):
        left, top, width, height = place
        assert left >= 0
        assert top >= 0
        assert left + width <= photo[0] + 1
        assert top + height <= photo[1] + 1
        if tile.label is Label.CRACK:
            assert any(
                left < b[0] + b[2] and b[0] < left + width and top < b[1] + b[3]
                for b in cracks
            )
            continue
        for crack in cracks:
            apart = (
                left + width <= crack[0] + 1
                or crack[0] + crack[2] <= left + 1
                or top + height <= crack[1] + 1
                or crack[1] + crack[3] <= top + 1
            )
            assert apart


def test_tiles_are_cut_as_the_model_sees_them():
    rng = np.random.default_rng(5)
    image = rng.integers(0, 256, (600, 800, 3), np.uint8)
    scales = scales_for(600, 800, SIDE)
    made = plan([(200, 100, 320, 320)], [(600, 400, 160, 160)], (800, 600), scales)
    assert scales == (0.5, 1.0, 2.0)
    found = dict(cut_tiles(image, scales, SIDE, made.tiles))
    assert set(found) == set(made.tiles)
    half = resize_image(resize_image(image, 1200, 1600), 600, 800)
    half = resize_image(half, 300, 400)
    for tile, pixels in found.items():
        assert pixels.shape == (SIDE, SIDE, 3)
        if tile.photo_width == 400:
            assert (tile.left, tile.top) == (100, 50)
            np.testing.assert_array_equal(pixels, half[50:210, 100:260])


def test_a_photo_narrower_than_a_tile_is_stretched_as_for_the_model():
    image = np.zeros((100, 500, 3), np.uint8)
    scales = scales_for(100, 500, SIDE)
    made = plan([(0, 0, 100, 100)], [(300, 0, 200, 100)], (500, 100), scales)
    found = dict(cut_tiles(image, scales, SIDE, made.tiles))
    assert set(found) == set(made.tiles)
    assert {pixels.shape for pixels in found.values()} == {(SIDE, SIDE, 3)}
