"""The verbs of every submission; what is a room's own among them stands in `flow.kinds`."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow import remarks
from app.flow.kinds import Kind, Parts, Read, Row, Slot, Write
from app.flow.losses import hidden, removed
from app.flow.machine import Move
from app.flow.procedure import changed, recorded
from app.flow.reads import values
from app.flow.secrecy import refuse_marked
from app.flow.submission import Accept, Return, SubmissionState
from app.flow.submission_rules import DELETABLE, DRAFTS
from app.flow.versions import keep
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField, from_validation
from app.kit.pages import Paging
from app.kit.patch import merged
from app.kit.reader import Reader
from app.kit.writes import fresh, insert

__all__ = ["Papers", "Parts", "Read", "Row", "Slot", "Write"]


class Papers(Kind[Row, Write, Read]):
    """What is done with one kind of submission."""

    # The statements

    def one(self, actor: Actor, id: UUID) -> SelectOfScalar[Row]:
        """One submission, if the actor may know about it."""
        return self.visible(actor).where(col(self.table.id) == id)

    def filed(self, actor: Actor, id: UUID) -> SelectOfScalar[Row]:
        """One with what was said between its agency and the reviewer: theirs, not everybody's who may read it."""
        return self.one(actor, id).where(true() if actor.reads_all else col(self.table.agency_id) == actor.agency_id)

    def external(self, actor: Actor, source: str, external_id: str) -> SelectOfScalar[Row]:
        """The agency's own live one with its own key."""
        return self.visible(actor).where(
            col(self.table.agency_id) == actor.agency_id,
            col(self.table.source) == source,
            col(self.table.external_id) == external_id,
            col(self.table.state) != SubmissionState.withdrawn,
        )

    # The verbs

    async def page(self, reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
        """One page of those the actor may know about, newest first."""
        return await self.summary.page(reader, actor.shape, values(self.rules.machine, actor), wanted, paging)

    async def get(self, reader: Reader, actor: Actor, id: UUID) -> Response:
        """One, whole."""
        return await self.whole.one(reader, actor.shape, values(self.rules.machine, actor), id)

    async def create(
        self,
        session: AsyncSession,
        actor: Actor,
        body: Write,
        source: str | None = None,
        external_id: str | None = None,
    ) -> Read:
        """A new draft of the actor's own agency."""
        await self._check(session, actor, body)
        row, parts = await self.make(session, actor, body, source, external_id)
        return self.shown(actor, row, parts)

    async def make(
        self, session: AsyncSession, actor: Actor, body: Write, source: str | None, external_id: str | None
    ) -> tuple[Row, Parts]:
        """Write a new draft from a body that was checked."""
        assert actor.agency_id is not None
        facts = {
            "agency_id": actor.agency_id,
            "state": self.rules.machine.initial,
            "source": source,
            "external_id": external_id,
            "created_by": actor.client_id,
        }
        row = fresh(self.table, {**self._columns(body), **await self.derived(session, actor, body), **facts})
        insert(session, self.table, vars(row))
        parts = await self.write_parts(session, row, body, ())
        keep(session, actor, self.rules.kind, row, body)
        recorded(session, actor, row, self.rules.created)
        return row, parts

    async def upsert(
        self, session: AsyncSession, actor: Actor, source: str, external_id: str, expected: Expected | None, body: Write
    ) -> tuple[Read, bool]:
        """The one with the department's own key, created or replaced, and whether it is new."""
        refuse_marked([source, external_id])
        statement = self.external(actor, source, external_id).with_for_update()
        row = (await session.scalars(statement)).one_or_none()
        if row is None:
            return await self.create(session, actor, body, source, external_id), True
        self._check_editable(row, actor, expected, DRAFTS)
        return await self._replaced(session, actor, row, body), False

    async def replace(self, session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: Write) -> Read:
        """Replace what the agency wrote of a draft, or of what was returned."""
        row = await self._editable(session, actor, id, expected)
        return await self._replaced(session, actor, row, body)

    async def patch(
        self, session: AsyncSession, actor: Actor, id: UUID, expected: Expected, change: dict[str, Any]
    ) -> Read:
        """Change some members of a draft, or of what was returned (RFC 7396)."""
        refuse_marked(change)
        row = await self._editable(session, actor, id, expected)
        try:
            body = self.write.model_validate(merged(await self.content(session, row), change))
        except ValidationError as error:
            raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
        return await self._replaced(session, actor, row, body)

    async def delete(self, session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
        """Delete a draft that was never sent."""
        row = await self._editable(session, actor, id, expected, DELETABLE)
        await self.discard(session, actor, row)

    async def discard(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """Delete a draft that was found."""
        await self.on_deleted(session, actor, row)
        event = recorded(session, actor, row, self.rules.deleted, row.state)
        before = await self.audience(session, row, await self.parts(session, row))
        removed(session, self.rules.kind, row, event, before)
        await session.delete(row)

    async def move(
        self, session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
    ) -> Read:
        """Make one move of the procedure; what an agency sends to itself is accepted in the same move."""
        row = await found_row(session, self.one(actor, id).with_for_update())
        self.rules.machine.check(move, row.state, row.agency_id, actor)
        expected.check(row.version, self._tag(row, actor))
        parts = await self.parts(session, row)
        if move is self.rules.submit:
            await self.check_submit(session, row, parts)
        if isinstance(body, Return):
            content = self.written(row, parts).model_dump(mode="json")
            await remarks.add(session, actor, self.rules.kind, row, content, body.remarks, "remarks")
        await self.carry_out(session, actor, row, move, body, parts)
        if move is self.rules.submit and self.rules.received_by(actor):
            await self.carry_out(session, actor, row, self.rules.accept, Accept(), parts)
        return self.shown(actor, row, parts)

    async def content(self, session: AsyncSession, row: Row) -> dict[str, Any]:
        """What the agency wrote, as JSON."""
        return self.written(row, await self.parts(session, row)).model_dump(mode="json")

    def written(self, row: Row, parts: Parts) -> Write:
        """What the agency wrote, in the shape it writes."""
        columns = row.model_dump(include=set(self.write.model_fields))
        return self.write.model_validate({**columns, **self.parts_written(parts)})

    def shown(self, actor: Actor, row: Row, parts: Parts) -> Read:
        """It whole, as this actor may read it."""
        facts = row.model_dump(include=set(self.read.model_fields))
        derived = {
            "etag": self._tag(row, actor),
            "allowed_moves": self.rules.machine.allowed(row.state, row.agency_id, actor),
            "provisions": list(self.rules.provisions),
        }
        return self.read.model_validate({**facts, **row.told(), **self.parts_read(parts), **derived})

    def _columns(self, body: Write) -> dict[str, Any]:
        return body.model_dump(include=self._written_columns)

    @cached_property
    def _written_columns(self) -> set[str]:
        return self.table.model_fields.keys() & self.write.model_fields.keys()

    async def carry_out(
        self, session: AsyncSession, actor: Actor, row: Row, move: Move, body: Any, parts: Parts
    ) -> None:
        """Make a move that was checked, on a row that is locked."""
        before = await self.audience(session, row, parts)
        row.note(actor, body)
        previous, row.state = row.state, move.target
        event = changed(session, actor, row, move.event, previous)
        hidden(session, self.rules.kind, row, event, before, await self.audience(session, row, parts))
        follow: Mapping[str, Callable[[AsyncSession, Actor, Row], Awaitable[None]]] = {
            "submit": self.on_submitted,
            "return": self.on_returned,
            "accept": self.on_accepted,
            "withdraw": self.on_withdrawn,
        }
        await follow[move.name](session, actor, row)
        await self.on_moved(session, actor, row, move, body)

    async def _editable(
        self,
        session: AsyncSession,
        actor: Actor,
        id: UUID,
        expected: Expected,
        states: frozenset[SubmissionState] = DRAFTS,
    ) -> Row:
        row = await found_row(session, self.one(actor, id).with_for_update())
        self._check_editable(row, actor, expected, states)
        return row

    def _check_editable(
        self, row: Row, actor: Actor, expected: Expected | None, states: frozenset[SubmissionState]
    ) -> None:
        self.rules.machine.check_editable(states, row.state, row.agency_id, actor)
        if expected:
            expected.check(row.version, self._tag(row, actor))

    async def _replaced(self, session: AsyncSession, actor: Actor, row: Row, body: Write) -> Read:
        parts = await self.parts(session, row)
        # The same content again is no change: a nightly sync may send everything every night.
        if body != self.written(row, parts):
            self.check_settled(row, body)
            await self._check(session, actor, body)
            parts = await self.rewrite(session, actor, row, body, parts)
        return self.shown(actor, row, parts)

    async def rewrite(self, session: AsyncSession, actor: Actor, row: Row, body: Write, parts: Parts) -> Parts:
        """Write a body that was checked over what stands."""
        before = await self.audience(session, row, parts)
        row.sqlmodel_update(self._columns(body))
        parts = await self.write_parts(session, row, body, parts)
        event = changed(session, actor, row, self.rules.replaced)
        keep(session, actor, self.rules.kind, row, body)
        hidden(session, self.rules.kind, row, event, before, await self.audience(session, row, parts))
        return parts

    async def _check(self, session: AsyncSession, actor: Actor, body: Write) -> None:
        for fault in (await self.faults(session, actor, [body])).values():
            raise fault

    def check_settled(self, row: Row, body: Write) -> None:
        """Refuse to change what a submission answers once it was sent."""
        for name in self.settled if row.first_submitted_at else ():
            if getattr(row, name) != getattr(body, name):
                raise BadField("settled", name)

    def _tag(self, row: Row, actor: Actor) -> str:
        return etag(row.version, self.rules.machine.allowed(row.state, row.agency_id, actor))
