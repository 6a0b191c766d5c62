"""The verbs of private feeds: make, list, read, revoke."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.procedure import recorded
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.pages import Page, Paging, fetch
from app.kit.problems import Conflict, NotPermitted
from app.portal import holding_queries as queries
from app.portal import holding_rules as rules
from app.portal.holders import digest_of, new_secret
from app.portal.holding_schemas import PressFeedCreated, PressFeedRead, PressFeedWrite
from app.portal.models import ACTIVE, PressFeed
from app.press.event_rules import PRESS

MOST = 20
TOO_MANY = (
    f"Cơ quan đã có {MOST} lịch riêng. Thu hồi bớt rồi lập lại.",
    f"The agency already has {MOST} private calendars. Revoke some first.",
)


async def list_feeds(session: AsyncSession, actor: Actor, paging: Paging) -> Page[PressFeedRead]:
    """One page of the actor's own."""
    rows, last = await fetch(session, queries.visible(actor), (col(PressFeed.id),), paging)
    return paging.page([_shown(row) for row in rows], last)


async def read(session: AsyncSession, actor: Actor, id: UUID) -> PressFeedRead:
    """One; its address is not shown again."""
    return _shown(await found_row(session, queries.one(actor, id)))


async def create(session: AsyncSession, actor: Actor, body: PressFeedWrite, public_url: str) -> PressFeedCreated:
    """A new one, for press bodies alone; its address is shown this once."""
    if PRESS not in actor.functions:
        raise NotPermitted(provisions=[rules.LED])
    assert actor.agency_id is not None
    own = queries.visible(actor).with_only_columns(func.count())
    if (await session.scalar(own) or 0) >= MOST:
        raise Conflict(*TOO_MANY)
    secret = new_secret()
    row = PressFeed(
        **body.model_dump(),
        agency_id=actor.agency_id,
        state=ACTIVE,
        created_by=actor.client_id,
        digest=digest_of(secret),
    )
    session.add(row)
    recorded(session, actor, row, rules.CREATED)
    return PressFeedCreated(**_shown(row).model_dump(), url=f"{public_url}/v1/press-calendars/{secret}.ics")


async def revoke(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """End one: its address leads nowhere from now on, within a second on every process."""
    row = await found_row(session, queries.one(actor, id))
    expected.check(row.version, etag(row.version))
    recorded(session, actor, row, rules.REVOKED)
    await session.delete(row)


def _shown(row: PressFeed) -> PressFeedRead:
    facts = row.model_dump(include=set(PressFeedRead.model_fields))
    return PressFeedRead(**facts, etag=etag(row.version))
