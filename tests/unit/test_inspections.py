"""Inspections in the store.

`tests/slow/test_postgres.py` runs the same on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds
from crack.inspections import photo_files
from crack.inspections.records import ModelVersion
from crack.inspections.store import (
    add_photo,
    change_inspection,
    create_inspection,
    delete_inspection,
    find_inspection,
    inspections_of,
    list_inspections,
    photos_of,
)
from crack.inspections.verdicts import give_verdict
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    DAY,
    FAILED,
    answer,
    inspect,
    model,
    png,
    refuses,
)


def test_at_first_there_are_no_inspections():
    assert list_inspections() == []


def test_an_inspection_comes_back_as_it_was_entered():
    before = datetime.now(UTC)
    made = create_inspection(" Brücke 7 ", "Pier 2\t", DAY, model(), "wet, 4 °C")
    assert find_inspection(made.id) == made
    assert (made.structure, made.element, made.note) == (
        "Brücke 7",
        "Pier 2",
        "wet, 4 °C",
    )
    assert made.inspected_on == DAY
    assert before <= made.created <= datetime.now(UTC)
    assert made.model == ModelVersion(
        name="walls",
        created="2026-11-20T12:00:00+00:00",
        run_id="20261120-120000-none-a1b2",
        thresholds=Thresholds(0.05, 0.95),
        temperature=1.73,
        offset=-0.41,
    )


@pytest.mark.parametrize("name", ["", " \t", "\0", "x" * 201])
def test_an_inspection_needs_names_of_a_usual_length(name):
    refuses(inspect, name, match="name of its structure")
    refuses(inspect, "Bridge", name, match="name of its element")
    assert list_inspections() == []


def test_the_longest_names_are_kept():
    made = inspect("\U0001f309" * 200, "ŉ" * 200)
    assert find_inspection(made.id) == made


def test_inspections_are_listed_from_the_latest_day_on():
    days = [DAY, DAY + timedelta(2), DAY + timedelta(1), DAY]
    made = [inspect(day=day) for day in days]
    listed = [summary.inspection for summary in list_inspections()]
    assert listed == [made[1], made[2], made[3], made[0]]


def test_a_summary_counts_photos_answers_errors_and_verdicts():
    empty, full = inspect(day=DAY - timedelta(1)), inspect()
    answers = [answer(), answer(), answer(Label.REVIEW), answer(Label.NO_CRACK), FAILED]
    added = [add_photo(full.id, png(tone), p) for tone, p in enumerate(answers)]
    give_verdict(added[0].id, ACCEPT)
    give_verdict(added[2].id, CANNOT_TELL)
    give_verdict(added[4].id, CANNOT_TELL)  # nobody sees it, so it does not count
    first, second = list_inspections()
    assert (first.inspection, second.inspection) == (full, empty)
    assert first.answers == {Label.CRACK: 2, Label.REVIEW: 1, Label.NO_CRACK: 1}
    assert (first.photos, first.errors, first.verdicts) == (5, 1, 2)
    assert second.answers == dict.fromkeys(Label, 0)
    assert (second.photos, second.errors, second.verdicts) == (0, 0, 0)


def test_a_changed_inspection_keeps_its_model_and_photos():
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    changed = change_inspection(
        made.id,
        structure="Old bridge ",
        element="Pier 3",
        inspected_on=DAY - timedelta(365),
        note="later",
    )
    assert changed == find_inspection(made.id)
    assert changed == replace(
        made,
        structure="Old bridge",
        element="Pier 3",
        inspected_on=DAY - timedelta(365),
        note="later",
    )
    assert photos_of(made.id) == [photo]
    assert inspections_of("old bridge", "pier 3") == [changed]
    assert inspections_of("Bridge 7", "Pier 2") == []


def test_a_change_to_no_name_changes_nothing():
    made = inspect()
    with pytest.raises(CrackError, match="name of its element"):
        change_inspection(
            made.id, structure="New", element="", inspected_on=DAY, note=""
        )
    assert find_inspection(made.id) == made


def test_a_deleted_inspection_takes_its_photos_with_it(crack_home):
    kept, deleted = inspect(), inspect()
    photo = add_photo(kept.id, png(1), answer())
    lost = add_photo(deleted.id, png(1), answer())
    give_verdict(lost.id, ACCEPT)
    delete_inspection(deleted.id)
    assert [summary.inspection for summary in list_inspections()] == [kept]
    assert [folder.name for folder in (crack_home / "inspections").iterdir()] == [
        kept.id
    ]
    assert photo_files.photo_content(photo) == png(1)
    refuses(give_verdict, lost.id, ACCEPT, match="no photo")


@pytest.mark.parametrize("unknown", ["", "..", "0123456789abcdef", "\0", "\udcff"])
def test_an_unknown_inspection_is_told_and_nothing_is_written(unknown, crack_home):
    for action in (find_inspection, photos_of, delete_inspection):
        refuses(action, unknown, match="There is no inspection")
    refuses(add_photo, unknown, png(1), answer(), match="There is no inspection")
    assert not (crack_home / "inspections").exists()
