"""Rows of records: how they are made of a body, found, kept and shown; for the verbs of this room."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from app.access.actor import Actor
from app.access.models import FunctionHeld
from app.agencies.queries import holders, on
from app.flow.losses import Audience
from app.flow.versions import keep
from app.kit.clock import today
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.text import fold
from app.press.bodies import check_agencies
from app.records import queries, rules
from app.records.kind import RESOURCE, Kind
from app.records.kinds import KINDS
from app.records.models import Record
from app.records.reads import WHOLE
from app.records.schemas import RecordRead, RecordWrite


async def editable(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, *, delete: bool = False
) -> Record:
    """One of the actor's own, in a state in which it may be edited (or deleted), at the version it has read."""
    row = await found_row(session, queries.one(actor, id).with_for_update())
    check_editable(actor, row, expected, delete=delete)
    return row


def check_editable(actor: Actor, row: Record, expected: Expected | None, *, delete: bool = False) -> None:
    """Refuse an edit by another, in another state, or of another version."""
    kind = KINDS[row.kind]
    states = kind.deletable if delete else kind.editable
    kind.machine.check_editable(states, row.state, rules.owner_for(actor, row), actor)
    if expected:
        expected.check(row.version, etag(row.version, rules.allowed(actor, row)))


async def check(session: AsyncSession, kind: Kind, body: RecordWrite) -> None:
    """Refuse what is not of the kind, or names what is not there."""
    rules.check_textless(kind, title_en=body.title_en, summary=body.summary)
    if body.summary is not None and not kind.summary:
        raise BadField("not_taken", "summary")
    if kind.label and body.title is not None:
        raise BadField("title_derived", "title")
    if kind.label is None and body.title is None:
        raise BadField("missing", "title")
    for place, one in enumerate(body.named):
        if one.role not in kind.named:
            raise BadField("unknown_role", "named", place, "role")
    await check_agencies(session, [one.agency_id for one in body.named], "named")


def columns(kind: Kind, body: RecordWrite, state: str) -> dict[str, Any]:
    """What was written, as columns, with what follows from it."""
    title = kind.label(body.details) if kind.label else body.title
    named = [one.model_dump(mode="json") for one in body.named]
    texts = (title, body.title_en, body.summary, *(kind.search(body.details) if kind.search else ()))
    return {
        **body.model_dump(include={"title_en", "summary", "languages", "starts_on", "ends_on"}),
        "title": title,
        "named": named,
        "details": body.details.model_dump(mode="json"),
        "search": "\n".join(fold(text) for text in texts if text),
        **standing(kind, named, state),
    }


def standing(kind: Kind, named: Sequence[Mapping[str, Any]], state: str) -> dict[str, Any]:
    """Who reads and who may act because the record names them, as it stands, and whether everybody may know of it."""
    roles = rules.by_role(named)
    return {
        "reader_ids": sorted(kind.reader_ids(roles, state)),
        "acting_ids": sorted(kind.acting_ids(roles)),
        "public": state in kind.public_when,
    }


def content(row: Record) -> dict[str, Any]:
    """What was written, as JSON; each writing declares anew that it holds no state secret."""
    facts = row.model_dump(mode="json", include=set(RecordWrite.model_fields))
    title = {"title": None} if KINDS[row.kind].label else {}
    return {**facts, **title, "on_behalf_of": str(row.agency_id) if row.recorded_by_agency_id else None}


def noted(session: AsyncSession, actor: Actor, row: Record) -> None:
    """Keep the version just written."""
    keep(session, actor, RESOURCE, row, content(row))


async def audience(session: AsyncSession, row: Record) -> Audience:
    """Who reads it as it stands, beside its own agency, those who read all, and the readers of its kind by function."""
    kind = KINDS[row.kind]
    everybody = row.state in kind.public_when
    among = set(row.reader_ids)
    if row.state in kind.shared_when and not everybody:
        if not kind.shared_with and not kind.shared_without:
            everybody = True
        else:
            among |= await holders(session, kind.shared_with or frozenset({"MEMBER"}))
    return Audience(frozenset(among), everybody)


async def readers(session: AsyncSession, row: Record) -> Audience:
    """Everybody who reads it as it stands, for a deletion."""
    seen = await audience(session, row)
    return Audience(seen.agencies | await holders(session, KINDS[row.kind].readers), seen.everybody)


async def functions_of(session: AsyncSession, agency_id: UUID) -> frozenset[str]:
    """The functions that an agency holds today."""
    held = select(FunctionHeld.function).where(FunctionHeld.agency_id == agency_id, on(FunctionHeld, today()))
    return frozenset(await session.scalars(held))


async def shown(session: AsyncSession, actor: Actor, id: UUID) -> RecordRead:
    """It whole, as the actor reads it."""
    (answer,) = await WHOLE.within(session, actor.shape, rules.values(actor), id)
    return cast("RecordRead", answer)
