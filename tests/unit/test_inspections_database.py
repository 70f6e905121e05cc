"""Where the database is, and what is special to a file."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest
from filelock import FileLock
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crack import database as opening
from crack.database_url import database_url
from crack.errors import CrackError
from crack.inspections.migrations.__main__ import write_next
from crack.inspections.store import (
    change_inspection,
    create_inspection,
    find_inspection,
    list_inspections,
)
from crack.settings import PROJECT
from tests.inspections import DAY, inspect, model

SECRET = "s3cr3t-word"


@pytest.fixture
def address(monkeypatch):
    """Set the address of the database."""
    return lambda url: monkeypatch.setenv("CRACK_DATABASE_URL", url)


@pytest.fixture
def file(crack_home):
    return crack_home / "inspections.db"


def refuses(match) -> CrackError:
    with pytest.raises(CrackError, match=match) as caught:
        list_inspections()
    return caught.value


def pragma(name: str) -> object:
    with opening.engine().connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_without_an_address_it_is_a_file_in_the_workspace(file):
    assert list_inspections() == []
    assert file.is_file()


def test_another_file_can_be_named(address, tmp_path, crack_home):
    folder = tmp_path / "100% öffentlich" / "deep"
    address(f"sqlite:///{folder}/own.db")
    made = inspect()
    assert find_inspection(made.id) == made
    assert (folder / "own.db").is_file()
    assert not (crack_home / "inspections.db").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_the_one_driver(address, scheme):
    address(f"{scheme}://me:{SECRET}@db:5433/cracks")
    url = database_url()
    assert (url.drivername, url.host, url.port) == ("postgresql+psycopg", "db", 5433)
    assert (url.database, url.password) == ("cracks", SECRET)


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"postgresql://me:{SECRET}",
        f"postgresql://me:x@{SECRET}@db/cracks",
        f"postgresql://me:x@{SECRET}/y@db/cracks",
        f"mysql://me:{SECRET}@db/cracks",
        "postgresql+psycopg2://db/cracks",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_it(address, url):
    address(url)
    told = refuses("CRACK_DATABASE_URL cannot be used")
    assert SECRET not in str(told)
    assert told.__cause__ is None
    assert told.__context__ is None


def test_a_server_that_is_not_there_is_told_without_the_password(address):
    address(f"postgresql://me:{SECRET}@127.0.0.1:1/cracks?password={SECRET}")
    told = refuses(r"'cracks' on 127\.0\.0\.1:1 cannot be used: .*efused")
    assert SECRET not in f"{told} {told.__cause__}"
    assert "server runs" in told.hint


def test_a_file_that_is_no_database_is_told_and_left_alone(file):
    file.parent.mkdir()
    file.write_bytes(b"Once upon a time" * 100)
    told = refuses("not a database")
    assert str(file) in told.message
    assert file.read_bytes() == b"Once upon a time" * 100


def test_a_folder_that_cannot_be_made_is_told(crack_home):
    crack_home.write_text("a file in the way")
    refuses(r"inspections\.db cannot be used: (File exists|Not a directory)")


def test_a_file_taken_away_while_the_program_runs_is_made_anew(crack_home):
    inspect()
    shutil.rmtree(crack_home)
    assert list_inspections() == []


def test_readers_do_not_wait_and_writers_do():
    assert pragma("journal_mode") == "wal"
    assert pragma("busy_timeout") == 30_000
    assert pragma("foreign_keys") == 1


def test_between_two_uses_the_database_is_one_closed_file(crack_home):
    inspect()
    names = {path.name for path in crack_home.iterdir()}
    others = {"inspections.db.lock", "audit.jsonl", ".audit.lock"}
    assert names - others == {"inspections.db"}


def test_a_row_cannot_refer_to_what_is_not_there():
    orphan = (
        "INSERT INTO verdicts (photo_id, kind, note, given) VALUES ('x', '', '', 0)"
    )
    with (
        opening.engine().connect() as connection,
        pytest.raises(IntegrityError, match="FOREIGN KEY"),
    ):
        connection.execute(text(orphan))


def test_one_can_read_while_another_writes():
    made = inspect()
    with opening.writing() as session:
        session.execute(text("UPDATE inspections SET note = 'half done'"))
        assert find_inspection(made.id).note == ""
    assert find_inspection(made.id).note == "half done"


def test_a_writer_waits_for_another(file):
    made = inspect()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        changing = threading.Thread(target=rename, args=(made,))
        changing.start()
        time.sleep(0.3)
        assert changing.is_alive()
        other.execute("COMMIT")
        changing.join(30)
    assert find_inspection(made.id).structure == "Renamed"


def rename(inspection):
    change_inspection(
        inspection.id, structure="Renamed", element="x", inspected_on=DAY, note=""
    )


def test_who_waits_too_long_is_told(file, monkeypatch):
    monkeypatch.setattr(opening, "_WAIT", 0.1)
    inspect()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CrackError, match="cannot be used: database is locked"):
            inspect()
        assert len(list_inspections()) == 1


def test_who_opens_a_new_file_waits_for_another_that_does(file):
    file.parent.mkdir()
    with FileLock(f"{file}.lock"):
        opener = threading.Thread(target=list_inspections)
        opener.start()
        time.sleep(0.3)
        assert opener.is_alive()
        assert not file.exists()
    opener.join(30)
    assert file.is_file()


def test_who_waits_too_long_to_open_a_file_is_told(file, monkeypatch):
    monkeypatch.setattr(opening, "_WAIT", 0.1)
    file.parent.mkdir()
    with FileLock(f"{file}.lock"):
        told = []
        opener = threading.Thread(
            target=lambda: told.append(refuses("has kept it locked"))
        )
        opener.start()
        opener.join(30)
    assert str(file) in told[0].message


def test_threads_that_begin_at_once_share_one_database():
    def begin(number):
        create_inspection("Bridge", f"Pier {number}", DAY, model())

    threads = [threading.Thread(target=begin, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elements = {summary.inspection.element for summary in list_inspections()}
    assert elements == {f"Pier {n}" for n in range(8)}


def test_a_table_made_anew_by_a_migration_keeps_what_refers_to_it(monkeypatch):
    def make_anew(config, _):
        connection = config.attributes["connection"]
        for command in (
            "CREATE TABLE fresh (id VARCHAR PRIMARY KEY, name VARCHAR)",
            "INSERT INTO fresh SELECT id, name FROM parents",
            "DROP TABLE parents",
            "ALTER TABLE fresh RENAME TO parents",
        ):
            connection.execute(text(command))

    with opening.engine().begin() as connection:
        for command in (
            "CREATE TABLE parents (id VARCHAR PRIMARY KEY, name VARCHAR)",
            "CREATE TABLE children (id VARCHAR REFERENCES parents ON DELETE CASCADE)",
            "INSERT INTO parents VALUES ('a', 'x')",
            "INSERT INTO children VALUES ('a')",
        ):
            connection.execute(text(command))
    monkeypatch.setattr(opening.command, "upgrade", make_anew)
    opening.migrate(opening.engine())
    with opening.engine().connect() as connection:
        assert connection.execute(text("SELECT id FROM children")).all() == [("a",)]


def test_the_next_migration_is_written_and_can_be_run(tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(opening._MIGRATIONS, folder, ignore=ignored)
    monkeypatch.setattr(opening, "_MIGRATIONS", folder)
    with opening.engine().begin() as connection:
        connection.execute(text("ALTER TABLE verdicts DROP COLUMN given"))
    steps = len(list(folder.glob("versions/0*.py")))
    path = write_next("add the time again")
    assert path == str(folder / f"versions/{steps + 1:04d}_add_the_time_again.py")
    opening.migrate(opening.engine())
    made = inspect(day=DAY + timedelta(1))
    assert find_inspection(made.id) == made
    with opening.engine().connect() as connection:
        assert connection.execute(text("SELECT given FROM verdicts")).all() == []


def test_opening_loads_nothing_of_the_dashboard_or_of_training():
    code = (
        "import sys, crack.inspections.verdict_export, crack.inspections.history as h;"
        "h.element_history('a', 'b');"
        "print([n for n in ('streamlit', 'tensorflow', 'keras') if n in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("[]\n", "")
