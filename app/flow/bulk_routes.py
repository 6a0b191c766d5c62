"""`POST …/bulk`: many submissions of a kind in one call."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, status
from pydantic_core import to_json

from app.access.actor import Actor
from app.access.gate import needs
from app.access.idempotency import MovesOnce
from app.flow.bulk import BulkCall
from app.flow.bulk_items import MOST_ITEMS, MOST_LINES, NDJSON, BulkAnswer, Item, read_items
from app.flow.papers import Papers
from app.flow.routes import CHANGES, REPEATS
from app.kit.db import SessionDep
from app.kit.failures import told
from app.kit.language import negotiate
from app.kit.negotiation import JSON
from app.kit.problems import Conflict, problems

Room = Papers[Any, Any, Any]
TEXT = """

At most {items} items as JSON, or {lines} lines as `application/x-ndjson` (one item a line), within the limit of a body.
Each item is judged by itself: the answer is 207 with what became of each, in order. What is the same as before is
`unchanged`, with no event and no new version, so that a sync may send everything every night. Two items with one key:
the second fails. A secrecy marking anywhere refuses the whole call.
"""


def add_bulk(router: APIRouter, room: Room, about: str) -> None:
    """Give the router the operation that creates and replaces many."""

    async def bulk(
        request: Request,
        actor: Annotated[Actor, needs(room.rules.scopes.write)],
        session: SessionDep,
        atomic: Annotated[bool, Query(description="All or nothing.")] = False,
        dry_run: Annotated[bool, Query(description="Judge everything, write nothing.")] = False,
    ) -> Response:
        items = await read_items(request, room.write)
        call = BulkCall(room, session, actor)
        await call.apply(items, atomic=atomic, dry_run=dry_run)
        return _answer(request, call, items)

    router.post(
        "/bulk",
        name=f"bulk_{room.rules.kind}s",
        description=about + TEXT.format(items=MOST_ITEMS, lines=MOST_LINES).rstrip(),
        response_model=BulkAnswer,
        status_code=status.HTTP_207_MULTI_STATUS,
        responses=problems(*CHANGES, *REPEATS, Conflict),
        openapi_extra=_asked(room),
        dependencies=[MovesOnce],
    )(bulk)


def _answer(request: Request, call: BulkCall[Any, Any, Any], items: list[Item]) -> Response:
    language = negotiate(request.headers.get("accept-language", ""))
    shown = [
        {
            "index": item.index,
            "source": item.source,
            "external_id": item.external_id,
            "status": item.status,
            "id": item.id,
            "version": item.version,
            "etag": call.tagged(item),
            "problem": told(request, item.problem, language) if item.problem else None,
        }
        for item in items
    ]
    body = to_json({"items": shown})
    return Response(body, status.HTTP_207_MULTI_STATUS, {"Vary": "Accept-Language"}, JSON)


def _asked(room: Room) -> dict[str, Any]:
    """The body, which FastAPI does not read itself."""
    key = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/-]*$"}
    item = {
        "type": "object",
        "properties": {
            "source": {**key, "description": "The department's system.", "examples": ["qlvb-buondon"]},
            "external_id": {**key, "description": "The key there.", "examples": ["2027-001"]},
            "body": {"$ref": f"#/components/schemas/{room.write.__name__}"},
        },
        "required": ["source", "external_id", "body"],
        "additionalProperties": False,
    }
    listed = {"type": "array", "maxItems": MOST_ITEMS, "items": item}
    whole = {"type": "object", "properties": {"items": listed}, "required": ["items"], "additionalProperties": False}
    line = '{"source": "qlvb", "external_id": "KH-2027", "body": {}}\n'
    # "binary": generators of clients take what is no JSON as a file, and only so.
    file = {"type": "string", "format": "binary", "maxLength": 100_000_000}
    lines = {**file, "description": "One item a line.", "examples": [line]}
    content = {JSON: {"schema": whole}, NDJSON: {"schema": lines}}
    return {
        "requestBody": {"required": True, "content": content},
        "x-provisions": [str(provision) for provision in room.rules.provisions],
    }
