"""Remarks: what the reviewer points at in a submission, and what became of it (open, answered, resolved)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from jsonpointer import EndOfList, JsonPointer, JsonPointerException
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field as SqlField
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.procedure import Procedure
from app.flow.secrecy import Submitted
from app.kit.clock import Instant, now
from app.kit.db import Timestamptz, found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.ids import new_id
from app.kit.problems import WrongState
from app.kit.text import Prose, clean

MOST = 500
Pointer = Annotated[
    str, Field(max_length=300, pattern=r"^(/[^/]*)*$", examples=["/tasks/0/title"]), BeforeValidator(clean)
]


class RemarkState(StrEnum):
    """What became of a remark."""

    open = "open"
    answered = "answered"
    resolved = "resolved"


class Remark(SQLModel, table=True):
    """One remark on one place of one resource, made at one version of it."""

    __table_args__ = (Index("ix_remark_resource", "resource_type", "resource_id"),)

    id: UUID = SqlField(default_factory=new_id, primary_key=True)
    resource_type: str
    resource_id: UUID
    resource_version: int
    pointer: str
    text: str
    state: str = RemarkState.open
    version: int = 1
    made_at: datetime = SqlField(default_factory=now, sa_type=Timestamptz)
    made_by_agency: UUID | None = None
    answer: str | None = None
    answered_at: datetime | None = SqlField(default=None, sa_type=Timestamptz)
    resolved_at: datetime | None = SqlField(default=None, sa_type=Timestamptz)


class RemarkWrite(Submitted):
    """A remark on one place of what was submitted."""

    pointer: Pointer = Field(description="JSON Pointer into what the agency wrote; empty: the whole.")
    text: Prose


class AnswerWrite(Submitted):
    """The agency's answer to a remark."""

    text: Prose


class RemarkRead(BaseModel):
    """A remark and what became of it."""

    id: UUID
    pointer: str = Field(max_length=300)
    text: str = Field(max_length=20_000)
    state: RemarkState
    resource_version: int = Field(description="The version of the resource it speaks of.")
    made_at: Instant
    made_by_agency: UUID | None
    answer: str | None = Field(max_length=20_000)
    answered_at: Instant | None
    resolved_at: Instant | None
    etag: str = Field(max_length=64)


class RemarkList(BaseModel):
    """The remarks on a resource, oldest first."""

    items: list[RemarkRead] = Field(max_length=MOST)


def shown(remark: Remark) -> RemarkRead:
    """Show a remark on the wire."""
    facts = remark.model_dump(include=set(RemarkRead.model_fields))
    return RemarkRead(**facts, etag=etag(remark.version))


def _on(kind: str, row: Procedure) -> SelectOfScalar[Remark]:
    return select(Remark).where(Remark.resource_type == kind, Remark.resource_id == row.id)


async def remarks_on(session: AsyncSession, kind: str, row: Procedure) -> list[RemarkRead]:
    """Every remark on a resource that was found through its room's `visible`."""
    found = await session.scalars(_on(kind, row).order_by(col(Remark.id)).limit(MOST))
    return [shown(remark) for remark in found]


async def add(
    session: AsyncSession,
    actor: Actor,
    kind: str,
    row: Procedure,
    content: Any,
    bodies: Sequence[RemarkWrite],
    *at: str,
) -> list[Remark]:
    """Remarks on places that exist in the content; `at` says where in the request they stand."""
    made = []
    standing = len((await session.scalars(_on(kind, row).with_only_columns(Remark.id))).all())  # type: ignore[call-overload]
    for place, body in enumerate(bodies):
        where: tuple[str | int, ...] = (*at, place, "pointer") if at else ("pointer",)
        if not _exists(content, body.pointer):
            raise BadField("unknown_pointer", *where)
        if standing + place >= MOST:
            raise BadField("too_many_remarks", *where, most=MOST)
        made.append(
            Remark(
                resource_type=kind,
                resource_id=row.id,
                resource_version=row.version,
                pointer=body.pointer,
                text=body.text,
                made_by_agency=actor.agency_id,
            )
        )
    session.add_all(made)
    return made


def _exists(content: Any, pointer: str) -> bool:
    try:
        # `-`, the place behind the last item, is for a patch to write to; nothing stands there to remark on.
        return not isinstance(JsonPointer(pointer).resolve(content), EndOfList)
    except JsonPointerException:
        return False


async def answer(
    session: AsyncSession, kind: str, row: Procedure, id: UUID, expected: Expected, body: AnswerWrite
) -> Remark:
    """The agency answers a remark that is not resolved yet."""
    remark = await _standing(session, kind, row, id, expected)
    remark.answer, remark.answered_at, remark.state = body.text, now(), RemarkState.answered
    return remark


async def resolve(session: AsyncSession, kind: str, row: Procedure, id: UUID, expected: Expected) -> Remark:
    """The reviewer is content."""
    remark = await _standing(session, kind, row, id, expected)
    remark.resolved_at, remark.state = now(), RemarkState.resolved
    return remark


async def _standing(session: AsyncSession, kind: str, row: Procedure, id: UUID, expected: Expected) -> Remark:
    remark = await found_row(session, _on(kind, row).where(Remark.id == id).with_for_update())
    if remark.state == RemarkState.resolved:
        raise WrongState(state=remark.state, allowed_moves=[])
    expected.check(remark.version, etag(remark.version))
    remark.version += 1
    return remark
