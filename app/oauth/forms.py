"""How `/oauth/*` is asked and refuses: one form, HTTP Basic, and the JSON of RFC 6749 §5.2 for every refusal."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote_plus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from app.kit.failures import from_database
from app.kit.problems import Problem, Unavailable
from app.kit.routing import Named

SECOND_MECHANISMS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


class RefusedError(Exception):
    """A request refused as RFC 6749 §5.2 says; `error` is its code."""

    def __init__(self, error: str, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(error)
        self.error, self.description, self.retry_after = error, description, retry_after

    @property
    def status(self) -> int:
        """400, but for a client that did not prove itself."""
        if self.retry_after is not None:
            return 429
        return 401 if self.error == "invalid_client" else 400

    def response(self) -> JSONResponse:
        """The answer."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        elif self.error == "invalid_client":
            headers["WWW-Authenticate"] = 'Basic realm="oauth"'
        return JSONResponse({"error": self.error, "error_description": self.description}, self.status, headers)


class OAuthRoute(Named):
    """A route that refuses in the words of RFC 6749, and whose answers no cache keeps unless they say otherwise.

    What is no matter of OAuth (a body too large, a database that is away) stays a problem document as everywhere else,
    with the `error` beside it that an OAuth library looks for.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Serve as FastAPI does, but for what goes wrong."""
        serve = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                answer: Response = await serve(request)
            except RefusedError as refused:
                return refused.response()
            except Problem as problem:
                raise _named(problem) from None
            except (RequestValidationError, HTTPException):
                words = "Send one form (application/x-www-form-urlencoded) as documented"
                return RefusedError("invalid_request", words).response()
            except DBAPIError as error:
                raise _named(from_database(error)) from error
            except (PoolTimeoutError, OSError) as error:
                raise _named(Unavailable()) from error
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return handler


def _named(problem: Problem) -> Problem:
    names = {500: "server_error", 503: "temporarily_unavailable"}
    problem.facts["error"] = names.get(problem.entry.status, "invalid_request")
    return problem


async def check_form(request: Request) -> None:
    """Refuse a field that is there twice (RFC 6749 §3.2), and a second way of proving oneself (§2.3)."""
    names = [name for name, _ in (await request.form()).multi_items()]
    if len(set(names)) != len(names):
        raise RefusedError("invalid_request", "Send each field once")
    if "authorization" in request.headers and not SECOND_MECHANISMS.isdisjoint(names):
        raise RefusedError("invalid_request", "Send client id and secret as HTTP Basic, and nowhere else")


def basic(headers: Sequence[str]) -> tuple[str, str] | None:
    """Client id and secret from HTTP Basic, each form-decoded (RFC 6749 §2.3.1)."""
    scheme, _, value = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (unquote_plus(user), unquote_plus(password)) if scheme.lower() == "basic" and colon else None
