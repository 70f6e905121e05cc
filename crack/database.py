"""Opens the database and brings its tables up to date."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    StaticPool,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from crack.access import read_only, refuse_if_read_only
from crack.database_url import (
    database_url,
    described,
    file_of,
    is_sqlite,
    refusal,
)
from crack.errors import CrackError

_MIGRATIONS = Path(__file__).parent / "inspections" / "migrations"
_WAIT = 30  # seconds to wait for another process that writes or migrates
_CONNECT = 10  # seconds; an address that does not answer would take minutes
_ADVISORY_LOCK = 0x63_7261_636B  # "crack" in ASCII: a number that no other program uses

_engines: dict[tuple[URL, bool], Engine] = {}
_opening = threading.Lock()


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a session to read in.

    Raises:
        CrackError: The database cannot be reached, or is of a newer version.
    """
    opened = engine()
    with told(opened.url, OperationalError), Session(opened) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Yield a session whose changes are saved when it is left, or undone by an error.

    Raises:
        CrackError: The database cannot be reached, or is of a newer version; or this
            is read-only mode.
    """
    refuse_if_read_only()
    opened = engine()
    with (
        told(opened.url, OperationalError),
        Session(opened.execution_options(writes=True)) as session,
        session.begin(),
    ):
        yield session


def engine() -> Engine:
    """Return the engine of the database, its tables up to date.

    In read-only mode it cannot write, and where there is no file yet it is empty.

    Raises:
        CrackError: The database cannot be reached, or is of a newer version.
    """
    url = database_url()
    with _opening:
        key = url, read_only()
        if key not in _engines or (_is_missing(url) and not read_only()):
            _engines[key] = _open_unchanged(url) if read_only() else _open(url)
        return _engines[key]


def _is_missing(url: URL) -> bool:
    """Return whether the file was removed since it was opened."""
    return is_sqlite(url) and not file_of(url).exists()


def _open(url: URL) -> Engine:
    opened = connect(url)
    with _closed_by_errors(opened), told(url), _alone(url):
        migrate(opened)
    return opened


@contextmanager
def _closed_by_errors(opened: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        opened.dispose()
        raise


def connect(url: URL) -> Engine:
    """Return the engine of a database, whatever tables it has."""
    return _sqlite_engine(url) if is_sqlite(url) else _postgres_engine(url)


def _open_unchanged(url: URL) -> Engine:
    """Return an engine that reads what is there and writes nothing, not even a lock."""
    if is_sqlite(url) and not file_of(url).exists():
        opened = create_engine(
            "sqlite://",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
        )
        migrate(opened)
        return opened
    if is_sqlite(url):
        opened = create_engine(
            url, poolclass=NullPool, creator=lambda: _reader(file_of(url))
        )
    else:
        only_reads = {"options": "-c default_transaction_read_only=on"}
        opened = _postgres_engine(url, **only_reads)
    with _closed_by_errors(opened), told(url), opened.connect() as connection:
        scripts = ScriptDirectory.from_config(migration_config(connection))
        _refuse_unknown(connection, scripts)
        _refuse_old(connection, scripts)
    return opened


def _reader(file: Path) -> sqlite3.Connection:
    # Without a journal beside it nobody is writing. SQLite would make one to read, and
    # not for a file that it takes to be immutable.
    quiet = not file.with_name(f"{file.name}-wal").exists()
    options = "?mode=ro&immutable=1" if quiet else "?mode=ro"
    return sqlite3.connect(file.absolute().as_uri() + options, uri=True, timeout=_WAIT)


def _refuse_old(connection: Connection, scripts: ScriptDirectory) -> None:
    if (
        MigrationContext.configure(connection).get_current_revision()
        != scripts.get_current_head()
    ):
        raise CrackError(
            f"{described(connection.engine.url)} has tables of an earlier version, "
            "which cannot be brought up to date in read-only mode.",
            "Start the program once without CRACK_READ_ONLY.",
        )


def _alone(url: URL) -> AbstractContextManager[object]:
    """Lock out other processes while a SQLite file is opened for the first time.

    The file's own locks are not enough: if several processes turn on write-ahead
    logging in a new file at once, some fail instead of waiting. A server is locked in
    `migrate`.
    """
    if not is_sqlite(url):
        return nullcontext()
    file = file_of(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(file.with_name(f"{file.name}.lock"), timeout=_WAIT)


def migrate(opened: Engine) -> None:
    """Bring the tables up to date: all steps, or none if one fails.

    Raises:
        CrackError: They are of a newer version.
    """
    with migrating(opened) as (_, config):
        command.upgrade(config, "head")


@contextmanager
def migrating(opened: Engine) -> Iterator[tuple[Connection, Config]]:
    """Yield what a change of tables needs; it is saved when this is left without error.

    Raises:
        CrackError: The tables are of a newer version.
    """
    with opened.execution_options(writes=True).connect() as connection:
        driver = connection.connection.driver_connection
        if is_sqlite(opened.url) and driver is not None:
            # SQLite changes a table by making a new one and dropping the old one. With
            # foreign keys on, that would also delete all rows that refer to it. The
            # switch must be set before the transaction; inside it has no effect.
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if not is_sqlite(opened.url):
                wait = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(wait, {"key": _ADVISORY_LOCK})
            config = migration_config(connection)
            _refuse_unknown(connection, ScriptDirectory.from_config(config))
            yield connection, config


def migration_config(connection: Connection) -> Config:
    """Return what Alembic's commands need, as `alembic.ini` would say it."""
    config = Config(attributes={"connection": connection})
    location = str(_MIGRATIONS).replace("%", "%%")  # %(name)s would be substituted
    config.set_main_option("script_location", location)
    return config


def _refuse_unknown(connection: Connection, scripts: ScriptDirectory) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise CrackError(
            f"{described(connection.engine.url)} has tables of version '{revision}', "
            f"this program knows up to '{scripts.get_current_head()}'.",
            "A newer version of the program made them: update this one.",
        )


def _postgres_engine(url: URL, **options: str) -> Engine:
    # Pinged before use, so that a restart of the server goes unnoticed.
    return create_engine(
        url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT, **options}
    )


def _sqlite_engine(url: URL) -> Engine:
    # No pool: when nobody uses it the database is one closed file, easy to copy.
    opened = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT})

    @event.listens_for(opened, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")  # readers do not wait for a writer
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(opened, "begin")
    def begin(connection: Connection) -> None:
        # Of two transactions that read first and then write, SQLite fails one at once
        # instead of letting it wait. So a transaction that will write says so at its
        # start.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql(f"BEGIN {'IMMEDIATE' if writes else 'DEFERRED'}")

    return opened


@contextmanager
def told(url: URL, kind: type[DBAPIError] = DBAPIError) -> Iterator[None]:
    """Turn errors of the environment, such as a full disk, into a CrackError.

    Args:
        url: Of the database.
        kind: Errors of the database itself that are due to the environment.
    """
    try:
        yield
    except Timeout as error:
        raise refusal(url, "another program has kept it locked too long") from error
    except OSError as error:
        raise refusal(url, error.strerror or str(error)) from error
    except DBAPIError as error:
        # A damaged file is an error of no closer kind.
        if not isinstance(error, kind) and type(error) is not DatabaseError:
            raise
        raise refusal(url, " ".join(str(error.orig).split())) from error
