"""The operations of every submission: making, editing, moves, versions and their differences, remarks."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow import remarks
from app.flow.bulk_routes import add_bulk
from app.flow.papers import Papers
from app.flow.procedure import recorded
from app.flow.remarks import AnswerWrite, RemarkList, RemarkRead, RemarkWrite
from app.flow.routes import CREATES, EDITS, READS, REPEATS, add_moves
from app.flow.submission_rules import RECALLABLE
from app.flow.version_routes import add_versions
from app.kit.db import SessionDep, found_row
from app.kit.etag import IfMatch, OptionalIfMatch, tagged
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import Conflict, NotFound, NotPermitted, WrongState, problems
from app.kit.reader import ReaderDep
from app.kit.text import Code


@dataclass(frozen=True, slots=True)
class Words:
    """What the documentation says of a room's operations."""

    create: str
    upsert: str
    get: str
    replace: str
    patch: str
    delete: str
    bulk: str | None = None
    """Left out: made one by one, because each follows from something that stands."""


Room = Papers[Any, Any, Any]
SYNCED = """

`source` names the department's system, `external_id` its key there; both are its own choice. The same content again
changes nothing: no event, no new version. `If-Match` may be left out.
"""


def cited(room: Room) -> dict[str, Any]:
    """The provisions that a room's operations rest on."""
    return {"x-provisions": [str(provision) for provision in room.rules.provisions]}


def add_submission(router: APIRouter, room: Room, words: Words) -> None:
    """Give the router every operation of a kind of submission but its list, whose filter is the room's own."""
    _add_making(router, room, words)
    if words.bulk:
        add_bulk(router, room, words.bulk)
    _add_editing(router, room, words)
    add_moves(router, room.rules.machine, room.rules.kind, room.read, room.move)
    add_versions(router, room.rules.kind, room.rules.scopes.read, room.filed)
    _add_remarks(router, room)


def _add_making(router: APIRouter, room: Room, words: Words) -> None:
    Writer = Annotated[Actor, needs(room.rules.scopes.write)]  # noqa: N806 - an annotation, named like the others

    async def create(body: Any, actor: Writer, session: SessionDep, request: Request, response: Response) -> Any:
        made = await room.create(session, actor, body)
        return tagged(response, made, _address(request, made.id))

    async def upsert(
        source: Code,
        external_id: Code,
        body: Any,
        expected: OptionalIfMatch,
        actor: Writer,
        session: SessionDep,
        request: Request,
        response: Response,
    ) -> Any:
        made, is_new = await room.upsert(session, actor, source, external_id, expected, body)
        if is_new:
            response.status_code = status.HTTP_201_CREATED
        return tagged(response, made, _address(request, made.id))

    def _address(request: Request, id: UUID) -> str:
        return f"{request.app.state.settings.public_url}{router.prefix}/{id}"

    create.__annotations__["body"] = upsert.__annotations__["body"] = room.write
    router.post(
        "",
        name=f"create_{room.rules.kind}",
        description=words.create,
        response_model=room.read,
        status_code=status.HTTP_201_CREATED,
        responses=problems(*CREATES, Conflict),
        openapi_extra=cited(room),
        dependencies=[CreatesOnce],
    )(create)
    router.put(
        "/by-external-id/{source}/{external_id}",
        name=f"upsert_{room.rules.kind}",
        description=words.upsert + SYNCED.rstrip(),
        response_model=room.read,
        responses=problems(*EDITS, Conflict) | {201: {"model": room.read, "description": "Created"}},
        openapi_extra=cited(room),
    )(upsert)


def _add_editing(router: APIRouter, room: Room, words: Words) -> None:
    Reader = Annotated[Actor, needs(room.rules.scopes.read)]  # noqa: N806 - an annotation, named like the others
    Writer = Annotated[Actor, needs(room.rules.scopes.write)]  # noqa: N806
    kind = room.rules.kind
    facts: dict[str, Any] = {"response_model": room.read, "openapi_extra": cited(room)}

    @router.get("/{id}", name=f"get_{kind}", description=words.get, responses=problems(*READS), **facts)
    async def get(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
        return await room.get(reader, actor, id)

    async def replace(
        id: UUID, body: Any, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
    ) -> Any:
        return tagged(response, await room.replace(session, actor, id, expected, body))

    replace.__annotations__["body"] = room.write
    changes = facts | {"responses": problems(*EDITS, Conflict)}
    router.put("/{id}", name=f"replace_{kind}", description=words.replace, **changes)(replace)

    @router.patch("/{id}", name=f"patch_{kind}", description=words.patch, dependencies=[MergePatchType], **changes)
    async def patch(
        id: UUID, body: MergePatch, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
    ) -> Any:
        return tagged(response, await room.patch(session, actor, id, expected, body))

    @router.delete(
        "/{id}",
        name=f"delete_{kind}",
        description=words.delete,
        status_code=status.HTTP_204_NO_CONTENT,
        responses=problems(*EDITS),
        openapi_extra=cited(room),
    )
    async def delete(id: UUID, expected: IfMatch, actor: Writer, session: SessionDep) -> None:
        await room.delete(session, actor, id, expected)


def _add_remarks(router: APIRouter, room: Room) -> None:
    _add_reading(router, room)
    _add_reviewing(router, room)
    _add_answering(router, room)


def _add_reading(router: APIRouter, room: Room) -> None:
    @router.get("/{id}/remarks", name=f"list_{room.rules.kind}_remarks", responses=problems(*READS))
    async def list_remarks(
        id: UUID, actor: Annotated[Actor, needs(room.rules.scopes.read)], session: SessionDep
    ) -> RemarkList:
        """List the reviewer's remarks, each open, answered or resolved."""
        row = await found_row(session, room.filed(actor, id))
        return RemarkList(items=await remarks.remarks_on(session, room.rules.kind, row))


def _add_reviewing(router: APIRouter, room: Room) -> None:
    Reviewer = Annotated[Actor, needs(room.rules.scopes.review)]  # noqa: N806 - an annotation, named like the others

    @router.post(
        "/{id}/remarks",
        name=f"remark_on_{room.rules.kind}",
        status_code=status.HTTP_201_CREATED,
        responses=problems(*CREATES, NotFound, WrongState),
        dependencies=[CreatesOnce],
    )
    async def remark(
        id: UUID, body: RemarkWrite, actor: Reviewer, session: SessionDep, response: Response
    ) -> RemarkRead:
        """Remark on one place of what the agency wrote."""
        row = await found_row(session, room.filed(actor, id))
        if row.state not in RECALLABLE:
            raise WrongState(state=row.state, allowed_moves=[])
        (made,) = await remarks.add(session, actor, room.rules.kind, row, await room.content(session, row), [body])
        recorded(session, actor, row, room.rules.remarked)
        return tagged(response, remarks.shown(made))

    @router.post(
        "/{id}/remarks/{remark_id}/resolve",
        name=f"resolve_{room.rules.kind}_remark",
        responses=problems(*EDITS, *REPEATS),
        dependencies=[MovesOnce],
    )
    async def resolve(
        id: UUID, remark_id: UUID, expected: IfMatch, actor: Reviewer, session: SessionDep, response: Response
    ) -> RemarkRead:
        """Settle a remark."""
        row = await found_row(session, room.filed(actor, id))
        settled = await remarks.resolve(session, room.rules.kind, row, remark_id, expected)
        recorded(session, actor, row, room.rules.remark_resolved)
        return tagged(response, remarks.shown(settled))


def _add_answering(router: APIRouter, room: Room) -> None:
    @router.post(
        "/{id}/remarks/{remark_id}/answer",
        name=f"answer_{room.rules.kind}_remark",
        responses=problems(*EDITS, *REPEATS),
        dependencies=[MovesOnce],
    )
    async def answer(
        id: UUID,
        remark_id: UUID,
        body: AnswerWrite,
        expected: IfMatch,
        actor: Annotated[Actor, needs(room.rules.scopes.write)],
        session: SessionDep,
        response: Response,
    ) -> RemarkRead:
        """Answer a remark on one's own agency's submission."""
        row = await found_row(session, room.filed(actor, id))
        if row.agency_id != actor.agency_id:
            raise NotPermitted
        said = await remarks.answer(session, room.rules.kind, row, remark_id, expected, body)
        recorded(session, actor, row, room.rules.remark_answered)
        return tagged(response, remarks.shown(said))
