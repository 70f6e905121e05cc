"""The names of structures and elements: checked, and how they are compared."""

from __future__ import annotations

from typing import Any

from crack.errors import CrackError
from crack.inspections.mappers import storable

MAX_NAME = 200
"""Characters of a structure's or an element's name."""


def name_key(name: str) -> str:
    """Return a name in the form that is compared: trimmed, and case folded."""
    return storable(name).strip().casefold()


def name_columns(structure: str, element: str) -> dict[str, Any]:
    """Return the columns of an inspection for what it is of.

    Raises:
        CrackError: A name is missing or too long.
    """
    columns = {}
    for what, name in (("structure", structure), ("element", element)):
        kept = storable(name).strip()
        if not kept:
            raise CrackError(
                f"An inspection needs the name of its {what}.",
                "Give the name that is on the drawings.",
            )
        if len(kept) > MAX_NAME:
            raise CrackError(
                f"An inspection needs a shorter name of its {what}: this one has "
                f"{len(kept):,} characters, and {MAX_NAME} are the most.",
                "Put the rest into the note.",
            )
        columns[what] = kept
        columns[f"{what}_key"] = name_key(name)
    return columns
