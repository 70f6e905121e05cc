"""Write the next migration, see `crack.inspections.migrations`."""

from __future__ import annotations

import os
import sys
import tempfile

from alembic import command
from alembic.script import ScriptDirectory

from crack.database import engine, migration_config
from crack.database_url import URL_VARIABLE


def write_next(message: str) -> str:
    """Compare the tables with a fresh database, write the difference as a step.

    Args:
        message: What changes, in a few words; becomes part of the file's name.

    Returns:
        Path of the new file.
    """
    with engine().connect() as connection, connection.begin():
        config = migration_config(connection)
        steps = len(list(ScriptDirectory.from_config(config).walk_revisions()))
        command.revision(config, message, autogenerate=True, rev_id=f"{steps + 1:04d}")
        head = ScriptDirectory.from_config(config).get_revision("head")
    return "" if head is None else str(head.path)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ[URL_VARIABLE] = f"sqlite:///{folder}/fresh.db"
        written = write_next(" ".join(sys.argv[1:]))
    sys.stderr.write(f"Read and complete {written}\n")
