from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from crack.inference.image_quality import quality_reasons, sharpness
from crack.inference.prediction import Reason
from crack.synthetic.camera import photograph
from crack.synthetic.cracks import draw_cracks
from crack.synthetic.surfaces import SURFACES, bare_surface

IMAGE_SIZE = 160
SIDE = 227


def reasons(image: np.ndarray) -> tuple[Reason, ...]:
    return quality_reasons(image, IMAGE_SIZE)


def rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def plain(level: float, grain: float, height: int = SIDE, width: int = SIDE):
    """A wall of one tone with fine grain of so many grey levels."""
    noise = np.random.default_rng(5).normal(0, 1, (height, width))
    grains = gaussian_filter(noise, 0.5)
    wall = level + grain * grains / grains.std()
    return np.repeat(rounded(wall)[..., None], 3, axis=2)


def cracked(level: float = 150.0, side: int = SIDE) -> np.ndarray:
    """That wall with a dark line, 4 px wide, from corner to corner."""
    wall = plain(level, 4, side, side)
    down, right = np.indices((side, side))
    wall[abs(down - right - side * 0.1 * np.sin(right / 30)) < 3] = level // 3
    return wall


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return rounded(gaussian_filter(image.astype(np.float32), (sigma, sigma, 0)))


def with_light(image: np.ndarray, stops: float) -> np.ndarray:
    """Give so many stops more light, with a gamma of 2.2."""
    return rounded(
        255 * np.minimum((image / 255.0) ** 2.2 * 2.0**stops, 1) ** (1 / 2.2)
    )


def one_colour(level: int, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    """A sharp photo with cracks of each kind of surface."""
    photos = {}
    for kind in SURFACES:
        canvas = bare_surface(np.random.default_rng(4), SIDE, SIDE, kind, 1.0)
        draw_cracks(np.random.default_rng(4), canvas, 12)
        photos[kind] = photograph(np.random.default_rng(1), canvas)
    return photos


@pytest.mark.parametrize("kind", SURFACES)
def test_a_sharp_photo_has_nothing_wrong(drawn, kind):
    assert reasons(drawn[kind]) == ()


@pytest.mark.parametrize("kind", SURFACES)
def test_a_photo_blurred_by_4_px_is_blurred(drawn, kind):
    assert reasons(blurred(drawn[kind], 4)) == (Reason.BLURRED,)


@pytest.mark.parametrize("kind", SURFACES)
def test_more_blur_never_removes_the_reason(drawn, kind):
    sigmas = (0, 1, 1.5, 2, 2.5, 3, 4, 8, 16, 40)
    found = [Reason.BLURRED in reasons(blurred(drawn[kind], s)) for s in sigmas]
    assert found == sorted(found)
    assert found[-1]


@pytest.mark.parametrize("grain", [2, 3, 6])
def test_a_plain_smooth_wall_is_not_blurred(grain):
    assert reasons(plain(160, grain)) == ()


def test_a_plain_wall_photographed_blurred_is_blurred():
    assert reasons(blurred(plain(160, 12), 3)) == (Reason.BLURRED,)


@pytest.mark.parametrize("contrast", [0.3, 0.6])
def test_sharpness_does_not_depend_on_contrast(contrast):
    for image in (cracked(), blurred(cracked(), 2)):
        weaker = rounded(150 + contrast * (image.astype(float) - 150))
        assert sharpness(weaker) == pytest.approx(sharpness(image), rel=0.05)


def test_slanting_light_makes_nothing_blurred():
    light = np.linspace(0.6, 1.4, SIDE)[None, :, None]
    assert reasons(rounded(plain(150, 4) * light)) == ()


@pytest.mark.parametrize("kind", ["boards", "broomed", "aggregate"])
@pytest.mark.parametrize("step", [(0, 1), (1, 0), (1, 1), (1, -1)])
def test_a_hand_that_moved_in_any_direction_blurs(drawn, kind, step):
    # A lens softens grain before the hand moves.
    photo = blurred(drawn[kind], 1).astype(np.float32)
    way = [np.roll(photo, (n * step[0], n * step[1]), (0, 1)) for n in range(25)]
    assert reasons(rounded(np.mean(way, axis=0)[25:, 25:-25])) == (Reason.BLURRED,)


def test_sharpness_of_a_blurred_edge_is_what_theory_says():
    quarters = np.full((400, 400, 3), 20.0)
    quarters[:200, :200] = quarters[200:, 200:] = 220
    # Differences of the normal distribution function, to the fourth power, integrated.
    for sigma, expected in ((1.5, 0.157), (2, 0.120), (3, 0.089), (4, 0.077)):
        across = blurred(quarters, sigma)
        assert sharpness(across) == pytest.approx(expected, abs=0.003)


def test_a_slope_has_the_lowest_sharpness_of_all():
    down, right = np.indices((60, 60), np.uint8)
    slope = np.repeat((3 * down + right)[..., None], 3, axis=2)
    assert sharpness(slope) == pytest.approx(1 / 16, abs=0.003)


def test_four_stops_less_light_is_too_dark():
    assert reasons(with_light(cracked(), -4)) == (Reason.DARK,)


def test_three_stops_more_light_is_overexposed():
    assert reasons(with_light(cracked(), 3)) == (Reason.OVEREXPOSED,)


@pytest.mark.parametrize("stops", [-1, -0.5, 0.5, 1])
def test_a_stop_more_or_less_is_fine(stops):
    assert reasons(with_light(cracked(), stops)) == ()


@pytest.mark.parametrize("level", [70, 235])
def test_black_asphalt_and_white_walls_are_fine(level):
    assert reasons(plain(level, 5)) == ()


def test_a_wall_lit_by_a_flash_at_night_is_fine():
    night = with_light(cracked(side=400), -7)
    night[100:300, 100:300] = cracked(side=200)
    assert reasons(night) == ()


def test_a_well_lit_wall_before_a_white_sky_is_fine():
    wall = cracked(120, side=400)
    wall[:160] = 255
    assert reasons(wall) == ()


def test_a_burnt_wall_below_a_bright_sky_is_overexposed():
    wall = plain(225, 5, 400, 400)
    wall[:160] = 255
    assert Reason.OVEREXPOSED in reasons(wall)


@pytest.mark.parametrize(
    ("shorter", "image_size", "small"),
    [(95, 160, True), (96, 160, False), (134, 224, True), (135, 224, False)],
)
def test_small_means_less_than_six_tenths_of_the_input(shorter, image_size, small):
    for image in (plain(150, 6, shorter, 300), plain(150, 6, 300, shorter)):
        assert (Reason.SMALL in quality_reasons(image, image_size)) == small


def test_a_large_photo_that_is_soft_at_full_size_only_is_fine():
    large = np.kron(cracked(side=750), np.ones((4, 4, 1), np.uint8))
    assert reasons(blurred(large, 3)) == ()


def test_a_large_photo_is_blurred_where_its_reduction_is():
    large = np.kron(cracked(side=750), np.ones((4, 4, 1), np.uint8))
    assert reasons(blurred(large, 16)) == (Reason.BLURRED,)


def test_reducing_large_photos_hides_no_blur_and_makes_none():
    wall = cracked(side=900)
    for image in (wall, blurred(wall, 3)):
        large = np.kron(image, np.ones((3, 3, 1), np.uint8))
        assert sharpness(large) == pytest.approx(sharpness(image), rel=0.01)


def test_a_photo_without_any_detail_counts_as_blurred():
    assert sharpness(one_colour(128)) == 0
    assert reasons(one_colour(128)) == (Reason.BLURRED,)


def test_black_and_white_are_named_for_their_light_alone():
    assert reasons(one_colour(0)) == (Reason.DARK,)
    assert reasons(one_colour(255)) == (Reason.OVEREXPOSED,)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (8, 8), (2, 3000)])
def test_a_sliver_is_small(shape):
    rng = np.random.default_rng(2)
    image = rng.integers(100, 180, (*shape, 3), np.uint8)
    assert reasons(image) == (Reason.SMALL,)


def test_nothing_is_said_of_sharpness_where_no_side_is_long_enough():
    assert sharpness(one_colour(128, 8, 8)) == np.inf


def test_a_photo_is_neither_changed_nor_need_it_be_writable():
    image = cracked(side=1100)
    before = image.copy()
    image.flags.writeable = False
    reasons(image)
    np.testing.assert_array_equal(image, before)
