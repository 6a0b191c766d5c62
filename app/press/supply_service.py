"""The verbs of supplied information: record once, correct by a new version (QC.D7.K2)."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.losses import Audience, hidden
from app.flow.procedure import changed, differs, recorded, to_edit
from app.flow.versions import keep
from app.kit.etag import Expected
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.kit.reads import Shape, fixed
from app.press import supply_queries as queries
from app.press import supply_rules as rules
from app.press.bodies import check_press
from app.press.event_rules import check_bearer
from app.press.supply_models import InformationSupply as Supply
from app.press.supply_models import SupplyState
from app.press.supply_schemas import SupplyRead, SupplySummary, SupplyWrite

KIND = "information_supply"
STATES = frozenset(SupplyState)
SUMMARY = Shape(SupplySummary, Supply, queries.visible, etag=reads.tag(Supply))
WHOLE = Shape(
    SupplyRead,
    Supply,
    queries.visible,
    etag=reads.tag(Supply),
    spokesperson=as_type(col(Supply.spokesperson), JSON),
    provisions=fixed(rules.SUPPLY_PROVISIONS),
)


async def list_supplies(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.INFORMATION_SUPPLY, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.INFORMATION_SUPPLY, actor), id)


async def enter(session: AsyncSession, actor: Actor, body: SupplyWrite) -> SupplyRead:
    """Put on record what the actor's own agency told the press."""
    assert actor.agency_id is not None
    check_bearer(actor, rules.INFORMING)
    await check_press(session, body.press_body_ids, "press_body_ids")
    initial = rules.INFORMATION_SUPPLY.initial
    row = Supply(agency_id=actor.agency_id, state=initial, created_by=actor.client_id, **_columns(body))
    session.add(row)
    _noted(session, actor, row, body)
    recorded(session, actor, row, rules.RECORDED)
    return await _shown(session, actor, row.id)


async def correct(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: SupplyWrite) -> SupplyRead:
    """Correct a record; what it said before is kept, and the same again is no change."""
    row = await to_edit(session, queries.one(actor, id), rules.INFORMATION_SUPPLY, STATES, actor, expected)
    await check_press(session, body.press_body_ids, "press_body_ids")
    facts = _columns(body)
    if differs(row, facts):
        before = Audience(frozenset(row.press_body_ids))
        row.sqlmodel_update(facts)
        event = changed(session, actor, row, rules.CORRECTED)
        hidden(session, KIND, row, event, before, Audience(frozenset(row.press_body_ids)))
        _noted(session, actor, row, body)
    return await _shown(session, actor, id)


def _columns(body: SupplyWrite) -> dict[str, Any]:
    facts = body.model_dump(exclude={"no_state_secret"})
    return {**facts, "spokesperson": body.spokesperson.model_dump(mode="json")}


def _noted(session: AsyncSession, actor: Actor, row: Supply, body: SupplyWrite) -> None:
    keep(session, actor, KIND, row, body.model_dump(mode="json", exclude={"no_state_secret"}))


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> SupplyRead:
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.INFORMATION_SUPPLY, actor), id)
    return cast("SupplyRead", shown)
