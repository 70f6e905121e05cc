from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from crack.data.signature import SIDE, flatten


@pytest.mark.parametrize("sigma", [1.7, 2.8])
def test_what_is_subtracted_is_a_gaussian_blur(sigma):
    cells = np.random.default_rng(1).random((3, SIDE, SIDE)).astype(np.float32)
    once = gaussian_filter1d(cells, sigma, axis=1, mode="nearest")
    blurred = gaussian_filter1d(once, sigma, axis=2, mode="nearest")
    assert flatten(cells, sigma) == pytest.approx(cells - blurred, abs=1e-5)
