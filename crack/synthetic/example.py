"""One drawn photo that comes with the program, to be seen before others are drawn.

`python -m crack.synthetic.example` draws it anew, after a change of the drawing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from crack.synthetic.drawing import Drawing, draw_photo

EXAMPLE = Path(__file__).with_name("example.jpg")
"""A crack beside what is easily taken for one: a joint, and a mark of chalk."""

_SEED = 16  # chosen by looking; the first 24 seeds were looked at
_HEIGHT, _WIDTH = 480, 720  # px


def draw_example() -> Drawing:
    """Return the photo as it is drawn, before it is saved as a JPEG."""
    return draw_photo(np.random.default_rng(_SEED), _HEIGHT, _WIDTH, cracked=True)


if __name__ == "__main__":
    # As in the sample, but small enough to be kept with the code.
    Image.fromarray(draw_example().image).save(
        EXAMPLE, quality=85, subsampling="4:2:0", optimize=True
    )
