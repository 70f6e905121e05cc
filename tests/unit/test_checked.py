from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

import pytest

from crack.checked import check


class Colour(StrEnum):
    GREY = "grey"


class Part(TypedDict):
    count: int
    share: NotRequired[float | None]


@dataclass
class Whole:
    name: str
    parts: list[Part]
    size: tuple[int, int]
    colour: Colour = Colour.GREY
    kind: Literal["wall", "road"] = "wall"
    bounds: Sequence[float] | None = None
    more: dict[str, object] | None = None


PLAIN = {"name": "a", "parts": [{"count": 1}], "size": [1, 2]}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"of a newer version": [1]},
        {"colour": "grey", "kind": "road"},
        {"bounds": [0.5, 1]},
        {"parts": [{"count": 1, "share": None}, {"count": 2, "share": 0.5}]},
        {"more": {"a": [1]}},
    ],
)
def test_what_is_like_its_type_is_accepted(more):
    check({**PLAIN, **more}, Whole)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 7},
        {"name": None},
        {"parts": {}},
        {"parts": [{}]},
        {"parts": [{"count": 1.5}]},
        {"parts": [{"count": True}]},
        {"parts": [{"count": 1, "share": "half"}]},
        {"size": [1]},
        {"size": [1, "2"]},
        {"colour": "red"},
        {"colour": []},
        {"kind": "sky"},
        {"bounds": 0.5},
        {"more": []},
    ],
)
def test_what_is_not_is_refused(wrong):
    with pytest.raises(TypeError):
        check({**PLAIN, **wrong}, Whole)


@pytest.mark.parametrize("value", [None, [], "text", 7])
def test_a_record_is_an_object(value):
    with pytest.raises(TypeError):
        check(value, Part)


def test_what_is_missing_is_refused():
    with pytest.raises(TypeError):
        check({"name": "a"}, Whole)
