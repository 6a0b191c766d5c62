"""The log of readings: written by the statement that reads, so that nothing restricted is read without it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, FromClause, Insert, Select, Uuid, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import AGENCY, Actor
from app.kit.clock import Instant, now
from app.kit.db import Timestamptz
from app.kit.ids import new_id
from app.records.kind import Sensitivity
from app.records.models import Record, RecordAccess


class AccessRead(BaseModel):
    """That restricted records were read."""

    id: UUID
    accessed_at: Instant
    client_id: UUID | None = Field(description="By which client.")
    agency_id: UUID | None = Field(description="Of which agency.")
    record_ids: list[UUID] = Field(max_length=200, description="The restricted records that an answer held.")


_ME: Any = AGENCY


def noted(shown: FromClause, most: ColumnElement[int] | None) -> Insert:
    """For a `Shape`: one row that names the restricted records among those shown, where there are some."""
    rows: FromClause = shown
    if most is not None:
        rows = select(shown.c.id, shown.c.sensitivity).order_by(shown.c.id.desc()).limit(most).subquery("given")
    found: Select[Any] = select(
        bindparam("access_id", type_=Uuid),
        bindparam("access_at", type_=Timestamptz()),
        bindparam("access_client", type_=Uuid),
        _ME,
        func.array_agg(rows.c.id),
    )
    found = found.where(rows.c.sensitivity == Sensitivity.restricted.value).having(func.count() > 0)
    return insert(RecordAccess).from_select(["id", "accessed_at", "client_id", "agency_id", "record_ids"], found)


def values(actor: Actor) -> Mapping[str, Any]:
    """The parameters of what is noted."""
    return {"access_id": new_id(), "access_at": now(), "access_client": actor.client_id}


async def note(session: AsyncSession, actor: Actor, row: Record) -> None:
    """Note that parts of a record were read, where it is restricted; it is durable before they are shown."""
    if row.sensitivity == Sensitivity.restricted:
        who = {"client_id": actor.client_id, "agency_id": actor.agency_id}
        await session.execute(insert(RecordAccess).values(id=new_id(), accessed_at=now(), record_ids=[row.id], **who))
        # A session that reads has no commit of its own.
        await session.commit()
