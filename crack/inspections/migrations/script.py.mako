"""${message[:1].upper()}${message[1:]}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports + "\n" if imports else ""}
revision = "${up_revision}"
down_revision = ${f'"{down_revision}"' if down_revision else None}


def upgrade() -> None:
    """Go from the tables of the step before to those of this one."""
    ${upgrades if upgrades else "pass"}
