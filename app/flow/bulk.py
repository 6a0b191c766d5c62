"""Many submissions at once, as a nightly sync sends them: all are judged before any is written, then written in sets.

The number of statements does not depend on the number of items. An item that is refused leaves nothing behind, and the
others stand, unless the call is atomic.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Generic
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Text, Uuid, any_, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.bulk_items import BulkStatus, Item
from app.flow.kinds import Parts, Slot
from app.flow.papers import Papers, Read, Row, Write
from app.flow.submission import SubmissionState
from app.flow.submission_rules import DRAFTS
from app.flow.versions import unaltered
from app.kit.failures import CONSTRAINTS, BadField
from app.kit.problems import Conflict, NotPermitted, Problem, WrongState

TWICE = (
    "Khóa ngoài này đã có ở một mục đứng trước trong cùng lần gửi.",
    "An item before it in the same call has this external id.",
)
GONE = (
    "Nội dung này vừa bị xóa hoặc thu hồi. Gửi lại yêu cầu.",
    "It was deleted or taken back just now. Send the request again.",
)


class BulkCall(Generic[Row, Write, Read]):
    """One call of one agency's system on a kind of submission."""

    def __init__(self, room: Papers[Row, Write, Read], session: AsyncSession, actor: Actor) -> None:
        self._room, self._session, self._actor = room, session, actor
        self._rows: Mapping[UUID, Row] = {}
        self._parts: Mapping[UUID, Parts] = {}
        self._marks: Mapping[str, Mapping[str, str]] = from_json(room.rules.machine.marks(actor))

    async def apply(self, items: Sequence[Item], *, atomic: bool, dry_run: bool) -> None:
        """Judge every item, and write those that may be."""
        await self._judge(items)
        if dry_run:
            return
        if atomic and any(item.problem for item in items):
            for item in _sound(items):
                item.status = BulkStatus.not_applied
            return
        await self._write(items)

    def tagged(self, item: Item) -> str | None:
        """The tag of what stands."""
        return f'"v{item.version}.{self._marks[f"{item.state}+"]["tag"]}"' if item.state else None

    async def _judge(self, items: Sequence[Item]) -> None:
        _refuse_repeats(items)
        await self._find(items)
        standing = {item.id: item.body for item in _sound(items) if item.id}
        same = await unaltered(self._session, self._room.rules.kind, {id: b for id, b in standing.items() if id})
        for item in _sound(items):
            if item.id:
                item.status = BulkStatus.unchanged if item.id in same else BulkStatus.updated
        await self._lock(items)
        for item in list(self._changing(items)):
            if problem := self._refusal(item):
                item.fail(problem)
        changing = list(self._changing(items))
        for place, fault in (
            await self._room.faults(self._session, self._actor, [item.body for item in changing])
        ).items():
            changing[place].fail(fault.problem("body"))
        for slot in self._room.slots:
            await self._fill(slot, items)

    async def _find(self, items: Sequence[Item]) -> None:
        """What stands under each key."""
        keys = [item.key for item in _sound(items)]
        t = self._room.table
        given = (func.unnest(cast([key[at] for key in keys], ARRAY(Text))) for at in (0, 1))
        statement = (
            self._own()
            .where(tuple_(col(t.source), col(t.external_id)).in_(select(*given)))
            .with_only_columns(col(t.source), col(t.external_id), col(t.id), col(t.version), col(t.state))
        )
        found = {(row[0], row[1]): row[2:] for row in await self._session.execute(statement)} if keys else {}
        for item in _sound(items):
            if item.key in found:
                item.id, item.version, item.state = found[item.key]

    async def _lock(self, items: Sequence[Item]) -> None:
        """The rows that are to change, whole, and nobody else's to change meanwhile."""
        ids = [item.id for item in items if item.status is BulkStatus.updated]
        if not ids:
            return
        found = self._own().where(col(self._room.table.id) == any_(cast(ids, ARRAY(Uuid))))
        # Always in one order: two calls never wait for each other.
        rows = await self._session.scalars(found.order_by(col(self._room.table.id)).with_for_update())
        self._rows = {row.id: row for row in rows}
        self._parts = await self._room.parts_of(self._session, list(self._rows.values()))

    def _refusal(self, item: Item) -> Problem | None:
        if item.status is BulkStatus.created:
            return None
        row = self._rows.get(item.id) if item.id else None
        if row is None:
            return Conflict(*GONE)
        item.version, item.state = row.version, row.state
        # Written before its schema had some member, the same content may not have been told by its last version.
        if item.body == self._room.written(row, self._parts[row.id]):
            item.status = BulkStatus.unchanged
            return None
        try:
            self._room.rules.machine.check_editable(DRAFTS, row.state, row.agency_id, self._actor)
            self._room.check_settled(row, item.body)
        except BadField as fault:
            return fault.problem("body")
        except (WrongState, NotPermitted) as problem:
            return problem
        return None

    async def _fill(self, slot: Slot, items: Sequence[Item]) -> None:
        """Give each item the slot it wants; what held one when the call began holds it until the call ends."""
        wanting = [item for item in self._changing(items) if item.body.kind == slot.kind]
        column = getattr(self._room.table, slot.column)
        wanted = [getattr(item.body, slot.column) for item in wanting]
        statement = self._own().where(
            self._room.table.__table__.c.kind == slot.kind,  # type: ignore[attr-defined]
            column == any_(cast(literal(wanted, ARRAY(column.type)), ARRAY(column.type))),
        )
        statement = statement.with_only_columns(column, col(self._room.table.id))
        held: dict[Any, UUID | None] = (
            {row[0]: row[1] for row in await self._session.execute(statement)} if wanted else {}
        )
        for item, value in zip(wanting, wanted, strict=True):
            if value in held and (item.id is None or held[value] != item.id):
                item.fail(Conflict(*CONSTRAINTS[slot.constraint]))
            else:
                held[value] = item.id

    async def _write(self, items: Sequence[Item]) -> None:
        room, session, actor = self._room, self._session, self._actor
        for item in self._changing(items):
            if item.id is None:
                row, _ = await room.make(session, actor, item.body, item.source, item.external_id)
            else:
                row = self._rows[item.id]
                await room.rewrite(session, actor, row, item.body, self._parts[row.id])
            item.id, item.version, item.state = row.id, row.version, row.state

    def _own(self) -> Any:
        """The agency's own that stand."""
        t = self._room.table
        return self._room.visible(self._actor).where(
            col(t.agency_id) == self._actor.agency_id, col(t.state) != SubmissionState.withdrawn
        )

    @staticmethod
    def _changing(items: Sequence[Item]) -> Iterator[Item]:
        return (item for item in items if item.status in {BulkStatus.created, BulkStatus.updated})


def _sound(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.problem is None]


def _refuse_repeats(items: Sequence[Item]) -> None:
    """Of several with one key only the first counts."""
    by_key = sorted(_sound(items), key=lambda item: (item.key, item.index))
    for _, group in groupby(by_key, key=lambda item: item.key):
        for item in list(group)[1:]:
            item.fail(Conflict(*TWICE))
