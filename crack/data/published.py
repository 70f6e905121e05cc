"""Published datasets that are recognised by their files, and whether they are whole.

METU is the one most papers on cracks measure on. Its licence asks to name its author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from crack.data.photo_sizes import Size

_NAME = re.compile(r"(\d{5})(_1)?\.jpg", re.IGNORECASE)
_EACH = 20_000  # images of a class, numbered from 1
_SIDE = 227  # px
_LEAST = 100  # images of a class; fewer may be named and sized like this by chance
_STRAY = 0.01  # of the files may have other names: notes, copies, a cut of one's own
_SECOND = range(10_000, 19_372)  # numbers that surely have a _1 in Positive
_MOST_SHOWN = 5  # gaps


@dataclass(frozen=True)
class Published:
    """A published dataset, or a part of it.

    Attributes:
        title: As it was published.
        credit: Whom to name, and the licence.
        total: Images it has as a whole.
        missing: The numbers that are not there, by class.
    """

    title: str
    credit: str
    total: int
    missing: Mapping[str, Sequence[int]]

    @property
    def missing_count(self) -> int:
        """Number of images that are not there."""
        return sum(len(numbers) for numbers in self.missing.values())

    def completeness(self) -> str:
        """Return whether it is whole, else what is missing, as sentences."""
        if not self.missing_count:
            return f"All {self.total:,} images are there."
        there = self.total - self.missing_count
        gaps = [
            f"{len(numbers):,} of {name}: {_ranges(numbers)}"
            for name, numbers in self.missing.items()
            if numbers
        ]
        return (
            f"{there:,} of its {self.total:,} images are there. Missing are "
            f"{'; '.join(gaps)}."
        )


def recognise(
    by_class: Mapping[str, Sequence[PurePosixPath]], sizes: Sequence[Size]
) -> Published | None:
    """Return which published dataset the class folders are of, if any.

    METU is told by its folders Positive and Negative, by images of 227 × 227 px named
    00001.jpg to 20000.jpg, and by the `_1` in the names from 10000 on of Positive,
    which end at about 19,375.

    Args:
        by_class: The files of each class.
        sizes: Of a few of them.
    """
    folders = {name.lower(): name for name in by_class}
    if set(folders) != {"positive", "negative"} or set(sizes) != {(_SIDE, _SIDE)}:
        return None
    numbers = {}
    for kind, name in folders.items():
        files = by_class[name]
        named = [m for file in files if (m := _NAME.fullmatch(file.name))]
        expected = [m for m in named if _as_published(m, kind)]
        numbers[name] = {int(m[1]) for m in expected}
        if len(numbers[name]) < max(_LEAST, (1 - _STRAY) * len(files)):
            return None
    whole = range(1, _EACH + 1)
    return Published(
        title="Concrete Crack Images for Classification (METU)",
        credit=(
            "Özgenel, Ç. F. (2019), “Concrete Crack Images for Classification”, "
            "Mendeley Data, V2, doi:10.17632/5y9wdsg2zt.2, CC BY 4.0"
        ),
        total=2 * _EACH,
        missing={
            name: [n for n in whole if n not in there]
            for name, there in sorted(numbers.items())
        },
    )


def _as_published(match: re.Match[str], kind: str) -> bool:
    number, is_second = int(match[1]), match[2] is not None
    if not 1 <= number <= _EACH:
        return False
    if kind == "negative" or number < _SECOND.start:
        return not is_second
    return is_second or number not in _SECOND


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers as "00001 to 00003, 00007", the first few of them."""
    gaps = list(_gaps(numbers))
    shown = [
        f"{first:05d}" if first == last else f"{first:05d} to {last:05d}"
        for first, last in gaps[:_MOST_SHOWN]
    ]
    more = ["and more"] if len(gaps) > _MOST_SHOWN else []
    return ", ".join(shown + more)


def _gaps(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
