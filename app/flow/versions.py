"""What an agency wrote, at every version it wrote: kept for ever, compared on request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import jsonpatch
from pydantic import BaseModel, Field
from pydantic_core import to_json
from sqlalchemy import Column, Text, Uuid, bindparam, cast, column, func
from sqlalchemy import select as sa_select
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field as SqlField
from sqlmodel import SQLModel, col, select

from app.access.actor import Actor
from app.flow.procedure import Procedure
from app.kit.clock import Instant, now
from app.kit.db import Timestamptz, found_row
from app.kit.driver import Statement, run
from app.kit.problems import NotFound
from app.kit.writes import insert


class ResourceVersion(SQLModel, table=True):
    """The content of one resource as written at one of its versions."""

    __tablename__ = "resource_version"

    resource_type: str = SqlField(primary_key=True)
    resource_id: UUID = SqlField(primary_key=True)
    version: int = SqlField(primary_key=True)
    written_at: datetime = SqlField(default_factory=now, sa_type=Timestamptz)
    written_by: UUID | None = None
    content: dict[str, Any] = SqlField(sa_column=Column(JSONB, nullable=False))


class VersionRead(BaseModel):
    """A version at which the agency wrote something; moves between raise the number without new content."""

    version: int
    written_at: Instant
    written_by: UUID | None = Field(description="The client that wrote it.")


class VersionList(BaseModel):
    """The versions, oldest first."""

    items: list[VersionRead] = Field(max_length=10_000)


class Change(BaseModel):
    """One step of a JSON Patch (RFC 6902)."""

    op: str = Field(max_length=16, examples=["replace"])
    path: str = Field(max_length=1000, examples=["/tasks/0/title"])
    value: Any = None
    from_: str | None = Field(None, alias="from", max_length=1000)


class Difference(BaseModel):
    """What turns one version's content into another's."""

    from_version: int
    to_version: int
    changes: list[Change] = Field(max_length=100_000)


def keep(session: AsyncSession, actor: Actor, kind: str, row: Procedure, body: BaseModel | Mapping[str, Any]) -> None:
    """Keep what was just written, at the row's present version."""
    insert(
        session,
        ResourceVersion,
        {
            "resource_type": kind,
            "resource_id": row.id,
            "version": row.version,
            "written_at": now(),
            "written_by": actor.client_id,
            "content": body,
        },
    )


async def versions(session: AsyncSession, kind: str, id: UUID) -> Sequence[ResourceVersion]:
    """Every version of a resource that was found through its room's `visible`."""
    statement = select(ResourceVersion).where(ResourceVersion.resource_type == kind, ResourceVersion.resource_id == id)
    return (await session.scalars(statement.order_by(col(ResourceVersion.version)))).all()


async def unaltered(session: AsyncSession, kind: str, bodies: Mapping[UUID, BaseModel]) -> frozenset[UUID]:
    """Of resources that were found through their room's `visible`, those whose agency last wrote just this."""
    if not bodies:
        return frozenset()
    given = to_json([{"id": id, "body": body} for id, body in bodies.items()]).decode()
    return frozenset(row[0] for row in await run(session, _UNALTERED, {"kind": kind, "given": given}))


async def content_at(session: AsyncSession, kind: str, row: Procedure, version: int) -> dict[str, Any]:
    """The content as it stood at a version: what was last written by then."""
    if not 1 <= version <= row.version:
        raise NotFound
    statement = select(ResourceVersion).where(
        ResourceVersion.resource_type == kind,
        ResourceVersion.resource_id == row.id,
        col(ResourceVersion.version) <= version,
    )
    found = await found_row(session, statement.order_by(col(ResourceVersion.version).desc()).limit(1))
    return found.content


def _unaltered() -> Statement:
    """PostgreSQL compares: what stands need not be fetched."""
    rows = func.json_to_recordset(cast(bindparam("given", type_=Text), JSON))
    given = rows.table_valued(column("id", Uuid), column("body", JSONB)).render_derived("given", with_types=True)
    v = ResourceVersion
    of_it = (col(v.resource_type) == bindparam("kind", type_=Text), col(v.resource_id) == given.c.id)
    last = sa_select(col(v.content)).where(*of_it).order_by(col(v.version).desc()).limit(1).correlate(given)
    return Statement(sa_select(given.c.id).where(last.scalar_subquery() == given.c.body))


_UNALTERED = _unaltered()


def difference(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """What changed, as the steps of a JSON Patch."""
    return [Change.model_validate(step) for step in jsonpatch.make_patch(old, new).patch]
