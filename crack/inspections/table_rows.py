"""All rows of the database as JSON lines, the same for SQLite and PostgreSQL.

They are read in one transaction, so they fit together although others write, and can go
into another kind of database than they came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    URL,
    Connection,
    Date,
    DateTime,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from crack.database import connect, engine, migrating, told
from crack.database_url import described, is_sqlite
from crack.errors import CrackError
from crack.inspections.schema import Base, LeaseRow

_ROWS = 500  # held in memory at once
_KEPT = [each for each in Base.metadata.sorted_tables if each is not LeaseRow.__table__]


def write_tables(folder: Path) -> str:
    """Write the rows of each table into `TABLE.jsonl` of a folder.

    Returns:
        The revision of the tables.

    Raises:
        CrackError: The database cannot be reached, or is of a newer version.
    """
    opened = engine()
    # One moment for all tables; a transaction of SQLite gives that anyway.
    options = {} if is_sqlite(opened.url) else {"isolation_level": "REPEATABLE READ"}
    with (
        told(opened.url),
        opened.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        for table in _KEPT:
            found = connection.execution_options(yield_per=_ROWS).execute(select(table))
            with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
                for row in found.mappings():
                    file.write(json.dumps(dict(row), default=_moment) + "\n")
        return MigrationContext.configure(connection).get_current_revision() or ""


def _moment(value: date) -> str:
    return value.isoformat()


def read_tables(folder: Path, revision: str, url: URL) -> None:
    """Fill a database that has no rows with those that `write_tables` wrote.

    All of them are there in the end, or none.

    Args:
        folder: With the files.
        revision: Of the tables they came from.
        url: Of the database; its tables are made, and brought up to date afterwards.

    Raises:
        CrackError: The database cannot be reached or has rows, or the revision is of a
            newer version.
    """
    opened = connect(url)
    try:
        with told(url), migrating(opened) as (connection, config):
            _drop_empty_tables(connection)
            command.upgrade(config, revision)
            _fill(connection, folder)
            command.upgrade(config, "head")
    finally:
        opened.dispose()


def refuse_rows(url: URL) -> None:
    """Raise a CrackError if a database has rows, or cannot be reached.

    Args:
        url: Of a database that exists.
    """
    opened = connect(url)
    try:
        with told(url), opened.connect() as connection:
            for table in _tables(connection):
                if connection.scalar(select(func.count()).select_from(table)):
                    raise CrackError(
                        f"{described(url)} has rows in the table '{table.name}' "
                        "already.",
                        "Restore into an empty database.",
                    )
    finally:
        opened.dispose()


def _tables(connection: Connection) -> list[Table]:
    """Return the tables with rows to keep as they are there, parents first."""
    found = MetaData()
    there = set(inspect(connection).get_table_names())
    kept = {table.name for table in _KEPT}
    found.reflect(connection, only=sorted(there & kept))
    return found.sorted_tables


def _drop_empty_tables(connection: Connection) -> None:
    """Drop our tables, so that they can be made as they were in the backup."""
    for table in reversed(_tables(connection)):
        # Counted in this transaction: nobody's row may be lost.
        if connection.scalar(select(func.count()).select_from(table)):
            raise CrackError(
                f"{described(connection.engine.url)} is in use.",
                "Stop the dashboard, then restore into an empty database.",
            )
        table.drop(connection)
    for name in (LeaseRow.__tablename__, "alembic_version"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def _fill(connection: Connection, folder: Path) -> None:
    for table in _tables(connection):
        rows = _rows(folder / f"{table.name}.jsonl", table)
        while some := list(islice(rows, _ROWS)):
            connection.execute(insert(table), some)
        for column in table.primary_key:
            if not is_sqlite(connection.engine.url) and column.autoincrement is True:
                _count_on(connection, table, column.name)


def _rows(file: Path, table: Table) -> Iterator[dict[str, Any]]:
    kinds = {column.name: column.type for column in table.columns}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {name: _value(kinds[name], value) for name, value in row.items()}


def _value(kind: object, value: object) -> object:
    if not isinstance(value, str):
        return value
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        # SQLite has no time zones, see `crack.inspections.schema.UtcDateTime`.
        return moment if kind.timezone else moment.astimezone(UTC).replace(tzinfo=None)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _count_on(connection: Connection, table: Table, column: str) -> None:
    """Let PostgreSQL number the next row after the highest number there is."""
    highest = select(func.max(table.c[column])).scalar_subquery()
    sequence = func.pg_get_serial_sequence(table.name, column)
    connection.execute(select(func.setval(sequence, func.coalesce(highest, 1))))
