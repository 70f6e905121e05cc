"""Where the database is, which keeps the inspections.

`$CRACK_DATABASE_URL` names it, such as `postgresql://user:password@host/name` or
`sqlite:////folder/inspections.db`; without it, it is `inspections.db` in the workspace.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from crack import locks, settings
from crack.errors import CrackError

URL_VARIABLE = locks.URL_VARIABLE

_EXAMPLES = (
    "Write it as postgresql://user:password@host:port/name or "
    "sqlite:////folder/inspections.db, or leave it out for a file in the workspace."
)


def database_url() -> URL:
    """Return the address with the driver that is used for it.

    Raises:
        CrackError: `$CRACK_DATABASE_URL` is neither a SQLite file nor PostgreSQL.
    """
    given = os.environ.get(URL_VARIABLE)
    if not given:
        return URL.create("sqlite", database=str(settings.home() / "inspections.db"))
    url = _parsed(given)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise _unusable(f"'{url.drivername}' is not supported")
    if is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise _unusable("it does not name a file")
    return url


def is_sqlite(url: URL) -> bool:
    """Return whether the database is a file rather than a server."""
    return url.drivername == "sqlite"


def file_of(url: URL) -> Path:
    """Return the file of a SQLite database."""
    return Path(url.database or "").resolve()


def refusal(url: URL, reason: str) -> CrackError:
    """Return the error to raise if a database cannot be used.

    Its message never holds the password: of the address it only has host, port and
    name.
    """
    if is_sqlite(url):
        hint = (
            "Check that this file and its folder can be written, that the disk is not "
            "full and that no other program holds the file."
        )
    else:
        hint = (
            "Check that the server runs and may be reached from here, and the user, "
            f"password and database in {URL_VARIABLE}."
        )
    return CrackError(f"{described(url)} cannot be used: {reason}.", hint)


def described(url: URL) -> str:
    """Return what a message calls the database, without user and password."""
    if is_sqlite(url):
        return f"The database {file_of(url)}"
    port = f":{url.port}" if url.port else ""
    return f"The database '{url.database}' on {url.host or 'this computer'}{port}"


def _parsed(given: str) -> URL:
    if given.count("@") > 1:
        # If parsed as it is, a part of the password would be taken for the host and
        # shown in messages.
        raise _unusable("it has more than one @; write one in a password as %40")
    try:
        return make_url(given)
    except (ArgumentError, ValueError):
        pass  # its message may quote the password, so it is not chained
    raise _unusable("it is not the address of a database")


def _unusable(reason: str) -> CrackError:
    return CrackError(f"{URL_VARIABLE} cannot be used: {reason}.", _EXAMPLES)
