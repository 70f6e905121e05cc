from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.errors import CrackError
from crack.inference.ood import OOD_FILE, OodDetector, spread

# As models of an earlier version have it: by the direction of the features alone.
KNOWN = OodDetector(
    mean=np.array([0.6, 0, 0.8], np.float32),
    directions=np.array([[0, 1, 0]], np.float32),
    variances=np.array([4], np.float32),
    rest=0.25,
    limit=3.0,
)


def test_what_points_like_the_mean_is_nowhere_away():
    features = np.array([[0.6, 0, 0.8], [6, 0, 8]], np.float32)
    np.testing.assert_allclose(KNOWN.distances(features), 0, atol=1e-6)


def test_a_distance_is_counted_in_spreads_of_its_direction():
    along, beside = KNOWN.distances(np.array([[0, 1, 0], [1, 0, 0]], np.float32))
    # One unit along the direction and one beside it, on average.
    assert along == pytest.approx(np.sqrt(1 / 4 + 1 / 0.25), rel=1e-5)
    assert beside == pytest.approx(np.sqrt((0.4**2 + 0.8**2) / 0.25), rel=1e-5)


def test_it_is_the_mahalanobis_distance_of_the_covariance_it_stands_for():
    rng = np.random.default_rng(3)
    inverse = np.diag([4, 0.25, 4])
    points = rng.normal(size=(50, 3)).astype(np.float32)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    away = points / lengths - KNOWN.mean
    expected = np.sqrt(np.einsum("ni,ij,nj->n", away, inverse, away))
    np.testing.assert_allclose(KNOWN.distances(points), expected, rtol=1e-4)


def test_moments_become_mean_and_deviation():
    values = np.array([[1.0, 5], [3, 5]], np.float32)
    moments = np.concatenate([values.mean(0), (values**2).mean(0)])[None]
    np.testing.assert_allclose(spread(moments), [[2, 5, 1, 0]], atol=1e-6)


def test_moments_are_measured_from_the_mean_in_units_of_the_scale(tmp_path):
    scale = np.array([2, 1], np.float32)
    known = replace(
        KNOWN,
        mean=np.array([2, 1], np.float32),
        directions=np.array([[1, 0]], np.float32),
        scale=scale,
    )
    # Mean 6 and deviation 1: two scales along the direction, none beside it.
    assert known.distances(np.array([[6, 37]], np.float32)) == pytest.approx(1)
    known.write(tmp_path)
    np.testing.assert_array_equal(OodDetector.read(tmp_path).scale, scale)


def test_no_features_at_all_are_no_division_by_zero():
    assert np.isfinite(KNOWN.distances(np.zeros((1, 3), np.float32))).all()


def test_it_is_read_as_it_was_written(tmp_path):
    KNOWN.write(tmp_path)
    read = OodDetector.read(tmp_path)
    np.testing.assert_allclose(read.mean, KNOWN.mean, atol=1e-3)  # in 16 bits
    np.testing.assert_array_equal(read.directions, KNOWN.directions)
    assert (read.rest, read.limit) == (KNOWN.rest, KNOWN.limit)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"no archive"])
def test_a_missing_or_damaged_file_is_told(tmp_path, content):
    if content is not None:
        (tmp_path / OOD_FILE).write_bytes(content)
    with pytest.raises(CrackError, match="missing or damaged"):
        OodDetector.read(tmp_path)
