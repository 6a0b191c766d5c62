"""Plans of the province."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS, REPEATS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import Conflict, NotFound, NotPermitted, WrongState, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.provincial import moving, rules, service
from app.provincial.models import ProvincialKind, ProvincialState
from app.provincial.read_schemas import ProvincialRead, ProvincialSummary, SourceList
from app.provincial.schemas import AmendProvincial, DraftProvincial, GatherProvincial, ProvincialWrite

router = APIRouter(prefix="/v1/provincial-plans", tags=["plans"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.plans_read)]
Maker = Annotated[Actor, needs(Scope.plans_consolidate)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def provincial_filter(
    year: Annotated[int | None, Query(ge=2013, le=2100, description="Its first year.")] = None,
    kind: Annotated[ProvincialKind | None, Query()] = None,
    state: Annotated[ProvincialState | None, Query()] = None,
    in_force: Annotated[bool | None, Query(description="Whether it holds today.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of plans of the province."""
    return {"year": year, "kind": kind, "state": state, "in_force": in_force}


@router.get("", response_model=Page[ProvincialSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_provincial_plans(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(provincial_filter)],
    paging: PagingDep,
) -> Response:
    """List the plans of the province, newest first.

    Agencies see those that were issued, and from sending up on those in which they have a task.
    """
    return await service.list_plans(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def draft_provincial_plan(
    body: DraftProvincial, actor: Maker, session: SessionDep, request: Request, response: Response
) -> ProvincialRead:
    """Draft a plan of the province.

    An annual one absorbs the agencies' accepted plans of its year: a task is proposed for each of theirs, and it says
    who is absent and why. The others begin empty.
    """
    made = await service.draft(session, actor, body)
    return tagged(response, made, _address(request, made.id))


@router.get("/{id}", response_model=ProvincialRead, responses=problems(*READS), openapi_extra=CITED)
async def get_provincial_plan(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one plan of the province, with its tasks and what was gathered."""
    return await service.read(reader, actor, id)


@router.get("/{id}/sources", responses=problems(*READS), openapi_extra=CITED)
async def list_provincial_plan_sources(id: UUID, actor: Reader, session: SessionDep) -> SourceList:
    """List the tasks of the absorbed plans, each with the task that stands for it, or why it was dropped."""
    return await service.sources(session, actor, id)


@router.put("/{id}", responses=problems(*EDITS), openapi_extra=CITED)
async def replace_provincial_plan(
    id: UUID, body: ProvincialWrite, expected: IfMatch, actor: Maker, session: SessionDep, response: Response
) -> ProvincialRead:
    """Replace words and tasks of a draft or of what was returned.

    Tasks keep their ids as long as they keep their codes. A task of an absorbed plan stands in one task at most, or is
    dropped with a reason.
    """
    return tagged(response, await service.replace(session, actor, id, expected, body))


@router.patch("/{id}", responses=problems(*EDITS), openapi_extra=CITED, dependencies=[MergePatchType])
async def patch_provincial_plan(
    id: UUID, body: MergePatch, expected: IfMatch, actor: Maker, session: SessionDep, response: Response
) -> ProvincialRead:
    """Change some members of a draft or of what was returned; lists are replaced whole (RFC 7396)."""
    return tagged(response, await service.patch(session, actor, id, expected, body))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*EDITS), openapi_extra=CITED)
async def delete_provincial_plan(id: UUID, expected: IfMatch, actor: Maker, session: SessionDep) -> None:
    """Delete a draft that was never sent up."""
    await service.delete(session, actor, id, expected)


@router.post("/{id}/gather", responses=problems(*EDITS, *REPEATS), openapi_extra=CITED, dependencies=[MovesOnce])
async def gather_provincial_plan(
    id: UUID, body: GatherProvincial, expected: IfMatch, actor: Maker, session: SessionDep, response: Response
) -> ProvincialRead:
    """Gather the agencies' accepted plans again; what was placed stays.

    Newly accepted plans come in as proposed tasks. A task whose every source is gone goes with them.
    """
    return tagged(response, await service.regather(session, actor, id, expected, body))


@router.post(
    "/{id}/amend",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotFound, NotPermitted, WrongState, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def amend_provincial_plan(
    id: UUID, body: AmendProvincial, actor: Maker, session: SessionDep, request: Request, response: Response
) -> ProvincialRead:
    """Begin another edition of an issued plan: a draft with its words and tasks.

    The issued one stands until the other is issued, and is `amended` from then on.
    """
    made = await moving.amend(session, actor, id, body)
    return tagged(response, made, _address(request, made.id))


def _address(request: Request, id: UUID) -> str:
    return f"{request.app.state.settings.public_url}{router.prefix}/{id}"


add_moves(router, rules.PROVINCIAL, service.KIND, ProvincialRead, moving.move)
