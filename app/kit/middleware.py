"""The one layer round every request: its id, its size, its headers, its line in the log, and the last catch."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit import meters
from app.kit.failures import respond
from app.kit.ids import new_id
from app.kit.logs import fault
from app.kit.problems import ContentTooLarge, Internal, OutcomeUnknown, Unavailable
from app.kit.routing import path_of

log = structlog.get_logger("app.http")

_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


_OPEN = {
    b"access-control-allow-origin": b"*",
    b"access-control-expose-headers": b"ETag, Last-Modified, Link, X-Request-Id",
}
# No credentials, ever: a token is never asked for, and no cookie is looked at.
_PREFLIGHT = {
    b"access-control-allow-origin": b"*",
    b"access-control-allow-methods": b"GET, HEAD",
    b"access-control-allow-headers": b"Accept, Accept-Language, If-Modified-Since, If-None-Match",
    b"access-control-max-age": b"86400",
}


def standing_headers(public_url: str) -> Mapping[str, str]:
    """What every answer carries unless it says otherwise."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cache-Control": "private, no-cache",
    }
    if public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class Answer:
    """What goes back: the headers every answer has; no body for HEAD, nor for a version the caller already has."""

    def __init__(self, scope: Scope, send: Send, headers: Mapping[bytes, bytes]) -> None:
        self._send = send
        self._headers = headers
        self._state = scope["state"]  # what the gate wants said in every answer stands there, as `headers`
        self._bodiless = scope["method"] == "HEAD"
        if self._bodiless:
            # Every GET answers HEAD: the same work and headers.
            scope["method"] = "GET"
        reading = scope["method"] == "GET"
        self._known = _tags(scope) if reading else frozenset()
        # A date says less than a tag: it is heeded where no tag is given (RFC 9110 §13.2.2).
        self._since = _since(scope) if reading and not self._known else None
        self.begun = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.begun = True
            said = dict(message["headers"])
            standing = {**self._headers, **_raw(self._state.get("headers", {}))}
            # A list of a room's own has its Link beside the usual ones.
            message["headers"] = [
                *message["headers"],
                *(pair for pair in standing.items() if pair[0] not in said or pair[0] == b"link"),
            ]
            if message["status"] == HTTPStatus.OK and self._stands(said):
                message["status"], self._bodiless = HTTPStatus.NOT_MODIFIED, True
                headers = MutableHeaders(scope=message)
                del headers["Content-Length"], headers["Content-Type"], headers["Content-Encoding"]
            self.status = int(message["status"])
        elif self._bodiless:
            message = {**message, "body": b""}
        await self._send(message)

    def _stands(self, said: Mapping[bytes, bytes]) -> bool:
        """Whether the caller already has what is being answered."""
        if self._since is not None:
            modified = _date(said.get(b"last-modified", b"").decode("latin-1"))
            return modified is not None and modified <= self._since
        return said.get(b"etag", b"").decode("latin-1") in self._known


class Envelope:
    """Pure ASGI: a BaseHTTPMiddleware would cost each request more than the routing does."""

    def __init__(
        self, app: ASGIApp, *, body_limit: int, public_url: str, root_path: str, open_paths: Sequence[str]
    ) -> None:
        self.app = app
        self.body_limit = body_limit
        self.root_path = root_path
        self.open_paths = tuple(f"{path}/" for path in open_paths)
        self.headers = _raw(standing_headers(public_url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, **_trace(scope))
        started = time.perf_counter()
        method = scope["method"]
        _settle(scope, self.root_path)
        answer = Answer(scope, send, self._headers(scope, request_id))
        try:
            await self.app(scope, self._bounded(scope, receive), answer)
        except Exception as error:
            log.error("request.failed", route=route(scope), **fault(error))  # noqa: TRY400 - a message may carry content
            if answer.begun:
                raise
            await respond(Request(scope), Internal())(scope, receive, answer)
        except asyncio.CancelledError:
            # The server is stopping and waits no longer. Nothing is known of a change that was about to be committed.
            if not answer.begun:
                problem = Unavailable() if scope["method"] == "GET" else OutcomeUnknown()
                await respond(Request(scope), problem)(scope, receive, answer)
            raise
        finally:
            seconds = time.perf_counter() - started
            meters.answered(method, route(scope), answer.status, seconds)
            log.info(
                "request",
                method=method,
                route=route(scope),
                status=answer.status,
                ms=round(seconds * 1000, 1),
                client=scope["state"].get("client"),
            )

    def _headers(self, scope: Scope, request_id: str) -> Mapping[bytes, bytes]:
        headers = {**self.headers, b"x-request-id": request_id.encode()}
        if scope["method"] in {"GET", "HEAD", "OPTIONS"} and f"{path_of(scope)}/".startswith(self.open_paths):
            # What everybody may read, a page on any site may fetch; nothing else answers other sites.
            headers.update(_PREFLIGHT if scope["method"] == "OPTIONS" else _OPEN)
        return headers

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Count the body as it arrives; neither Content-Length nor its absence is believed."""
        total = 0
        limit = self.body_limit

        async def counted() -> Message:
            nonlocal total
            announced = dict(scope["headers"]).get(b"content-length", b"0")
            if announced.isdigit() and int(announced) > limit:
                raise ContentTooLarge(limit=limit)
            message = await receive()
            total += len(message.get("body", b""))
            if total > limit:
                raise ContentTooLarge(limit=limit)
            return message

        return counted


def _raw(headers: Mapping[str, str]) -> Mapping[bytes, bytes]:
    """Headers as ASGI has them."""
    return {name.lower().encode(): value.encode("latin-1") for name, value in headers.items()}


def _settle(scope: Scope, root_path: str) -> None:
    """Put the base path before the path, as ASGI has it, whether a gateway has cut it off or left it there."""
    path = scope["path"]
    scope["root_path"] = root_path
    if root_path and path != root_path and not path.startswith(f"{root_path}/"):
        scope["path"] = root_path + path
        scope["raw_path"] = root_path.encode() + (scope.get("raw_path") or b"")


def _trace(scope: Scope) -> Mapping[str, str]:
    """The trace that the request belongs to (W3C Trace Context)."""
    given = [value for name, value in scope["headers"] if name == b"traceparent"]
    found = _TRACE.fullmatch(given[0].decode("latin-1")) if len(given) == 1 else None
    return {"trace_id": found[1]} if found else {}


def _tags(scope: Scope) -> frozenset[str]:
    """The whole tags of If-None-Match; a `W/` that a proxy put before them does not matter."""
    values = b",".join(value for name, value in scope["headers"] if name == b"if-none-match").decode("latin-1")
    return frozenset(tag.strip().removeprefix("W/") for tag in values.split(",") if tag.strip())


def _since(scope: Scope) -> datetime | None:
    """The date of If-Modified-Since; what is no date is passed over."""
    given = [value for name, value in scope["headers"] if name == b"if-modified-since"]
    return _date(given[0].decode("latin-1")) if len(given) == 1 else None


def _date(written: str) -> datetime | None:
    """An HTTP date; None for anything else, a date without its zone among it."""
    try:
        found = parsedate_to_datetime(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def route(scope: Scope) -> Any:
    """The route's template: a path may carry what must not be logged."""
    return getattr(scope.get("route"), "path", None) or "(no route)"
