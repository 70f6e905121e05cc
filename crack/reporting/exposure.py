"""Design limits of crack widths by exposure, to compare a measured width with.

Sources: ACI 224R-01, "Control of Cracking in Concrete Structures", Table 4.1, and
EN 1992-1-1:2004 (Eurocode 2), Table 7.1N with its notes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from crack.errors import CrackError

DESIGN_NOTE = (
    "These are design values for calculated crack widths, not acceptance limits for "
    "existing cracks. The engineer measures the width; the classifier never claims "
    "one."
)
"""Shown wherever a width is compared with one of the values."""

ANNEX_NOTE = "National annexes change the values of EN 1992-1-1."
"""To be said with the values in a report."""


@dataclass(frozen=True)
class Exposure:
    """An exposure of a member, and the crack width it is designed for.

    Attributes:
        key: Short name, as stored.
        standard: Where the value is from.
        table: Number of the table in it.
        words: The exposure as the table puts it.
        limit_mm: Crack width in mm; None if the table gives no width.
        remark: Conditions of the value: kind of load, kind of reinforcement.
    """

    key: str
    standard: str
    table: str
    words: str
    limit_mm: float | None
    remark: str

    @property
    def source(self) -> str:
        """The standard with its table."""
        return f"{self.standard} {self.table}"

    @property
    def kind(self) -> str:
        """The standard's term for its values, such as "guide value"."""
        return "guide value" if self.standard == _ACI else "recommended limit"


_ACI, _EC2 = "ACI 224R-01", "EN 1992-1-1"
_GUIDE = (
    "A guide to reasonable widths for reinforced concrete under service loads. A "
    "portion of the cracks in a structure is expected to exceed it."
)
_REINFORCED = (
    "Reinforced members and prestressed members with unbonded tendons, quasi-permanent "
    "load combination."
)
_BONDED = "Prestressed members with bonded tendons, frequent load combination."
_APPEARANCE = (
    "Here the width does not influence durability; the limit is for acceptable "
    "appearance."
)


def _aci(key: str, words: str, limit_mm: float, remark: str = _GUIDE) -> Exposure:
    return Exposure(f"aci-{key}", _ACI, "Table 4.1", words, limit_mm, remark)


def _ec2(key: str, words: str, limit_mm: float | None, remark: str) -> Exposure:
    return Exposure(f"ec2-{key}", _EC2, "Table 7.1N", words, limit_mm, remark)


EXPOSURES = (
    _aci("dry", "dry air or protective membrane", 0.41),
    _aci("humid", "humidity, moist air, soil", 0.30),
    _aci("deicing", "de-icing chemicals", 0.18),
    _aci("seawater", "seawater and seawater spray, wetting and drying", 0.15),
    _aci(
        "water-retaining",
        "water-retaining structures",
        0.10,
        f"{_GUIDE} Nonpressure pipes are excluded.",
    ),
    _ec2("x0-xc1", "X0, XC1", 0.4, f"{_REINFORCED} {_APPEARANCE}"),
    _ec2("xc2-xc4", "XC2, XC3, XC4", 0.3, _REINFORCED),
    _ec2("xd1-xs3", "XD1, XD2, XS1, XS2, XS3", 0.3, _REINFORCED),
    _ec2("bonded-x0-xc1", "X0, XC1, bonded tendons", 0.2, _BONDED),
    _ec2(
        "bonded-xc2-xc4",
        "XC2, XC3, XC4, bonded tendons",
        0.2,
        f"{_BONDED} Decompression under the quasi-permanent combination is to be "
        "checked besides.",
    ),
    _ec2(
        "bonded-xd1-xs3",
        "XD1, XD2, XS1, XS2, XS3, bonded tendons",
        None,
        f"{_BONDED} Decompression is required in place of a width.",
    ),
)
"""All exposures, in the order of the two tables."""


def find_exposure(key: str) -> Exposure:
    """Return the exposure stored as `key`.

    Raises:
        CrackError: There is no exposure with that key.
    """
    for exposure in EXPOSURES:
        if exposure.key == key:
            return exposure
    raise CrackError(
        f"There is no exposure '{key}'.",
        f"Known ones: {', '.join(exposure.key for exposure in EXPOSURES)}.",
    )


def in_mm(width_mm: float) -> str:
    """Write a crack width: two decimals, or three where the third is not zero.

    A width below 0.01 mm is written as such: it is never rounded to zero.

    Raises:
        CrackError: It is not a width: zero, negative or not a number.
    """
    if not (math.isfinite(width_mm) and width_mm > 0):
        raise CrackError(
            f"Expected a crack width above 0 mm, got {width_mm}.",
            "Give the width as measured, or none.",
        )
    if width_mm < 0.01:
        return "under 0.01 mm"
    return f"{width_mm:.3f}".removesuffix("0") + " mm"


def is_above(width_mm: float, exposure: Exposure) -> bool | None:
    """Return whether a measured width is above the value, None if there is no value.

    Widths are compared as written, to the thousandth of a millimetre.
    """
    if exposure.limit_mm is None:
        return None
    return round(width_mm, 3) > round(exposure.limit_mm, 3)


def compare_width(width_mm: float, exposure: Exposure) -> str:
    """Return a sentence that compares a measured width with its exposure's value.

    The sentence has no full stop, so that it can be used in a list. `DESIGN_NOTE`
    belongs beside it.

    Raises:
        CrackError: It is not a width.
    """
    measured = f"{in_mm(width_mm)} measured"
    if exposure.limit_mm is None:
        return (
            f"{measured}; {exposure.source} gives no width for {exposure.words}, it "
            "requires decompression"
        )
    if is_above(width_mm, exposure):
        verdict = "above it"
    elif round(width_mm, 3) == round(exposure.limit_mm, 3):
        verdict = "equal to it"
    else:
        verdict = "below it"
    return (
        f"{measured}; the {exposure.kind} of {exposure.source} for {exposure.words} "
        f"is {in_mm(exposure.limit_mm)}: {verdict}"
    )
