from __future__ import annotations

import numpy as np
import pytest

from crack.synthetic.drawing import draw_close_up
from crack.synthetic.gaps import draw_gap, draw_spall
from crack.synthetic.surfaces import bare_surface

SIDE = 200


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def covered(draw, mark, seed):
    canvas = bare_surface(rng(seed), SIDE, SIDE, "cast", 1.0)
    draw(rng(seed, 1), canvas)
    assert np.isfinite(canvas.colour).all()
    assert canvas.colour.min() >= 0
    return canvas, canvas.marks[mark] > 0.5


@pytest.mark.parametrize(("draw", "mark"), [(draw_gap, "crack"), (draw_spall, "stain")])
def test_a_broken_place_is_wide_and_marked_as_what_it_is(draw, mark):
    shares = []
    for seed in range(16):
        canvas, broken = covered(draw, mark, seed)
        assert set(canvas.marks) == {mark}
        shares.append(broken.mean())
    # Some lie half outside the picture.
    assert 0.1 < np.mean(shares) < 0.6


def test_the_darkest_of_a_gap_is_darker_than_that_of_a_spall():
    def darker(draw, mark):
        differences = []
        for seed in range(24):
            canvas, broken = covered(draw, mark, seed)
            if 0.02 < broken.mean() < 0.9:
                grey = canvas.colour.mean(-1)
                differences.append(grey[broken].min() - grey[~broken].mean())
        return np.median(differences)

    assert darker(draw_gap, "crack") < darker(draw_spall, "stain") < 0


def test_only_a_gap_makes_a_close_up_cracked():
    for seed in range(6):
        gap, spall, sound = (
            draw_close_up(rng(seed, 2), SIDE, broken)
            for broken in (draw_gap, draw_spall, None)
        )
        assert gap.image.shape == sound.image.shape == (SIDE, SIDE, 3)
        assert gap.image.dtype == np.uint8
        assert not spall.cracks.any()
        assert not sound.cracks.any()
    shown = [draw_close_up(rng(n), SIDE, draw_gap).cracks.any() for n in range(12)]
    assert sum(shown) >= 10  # now and then something lies before it


def test_the_same_generator_draws_the_same_close_up():
    one, two = (draw_close_up(rng(7), SIDE, draw_gap) for _ in range(2))
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.cracks, two.cracks)
