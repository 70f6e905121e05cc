"""The answers on disk: Parquet files, in which every photo has one row.

The part of a photo follows from its name and from the number of parts, and a part is
one file that is replaced as a whole. So no row can be there twice, whoever writes and
however often: workers whose node was thought dead, or two who ask at the same time.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crack.bulk.photos import part_of
from crack.data.locations import (
    Location,
    delete_location,
    exists,
    names_in,
    read_location,
    within,
    write_location,
)
from crack.errors import CrackError

if TYPE_CHECKING:
    import pyarrow as pa

Rows = dict[str, dict[str, Any]]
"""The rows of a part, by the name of the photo."""

_NAME = re.compile(r"part-(\d+)-of-(\d+)\.parquet")
_GROWN = 4  # times as many parts as there are, before they are dealt out anew


def part_name(part: int, parts: int) -> str:
    """Return the name of a file of answers."""
    return f"part-{part:06d}-of-{parts:06d}.parquet"


def read_part(out: Location, part: int, parts: int) -> Rows:
    """Return the answers in a part, none if it was not written yet.

    Raises:
        CrackError: It cannot be read, or is damaged.
    """
    name = part_name(part, parts)
    return _read(out, name) if exists(within(out, name)) else {}


def write_part(out: Location, part: int, parts: int, rows: Rows) -> None:
    """Write the answers of a part, in place of those that are there.

    Raises:
        CrackError: It cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    ordered = [rows[file] for file in sorted(rows)]
    content = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(ordered, _schema()), content)
    write_location(within(out, part_name(part, parts)), content.getvalue())


def settle_parts(out: Location, wanted: int) -> int:
    """Return the number of parts to use, and bring earlier answers into as many.

    They stay as they are until there are many more photos. Then a part is deleted
    before its rows are written elsewhere: if that is interrupted, its photos are asked
    about again, and none has two rows.

    Args:
        out: Where the answers are kept.
        wanted: That suits the photos.
    """
    found = [match for name in names_in(out) if (match := _NAME.fullmatch(name))]
    most = max((int(match[2]) for match in found), default=0)
    parts = most if 0 < wanted <= most * _GROWN else max(wanted, most)
    for match in found:
        if int(match[2]) != parts:
            _deal_out_again(out, match[0], parts)
    return parts


def _deal_out_again(out: Location, name: str, parts: int) -> None:
    rows = _read(out, name)
    delete_location(within(out, name))
    dealt: Mapping[int, Rows] = defaultdict(dict)
    for file, row in rows.items():
        dealt[part_of(file, parts)][file] = row
    for part, moved in dealt.items():
        write_part(out, part, parts, moved | read_part(out, part, parts))


def _read(out: Location, name: str) -> Rows:
    import pyarrow as pa
    from pyarrow import parquet

    content = read_location(within(out, name))
    try:
        table = parquet.read_table(io.BytesIO(content))
        rows: Iterable[dict[str, Any]] = table.to_pylist()
        return {row["file"]: row for row in rows}
    except (pa.ArrowInvalid, KeyError) as error:
        raise CrackError(
            f"{within(out, name)} is damaged, or no table of answers.",
            "Delete it: its photos are asked about again.",
        ) from error


def _schema() -> pa.Schema:
    """Return the columns: those of every table of answers, and what resuming needs."""
    import pyarrow as pa

    text, whole, number = pa.string(), pa.int32(), pa.float64()
    region = pa.struct(
        [
            *((side, whole) for side in ("left", "top", "width", "height")),
            ("probability", number),
        ]
    )
    return pa.schema(
        [
            *(("file", text), ("label", text)),
            *(("probability", number), ("threshold", number)),
            *(("width", whole), ("height", whole), ("seconds", number)),
            *(("error", text), ("reasons", text)),
            *(("regions", pa.list_(region)), ("map", text)),
            *(("size", pa.int64()), ("version", text), ("model", text)),
        ]
    )
