"""Names for the files made from photos."""

from __future__ import annotations

import itertools


def free_name(stem: str, used: set[str]) -> str:
    """Return a name without suffix, numbered if it was used before.

    Args:
        stem: The wanted name, which may have folders in front.
        used: Names used so far, casefolded; the one returned is added.
    """
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    # Some file systems treat "A" and "a" as one name.
    free = (n for n in itertools.chain([stem], numbered) if n.casefold() not in used)
    name = next(free)
    used.add(name.casefold())
    return name
