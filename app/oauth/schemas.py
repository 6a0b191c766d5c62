"""What goes over the wire: tokens, what is told of them, and keys."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class TokenAnswer(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str = Field(max_length=4096, description="Send it as `Authorization: Bearer …`.")
    token_type: str = Field("Bearer", max_length=16)
    expires_in: int = Field(description="Seconds.")
    scope: str = Field(max_length=2000, description="The scopes granted, separated by blanks.")


class TokenError(BaseModel):
    """A refusal (RFC 6749 §5.2)."""

    error: str = Field(max_length=64, examples=["invalid_client"])
    error_description: str = Field(max_length=300)


class Introspection(BaseModel):
    """What a token is worth now (RFC 7662 §2.2)."""

    active: Literal[True]
    scope: str = Field(max_length=2000, description="What the token allows now, not what was once asked for.")
    client_id: UUID
    sub: str = Field(max_length=64)
    token_type: Literal["Bearer"]
    iss: str = Field(max_length=2000)
    aud: str = Field(max_length=2000)
    iat: int = Field(ge=0)
    exp: int = Field(ge=0)
    jti: str = Field(max_length=255)


class Inactive(BaseModel):
    """Not a token, or not this client's, or at its end: nothing more is told."""

    active: Literal[False]


class Me(BaseModel):
    """The client behind a token, and what it may do now."""

    client_id: UUID
    agency_id: UUID
    functions: list[str] = Field(max_length=50, description="Functions its agency holds today.")
    scopes: list[str] = Field(max_length=50)


class JwkSet(BaseModel):
    """The public keys that verify access tokens."""

    keys: list[dict[str, str]] = Field(max_length=20)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of RFC 6749 §5.2 with these statuses."""
    said = {
        400: "`invalid_request`, `invalid_grant`, `invalid_scope` or `unsupported_grant_type`",
        401: "`invalid_client`",
        429: "`invalid_client`: too many failed attempts from this address; wait for `Retry-After` seconds",
    }
    return {status: {"model": TokenError, "description": said[status]} for status in statuses}
