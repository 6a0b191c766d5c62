"""Failures: one catalogue, one class each, one shape on the wire (RFC 9457)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

Language = Literal["vi", "en"]
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of failing, as the catalogue has it."""

    code: str
    status: int
    title: Mapping[Language, str]
    detail: Mapping[Language, str]


CATALOGUE: Mapping[str, Entry] = {
    code: Entry(code, entry["status"], entry["title"], entry["detail"])
    for code, entry in tomllib.loads((files("app.kit") / "problems.toml").read_text("utf-8")).items()
}


class Problem(HTTPException):
    """A failure that the caller is told about; `facts` fill the text and stand in the document.

    An HTTPException, because FastAPI makes a 400 of anything else that is raised while it reads the body.
    """

    code: ClassVar[str]
    headers: dict[str, str]

    def __init__(self, *, headers: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(CATALOGUE[self.code].status, self.code, dict(headers or {}))
        self.facts = facts

    @property
    def entry(self) -> Entry:
        """The catalogue's entry for this problem."""
        return CATALOGUE[self.code]

    def document(self, base_url: str, instance: str, language: Language) -> dict[str, Any]:
        """The problem document in one language."""
        entry = self.entry
        texts = {k: v for k, v in self.facts.items() if isinstance(v, str | int)}
        document: dict[str, Any] = {
            "type": f"{base_url}/problems/{entry.code}",
            "title": entry.title[language],
            "status": entry.status,
            "detail": entry.detail[language].format_map(texts),
            "instance": instance,
            "code": entry.code,
        }
        shown = {k: v for k, v in self.facts.items() if not k.startswith("reason_")}
        return document | shown


class MalformedJson(Problem):
    """The body is not JSON."""

    code = "malformed-json"


class InvalidCursor(Problem):
    """The cursor is not one of ours for this filter."""

    code = "invalid-cursor"


class CursorExpired(Problem):
    """A token of a sync that can no longer be gone on from."""

    code = "cursor-expired"


class InvalidParameter(Problem):
    """A query parameter or header is not valid; `errors` says which."""

    code = "invalid-parameter"


class InvalidToken(Problem):
    """No token, or one that proves nothing."""

    code = "invalid-token"

    def __init__(self, *, missing: bool = False) -> None:
        # RFC 6750 §3: without credentials the challenge carries no error code.
        super().__init__(headers={"WWW-Authenticate": "Bearer" if missing else 'Bearer error="invalid_token"'})


class InsufficientScope(Problem):
    """The operation needs a scope that the client does not have."""

    code = "insufficient-scope"

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        super().__init__(headers={"WWW-Authenticate": challenge}, scope=scope)


class NotPermitted(Problem):
    """Visible, but another agency's to do."""

    code = "not-permitted"


class NotFound(Problem):
    """No such resource, or not this caller's to know of."""

    code = "not-found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    code = "method-not-allowed"


class NotAcceptable(Problem):
    """Accept allows nothing that this operation answers with."""

    code = "not-acceptable"


class RequestTimeout(Problem):
    """The request did not arrive in time."""

    code = "request-timeout"


class Conflict(Problem):
    """Something that exists stands in the way."""

    code = "conflict"

    def __init__(self, reason_vi: str, reason_en: str, **facts: Any) -> None:
        super().__init__(reason_vi=reason_vi, reason_en=reason_en, **facts)


class WrongState(Problem):
    """The machine has no such move from this state."""

    code = "wrong-state"


class EndpointNotActive(Problem):
    """Nothing can be sent to an endpoint that is not active."""

    code = "endpoint-not-active"


class PreconditionFailed(Problem):
    """If-Match names another version."""

    code = "precondition-failed"

    def __init__(self, etag: str) -> None:
        super().__init__(headers={"ETag": etag}, etag=etag)


class ContentTooLarge(Problem):
    """The body is over the limit."""

    code = "content-too-large"


class UnsupportedMediaType(Problem):
    """The body has a media type this operation does not read."""

    code = "unsupported-media-type"


class ValidationFailed(Problem):
    """The body does not fit its schema; `errors` points at each place."""

    code = "validation-failed"


class StateSecretRefused(Problem):
    """A secrecy marking: refused before anything is written."""

    code = "state-secret-refused"


class WebhookUrlForbidden(Problem):
    """The address is outside what the operator allows."""

    code = "webhook-url-forbidden"


class IdempotencyKeyRequired(Problem):
    """A request that creates needs the caller's own key."""

    code = "idempotency-key-required"


class IdempotencyInProgress(Problem):
    """A request with this key is being served right now."""

    code = "idempotency-in-progress"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class IdempotencyKeyReused(Problem):
    """The key belongs to another request."""

    code = "idempotency-key-reused"


class QuotaExceeded(Problem):
    """The client has spent its requests of this minute."""

    code = "quota-exceeded"

    def __init__(self, retry_after: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(headers={"Retry-After": str(retry_after), **(headers or {})})


class PreconditionRequired(Problem):
    """A change needs If-Match."""

    code = "precondition-required"


class Internal(Problem):
    """A fault of the service itself."""

    code = "internal"


class Unavailable(Problem):
    """The database is away or too busy."""

    code = "unavailable"

    def __init__(self, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **facts)


class OutcomeUnknown(Problem):
    """The connection broke during COMMIT."""

    code = "outcome-unknown"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


class FieldError(BaseModel):
    """One thing wrong in the request: where, a stable code, and what to do."""

    pointer: str | None = Field(None, description="JSON Pointer into the body.", examples=["/tasks/0/title"])
    parameter: str | None = Field(None, description="Name of the query parameter.")
    header: str | None = Field(None, description="Name of the header.")
    code: str = Field(description="Stable code of what is wrong.", examples=["missing"])
    detail: str = Field(description="What is wrong, in the answer's language.")


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Address of the page about this kind of problem.")
    title: str = Field(description="The kind of problem, in the answer's language.")
    status: int = Field(description="HTTP status code.", ge=400, le=599)
    detail: str = Field(description="What happened and what to do.")
    instance: str = Field(description="The request's id, also in X-Request-Id.")
    code: str = Field(description="Stable code, never translated.", json_schema_extra={"enum": [*sorted(CATALOGUE)]})
    provisions: list[str] | None = Field(None, description="The provisions that are the reason.")
    errors: list[FieldError] | None = Field(None, description="What is wrong in the request, place by place.")


_DOCUMENT = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}}


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these problems, grouped by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = CATALOGUE[kind.code]
        # Given as a `model`, FastAPI would make a validator of it for each status of each operation: 5 MB, none used.
        answer = by_status.setdefault(entry.status, {"content": _DOCUMENT, "description": "", "codes": []})
        answer["codes"].append(entry.code)
        answer["description"] = ", ".join(f"`{code}`" for code in answer["codes"])
    for answer in by_status.values():
        answer.pop("codes")
    return by_status
