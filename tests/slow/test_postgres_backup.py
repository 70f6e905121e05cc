"""A backup of inspections on a PostgreSQL server, and from one kind to the other."""

from __future__ import annotations

import secrets

import psycopg
import pytest
from psycopg import sql

from crack.errors import CrackError
from crack.inspections.verdicts import give_region_verdict, give_verdict
from crack.operations import backup, restore
from tests.inspections import ACCEPT, add, full_answer, inspect
from tests.slow.test_postgres import database, server  # noqa: F401 - fixtures
from tests.unit.test_backup import WRITER, no_progress, rows_of_all_tables
from tests.unit.test_region_verdicts import CONFIRMED, MARKED, REJECTED

pytestmark = pytest.mark.slow


@pytest.fixture
def another(server, monkeypatch):  # noqa: F811
    """Use another database, which is empty, from when it is asked for."""

    def use() -> None:
        name = f"test_{secrets.token_hex(4)}"
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            connection.execute(made)
        monkeypatch.setenv("CRACK_DATABASE_URL", server.url(name))

    return use


def fill():
    photo = add(inspect(), full_answer())
    give_verdict(photo.id, ACCEPT)
    for verdict in (CONFIRMED, MARKED):
        give_region_verdict(photo.id, verdict)
    return photo


@pytest.fixture
def file(tmp_path):
    return tmp_path / "crack.tar"


def test_rows_go_from_server_to_server_and_numbers_go_on(
    database,  # noqa: F811
    another,
    file,
    tmp_path,
):
    photo = fill()
    rows = rows_of_all_tables()
    backup.write_backup(file, no_progress)
    another()
    restore.restore(file, tmp_path / "second", no_progress)
    assert rows_of_all_tables() == rows
    give_region_verdict(photo.id, REJECTED)
    assert len(rows_of_all_tables()["region_verdicts"]) == 3
    with pytest.raises(CrackError, match="has rows in the table"):
        restore.restore(file, tmp_path / "third", no_progress)


def test_rows_go_from_a_file_to_a_server_and_back(another, file, tmp_path, monkeypatch):
    fill()
    rows = rows_of_all_tables()
    backup.write_backup(file, no_progress)
    another()
    restore.restore(file, tmp_path / "second", no_progress)
    assert rows_of_all_tables() == rows
    monkeypatch.setenv("CRACK_HOME", str(tmp_path / "second"))
    backup.write_backup(tmp_path / "back.tar", no_progress)
    monkeypatch.delenv("CRACK_DATABASE_URL")
    monkeypatch.setenv("CRACK_HOME", str(tmp_path / "third"))
    restore.restore(tmp_path / "back.tar", tmp_path / "third", no_progress)
    assert rows_of_all_tables() == rows


def test_rows_written_meanwhile_come_with_their_photos(
    database,  # noqa: F811
    another,
    file,
    tmp_path,
    process,
):
    fill()
    writer = process(WRITER)
    assert writer.stdout.readline() == "begun\n"
    assert backup.write_backup(file, no_progress).lost_photos == 0
    assert writer.poll() is None
    writer.kill()
    writer.wait()
    another()
    restore.restore(file, tmp_path / "second", no_progress)
    rows = rows_of_all_tables()
    assert len(rows["photos"]) > 4
    kept = tmp_path / "second" / "inspections"
    assert all(
        (kept / row.inspection_id / row.stored).is_file() for row in rows["photos"]
    )
