"""Every exception that can leave an operation, turned into its problem document."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib.resources import files
from itertools import takewhile
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.kit.language import negotiate
from app.kit.problems import (
    MEDIA_TYPE,
    Conflict,
    ContentTooLarge,
    Internal,
    InvalidParameter,
    Language,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    Problem,
    RequestTimeout,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from app.kit.routing import path_of

log = structlog.get_logger("app.failures")

FIELDS: Mapping[str, Mapping[Language, str]] = tomllib.loads((files("app.kit") / "fields.toml").read_text("utf-8"))

# A room names the constraint that guards a rule and says here what its breach means to the caller.
CONSTRAINTS: dict[str, tuple[str, str]] = {}


# A body may be one of several; pydantic puts the name of the variant into the place, where the body has none.
VARIANTS: dict[str, frozenset[str]] = {}
"""The member that is one of several, and the names of its variants."""


class BadField(Exception):  # noqa: N818 - becomes one entry of `errors`, not an error class of its own
    """One field is wrong in a way that only the service's data can tell."""

    def __init__(self, code: str, *at: str | int, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.at, self.facts = code, at, facts

    def problem(self, *below: str | int) -> Problem:
        """It as a problem; `below`: where in the body the part stands that it speaks of."""
        return ValidationFailed(field_errors=[(_where("body", (*below, *self.at)), self.code, self.facts)])


def respond(request: Request, problem: Problem) -> Response:
    """The answer for a problem, in the caller's language."""
    language = negotiate(request.headers.get("accept-language", ""))
    document = told(request, problem, language)
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **problem.headers}
    return Response(to_json(document), problem.entry.status, headers, MEDIA_TYPE)


def told(request: Request, problem: Problem, language: Language) -> dict[str, Any]:
    """The document of a problem, which may stand in an answer among others."""
    if "field_errors" in problem.facts:
        problem.facts["errors"] = [_described(*item, language=language) for item in problem.facts.pop("field_errors")]
    settings = request.app.state.settings
    return problem.document(settings.public_url, request.scope.get("state", {}).get("request_id", ""), language)


def _described(where: Mapping[str, str], code: str, facts: Mapping[str, Any], *, language: Language) -> dict[str, Any]:
    texts = FIELDS.get(code, FIELDS["invalid"])
    return {**where, "code": code, "detail": texts[language].format_map(facts)}


def from_validation(errors: Sequence[Any]) -> Problem:
    """FastAPI's findings as a problem; the input itself is never repeated."""
    if any(error["type"] == "json_invalid" for error in errors):
        return MalformedJson()
    if any(error["loc"][0] == "path" for error in errors):
        return NotFound()
    found = []
    for error in errors[:50]:
        source, *at = error["loc"]
        code = error["type"] if error["type"] in FIELDS else "invalid"
        found.append((_where(source, at), code, error.get("ctx", {})))
    kind = ValidationFailed if any(error["loc"][0] == "body" for error in errors) else InvalidParameter
    return kind(field_errors=found)


# A member's name is the caller's own text: one that does not look like a name is not repeated.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def _where(source: str, at: Sequence[str | int]) -> dict[str, str]:
    if source == "body":
        there = [part for above, part in zip(("", *at), at, strict=False) if part not in VARIANTS.get(str(above), ())]
        known = takewhile(lambda part: isinstance(part, int) or _NAME.fullmatch(part), there)
        return {"pointer": "".join(f"/{part}" for part in known)}
    return {"header" if source == "header" else "parameter": ".".join(map(str, at))}


def from_http(error: HTTPException, request: Request) -> Problem:
    """Starlette's and FastAPI's own refusals as problems."""
    match error.status_code:
        case 404:
            return NotFound()
        case 400 | 422:
            return MalformedJson()
        case 413:
            return ContentTooLarge(limit=request.app.state.settings.body_limit)
        case 415:
            return UnsupportedMediaType(expected="application/json")
    return Internal()


def from_database(error: DBAPIError) -> Problem:
    """A database error as a problem: a named constraint, an absent server, or a fault of ours."""
    original = error.orig
    # asyncpg's own error, or SQLAlchemy's round it.
    raised = (original, getattr(original, "__cause__", None))
    constraint = next(filter(None, (getattr(e, "constraint_name", None) for e in raised)), None)
    if constraint in CONSTRAINTS:
        return Conflict(*CONSTRAINTS[constraint])
    state = str(getattr(original, "sqlstate", "") or "")
    # Connection lost, server starting or stopping, too many connections, lock or statement timeout, serialisation,
    # ended while idle in a transaction, or read-only since another server leads.
    away = state[:2] in {"08", "57", "53", "40"} or state in {"55P03", "25P03", "25006"}
    if away or error.connection_invalidated or isinstance(error, InterfaceError | OperationalError):
        log.warning("database.unavailable", sqlstate=state)
        return Unavailable()
    log.error("database.error", sqlstate=state, constraint=constraint, error=type(original).__name__)
    return Internal()


def _is_json(request: Request) -> bool:
    """Whether a body, if there is one, is declared as JSON."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return True
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


async def _on_problem(request: Request, error: Any) -> Response:
    return respond(request, error)


async def _on_bad_field(request: Request, error: Any) -> Response:
    return respond(request, error.problem())


async def _on_validation(request: Request, error: Any) -> Response:
    errors = error.errors()
    if any(found["loc"] == ("body",) for found in errors) and not _is_json(request):
        return respond(request, UnsupportedMediaType(expected="application/json"))
    return respond(request, from_validation(errors))


async def _on_http(request: Request, error: Any) -> Response:
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = {"Allow": ", ".join(request.app.state.allowances.methods(path_of(request.scope)))}
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=allow)
        return respond(request, MethodNotAllowed(headers=allow))
    return respond(request, from_http(error, request))


async def _on_database(request: Request, error: Any) -> Response:
    return respond(request, from_database(error))


async def _on_absence(request: Request, _error: Any) -> Response:
    return respond(request, Unavailable())


async def _on_departure(request: Request, _error: Any) -> Response:
    # Nobody reads the answer; the log says that it was not our fault.
    return respond(request, RequestTimeout())


HANDLERS: Mapping[type[Exception], Any] = {
    Problem: _on_problem,
    BadField: _on_bad_field,
    RequestValidationError: _on_validation,
    HTTPException: _on_http,
    DBAPIError: _on_database,
    PoolTimeoutError: _on_absence,
    # asyncpg raises the bare error (TimeoutError is an OSError) while no server is there to connect to.
    OSError: _on_absence,
    ClientDisconnect: _on_departure,
}


def install(app: FastAPI) -> None:
    """Register the handlers: one for each family of exceptions."""
    for family, handler in HANDLERS.items():
        app.add_exception_handler(family, handler)
