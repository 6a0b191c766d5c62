"""The verbs of press products: publish, change (QC.D15)."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow import reads
from app.flow.procedure import changed, differs, recorded, to_edit
from app.flow.versions import keep
from app.kit.etag import Expected
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.kit.reads import Shape, fixed
from app.press import product_queries as queries
from app.press import supply_rules as rules
from app.press.event_rules import check_bearer
from app.press.supply_models import PressProduct, ProductState
from app.press.supply_schemas import ProductRead, ProductSummary, ProductWrite

KIND = "press_product"
STATES = frozenset(ProductState)
SUMMARY = Shape(ProductSummary, PressProduct, queries.visible, etag=reads.tag(PressProduct))
WHOLE = Shape(
    ProductRead,
    PressProduct,
    queries.visible,
    etag=reads.tag(PressProduct),
    provisions=fixed(rules.PRODUCT_PROVISIONS),
)


async def list_products(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.PRESS_PRODUCT, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.PRESS_PRODUCT, actor), id)


async def publish(session: AsyncSession, actor: Actor, body: ProductWrite) -> ProductRead:
    """Enter what the actor's own press body runs."""
    assert actor.agency_id is not None
    check_bearer(actor, rules.PUBLISHING)
    facts = body.model_dump(exclude={"no_state_secret"})
    row = PressProduct(
        agency_id=actor.agency_id, state=rules.PRESS_PRODUCT.initial, created_by=actor.client_id, **facts
    )
    session.add(row)
    _noted(session, actor, row, body)
    recorded(session, actor, row, rules.PUBLISHED)
    return await _shown(session, actor, row.id)


async def change(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: ProductWrite) -> ProductRead:
    """Say what it is now; the same again is no change."""
    row = await to_edit(session, queries.one(actor, id), rules.PRESS_PRODUCT, STATES, actor, expected)
    facts = body.model_dump(exclude={"no_state_secret"})
    if differs(row, facts):
        row.sqlmodel_update(facts)
        changed(session, actor, row, rules.CHANGED)
        _noted(session, actor, row, body)
    return await _shown(session, actor, id)


def _noted(session: AsyncSession, actor: Actor, row: PressProduct, body: ProductWrite) -> None:
    keep(session, actor, KIND, row, body.model_dump(mode="json", exclude={"no_state_secret"}))


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> ProductRead:
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.PRESS_PRODUCT, actor), id)
    return cast("ProductRead", shown)
