"""Whether what was read from a file has the shape that its type says.

A file may have been cut off, edited by hand, or written by another program. Whoever
reads it checks it here, once, so that nothing else needs to doubt it.
"""

from __future__ import annotations

import struct
import types
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from tokenize import TokenError
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from zipfile import BadZipFile

BAD_ARRAY = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, SyntaxError, RuntimeError),
    *(BadZipFile, TokenError, struct.error, zlib.error),
)
"""What numpy raises on a damaged array; it parses headers as Python."""

Kind: TypeAlias = Any
"""A type, or what stands for one: Python has no name for all of these."""


def check(value: object, kind: Kind) -> None:
    """Refuse a value of JSON that is not of a type.

    Keys that the type does not know are allowed: a newer version may have added them.

    Args:
        value: As read from a file.
        kind: What it should be, in types that JSON has: numbers, text, lists,
            dictionaries, TypedDict and dataclasses, alternatives of these.

    Raises:
        TypeError: It is something else.
    """
    origin = get_origin(kind)
    if kind in (Any, object):
        return
    if origin in _CHECKS:
        _CHECKS[origin](value, kind)
    elif is_typeddict(kind) or is_dataclass(kind):
        _check_fields(value, kind)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        _require(value in {member.value for member in kind}, value, kind)
    elif kind is float:
        _require(_is_a(value, (int, float)), value, kind)
    else:
        _require(_is_a(value, kind or types.NoneType), value, kind)


def _require(holds: bool, value: object, kind: Kind) -> None:
    if not holds:
        raise TypeError(f"{type(value).__name__} in place of {kind}")


def _is_a(value: object, kind: Kind) -> bool:
    # To Python, True is a number; in a file it is none.
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _check_fields(value: object, kind: Kind) -> None:
    _require(isinstance(value, dict), value, kind)
    assert isinstance(value, dict)
    hints, required = _fields_of(kind)
    _require(required <= value.keys(), value, kind)
    for name, hint in hints.items():
        if name in value:
            check(value[name], hint)


@lru_cache(maxsize=64)
def _fields_of(kind: Kind) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the types of all fields, and which must be there."""
    if is_typeddict(kind):
        # Not known to `__required_keys__` where annotations are text, as in this code.
        hints = get_type_hints(kind, include_extras=True)
        optional = {n for n, hint in hints.items() if get_origin(hint) is NotRequired}
        hints |= {name: get_args(hints[name])[0] for name in optional}
        return hints, kind.__required_keys__ - optional
    needed = [
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    ]
    return get_type_hints(kind), frozenset(needed)


def _check_alternatives(value: object, kind: Kind) -> None:
    for possible in get_args(kind):
        try:
            check(value, possible)
        except TypeError:
            continue
        return
    _require(False, value, kind)


def _check_choice(value: object, kind: Kind) -> None:
    _require(_is_a(value, str) and value in get_args(kind), value, kind)


def _check_list(value: object, kind: Kind) -> None:
    _require(isinstance(value, list), value, kind)
    assert isinstance(value, list)
    (of,) = get_args(kind)
    for each in value:
        check(each, of)


def _check_tuple(value: object, kind: Kind) -> None:
    """A tuple is a list in JSON: of any length, or a type for each place."""
    _require(isinstance(value, list), value, kind)
    assert isinstance(value, list)
    of = get_args(kind)
    if of[-1] is Ellipsis:
        of = of[:1] * len(value)
    _require(len(of) == len(value), value, kind)
    for each, hint in zip(value, of, strict=True):
        check(each, hint)


def _check_annotated(value: object, kind: Kind) -> None:
    """Check a dictionary annotated with the keys that must be there."""
    of, *keys = get_args(kind)
    check(value, of)
    assert isinstance(value, dict)
    _require(value.keys() >= set(keys), value, kind)


def _check_mapping(value: object, kind: Kind) -> None:
    _require(isinstance(value, dict), value, kind)
    assert isinstance(value, dict)
    _, of = get_args(kind)
    for each in value.values():
        check(each, of)


_CHECKS: dict[Kind, Callable[[object, Kind], None]] = {
    Annotated: _check_annotated,
    Union: _check_alternatives,
    types.UnionType: _check_alternatives,
    Literal: _check_choice,
    list: _check_list,
    Sequence: _check_list,
    tuple: _check_tuple,
    dict: _check_mapping,
    Mapping: _check_mapping,
}
