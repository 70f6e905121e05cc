"""Verdicts in the store.

`tests/slow/test_postgres.py` runs the same on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crack.database import writing
from crack.inference.prediction import Label
from crack.inspections.records import Verdict, VerdictKind, settled_label
from crack.inspections.schema import VerdictRow
from crack.inspections.store import find_photo, photos_of
from crack.inspections.verdicts import MAX_WIDTH_MM, give_verdict
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    FAILED,
    IS_CRACK,
    IS_NO_CRACK,
    add,
    answer,
    inspect,
    refuses,
)


def test_a_verdict_comes_back_with_all_its_digits():
    made = inspect()
    photo = add(made, answer())
    verdict = Verdict(
        VerdictKind.CORRECT, Label.CRACK, "at the joint", 0.1 + 0.2, "XD3"
    )
    given = give_verdict(photo.id, verdict)
    assert given == replace(photo, verdict=verdict)
    assert photos_of(made.id) == [given]


def test_a_later_verdict_takes_the_place_of_the_earlier():
    made = inspect()
    photo = add(made, answer())
    give_verdict(photo.id, replace(ACCEPT, width_mm=0.3, note="wide"))
    changed = give_verdict(photo.id, IS_NO_CRACK)
    assert changed.verdict == IS_NO_CRACK
    assert photos_of(made.id) == [changed]


def test_the_time_of_a_verdict_is_kept_whatever_the_zone():
    moment = datetime.fromisoformat("2026-11-22T23:30:00.123456-05:00")
    photo = add(inspect(), answer())
    given = give_verdict(photo.id, replace(ACCEPT, given=moment))
    (read,) = photos_of(given.inspection_id)
    assert read.verdict.given == moment
    assert read.verdict.given.utcoffset() == timedelta(0)


@pytest.mark.parametrize("prediction", [answer(Label.REVIEW), FAILED])
def test_where_there_is_no_answer_none_can_be_accepted(prediction):
    photo = add(inspect(), prediction)
    refuses(give_verdict, photo.id, ACCEPT, match="nothing to accept")
    for verdict in (IS_CRACK, IS_NO_CRACK, CANNOT_TELL):
        assert give_verdict(photo.id, verdict).verdict == verdict


def test_a_verdict_on_no_photo_is_refused():
    refuses(give_verdict, "0123456789abcdef", ACCEPT, match="There is no photo")


@pytest.mark.parametrize(
    ("label", "verdict", "settled"),
    [
        (Label.CRACK, None, None),
        (Label.CRACK, ACCEPT, Label.CRACK),
        (Label.NO_CRACK, ACCEPT, Label.NO_CRACK),
        (Label.CRACK, IS_NO_CRACK, Label.NO_CRACK),
        (Label.REVIEW, IS_CRACK, Label.CRACK),
        (Label.CRACK, CANNOT_TELL, None),
    ],
)
def test_what_counts_is_what_the_engineer_said(label, verdict, settled):
    photo = add(inspect(), answer(label), verdict)
    assert settled_label(photo) is settled


@pytest.mark.parametrize("label", [None, Label.REVIEW])
def test_a_correction_needs_the_right_answer(label):
    refuses(Verdict, VerdictKind.CORRECT, label, match="needs the right answer")


@pytest.mark.parametrize("kind", [VerdictKind.ACCEPT, VerdictKind.CANNOT_TELL])
def test_only_a_correction_has_an_answer_of_its_own(kind):
    refuses(Verdict, kind, Label.CRACK, match="no answer of its own")


@pytest.mark.parametrize("width", [0, -0.1, float("nan"), float("inf")])
def test_a_width_is_more_than_nothing(width):
    refuses(Verdict, VerdictKind.ACCEPT, None, "", width, match="more than 0 mm")


def test_a_width_beyond_that_of_any_crack_is_refused():
    photo = add(inspect(), answer())
    give_verdict(photo.id, replace(ACCEPT, width_mm=MAX_WIDTH_MM))
    wider = replace(ACCEPT, width_mm=500)
    refuses(give_verdict, photo.id, wider, match="up to 100 mm; got 500 mm")
    assert find_photo(photo.id).verdict.width_mm == MAX_WIDTH_MM


def test_a_wider_one_that_an_earlier_version_kept_still_opens():
    photo = add(inspect(), answer(), replace(ACCEPT, width_mm=50))
    with writing() as session:
        session.get(VerdictRow, photo.id).width_mm = 500
    assert find_photo(photo.id).verdict.width_mm == 500
