from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crack.inference.prediction import Label
from crack.inspections.history import element_history
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    DAY,
    FAILED,
    IS_CRACK,
    IS_NO_CRACK,
    add,
    answer,
    inspect,
)

UNDECIDED = None


def wide(width_mm):
    return replace(ACCEPT, width_mm=width_mm)


def visit(years, *verdicts, names=("Main bridge", "Pier 2")):
    """An inspection so many years later, with a photo answered `crack` per verdict."""
    made = inspect(*names, DAY + timedelta(days=365 * years))
    for tone, verdict in enumerate(verdicts):
        add(made, answer(), verdict, tone=tone)
    return made


def history(names=("Main bridge", "Pier 2")):
    return element_history(*names)


def told():
    return [(entry.state, entry.status) for entry in history()]


def test_an_unknown_element_has_no_history():
    visit(0, ACCEPT)
    assert history(("Main bridge", "Pier 3")) == []


def test_inspections_come_in_the_order_of_their_days():
    later, earlier = visit(1), visit(0)
    assert [entry.inspection for entry in history()] == [earlier, later]


def test_names_are_the_same_but_for_outer_blanks_and_case():
    visit(0, ACCEPT, names=("Große Brücke", "PIER 2"))
    visit(1, ACCEPT, names=(" GROSSE BRÜCKE", "pier 2 "))
    assert len(history(("große brücke\n", "Pier 2"))) == 2


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([], "not settled"),
        ([UNDECIDED], "not settled"),
        ([CANNOT_TELL], "not settled"),
        ([IS_NO_CRACK], "no crack"),
        ([IS_NO_CRACK, CANNOT_TELL], "no crack"),
        ([IS_NO_CRACK, UNDECIDED], "not settled"),
        ([IS_NO_CRACK, ACCEPT, UNDECIDED, CANNOT_TELL], "crack"),
    ],
)
def test_a_crack_wins_and_its_absence_waits_for_every_verdict(verdicts, state):
    visit(0, *verdicts)
    assert [entry.state for entry in history()] == [state]


def test_a_photo_that_nobody_can_read_is_not_waited_for():
    made = visit(0, IS_NO_CRACK)
    add(made, FAILED)
    assert told() == [("no crack", None)]


def test_an_unreadable_photo_counts_once_there_is_a_verdict():
    made = visit(0, IS_NO_CRACK)
    add(made, FAILED, IS_CRACK)
    assert told() == [("crack", "first recorded")]


def test_the_widest_crack_is_of_photos_settled_as_a_crack():
    visit(0, wide(0.2), wide(0.4), replace(IS_NO_CRACK, width_mm=3), ACCEPT)
    visit(1, ACCEPT)
    visit(2, replace(CANNOT_TELL, width_mm=3))
    assert [entry.widest_mm for entry in history()] == [0.4, None, None]


def test_a_crack_comes_grows_and_is_repaired():
    visit(0, IS_NO_CRACK)
    visit(1, IS_NO_CRACK)
    visit(2, wide(0.2))
    visit(3, wide(0.2))
    visit(4, wide(0.3))
    visit(5, IS_NO_CRACK)
    visit(6, ACCEPT)
    assert told() == [
        ("no crack", None),
        ("no crack", "unchanged"),
        ("crack", "new"),
        ("crack", "unchanged"),
        ("crack", "grown"),
        ("no crack", "repaired"),
        ("crack", "new"),
    ]


def test_a_crack_at_the_first_inspection_may_be_old():
    visit(0, ACCEPT)
    assert told() == [("crack", "first recorded")]


def test_a_crack_is_first_recorded_even_after_an_unsettled_inspection():
    visit(0, UNDECIDED)
    visit(1, ACCEPT)
    assert told() == [("not settled", None), ("crack", "first recorded")]


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        (0.15, 0.2, "unchanged"),  # as computed, 0.2 - 0.15 is above 0.05
        (0.1, 0.15, "unchanged"),
        (0.2, 0.2500001, "grown"),
        (0.2, 0.25001, "grown"),
        (0.4, 0.2, "unchanged"),
        (None, 0.2, None),
        (0.2, None, None),
        (None, None, None),
    ],
)
def test_only_widths_further_apart_than_a_reading_show_growth(before, now, status):
    visit(0, wide(before))
    visit(1, wide(now), ACCEPT, ACCEPT)
    assert told()[1] == ("crack", status)


def test_an_unsettled_inspection_says_nothing_and_is_passed_over():
    visit(0, wide(0.2))
    visit(1, UNDECIDED)
    visit(2, CANNOT_TELL)
    visit(3, wide(0.4))
    assert [status for _, status in told()] == ["first recorded", None, None, "grown"]


def test_an_inspection_entered_late_takes_its_place_in_time():
    visit(2, wide(0.3))
    assert told() == [("crack", "first recorded")]
    visit(1, wide(0.1))
    assert [status for _, status in told()] == ["first recorded", "grown"]


def test_the_answer_alone_settles_nothing():
    made = visit(0)
    add(made, answer(Label.CRACK))
    assert told() == [("not settled", None)]
