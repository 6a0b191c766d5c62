"""The moves of records: checked by the kind's own table, kept as steps, told at once."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.losses import hidden
from app.flow.procedure import changed
from app.kit.clock import now
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.ids import new_id
from app.kit.problems import InsufficientScope, NotFound
from app.kit.writes import insert
from app.records import queries, rows, rules
from app.records.kind import OWNER, RESOURCE, Kind, MoveWrite, Step
from app.records.kinds import KINDS
from app.records.models import Record, RecordStep
from app.records.schemas import RecordRead
from app.records.service import acting


async def move(
    session: AsyncSession, actor: Actor, id: UUID, name: str, expected: Expected, body: MoveWrite
) -> RecordRead:
    """Make one move; a move that the kind does not have is not found."""
    row = await found_row(session, queries.one(actor, id).with_for_update())
    kind = KINDS[row.kind]
    step = kind.step(name)
    if step is None:
        raise NotFound
    if step.scope not in actor.scopes:
        raise InsufficientScope(step.scope.value)
    by = await acting(session, actor, body.on_behalf_of)
    named = by.agency_id in row.acting_ids
    kind.machine.check(step, row.state, rules.owner_for(by, row), by, named=named)
    expected.check(row.version, etag(row.version, rules.allowed(actor, row)))
    _check_said(kind, step, body)
    if step.ready:
        step.ready(rules.facts(row))
    if step.merges:
        row.merged_into_id = await _goes_on(session, actor, row, step, body)
    others = await session.scalars(queries.merged(actor, row.id).with_for_update()) if step.carries else ()
    for one in (row, *others):
        await _made(session, actor, by, one, step, body)
    return await rows.shown(session, actor, id)


def _check_said(kind: Kind, step: Step, body: MoveWrite) -> None:
    """Refuse a move that does not say what it must, or says what it has no place for."""
    rules.check_textless(kind, note=body.note, document=body.document)
    if step.reasons is None and body.reason is not None:
        raise BadField("no_reason", "reason")
    if step.reasons and body.reason is None:
        raise BadField("missing", "reason")
    if step.reasons and body.reason not in set(step.reasons):
        raise BadField("unknown_reason", "reason")
    if body.note is None and (step.needs_note or (body.reason == "other" and not kind.textless)):
        raise BadField("missing", "note")
    if step.needs_document and body.document is None:
        raise BadField("missing", "document")
    if step.merges != (body.into_id is not None):
        raise BadField("missing" if step.merges else "no_merge", "into_id")


async def _goes_on(session: AsyncSession, actor: Actor, row: Record, step: Step, body: MoveWrite) -> UUID:
    """The record that goes on for both: of the same kind, still under way; what others went into stays whole."""
    assert body.into_id is not None
    other = (await session.scalars(queries.one(actor, body.into_id).with_for_update())).one_or_none()
    if other is None:
        raise BadField("unknown_record", "into_id")
    if other.id == row.id or other.kind != row.kind or other.state not in step.sources:
        raise BadField("cannot_go_on", "into_id")
    if (await session.scalars(queries.merged(actor, row.id).limit(1))).one_or_none():
        raise BadField("merged_others", "into_id")
    return other.id


async def _made(session: AsyncSession, actor: Actor, by: Actor, row: Record, step: Step, body: MoveWrite) -> None:
    kind = KINDS[row.kind]
    before = await rows.audience(session, row)
    previous, row.state = row.state, step.leads(row.state)
    for name, value in rows.standing(kind, row.named, row.state).items():
        setattr(row, name, value)
    # What an owner does is done in the owner's name, also by the coordinator on what it has entered for it.
    name_of = row.agency_id if step.party is OWNER else by.agency_id
    event = changed(session, actor.in_name_of(name_of), row, rules.told(kind, step.event), previous)
    hidden(session, RESOURCE, row, event, before, await rows.audience(session, row))
    insert(
        session,
        RecordStep,
        {
            "id": new_id(),
            "record_id": row.id,
            "move": step.name,
            "previous_state": previous,
            "state": row.state,
            "reason": body.reason,
            "note": body.note,
            "document": body.document.model_dump(mode="json") if body.document else None,
            "agency_id": name_of,
            "recorded_by_agency_id": actor.agency_id if name_of != actor.agency_id else None,
            "made_by": actor.client_id,
            "made_at": now(),
        },
    )
