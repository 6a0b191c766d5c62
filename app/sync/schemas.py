"""Changes on the wire."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.losses import Reason


class Removed(BaseModel):
    """Why the copy is to be thrown away."""

    reason: Reason


class Changed(BaseModel):
    """A resource that changed, as a list would show it now; or one that can no longer be read (`removed`)."""

    type: str = Field(max_length=64, examples=["plan"])
    id: UUID
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    href: str | None = Field(None, max_length=2000, description="Where to read it whole.")
    resource: dict[str, Any] | None = Field(
        None, description="As the list of its type shows it.", json_schema_extra={"maxProperties": 50}
    )
    removed: Removed | None = Field(None, description="It can no longer be read; then there is nothing but its id.")


class Changes(BaseModel):
    """A page of changes; it has either `next_page` (there is more now) or `sync_token` (that was all)."""

    items: list[Changed] = Field(max_length=200, description="May be few or none, though there is a `next_page`.")
    next_page: str | None = Field(
        None, max_length=2000, description="Give it as `since` for the next page, however few items this one has."
    )
    sync_token: str | None = Field(None, max_length=2000, description="Keep it, and give it as `since` next time.")
