"""Several processes, old and new tables; PostgreSQL is tested with the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect as look_into
from sqlalchemy import text

from crack import database as opening
from crack.errors import CrackError
from crack.inspections.records import VerdictKind
from crack.inspections.schema import Base
from crack.inspections.store import (
    add_photo,
    delete_inspection,
    list_inspections,
    photos_of,
)
from crack.inspections.verdicts import give_verdict
from tests.inspections import ACCEPT, answer, inspect, png

OPEN_ON_A_SIGN = """
import sys
from crack.inspections.store import list_inspections
print("ready", flush=True)
sys.stdin.readline()
print(list_inspections(), flush=True)
"""

ENDLESS_VERDICTS = """
import itertools, sys
from crack.inspections.records import Verdict, VerdictKind
from crack.inspections.verdicts import give_verdict
for round in itertools.count():
    for photo_id in sys.argv[1:]:
        give_verdict(photo_id, Verdict(VerdictKind.CANNOT_TELL, note=f"{round}"))
        print(photo_id, round, flush=True)
"""


def forget_it_was_opened(monkeypatch):
    """What follows is as in a process of its own."""
    for opened in opening._engines.values():
        opened.dispose()
    monkeypatch.setattr(opening, "_engines", {})


def set_version(version: str) -> None:
    with opening.engine().begin() as connection:
        command = text("UPDATE alembic_version SET version_num = :version")
        connection.execute(command, {"version": version})


def table_names() -> set[str]:
    return set(look_into(opening.engine()).get_table_names())


def test_processes_that_open_a_new_database_at_once_all_get_it(process):
    children = [process(OPEN_ON_A_SIGN) for _ in range(4)]
    for child in children:
        assert child.stdout.readline() == "ready\n", child.stderr.read()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        said, complaint = child.communicate(timeout=120)
        assert (said, complaint) == ("[]\n", "")
    assert list_inspections() == []


def test_no_verdict_that_was_reported_is_lost_with_its_process(process):
    made = inspect()
    ids = [add_photo(made.id, png(tone), answer()).id for tone in range(3)]
    child = process(ENDLESS_VERDICTS, *ids)
    lines = [child.stdout.readline() for _ in range(20)]
    child.kill()  # SIGKILL
    child.wait()
    lines += child.stdout.read().splitlines()  # said between the 20th and its death
    reported = {photo_id: int(count) for photo_id, count in map(str.split, lines)}
    kept = {photo.id: photo.verdict for photo in photos_of(made.id)}
    for photo_id in ids:
        assert kept[photo_id].kind is VerdictKind.CANNOT_TELL
        # The last one given may not have been reported any more.
        assert int(kept[photo_id].note) - reported[photo_id] in (0, 1)


def all_at_once(action, count=8):
    """Run it in threads; an error in one of them fails the test."""
    ready = threading.Barrier(count)

    def run(number):
        ready.wait()
        action(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def test_the_same_photo_added_by_several_at_once_is_one():
    made = inspect()
    all_at_once(lambda number: add_photo(made.id, png(1), answer(file=f"{number}.png")))
    assert len(photos_of(made.id)) == 1


def test_of_verdicts_given_at_once_one_is_kept():
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    all_at_once(
        lambda number: give_verdict(photo.id, replace(ACCEPT, width_mm=1 + number))
    )
    (kept,) = photos_of(made.id)
    assert kept.verdict.width_mm in range(1, 9)


def test_an_inspection_deleted_while_photos_come_leaves_no_file(crack_home):
    def add_or_delete(number):
        if number == 3:
            delete_inspection(made.id)
            return
        with suppress(CrackError):  # it is gone
            add_photo(made.id, png(number), answer())

    made = inspect()
    all_at_once(add_or_delete)
    assert list_inspections() == []
    assert list(crack_home.glob("inspections/*")) == []


def test_the_migrations_lead_to_the_tables_that_the_program_has():
    with opening.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        names = {index["name"] for index in look_into(connection).get_indexes("photos")}
        names |= {
            key["name"]
            for key in look_into(connection).get_unique_constraints("photos")
        }
    assert "uq_photos_inspection_id" in names


def test_opening_again_keeps_what_is_there(monkeypatch):
    made = inspect()
    forget_it_was_opened(monkeypatch)
    assert [summary.inspection for summary in list_inspections()] == [made]


def test_tables_of_a_newer_version_are_refused_and_left_alone(monkeypatch):
    inspect()
    set_version("9999")
    forget_it_was_opened(monkeypatch)
    with pytest.raises(CrackError, match=r"version '9999'.*'0003'.*update this one"):
        list_inspections()
    with monkeypatch.context() as newer:
        newer.setattr(opening, "_refuse_unknown", lambda *_: None)
        newer.setattr(opening.command, "upgrade", lambda *_: None)
        assert len(list_inspections()) == 1
        set_version("0003")


def test_a_migration_that_fails_leaves_nothing_and_can_be_tried_again(monkeypatch):
    def fail_at_the_end(config, _):
        upgrade(config, "head")
        connection = config.attributes["connection"]
        connection.execute(text("SELECT * FROM nowhere"))

    upgrade = opening.command.upgrade
    with monkeypatch.context() as broken:
        broken.setattr(opening.command, "upgrade", fail_at_the_end)
        with pytest.raises(CrackError, match="nowhere"):
            list_inspections()
        broken.setattr(opening, "migrate", lambda *_: None)
        assert table_names() == set()
    forget_it_was_opened(monkeypatch)
    assert list_inspections() == []
    assert table_names() == {*Base.metadata.tables, "alembic_version"}


def test_every_migration_is_a_step_from_the_one_before():
    with opening.engine().connect() as connection:
        config = opening.migration_config(connection)
    revisions = [
        s.revision for s in ScriptDirectory.from_config(config).walk_revisions()
    ]
    assert sorted(revisions, reverse=True) == revisions
    assert revisions[-1] == "0001"
