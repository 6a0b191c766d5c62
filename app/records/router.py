"""Records: their operations, the same for every kind."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS, REPEATS
from app.kit import text
from app.kit.clock import Day
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, OptionalIfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import Conflict, NotPermitted, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.text import Code
from app.records import moving, rules, service
from app.records.kind import MoveWrite
from app.records.schemas import Name, RecordRead, RecordSummary, RecordWrite

router = APIRouter(prefix="/v1/records", tags=["records"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.records_read)]
Writer = Annotated[Actor, needs(Scope.records_write)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def record_filter(
    kind: Annotated[Name | None, Query(description="Only this kind; see `GET /v1/record-kinds`.")] = None,
    state: Annotated[Name | None, Query(description="Only in this state of its kind.")] = None,
    agency: Annotated[UUID | None, Query(description="Of this agency.")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="Not over before this day.")] = None,
    to: Annotated[Day | None, Query(description="Begun by this day.")] = None,
    language: Annotated[text.Language | None, Query(description="There in this language.")] = None,
    q: Annotated[
        text.Query | None, Query(description="Words of it, without diacritics if you like: `ca phe buon ma thuot`.")
    ] = None,
) -> dict[str, UUID | date | str | None]:
    """Read the filter of a list of records."""
    found = text.pattern(q) if q else None
    members: dict[str, UUID | date | str | None] = {"kind": kind, "state": state, "agency_id": agency}
    return members | {"from": from_, "to": to, "language": language, "q": found}


def _address(request: Request, id: UUID) -> str:
    return f"{request.app.state.settings.public_url}/v1/records/{id}"


@router.get("", response_model=Page[RecordSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_records(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(record_filter)],
    paging: PagingDep,
) -> Response:
    """List the records one may know of, newest first.

    They are one's own, those of kinds that one reads by function, those that name one's agency, and those in a state in
    which they are shared. That restricted ones were read is logged (QC.D13.K1).
    """
    return await service.list_records(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotPermitted, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def create_record(
    body: RecordWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> RecordRead:
    """Record something of one kind; who is to know of it is told at once.

    The coordinator may do so for an agency without a system of its own, which then owns the record; it shows.
    """
    made = await service.create(session, actor, body)
    return tagged(response, made, _address(request, made.id))


@router.put(
    "/by-external-id/{source}/{external_id}",
    responses=problems(*EDITS, Conflict) | {201: {"model": RecordRead, "description": "Created"}},
    openapi_extra=CITED,
)
async def upsert_record(
    source: Code,
    external_id: Code,
    body: RecordWrite,
    expected: OptionalIfMatch,
    actor: Writer,
    session: SessionDep,
    request: Request,
    response: Response,
) -> RecordRead:
    """Record something under the department's own key, or replace what is recorded under it.

    `source` names the department's system, `external_id` its key there; both are its own choice. The same content again
    changes nothing: no event, no new version. `If-Match` may be left out.
    """
    made, is_new = await service.upsert(session, actor, source, external_id, expected, body)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return tagged(response, made, _address(request, made.id))


@router.get("/{id}", response_model=RecordRead, responses=problems(*READS), openapi_extra=CITED)
async def get_record(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one record whole, with the moves that were made; that a restricted one was read is logged (QC.D13.K1)."""
    return await service.read(reader, actor, id)


@router.put("/{id}", responses=problems(*EDITS, Conflict), openapi_extra=CITED)
async def replace_record(
    id: UUID, body: RecordWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> RecordRead:
    """Replace what one's own agency recorded, in a state in which its kind allows that."""
    return tagged(response, await service.replace(session, actor, id, expected, body))


@router.patch("/{id}", responses=problems(*EDITS, Conflict), openapi_extra=CITED, dependencies=[MergePatchType])
async def patch_record(
    id: UUID, body: MergePatch, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> RecordRead:
    """Change some members of what one's own agency recorded; `no_state_secret` is declared anew."""
    return tagged(response, await service.patch(session, actor, id, expected, body))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*EDITS), openapi_extra=CITED)
async def delete_record(id: UUID, expected: IfMatch, actor: Writer, session: SessionDep) -> None:
    """Delete a draft that nobody was told of."""
    await service.delete(session, actor, id, expected)


@router.post(
    "/{id}/moves/{move}",
    responses=problems(*EDITS, *REPEATS),
    openapi_extra=CITED,
    dependencies=[MovesOnce],
)
async def move_record(
    id: UUID,
    move: Annotated[Name, Path(description="One of the record's `allowed_moves`.")],
    body: MoveWrite,
    expected: IfMatch,
    actor: Writer,
    session: SessionDep,
    response: Response,
) -> RecordRead:
    """Make one move of the record's kind; whom it concerns is told at once.

    The catalogue of kinds says of each move who makes it, whether it asks for a reason, a note or a document, and its
    scope: `records:review` for those that are given to a function. What a kind does not have is not found.
    """
    return tagged(response, await moving.move(session, actor, id, move, expected, body))
