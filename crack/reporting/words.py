"""Numbers, dates and answers in words, for reports and pages alike."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from crack.inference.prediction import Label, Reason

ANSWERS = {
    Label.CRACK: "Crack",
    Label.REVIEW: "Needs review",
    Label.NO_CRACK: "No crack",
}

NOTHING = "–"
"""What stands in a table where there is nothing to say."""

UNREADABLE = "Unreadable"
"""Stands in place of an answer for a photo that has none."""

REASONS = {
    Reason.CLOSE_CALL: "the probability lies between the two thresholds",
    Reason.REGION: "the photo as a whole looks sound, but this region alone does not",
    Reason.BLURRED: "a fine crack would not be seen",
    Reason.DARK: "a crack may be lost in the shadows",
    Reason.OVEREXPOSED: "a crack may be lost in the light",
    Reason.SMALL: "there are fewer pixels than the model looks at",
    Reason.OUT_OF_DISTRIBUTION: "what the model learned may not hold for such a photo",
}
"""What each reason for review means for the reader."""

CANNOT_TELL = (
    "It does not measure widths, lengths or depths of cracks. Widths in this report "
    "were measured by a person.",
    "It does not tell the cause of a crack, or whether it is still moving.",
    "It makes no judgement of structural safety, serviceability or durability, and "
    "does not replace an inspection.",
    "Hairline cracks can be missed, above all those thinner than a pixel or two at the "
    "scale at which the photo is judged. What no photo shows is not judged.",
    "Joints, scratches, roots and cables can be mistaken for cracks.",
    "It is not known how good the answers are on other materials, on wet or painted "
    "surfaces, and on photos of a kind that it did not learn from.",
)

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|mm\b|px\b)")


def percent(share: float) -> str:
    """Write a share with one decimal, but never round it to 0 % or 100 %."""
    if 0 < share < 0.0001:
        return "under 0.01 %"
    if 0.9999 < share < 1:
        return "over 99.99 %"
    decimals = 2 if share < 0.01 or share > 0.99 else 1
    return f"{100 * share:.{decimals}f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def threshold(share: float) -> str:
    """Write a threshold as "95 %", with more digits only if needed."""
    return f"{100 * share:.3g} %"


def day(when: date) -> str:
    """Write a date as "22 November 2026", which cannot be misread."""
    return f"{when.day} {when:%B %Y}"


def moment(when: datetime) -> str:
    """Write a date and time; in UTC if the time zone is known."""
    if when.tzinfo is None:
        return f"{day(when)}, {when:%H:%M}"
    utc = when.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def version_words(created: str) -> str:
    """Return which version of a model answered, such as "exported 2 May 2026, 9:00".

    Args:
        created: As in its card.
    """
    try:
        return f"exported {moment(datetime.fromisoformat(created))}"
    except ValueError:
        return created


def count(number: int, unit: str) -> str:
    """Write a number of things, such as "1 photo" or "2 photos"."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def keep_units_together(text: str) -> str:
    """Return a text without line breaks between a number and its unit."""
    return _BEFORE_UNIT.sub("\u00a0", text)


def capitalise(text: str) -> str:
    """Return a text with a capital first letter, the rest unchanged."""
    return text[:1].upper() + text[1:]
