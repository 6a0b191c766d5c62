"""Changes."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.flow.registry import Resource
from app.flow.routes import LISTS
from app.kit.negotiation import JSON
from app.kit.problems import CursorExpired, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.sync.queries import Log
from app.sync.schemas import Changes
from app.sync.service import Sync, chosen
from app.sync.tokens import Tokens

router = APIRouter(prefix="/v1/changes", tags=["sync"], route_class=Route)


@router.get("", response_model=Changes, responses=problems(*LISTS, CursorExpired))
async def list_changes(
    request: Request,
    actor: Annotated[Actor, needs(Scope.registry_read)],
    reader: ReaderDep,
    since: Annotated[
        str | None,
        Query(max_length=2000, description="`next_page` or `sync_token` of the page before; left out: from the start."),
    ] = None,
    types: Annotated[
        str | None,
        Query(
            max_length=500,
            pattern=r"^[a-z_]+(,[a-z_]+)*$",
            description="Only these types of resources, with commas between; left out: all that the scopes allow.",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Read what changed since a token: each resource once, as it stands now, in the order of the last changes.

    Follow `next_page` until a page has a `sync_token`; keep that for the next time. A page may be short or even empty
    and still have a `next_page`: one look goes through a part of the log. What can no longer be read comes as
    `removed`: it was deleted, or it is `no_longer_visible` to this agency. A token serves one client and one choice of
    types. After 90 days, or when the functions of the agency or the types it may read have changed, it is answered by
    410 `cursor-expired`: sync again without `since`, and throw away what does not come.
    """
    resources: Mapping[str, Resource] = request.app.state.resources
    log: Log = request.app.state.changes
    asked = sorted(set(types.split(","))) if types else None
    kinds = chosen(resources, actor, asked)
    base = request.app.state.settings.public_url
    paths = {kind: f"{base}{resources[kind].path}" for kind in kinds}
    tokens = Tokens(request.app.state.vault, actor, asked, kinds)
    body = await Sync(log, reader, actor, kinds, paths).page(tokens, since, limit)
    return Response(body, media_type=JSON)
