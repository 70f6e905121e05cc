from __future__ import annotations

import math

import pytest

from crack.errors import CrackError
from crack.reporting.exposure import (
    DESIGN_NOTE,
    EXPOSURES,
    compare_width,
    find_exposure,
    in_mm,
    is_above,
)


def test_the_values_of_aci_are_those_of_table_4_1():
    values = [e.limit_mm for e in EXPOSURES if e.source == "ACI 224R-01 Table 4.1"]
    assert values == [0.41, 0.30, 0.18, 0.15, 0.10]


def test_the_values_of_eurocode_2_are_those_of_table_7_1n():
    values = [e.limit_mm for e in EXPOSURES if e.source == "EN 1992-1-1 Table 7.1N"]
    assert values == [0.4, 0.3, 0.3, 0.2, 0.2, None]


def test_each_key_finds_its_exposure():
    assert len({exposure.key for exposure in EXPOSURES}) == len(EXPOSURES)
    for exposure in EXPOSURES:
        assert find_exposure(exposure.key) is exposure


def test_an_unknown_key_is_refused_with_the_known_ones():
    with pytest.raises(CrackError, match=r"'xc9'.*aci-humid"):
        find_exposure("xc9")


@pytest.mark.parametrize(
    ("width", "above", "end"),
    [
        (0.35, True, "is 0.30 mm: above it"),
        (0.301, True, "is 0.30 mm: above it"),
        (0.1 + 0.2, False, "is 0.30 mm: equal to it"),
        (0.3, False, "is 0.30 mm: equal to it"),
        (0.05, False, "is 0.30 mm: below it"),
    ],
)
def test_a_width_is_compared_as_it_is_written(width, above, end):
    exposure = find_exposure("aci-humid")
    assert is_above(width, exposure) is above
    assert compare_width(width, exposure).endswith(end)


def test_the_sentence_names_width_standard_and_exposure():
    assert compare_width(0.35, find_exposure("aci-humid")) == (
        "0.35 mm measured; the guide value of ACI 224R-01 Table 4.1 for humidity, "
        "moist air, soil is 0.30 mm: above it"
    )
    assert "the recommended limit of EN 1992-1-1 Table 7.1N for X0, XC1 is 0.40 mm" in (
        compare_width(0.35, find_exposure("ec2-x0-xc1"))
    )


def test_where_decompression_is_required_no_width_is_compared():
    exposure = find_exposure("ec2-bonded-xd1-xs3")
    assert is_above(5.0, exposure) is None
    sentence = compare_width(0.2, exposure)
    assert "gives no width" in sentence
    assert "decompression" in sentence
    assert "above" not in sentence


@pytest.mark.parametrize("width", [0, -0.1, math.nan, math.inf])
def test_what_is_no_width_is_refused(width):
    with pytest.raises(CrackError, match="above 0 mm"):
        compare_width(width, EXPOSURES[0])


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (0.3, "0.30 mm"),
        (0.125, "0.125 mm"),
        (12, "12.00 mm"),
        (0.01, "0.01 mm"),
    ],
)
def test_widths_have_the_digits_that_a_crack_ruler_gives(width, text):
    assert in_mm(width) == text


@pytest.mark.parametrize("width", [0.0099, 0.0004, 1e-9])
def test_a_width_is_never_rounded_to_nothing(width):
    assert in_mm(width) == "under 0.01 mm"
    assert compare_width(width, find_exposure("aci-humid")).startswith("under 0.01 mm")


def test_the_note_says_what_the_values_are_not():
    assert "not acceptance limits for existing cracks" in DESIGN_NOTE
    assert "the classifier never claims one" in DESIGN_NOTE
