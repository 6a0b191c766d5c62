"""Idempotency-Key: a request that is sent again is answered again, and done once.

The key's row lives in the transaction of the work itself, so that there is never one without the other; only a success
is kept, anything else rolls back with its key and may be tried again.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic_core import to_json
from sqlalchemy import Column, Text, bindparam, delete, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.db import Timestamptz, transaction
from app.kit.driver import Statement, run
from app.kit.problems import (
    IdempotencyInProgress,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    InvalidParameter,
)
from app.kit.vault import Vault
from app.kit.writes import insert

KEPT_DAYS = 7
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("content-type", "etag", "location", "cache-control")

Serve = Callable[[Request], Awaitable[Response]]


class IdempotencyRecord(SQLModel, table=True):
    """One key of one client: what was asked, and what was answered (encrypted: an answer may show a secret once)."""

    __tablename__ = "idempotency_key"

    client_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: bytes
    status: int
    headers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    body_locked: str
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz, index=True)


LOCK = Statement(select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("both", type_=Text), 0))))
KNOWN = Statement(
    select(
        IdempotencyRecord.fingerprint,
        IdempotencyRecord.status,
        IdempotencyRecord.headers,
        IdempotencyRecord.body_locked,
    ).where(
        col(IdempotencyRecord.client_id) == bindparam("client_id"),
        col(IdempotencyRecord.key) == bindparam("key"),
    )
)


class Once:
    """Stands round an operation: replays a known key, or does the work and keeps the answer with it."""

    def __init__(self, *, required: bool) -> None:
        self._required = required

    async def __call__(self, request: Request, serve: Serve) -> Response:
        """Serve the request at most once for its key."""
        key = request.headers.get("idempotency-key")
        if key is None:
            if self._required:
                raise IdempotencyKeyRequired
            return await serve(request)
        if not _KEY.fullmatch(key):
            raise InvalidParameter(field_errors=[({"header": "Idempotency-Key"}, "malformed_key", {})])
        actor: Actor = request.scope["actor"]
        assert actor.client_id is not None
        fingerprint = await _fingerprint(request)
        vault: Vault = request.app.state.vault
        async with transaction(request.app.state.sessions) as session:
            request.scope["session"] = session
            # Two statements, for the lookup must see what was committed before the lock was had.
            if not (await run(session, LOCK, {"both": f"{actor.client_id} {key}"}))[0][0]:
                raise IdempotencyInProgress
            for asked, status, headers, body in await run(session, KNOWN, {"client_id": actor.client_id, "key": key}):
                if asked != fingerprint:
                    raise IdempotencyKeyReused
                return Response(vault.unlock(body), status, {**headers, "Idempotency-Replayed": "true"})
            answer = await serve(request)
            if answer.status_code < 300:  # noqa: PLR2004 - a success
                insert(session, IdempotencyRecord, _record(actor.client_id, key, fingerprint, answer, vault))
        return answer


async def forget(session: AsyncSession) -> None:
    """Delete keys that nobody will send again."""
    old = col(IdempotencyRecord.created_at) < now() - timedelta(days=KEPT_DAYS)
    await session.execute(delete(IdempotencyRecord).where(old))


async def _fingerprint(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    asked = [request.method, request.scope["path"], sorted(request.query_params.multi_items()), kind]
    return hashlib.sha256(to_json(asked) + b"\0" + await request.body()).digest()


def _record(client_id: UUID, key: str, fingerprint: bytes, answer: Response, vault: Vault) -> Mapping[str, Any]:
    headers = {name.decode(): value.decode("latin-1") for name, value in answer.raw_headers}
    return {
        "client_id": client_id,
        "key": key,
        "fingerprint": fingerprint,
        "status": answer.status_code,
        "headers": {name: headers[name] for name in _KEPT_HEADERS if name in headers},
        "body_locked": vault.lock(bytes(answer.body).decode()),
        "created_at": now(),
    }


def _declare(once: Once, *, required: bool) -> Any:
    said = (
        "Your own key for this request (a UUID, say): sent again with it, the request is answered again and done once."
    )

    async def declared(
        _: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255, description=said)] = None,
    ) -> None:
        """Declare the header; `kit.routing.Route` lets `around` stand round the operation."""

    declared.around = once  # type: ignore[attr-defined]
    declared.required = required  # type: ignore[attr-defined]
    return Depends(declared)


CreatesOnce = _declare(Once(required=True), required=True)
"""For operations that create: the key is required."""
MovesOnce = _declare(Once(required=False), required=False)
"""For moves: the key is welcome; without it the version in If-Match already keeps a move from being made twice."""
