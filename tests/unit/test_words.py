from __future__ import annotations

import pytest

from crack.reporting.words import percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1e-6, "under 0.01 %"),
        (0.00999, "1.00 %"),
        (0.5, "50.0 %"),
        (0.999, "99.90 %"),
        (0.999999, "over 99.99 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, text):
    assert percent(share) == text
