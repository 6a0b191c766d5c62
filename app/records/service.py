"""The verbs of records: record, edit, delete; how they are listed and read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.losses import hidden, removed
from app.flow.procedure import changed, differs, recorded
from app.flow.secrecy import refuse_marked
from app.kit.etag import Expected
from app.kit.failures import BadField, from_validation
from app.kit.pages import Paging
from app.kit.patch import merged
from app.kit.problems import NotPermitted
from app.kit.reader import Reader
from app.records import queries, rows, rules
from app.records.kind import RESOURCE, Kind
from app.records.kinds import KINDS
from app.records.models import Record
from app.records.reads import SUMMARY, WHOLE
from app.records.schemas import RecordRead, RecordWrite


async def list_records(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, rules.values(actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, rules.values(actor), id)


async def acting(session: AsyncSession, actor: Actor, on_behalf_of: UUID | None) -> Actor:
    """The actor, or the agency without a system of its own that it acts for."""
    if on_behalf_of is None:
        return actor
    if rules.DELEGATE not in actor.functions:
        raise NotPermitted(provisions=list(rules.PROVISIONS))
    functions = await rows.functions_of(session, on_behalf_of)
    if functions.isdisjoint(rules.ABSENT):
        raise BadField("has_own_system", "on_behalf_of")
    return actor.in_name_of(on_behalf_of, functions)


async def create(
    session: AsyncSession, actor: Actor, body: RecordWrite, source: str | None = None, external_id: str | None = None
) -> RecordRead:
    """A new record of the actor's own agency, or of one that it acts for."""
    by, kind = await acting(session, actor, body.on_behalf_of), KINDS[body.details.kind]
    assert by.agency_id is not None
    _check_writer(by, kind)
    rules.check_textless(kind, external_id=external_id)
    await rows.check(session, kind, body)
    row = Record(
        agency_id=by.agency_id,
        state=kind.machine.initial,
        created_by=actor.client_id,
        kind=kind.name,
        sensitivity=kind.sensitivity,
        source=source,
        external_id=external_id,
        recorded_by_agency_id=actor.agency_id if by is not actor else None,
        **rows.columns(kind, body, kind.machine.initial),
    )
    session.add(row)
    rows.noted(session, actor, row)
    recorded(session, by, row, rules.told(kind, kind.opened))
    return await rows.shown(session, actor, row.id)


async def upsert(
    session: AsyncSession, actor: Actor, source: str, external_id: str, expected: Expected | None, body: RecordWrite
) -> tuple[RecordRead, bool]:
    """The one with the department's own key, recorded or replaced, and whether it is new."""
    refuse_marked([source, external_id])
    by = await acting(session, actor, body.on_behalf_of)
    assert by.agency_id is not None
    statement = queries.external(actor, by.agency_id, source, external_id).with_for_update()
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        return await create(session, actor, body, source, external_id), True
    rows.check_editable(actor, row, expected)
    return await _replaced(session, actor, row, body), False


async def replace(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: RecordWrite) -> RecordRead:
    """Replace what was written, while the kind allows it."""
    return await _replaced(session, actor, await rows.editable(session, actor, id, expected), body)


async def patch(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, change: dict[str, Any]
) -> RecordRead:
    """Change some members (RFC 7396)."""
    refuse_marked(change)
    row = await rows.editable(session, actor, id, expected)
    try:
        body = RecordWrite.model_validate(merged(rows.content(row), change))
    except ValidationError as error:
        raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    return await _replaced(session, actor, row, body)


async def delete(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete what nobody was told of yet."""
    row = await rows.editable(session, actor, id, expected, delete=True)
    kind = KINDS[row.kind]
    event = recorded(session, actor.in_name_of(row.agency_id), row, rules.told(kind, rules.DELETED), row.state)
    removed(session, RESOURCE, row, event, await rows.readers(session, row))
    await session.delete(row)


async def _replaced(session: AsyncSession, actor: Actor, row: Record, body: RecordWrite) -> RecordRead:
    kind = KINDS[row.kind]
    _check_settled(row, body)
    await rows.check(session, kind, body)
    facts = rows.columns(kind, body, row.state)
    # The same again is no change: a nightly sync may send everything every night.
    if differs(row, facts):
        before = await rows.audience(session, row)
        row.sqlmodel_update(facts)
        if kind.whole and row.state != kind.machine.initial:
            kind.whole(rules.facts(row))
        event = changed(session, actor.in_name_of(row.agency_id), row, rules.told(kind, kind.edited or rules.EDITED))
        rows.noted(session, actor, row)
        hidden(session, RESOURCE, row, event, before, await rows.audience(session, row))
    return await rows.shown(session, actor, row.id)


def _check_writer(actor: Actor, kind: Kind) -> None:
    if kind.writers and kind.writers.isdisjoint(actor.functions):
        raise NotPermitted(provisions=[str(cited) for cited in kind.provisions])


def _check_settled(row: Record, body: RecordWrite) -> None:
    """What it is and for whom it was recorded stays."""
    if body.details.kind != row.kind:
        raise BadField("settled", "details", "kind")
    if body.on_behalf_of != (row.agency_id if row.recorded_by_agency_id else None):
        raise BadField("settled", "on_behalf_of")
