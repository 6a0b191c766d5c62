"""Private feeds: a press body makes and revokes them, calendar programs read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS, READS
from app.kit.clock import today
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import (
    Conflict,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    QuotaExceeded,
    problems,
)
from app.kit.routing import Route
from app.portal import feeds, holding_rules, holding_service
from app.portal.editions import Built, answer
from app.portal.feeds_router import CALENDAR
from app.portal.holders import Holder, Holders
from app.portal.holding_schemas import PressFeedCreated, PressFeedRead, PressFeedWrite
from app.portal.publishing import editions_of
from app.press.event_rules import PRESS

router = APIRouter(prefix="/v1/press-feeds", tags=["portal"], route_class=Route)
calendars_router = APIRouter(prefix="/v1/press-calendars", tags=["portal"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
Writer = Annotated[Actor, needs(Scope.press_write)]
CITED = {"x-provisions": list(holding_rules.PROVISIONS)}


@router.get("", responses=problems(*LISTS), openapi_extra=CITED)
async def list_press_feeds(actor: Reader, session: SessionDep, paging: PagingDep) -> Page[PressFeedRead]:
    """List the private calendars of one's own press body; their addresses are not shown again."""
    return await holding_service.list_feeds(session, actor, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotPermitted, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def create_press_feed(
    body: PressFeedWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> PressFeedCreated:
    """Make a private calendar of one's own press body; the answer holds its address, this once.

    It shows what the press body may know of: public events, those for the press, and those it is invited to.
    """
    public_url = request.app.state.settings.public_url
    made = await holding_service.create(session, actor, body, public_url)
    response.headers["Cache-Control"] = "no-store"
    return tagged(response, made, f"{public_url}/v1/press-feeds/{made.id}")


@router.get("/{id}", responses=problems(*READS), openapi_extra=CITED)
async def get_press_feed(id: UUID, actor: Reader, session: SessionDep, response: Response) -> PressFeedRead:
    """Read one private calendar's entry; its address is not shown again."""
    return tagged(response, await holding_service.read(session, actor, id))


@router.delete(
    "/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*READS, PreconditionFailed, PreconditionRequired),
    openapi_extra=CITED,
)
async def revoke_press_feed(id: UUID, actor: Writer, expected: IfMatch, session: SessionDep) -> None:
    """Revoke a private calendar: within a second its address leads nowhere."""
    await holding_service.revoke(session, actor, id, expected)


Secret = Annotated[str, Path(max_length=100, description="The secret part of the address.", examples=["x" * 43])]


@calendars_router.get(
    "/{secret}.ics",
    response_class=Response,
    responses={200: CALENDAR, **problems(NotFound, QuotaExceeded)},
    openapi_extra=CITED,
)
async def get_private_press_calendar(secret: Secret, request: Request) -> Response:
    """Read a press body's private calendar; whoever has its address may.

    An address that was revoked looks like one that never was.
    """
    holder = await _holder(request, secret)

    async def build(moment: datetime) -> Built:
        actor = Actor(None, holder.agency_id, frozenset({PRESS}), frozenset())
        return await feeds.built_for(request, actor, holder.name, holder.language, moment)

    edition = await editions_of(request).edition(feeds.PRIVATE_TOPICS, f"press feed {holder.id}", build)
    return answer(request, edition, everybodys=False)


async def _holder(request: Request, secret: str) -> Holder:
    """Whose feed it is; NotFound also where its agency is no press body any more."""
    holders: Holders = request.app.state.press_feeds
    holder = await holders.of(secret)
    if holder is None:
        raise NotFound
    state = await request.app.state.snapshot.fresh()
    if PRESS not in state.functions(holder.agency_id, today()):
        raise NotFound
    await request.app.state.limiter.take(f"feed {holder.id}")
    return holder
