"""What every submission has beside its moves: its versions, their differences, and the remarks on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow import remarks, versions
from app.flow.procedure import Procedure, recorded
from app.flow.remarks import AnswerWrite, RemarkList, RemarkRead, RemarkWrite
from app.flow.routes import CREATES, EDITS, READS, REPEATS
from app.flow.versions import Difference, VersionList, VersionRead
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.problems import InvalidParameter, NotFound, NotPermitted, WrongState, problems
from app.trail.record import EventType

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a room says of one kind of submission, so that it has versions and takes remarks."""

    kind: str
    found: Callable[[AsyncSession, Actor, UUID], Awaitable[Procedure]]
    content: Callable[[AsyncSession, Any], Awaitable[dict[str, Any]]]
    remarkable: frozenset[StrEnum]
    read: Scope
    write: Scope
    review: Scope
    made: EventType
    answered: EventType
    resolved: EventType


def add_versions(router: APIRouter, room: Submission) -> None:
    """Give the router the operations on versions."""
    Reader = Annotated[Actor, needs(room.read)]  # noqa: N806 - an annotation, named like the others

    @router.get("/{id}/versions", name=f"list_{room.kind}_versions", responses=problems(*READS))
    async def list_versions(id: UUID, actor: Reader, session: SessionDep) -> VersionList:
        """List the versions at which the agency wrote something, oldest first."""
        row = await room.found(session, actor, id)
        kept = await versions.versions(session, room.kind, row.id)
        return VersionList(items=[VersionRead.model_validate(version, from_attributes=True) for version in kept])

    @router.get("/{id}/versions/{version}", name=f"get_{room.kind}_version", responses=problems(*READS))
    async def get_version(id: UUID, version: Version, actor: Reader, session: SessionDep) -> dict[str, Any]:
        """Read what the agency had written by a version, in the shape it writes."""
        row = await room.found(session, actor, id)
        return await versions.content_at(session, room.kind, row, version)

    @router.get("/{id}/difference", name=f"compare_{room.kind}_versions", responses=problems(*READS, InvalidParameter))
    async def compare(
        id: UUID,
        from_: Annotated[int, Query(alias="from", ge=1, le=2**31 - 1)],
        to: Annotated[int, Query(ge=1, le=2**31 - 1)],
        actor: Reader,
        session: SessionDep,
    ) -> Difference:
        """Compare two versions: the steps of a JSON Patch (RFC 6902) that turn one into the other."""
        row = await room.found(session, actor, id)
        old = await versions.content_at(session, room.kind, row, from_)
        new = await versions.content_at(session, room.kind, row, to)
        return Difference(from_version=from_, to_version=to, changes=versions.difference(old, new))


def add_remarks(router: APIRouter, room: Submission) -> None:
    """Give the router the operations on remarks."""
    _add_reading(router, room)
    _add_reviewing(router, room)
    _add_answering(router, room)


def _add_reading(router: APIRouter, room: Submission) -> None:
    @router.get("/{id}/remarks", name=f"list_{room.kind}_remarks", responses=problems(*READS))
    async def list_remarks(id: UUID, actor: Annotated[Actor, needs(room.read)], session: SessionDep) -> RemarkList:
        """List the reviewer's remarks, each open, answered or resolved."""
        row = await room.found(session, actor, id)
        return RemarkList(items=await remarks.remarks_on(session, room.kind, row))


def _add_reviewing(router: APIRouter, room: Submission) -> None:
    Reviewer = Annotated[Actor, needs(room.review)]  # noqa: N806 - an annotation, named like the others

    @router.post(
        "/{id}/remarks",
        name=f"remark_on_{room.kind}",
        status_code=status.HTTP_201_CREATED,
        responses=problems(*CREATES, NotFound, WrongState),
        dependencies=[CreatesOnce],
    )
    async def remark(
        id: UUID, body: RemarkWrite, actor: Reviewer, session: SessionDep, response: Response
    ) -> RemarkRead:
        """Remark on one place of what the agency wrote."""
        row = await room.found(session, actor, id)
        if row.state not in room.remarkable:
            raise WrongState(state=row.state, allowed_moves=[])
        (made,) = await remarks.add(session, actor, room.kind, row, await room.content(session, row), [body])
        recorded(session, actor, row, room.made)
        return tagged(response, remarks.shown(made))

    @router.post(
        "/{id}/remarks/{remark_id}/resolve",
        name=f"resolve_{room.kind}_remark",
        responses=problems(*EDITS, *REPEATS),
        dependencies=[MovesOnce],
    )
    async def resolve(
        id: UUID, remark_id: UUID, expected: IfMatch, actor: Reviewer, session: SessionDep, response: Response
    ) -> RemarkRead:
        """Settle a remark."""
        row = await room.found(session, actor, id)
        settled = await remarks.resolve(session, room.kind, row, remark_id, expected)
        recorded(session, actor, row, room.resolved)
        return tagged(response, remarks.shown(settled))


def _add_answering(router: APIRouter, room: Submission) -> None:
    @router.post(
        "/{id}/remarks/{remark_id}/answer",
        name=f"answer_{room.kind}_remark",
        responses=problems(*EDITS, *REPEATS),
        dependencies=[MovesOnce],
    )
    async def answer(
        id: UUID,
        remark_id: UUID,
        body: AnswerWrite,
        expected: IfMatch,
        actor: Annotated[Actor, needs(room.write)],
        session: SessionDep,
        response: Response,
    ) -> RemarkRead:
        """Answer a remark on one's own agency's submission."""
        row = await room.found(session, actor, id)
        if row.agency_id != actor.agency_id:
            raise NotPermitted
        said = await remarks.answer(session, room.kind, row, remark_id, expected, body)
        recorded(session, actor, row, room.answered)
        return tagged(response, remarks.shown(said))
