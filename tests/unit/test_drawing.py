from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from crack.synthetic.camera import photograph
from crack.synthetic.canvas import Pen, box_around, smooth_step, whole
from crack.synthetic.cracks import draw_cracks
from crack.synthetic.drawing import CONCRETE, EVERYTHING, MARK_NAMES, draw_photo
from crack.synthetic.lookalikes import BEFORE_THE_WALL, IN_THE_WALL, edge
from crack.synthetic.marks import MARKS
from crack.synthetic.noise import field, line_noise, streaks
from crack.synthetic.surfaces import SURFACES, bare_surface

HEIGHT, WIDTH = 240, 300


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_generator_draws_the_same_photo():
    one, two = (draw_photo(rng(3), HEIGHT, WIDTH, True) for _ in range(2))
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.cracks, two.cracks)
    assert one.surface == two.surface


def test_other_seeds_draw_other_photos():
    photos = {draw_photo(rng(n), HEIGHT, WIDTH, True).image.tobytes() for n in range(8)}
    assert len(photos) == 8


@pytest.mark.parametrize("cracked", [True, False])
def test_cracks_are_where_they_are_wanted_only(cracked):
    for seed in range(12):
        photo = draw_photo(rng(seed, 1), HEIGHT, WIDTH, cracked, EVERYTHING)
        assert photo.image.shape == (HEIGHT, WIDTH, 3)
        assert photo.image.dtype == np.uint8
        assert set(photo.marks) == set(MARK_NAMES)
        assert all(mark.shape == (HEIGHT, WIDTH) for mark in photo.marks.values())
        if not cracked:
            assert not photo.cracks.any()


def test_nearly_every_cracked_photo_shows_its_crack():
    shown = [draw_photo(rng(n, 2), 400, 400, True).cracks.sum() > 50 for n in range(20)]
    # Now and then something lies over it, or it runs along the border.
    assert sum(shown) >= 17


def test_most_cracks_are_darker_than_what_is_beside_them():
    differences = []
    for seed in range(16):
        photo = draw_photo(rng(seed, 3), 400, 400, True)
        grey = photo.image.mean(axis=-1)
        beside = binary_dilation(photo.cracks, iterations=8)
        beside &= ~binary_dilation(photo.cracks, iterations=3)
        if photo.cracks.any():
            differences.append(grey[photo.cracks].mean() - grey[beside].mean())
    assert np.mean(np.array(differences) < -5) > 0.8


@pytest.mark.parametrize("kind", SURFACES)
def test_every_surface_is_textured_but_not_wild(kind):
    canvas = bare_surface(rng(5), HEIGHT, WIDTH, kind, 1.0)
    assert canvas.colour.dtype == np.float32
    assert np.isfinite(canvas.relief).all()
    image = photograph(rng(5), canvas)
    assert 2 < image.std() < 90


@pytest.mark.parametrize("draw", [*MARKS, *IN_THE_WALL, *BEFORE_THE_WALL])
def test_everything_that_is_added_changes_the_wall_and_is_no_crack(draw):
    changed = 0
    for seed in range(10):
        canvas = bare_surface(rng(seed), HEIGHT, WIDTH, "cast", 1.0)
        before = canvas.colour.copy()
        draw(rng(seed, 9), canvas)
        assert np.isfinite(canvas.colour).all()
        assert "crack" not in canvas.marks
        changed += bool((canvas.colour != before).any())
    assert changed >= 5  # some fall outside this small wall


def test_what_is_painted_over_a_crack_hides_it():
    for seed in range(40):
        canvas = bare_surface(rng(seed), HEIGHT, WIDTH, "cast", 1.0)
        draw_cracks(rng(seed, 1), canvas, 12)
        before = (canvas.marks["crack"] > 0.25).sum() if canvas.marks else 0
        edge(rng(seed, 2), canvas)
        if before and (canvas.marks["crack"] > 0.25).sum() < before:
            return
    pytest.fail("no edge ever covered a crack")


def test_the_kinds_of_surface_are_those_asked_for():
    kinds = {draw_photo(rng(n), 64, 64, False, {"laid": 1.0}).surface for n in range(4)}
    assert kinds == {"laid"}
    assert set(CONCRETE) < set(EVERYTHING) == set(SURFACES)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_the_spectrum_of_a_field_falls_as_asked(exponent):
    values = field(rng(1), 1024, 1024, exponent)
    assert abs(values.mean()) < 0.01
    assert values.std() == pytest.approx(1, abs=0.01)
    power = np.abs(np.fft.rfft2(values)[1:300, 1:300]) ** 2
    frequency = np.hypot(*np.meshgrid(np.arange(1, 300), np.arange(1, 300)))
    slope = np.polyfit(np.log(frequency.ravel()), np.log(power.ravel()), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (1500, 1100)])
@pytest.mark.parametrize("grain", [1, 5, (2, 60)])
def test_a_field_has_the_size_asked_for(shape, grain):
    assert field(rng(2), *shape, 1.0, grain).shape == shape
    assert streaks(rng(2), *shape, 30, (2, 20)).shape == shape


@pytest.mark.parametrize("roughness", [0.3, 0.8])
def test_a_line_is_as_rough_as_asked(roughness):
    # The mean step grows with the distance to the power of the roughness.
    lines = [line_noise(rng(n), 4096, roughness) for n in range(30)]
    distances = np.array([4, 8, 16, 32])
    steps = [np.mean([np.abs(y[d:] - y[:-d]).mean() for y in lines]) for d in distances]
    slope = np.polyfit(np.log(distances), np.log(steps), 1)[0]
    assert slope == pytest.approx(roughness, abs=0.1)


@pytest.mark.parametrize("width", [0.7, 2.0, 9.0])
def test_a_stroke_covers_its_length_times_its_width(width):
    points = np.stack([np.linspace(20, 120, 60), np.full(60, 50.0)], axis=1)
    box = box_around(points.astype(np.float32), 15, (100, 140))
    assert box is not None
    pen = Pen(box)
    half = np.full(60, width / 2, dtype=np.float32)
    pen.stroke(points.astype(np.float32), half, half)
    assert pen.coverage().sum() == pytest.approx(100 * width, rel=0.2)


def test_nothing_is_drawn_outside_the_wall():
    points = np.array([[-50, -50], [-30, -40]], dtype=np.float32)
    assert box_around(points, 5, (100, 100)) is None


def test_a_smooth_step_goes_from_none_to_all():
    values = smooth_step(np.array([-1, 0, 0.5, 1, 2], dtype=np.float32), 0, 1)
    np.testing.assert_allclose(values, [0, 0, 0.5, 1, 1])


def test_the_whole_is_all_of_the_wall():
    canvas = bare_surface(rng(0), 30, 40, "cast", 1.0)
    assert canvas.relief[whole(canvas)].shape == (30, 40)
