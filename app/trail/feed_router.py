"""The feed."""

import asyncio
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from app.access.actor import Actor
from app.access.gate import needs, still
from app.access.grants import Scope
from app.kit.negotiation import preferences
from app.kit.problems import CursorExpired, InsufficientScope, InvalidParameter, InvalidToken, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.trail.feed import EventPage, Feed, Wanted
from app.trail.waiting import LONGEST_SECONDS, Waiting

TypeName = Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+\.[a-z_]+$")]

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Route)


async def feed_filter(
    after: Annotated[
        int, Query(ge=0, le=2**53, description="Sequence of the last event already read; 0: from the start.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    type: Annotated[list[TypeName] | None, Query(max_length=50, description="Only these event types.")] = None,
    resource: Annotated[
        str | None, Query(max_length=64, pattern=r"^[a-z_]+$", description="Only about this kind of resource: `plan`.")
    ] = None,
    resource_id: Annotated[UUID | None, Query(description="Only about this resource.")] = None,
    agency: Annotated[UUID | None, Query(description="Only about what belongs to this agency.")] = None,
) -> Wanted:
    """Read which events are asked for."""
    return Wanted(after, limit, type, resource, resource_id, agency)


async def patience(
    request: Request,
    response: Response,
    wait: Annotated[
        int | None,
        Query(ge=0, le=LONGEST_SECONDS, description="Seconds to wait for an event when there is none; 0: not at all."),
    ] = None,
) -> int:
    """Seconds that the caller is ready to wait: by `wait`, or by `Prefer: wait=` (RFC 7240), which is never refused."""
    if wait is not None:
        return wait
    preferred = preferences(request).get("wait", "")
    if not (preferred.isascii() and preferred.isdigit()):
        return 0
    seconds = min(int(preferred[:9]), LONGEST_SECONDS)
    response.headers["Preference-Applied"] = f"wait={seconds}"
    return seconds


@router.get(
    "", response_model=EventPage, responses=problems(InvalidParameter, InvalidToken, InsufficientScope, CursorExpired)
)
async def list_events(
    request: Request,
    actor: Annotated[Actor, needs(Scope.events_read)],
    wanted: Annotated[Wanted, Depends(feed_filter)],
    seconds: Annotated[int, Depends(patience)],
    reader: ReaderDep,
    response: Response,
) -> Response:
    """Read the log of events that the caller may know of, in the order of their commit.

    The same events, with the same ids, are sent by webhooks: a receiver that was down reads here what it missed. Who
    loses sight of a resource is told of the event that took it away, and of nothing after.

    With `wait` (or `Prefer: wait=30`) the answer comes with the next event, or empty when the time is up; sooner when
    the service needs the place. An `after` that the log does not reach, or no longer has, is answered by 410
    `cursor-expired`: begin again at 0.
    """
    waiting: Waiting = request.app.state.waiting
    feed: Feed = request.app.state.feed
    ends_at = asyncio.get_running_loop().time() + seconds
    look = await feed.look(reader, actor, wanted)
    while not look.bodies and not look.more:
        left = ends_at - asyncio.get_running_loop().time()
        if not await waiting.past(look.last_sequence, actor.client_id, left):
            break
        async with waiting.turn:
            actor = await still(request, Scope.events_read)
            look = await feed.look(reader, actor, replace(wanted, after=look.last_sequence))
    return Response(look.page(), headers=response.headers, media_type="application/json")
