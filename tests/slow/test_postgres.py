"""The tests of inspections once more, on a PostgreSQL server of their own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from crack import database as opening
from crack.errors import CrackError
from crack.inspections.store import (
    add_photo,
    find_inspection,
    list_inspections,
)
from crack.inspections.verdicts import give_verdict
from tests.inspections import ACCEPT, answer, inspect
from tests.unit.test_element_history import *  # noqa: F403
from tests.unit.test_inspections import *  # noqa: F403
from tests.unit.test_inspections_processes import *  # noqa: F403
from tests.unit.test_inspections_verdicts import *  # noqa: F403
from tests.unit.test_photo_files import *  # noqa: F403
from tests.unit.test_region_verdicts import *  # noqa: F403
from tests.unit.test_verdict_export import *  # noqa: F403

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

USER = "crack"
PASSWORD = "pa ss/w:rd?#%"


@dataclass(frozen=True)
class Server:
    """A server on this computer alone."""

    programs: Path
    folder: Path
    port: int

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs on the server's data, as who owns them."""
        command = [self.programs / program, "-D", self.folder / "data", *arguments]
        # They refuse to run as root, as tests in a container do.
        as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        # Not into a pipe: the server inherits it, and reading it would never end.
        with (self.folder / "said.log").open("a+") as said:
            done = subprocess.run(
                [*as_owner, *map(str, command)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, said.read()

    def url(self, name: str, password: str = "pa%20ss%2Fw%3Ard%3F%23%25") -> str:
        """Return the address of a database."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL on a free port, its data in a folder that goes away."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Not below pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="crack-postgres-"))
    started = Server(found[-1].parent, folder, free_port())
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(password_file, "postgres")
    try:
        started.run(
            "initdb",
            *("--username", USER, "--pwfile", password_file),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"),
        )
        options = f"-h 127.0.0.1 -p {started.port} -k {folder} -F"
        started.run("pg_ctl", "start", "--wait", "-o", options)
        yield started
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            started.run("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(folder)


@pytest.fixture
def database(server, monkeypatch):
    """An empty database, the place of the inspections during a test."""
    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    monkeypatch.setenv("CRACK_DATABASE_URL", server.url(name))
    yield name
    # A thread that went on would ask the database of a later test, and its connection
    # be left open where the pool is closed meanwhile.
    keepers = [each for each in threading.enumerate() if each.name.startswith("lease ")]
    for keeper in keepers:
        keeper.join(10)
        assert not keeper.is_alive(), f"the {keeper.name} was not released"
    for opened in opening._engines.values():
        opened.dispose()


def test_the_inspections_are_on_the_server(crack_home):
    inspect()
    assert opening.engine().dialect.name == "postgresql"
    assert not (crack_home / "inspections.db").exists()


def test_a_wrong_password_is_told_and_not_shown(server, monkeypatch, database):
    monkeypatch.setenv("CRACK_DATABASE_URL", server.url(database, "s3cr3t"))
    with pytest.raises(CrackError, match="password authentication failed") as caught:
        list_inspections()
    assert "s3cr3t" not in f"{caught.value} {caught.value.__cause__}"
    assert PASSWORD not in f"{caught.value} {caught.value.__cause__}"


def test_a_database_that_is_not_there_is_told(server, monkeypatch):
    monkeypatch.setenv("CRACK_DATABASE_URL", server.url("nowhere"))
    with pytest.raises(CrackError, match=r"'nowhere' on 127.* does not exist"):
        list_inspections()


def test_tables_of_another_program_are_told_and_left_alone():
    with psycopg.connect(os.environ["CRACK_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE photos (title text)")
    with pytest.raises(CrackError, match='"photos" already exists'):
        list_inspections()
    with psycopg.connect(os.environ["CRACK_DATABASE_URL"]) as connection:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchall() == [("photos",)]


def test_old_tables_that_may_only_be_read_leave_no_connection_open(
    server, monkeypatch, database
):
    with opening.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    with pytest.raises(CrackError, match="tables of an earlier version"):
        list_inspections()
    for opened in opening._engines.values():
        opened.dispose()
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server.url("postgres")) as connection:
        until = time.monotonic() + 10  # the server ends a session a little later
        while connection.execute(others, [database]).fetchone()[0]:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_a_restart_of_the_server_goes_unnoticed(server):
    made = inspect()
    server.run("pg_ctl", "restart", "--wait", "--mode", "fast")
    assert find_inspection(made.id) == made


def test_a_server_that_went_away_is_told_and_taken_up_again(server):
    photo = add_photo(inspect().id, b"photo", answer())
    server.run("pg_ctl", "stop", "--mode", "fast")
    try:
        with pytest.raises(CrackError, match=r"cannot be used: .*refused"):
            give_verdict(photo.id, ACCEPT)
    finally:
        options = f"-h 127.0.0.1 -p {server.port} -k {server.folder} -F"
        server.run("pg_ctl", "start", "--wait", "-o", options)
    assert give_verdict(photo.id, ACCEPT).verdict == ACCEPT


def test_a_connection_lost_at_work_is_told():
    inspect()
    with (
        pytest.raises(CrackError, match="cannot be used: "),
        opening.reading() as session,
    ):
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
