"""The operations on what was written before: the versions of a resource, one of them, what differs between two."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.flow import versions
from app.flow.procedure import Procedure
from app.flow.routes import READS
from app.flow.versions import Difference, VersionList, VersionRead
from app.kit.db import SessionDep, found_row
from app.kit.problems import InvalidParameter, problems

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
Kept = Callable[[Actor, UUID], SelectOfScalar[Any]]
"""The statement of a resource for an actor who may read its history."""
Noting = Callable[[AsyncSession, Actor, Any], Awaitable[None]]
"""Notes that a resource is read, before it is shown."""


def add_versions(router: APIRouter, kind: str, scope: Scope, kept: Kept, noting: Noting | None = None) -> None:
    """Give the router the operations on the versions of a resource."""

    async def found(session: AsyncSession, actor: Actor, id: UUID) -> Procedure:
        row: Procedure = await found_row(session, kept(actor, id))
        if noting:
            await noting(session, actor, row)
        return row

    Reader = Annotated[Actor, needs(scope)]  # noqa: N806 - an annotation, named like the others

    @router.get("/{id}/versions", name=f"list_{kind}_versions", responses=problems(*READS))
    async def list_versions(id: UUID, actor: Reader, session: SessionDep) -> VersionList:
        """List the versions at which the agency wrote something, oldest first."""
        row = await found(session, actor, id)
        written = await versions.versions(session, kind, row.id)
        return VersionList(items=[VersionRead.model_validate(version, from_attributes=True) for version in written])

    @router.get("/{id}/versions/{version}", name=f"get_{kind}_version", responses=problems(*READS))
    async def get_version(id: UUID, version: Version, actor: Reader, session: SessionDep) -> dict[str, Any]:
        """Read what the agency had written by a version, in the shape it writes."""
        row = await found(session, actor, id)
        return await versions.content_at(session, kind, row, version)

    @router.get("/{id}/difference", name=f"compare_{kind}_versions", responses=problems(*READS, InvalidParameter))
    async def compare(
        id: UUID,
        from_: Annotated[int, Query(alias="from", ge=1, le=2**31 - 1)],
        to: Annotated[int, Query(ge=1, le=2**31 - 1)],
        actor: Reader,
        session: SessionDep,
    ) -> Difference:
        """Compare two versions: the steps of a JSON Patch (RFC 6902) that turn one into the other."""
        row = await found(session, actor, id)
        old = await versions.content_at(session, kind, row, from_)
        new = await versions.content_at(session, kind, row, to)
        return Difference(from_version=from_, to_version=to, changes=versions.difference(old, new))
