"""The drawn photo that comes with the program is the one its seed gives."""

from __future__ import annotations

import numpy as np

from crack.data.images import decode_image
from crack.synthetic.example import EXAMPLE, draw_example


def test_the_file_is_small_and_what_is_drawn():
    assert EXAMPLE.stat().st_size <= 60_000
    kept, drawn = decode_image(EXAMPLE), draw_example()
    assert kept.shape == drawn.image.shape
    difference = kept.astype(np.float32) - drawn.image
    assert np.abs(difference).mean() < 4  # grey levels lost by the JPEG


def test_it_shows_a_crack_beside_what_is_easily_taken_for_one():
    marks = draw_example().marks
    assert marks["crack"].any()
    assert marks["line"].any()
