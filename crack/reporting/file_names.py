"""Names for the files made from photos."""

from __future__ import annotations

import itertools


def free_name(stem: str, used: set[str]) -> str:
    """Return a name without suffix, numbered where it was given away before.

    Args:
        stem: The wanted name; folders may stand before it.
        used: Names given away, casefolded; the one returned is added.
    """
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    # Some file systems take "A" and "a" for one name.
    free = (n for n in itertools.chain([stem], numbered) if n.casefold() not in used)
    name = next(free)
    used.add(name.casefold())
    return name
