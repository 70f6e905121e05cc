"""The tables. A change here needs a migration, see `crack.inspections.migrations`."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcDateTime(TypeDecorator[datetime]):
    """A moment; SQLite has no time zones, so there it is stored in UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Return the moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Return the moment in UTC, whatever the time zone of the server."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables together; `metadata` is what the migrations must lead to."""

    # A migration can only change a constraint that has the same name everywhere.
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {float: Double, datetime: UtcDateTime}  # noqa: RUF012


def new_id() -> str:
    """Return 16 hex digits that no other row, deleted or in another database, has."""
    return secrets.token_hex(8)


class InspectionRow(Base):
    """See `crack.inspections.records.Inspection`.

    The keys are the names in the form that is compared, see
    `crack.inspections.names.name_key`.
    """

    __tablename__ = "inspections"
    __table_args__ = (Index(None, "structure_key", "element_key"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    structure: Mapped[str]
    structure_key: Mapped[str]
    element: Mapped[str]
    element_key: Mapped[str]
    inspected_on: Mapped[date]
    note: Mapped[str]
    created: Mapped[datetime]
    model_name: Mapped[str]
    model_created: Mapped[str]
    model_run_id: Mapped[str]
    threshold_no_crack: Mapped[float]
    threshold_crack: Mapped[float]
    temperature: Mapped[float]
    offset: Mapped[float]


class PhotoRow(Base):
    """See `crack.inspections.records.InspectedPhoto`; the answer's fields are here too.

    A database treats no two NULLs as equal, so there may be several rows without
    `sha256`.
    """

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("inspection_id", "sha256"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    inspection_id: Mapped[str] = mapped_column(
        ForeignKey("inspections.id", ondelete="CASCADE")
    )
    sha256: Mapped[str | None]
    stored: Mapped[str | None]
    added: Mapped[datetime]
    file: Mapped[str]
    label: Mapped[str | None]
    probability: Mapped[float | None]
    log_odds: Mapped[float | None]
    distance: Mapped[float | None]
    mm_per_pixel: Mapped[float | None]
    threshold: Mapped[float]
    width: Mapped[int | None]
    height: Mapped[int | None]
    seconds: Mapped[float]
    error: Mapped[str | None]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    # The name in existing databases.
    regions: Mapped[list[dict[str, Any]]] = mapped_column("spots", JSON)
    verdict: Mapped[VerdictRow | None] = relationship(passive_deletes=True)
    region_verdicts: Mapped[list[RegionVerdictRow]] = relationship(
        passive_deletes=True, order_by="RegionVerdictRow.number"
    )


class VerdictRow(Base):
    """See `crack.inspections.records.Verdict`."""

    __tablename__ = "verdicts"

    photo_id: Mapped[str] = mapped_column(
        ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str]
    label: Mapped[str | None]
    note: Mapped[str]
    width_mm: Mapped[float | None]
    exposure: Mapped[str | None]
    given: Mapped[datetime]


class RegionVerdictRow(Base):
    """See `crack.inspections.records.RegionVerdict`.

    A later verdict on the same region is another row, and the latest counts: undoing
    it brings the earlier one back.
    """

    __tablename__ = "region_verdicts"
    __table_args__ = (Index(None, "photo_id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"))
    left: Mapped[int]
    top: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    is_crack: Mapped[bool]
    kind: Mapped[str]
    given: Mapped[datetime]


class LeaseRow(Base):
    """See `crack.leases`. Of the moment: no backup has it."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    expires_at: Mapped[datetime]
