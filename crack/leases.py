"""Leases: locks in the database, which hold between computers.

A lease is a row with its holder and the moment it expires. It is taken by one
statement, renewed by a thread, and deleted at the end. That of a killed holder expires,
and then anybody takes it. Only the clock of the database counts.

A holder that was held up for too long (suspended, or cut off from the database) may
have lost its lease without knowing. Before it writes for good it asks `check`.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crack import computer
from crack.database import engine, told
from crack.errors import CrackError
from crack.locks import Lock, LockLostError

_log = logging.getLogger(__name__)

TERM = 60.0
"""Seconds after which a lease that nobody renews is anybody's.

A training on a busy machine may get no time for half of them.
"""

_RENEWED_EVERY = TERM / 6  # seconds
_ASKED_EVERY = 0.1  # seconds, while somebody else holds it

_TAKE = """
    INSERT INTO leases AS held (name, holder, expires_at)
    VALUES (:name, :holder, now() + make_interval(secs => :term))
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE held.expires_at < now()
    RETURNING name
"""
_RENEW = """
    UPDATE leases SET expires_at = now() + make_interval(secs => :term)
    WHERE name = :name AND holder = :holder
    RETURNING name
"""
_GIVE_BACK = "DELETE FROM leases WHERE name = :name AND holder = :holder RETURNING name"
_LOOK = "SELECT expires_at >= now() FROM leases WHERE name = :name"
_FORGET = "DELETE FROM leases WHERE name = :name AND expires_at < now() RETURNING name"
_FORGET_OLD = """
    DELETE FROM leases WHERE expires_at < now() - interval '1 day' RETURNING name
"""


class Lease(Lock):
    """A lock in the database.

    Args:
        name: What it is on.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        # No two holdings are the same: whoever lost a lease cannot renew the next one.
        self._holder = f"{computer.host()} {os.getpid()} {secrets.token_hex(8)}"
        self._sure_until = 0.0
        self._lost = False
        self._released = threading.Event()

    def acquire(self, seconds: float) -> bool:
        """Wait for the lease, see `Lock.acquire`.

        Raises:
            CrackError: The database cannot be reached.
        """
        until = time.monotonic() + seconds
        while not self._ask(_TAKE):
            if time.monotonic() >= until:
                return False
            time.sleep(_ASKED_EVERY)
        name = f"lease of {self._name}"
        threading.Thread(target=self._keep, name=name, daemon=True).start()
        return True

    def release(self) -> None:
        """Let others have it; if the database cannot be reached, it expires."""
        self._released.set()
        try:
            _answer(_GIVE_BACK, name=self._name, holder=self._holder)
        except (CrackError, SQLAlchemyError) as error:
            _log.warning("the lease of %s is left to expire: %s", self._name, error)

    def check(self, patience: float = 0) -> None:
        """Make sure that it is still held, see `Lock.check`."""
        until = time.monotonic() + patience
        while not self._lost and _clock() >= self._sure_until:
            if self._renew() or time.monotonic() >= until:
                break
            time.sleep(_ASKED_EVERY)
        if self._lost or _clock() >= self._sure_until:
            raise LockLostError(
                f"This computer was cut off for more than {TERM:.0f} seconds, and "
                "another one may have gone on with this.",
                "Look what it did, then try again.",
            )

    def _keep(self) -> None:
        while not self._released.wait(_RENEWED_EVERY) and not self._lost:
            self._renew()

    def _renew(self) -> bool:
        """Renew the lease; return whether the database answered."""
        try:
            self._lost = not self._ask(_RENEW) and not self._released.is_set()
        except (CrackError, SQLAlchemyError) as error:
            _log.warning("the lease of %s cannot be renewed: %s", self._name, error)
            return False
        if self._lost:
            _log.error("the lease of %s is lost", self._name)
        return True

    def _ask(self, statement: str) -> bool:
        # Counted from before the database was asked, so that it never ends earlier
        # there than here.
        until = _clock() + TERM
        answered = _answer(statement, name=self._name, holder=self._holder, term=TERM)
        found = answered is not None
        if found:
            self._sure_until = until
        return found


def is_held(name: str) -> bool | None:
    """Return whether a lease is held: False if it expired, None if nobody has it.

    Raises:
        CrackError: The database cannot be reached.
    """
    held = _answer(_LOOK, name=name)
    return None if held is None else bool(held)


def forget(name: str) -> None:
    """Forget that a lease expired.

    Raises:
        CrackError: The database cannot be reached.
    """
    _answer(_FORGET, name=name)


def forget_old() -> None:
    """Forget all that expired long ago; nobody will ask for them.

    Raises:
        CrackError: The database cannot be reached.
    """
    _answer(_FORGET_OLD)


def _answer(statement: str, **values: str | float) -> object:
    """Run one statement by itself; return the first value that it answers with."""
    opened = engine()
    with (
        told(opened.url),
        opened.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        return connection.scalar(text(statement), values)


def _clock() -> float:
    """Return seconds that go on while the computer is suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
