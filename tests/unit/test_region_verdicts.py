"""Verdicts on regions of a photo in the store.

`tests/slow/test_postgres.py` runs the same on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from crack import database as opening
from crack.inspections.records import RegionVerdict, RegionVerdictKind
from crack.inspections.store import add_photo, delete_inspection, photos_of
from crack.inspections.verdicts import (
    give_region_verdict,
    give_verdict,
    undo_region_verdict,
)
from tests.inspections import (
    ACCEPT,
    FAILED,
    HEIGHT,
    REGIONS,
    WIDTH,
    full_answer,
    inspect,
    png,
    refuses,
)

CONFIRMED = RegionVerdict(10, 20, 30, 40, True, RegionVerdictKind.CONFIRMED)
REJECTED = RegionVerdict(10, 20, 30, 40, False, RegionVerdictKind.REJECTED)
MARKED = RegionVerdict(60, 5, 50, 12, True, RegionVerdictKind.MARKED)
SOUND = RegionVerdict(0, 60, 40, 20, False, RegionVerdictKind.MARKED)


@pytest.fixture
def photo():
    return add_photo(inspect().id, png(1), full_answer())


def count_rows(table="region_verdicts"):
    with opening.engine().connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_verdicts_on_regions_come_back_in_the_order_in_which_they_were_given(photo):
    for verdict in (CONFIRMED, MARKED, SOUND):
        given = give_region_verdict(photo.id, verdict)
    assert given == replace(photo, region_verdicts=(CONFIRMED, MARKED, SOUND))
    assert photos_of(photo.inspection_id) == [given]
    assert give_verdict(photo.id, ACCEPT) == replace(given, verdict=ACCEPT)


def test_a_later_verdict_on_the_same_region_takes_the_place_of_the_earlier(photo):
    for verdict in (CONFIRMED, MARKED, REJECTED):
        given = give_region_verdict(photo.id, verdict)
    assert given.region_verdicts == (MARKED, REJECTED)
    assert photos_of(photo.inspection_id) == [given]


def test_undo_takes_back_one_by_one_and_brings_back_what_was_replaced(photo):
    for verdict in (CONFIRMED, MARKED, REJECTED):
        give_region_verdict(photo.id, verdict)
    left = []
    for _ in range(3):
        left.append(undo_region_verdict(photo.id).region_verdicts)
        (read,) = photos_of(photo.inspection_id)
        assert read.region_verdicts == left[-1]
    assert left == [(CONFIRMED, MARKED), (CONFIRMED,), ()]
    refuses(undo_region_verdict, photo.id, match="could be undone")


def test_undo_heeds_the_order_and_not_the_clock(photo):
    late = replace(CONFIRMED, given=datetime.now(UTC) + timedelta(days=1))
    give_region_verdict(photo.id, late)
    give_region_verdict(photo.id, MARKED)
    assert undo_region_verdict(photo.id).region_verdicts == (late,)


def test_verdicts_on_regions_belong_to_their_photo(photo):
    other = add_photo(photo.inspection_id, png(2), full_answer())
    give_region_verdict(photo.id, CONFIRMED)
    give_region_verdict(other.id, MARKED)
    assert undo_region_verdict(photo.id).region_verdicts == ()
    assert [p.region_verdicts for p in photos_of(photo.inspection_id)] == [
        (),
        (MARKED,),
    ]


def test_they_are_deleted_with_the_photo(photo):
    give_region_verdict(photo.id, CONFIRMED)
    assert count_rows() == 1
    delete_inspection(photo.inspection_id)
    assert count_rows() == 0


def test_numbers_of_numpy_and_the_time_of_another_zone_are_kept(photo):
    moment = datetime.fromisoformat("2026-11-22T23:30:00.123456-05:00")
    box = np.array(CONFIRMED.box)
    verdict = RegionVerdict(*box, np.True_, RegionVerdictKind.MARKED, moment)
    given = give_region_verdict(photo.id, verdict).region_verdicts[0]
    assert (given.box, given.is_crack, given.given) == (CONFIRMED.box, True, moment)


def test_a_region_of_the_model_may_reach_to_the_edges(photo):
    whole = replace(MARKED, left=0, top=0, width=WIDTH, height=HEIGHT)
    assert give_region_verdict(photo.id, whole).region_verdicts == (whole,)


@pytest.mark.parametrize("change", [{"left": WIDTH - 49}, {"top": HEIGHT - 11}])
def test_a_region_outside_the_photo_is_refused(photo, change):
    refuses(
        give_region_verdict,
        photo.id,
        replace(MARKED, **change),
        match="not within the photo",
    )
    assert count_rows() == 0


@pytest.mark.parametrize(
    "change", [{"left": -1}, {"top": -1}, {"width": 0}, {"height": 0}]
)
def test_a_region_has_a_size_and_lies_within_a_photo(change):
    refuses(lambda: replace(MARKED, **change), match="at least 1 px")


def test_what_is_confirmed_is_a_crack_and_what_is_rejected_none():
    refuses(lambda: replace(CONFIRMED, is_crack=False), match="cannot be 'no crack'")
    refuses(lambda: replace(REJECTED, is_crack=True), match="cannot be 'crack'")


def test_where_there_is_no_photo_there_is_no_region():
    broken = add_photo(inspect().id, b"no photo", FAILED)
    refuses(give_region_verdict, broken.id, MARKED, match="could not be read")
    refuses(give_region_verdict, "0123456789abcdef", MARKED, match="no photo")
    refuses(undo_region_verdict, "0123456789abcdef", match="There is no photo")


def test_a_database_made_before_there_were_verdicts_on_regions_is_migrated(
    monkeypatch, crack_home
):
    upgrade = opening.command.upgrade
    with monkeypatch.context() as before:
        before.setattr(
            opening.command, "upgrade", lambda config, _: upgrade(config, "0001")
        )
        opening.engine()
    with opening.engine().begin() as connection:
        for row in OLD_ROWS:
            connection.execute(text(row))
    opening._engines.popitem()[1].dispose()  # as a new process would find it
    (photo,) = photos_of("b1")
    assert photo.prediction.regions == REGIONS[:1]
    assert photo.verdict.width_mm == 0.3
    assert photo.region_verdicts == ()
    assert give_region_verdict(photo.id, CONFIRMED).region_verdicts == (CONFIRMED,)
    assert count_rows("verdicts") == 1


OLD_ROWS = (
    "INSERT INTO inspections VALUES ('b1', 'Bridge 7', 'bridge 7', 'Pier 2', 'pier 2',"
    " '2025-06-01', '', '2025-06-01 12:00:00', 'walls', '', '', 0.05, 0.95, 1.0, 0.0)",
    """INSERT INTO photos VALUES ('p1', 'b1', NULL, NULL, '2025-06-01 12:00:00',
    'a.png', 'crack', 0.99, 4.6, 1.0, NULL, 0.95, 120, 80, 0.25, NULL, '[]',
    '[{"left": 10, "top": 20, "width": 30, "height": 40, "probability": 0.97}]')""",
    "INSERT INTO verdicts VALUES ('p1', 'accept', NULL, '', 0.3, NULL,"
    " '2025-06-01 12:00:00')",
)
