"""What Alembic runs around every command; nothing else imports it."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from crack.inspections.schema import Base, UtcDateTime


def written(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Return how a step writes a type, independent of later changes to the program."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False  # as Alembic would


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can change a table only by making it anew
    render_item=written,
)
with context.begin_transaction():
    context.run_migrations()
