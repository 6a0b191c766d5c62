"""A machine's moves as routes: `POST …/{id}/submit`, with scope, provision, problems and body read off the table."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.gate import needs
from app.access.idempotency import MovesOnce
from app.flow.machine import Machine, Move
from app.kit.db import SessionDep
from app.kit.etag import Expected, IfMatch, Tagged, tagged
from app.kit.problems import (
    IdempotencyInProgress,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    InsufficientScope,
    InvalidCursor,
    InvalidParameter,
    InvalidToken,
    MalformedJson,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    QuotaExceeded,
    StateSecretRefused,
    UnsupportedMediaType,
    ValidationFailed,
    WrongState,
    problems,
)


class Perform(Protocol):
    """The room's verb behind every move."""

    def __call__(
        self, session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
    ) -> Awaitable[Tagged]:
        """Make the move on the resource with this id."""
        ...


LISTS = (InvalidParameter, InvalidCursor, InvalidToken, InsufficientScope)
READS = (InvalidToken, InsufficientScope, NotFound, QuotaExceeded)
REPEATS = (InvalidParameter, IdempotencyInProgress, IdempotencyKeyReused)
CHANGES = (*READS, MalformedJson, UnsupportedMediaType, ValidationFailed, StateSecretRefused)
CREATES = (*CHANGES, *REPEATS, IdempotencyKeyRequired)
EDITS = (*CHANGES, InvalidParameter, NotPermitted, WrongState, PreconditionFailed, PreconditionRequired)


def add_moves(router: APIRouter, machine: Machine, name: str, read: type[BaseModel], perform: Perform) -> None:
    """Give the router one operation for each move of the machine."""
    for move in machine.moves.values():
        router.add_api_route(
            f"/{{id}}/{move.name}",
            _endpoint(move, perform),
            methods=["POST"],
            response_model=read,
            operation_id=f"{move.name.replace('-', '_')}_{name}",
            summary=move.summary,
            description=f"{move.summary} From {', '.join(sorted(move.sources))} to {move.target} ({move.provision}).",
            responses=problems(*EDITS, *REPEATS),
            dependencies=[MovesOnce],
            openapi_extra={"x-provisions": [str(move.provision)]},
        )


def _endpoint(move: Move, perform: Perform) -> Callable[..., Awaitable[Any]]:
    async def endpoint(
        id: UUID,
        body: Any,
        expected: IfMatch,
        actor: Annotated[Actor, needs(move.scope)],
        session: SessionDep,
        response: Response,
    ) -> Any:
        return tagged(response, await perform(session, actor, id, move, expected, body))

    endpoint.__annotations__["body"] = move.body
    return endpoint
