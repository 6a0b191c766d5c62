"""Invitations and accreditations on the wire."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.kit.text import Line
from app.press.invitation_models import InvitationState


class InviteWrite(Submitted):
    """Which press bodies are invited, and until when they may say whom they send."""

    agency_ids: list[UUID] = Field(default_factory=list, max_length=200, description="Press bodies of the register.")
    all_press: bool = Field(default=False, strict=True, description="Every press body of the register.")
    other_press: list[Line] = Field(
        default_factory=list, max_length=100, description="Press bodies outside of it, by name; all of them."
    )
    accredit_before: Instant = Field(description="The first instant that is too late for an answer.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.agency_ids or self.all_press or self.other_press):
            raise PydanticCustomError("nobody_invited", "Nobody is invited")
        return self


class PersonWrite(Submitted):
    """One person who comes: a name and what they do, and nothing else of them."""

    name: Line
    position: Line = Field(examples=["phóng viên"])


class AcceptInvitation(Submitted):
    """Whom the press body sends; given anew, it replaces what was given before."""

    people: list[PersonWrite] = Field(min_length=1, max_length=50)


class DeclineInvitation(Submitted):
    """The press body sends nobody."""

    reason: Line | None = None


class PersonRead(BaseModel):
    """One person who comes."""

    name: str = Field(max_length=300)
    position: str = Field(max_length=300)


class InvitationSummary(BaseModel):
    """An invitation as lists show it."""

    id: UUID
    press_event_id: UUID
    agency_id: UUID = Field(description="The press body.")
    accredit_before: Instant
    state: InvitationState
    coming: int = Field(ge=0, le=50, description="How many people it sends.")
    answered_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class InvitationRead(InvitationSummary):
    """An invitation whole."""

    people: list[PersonRead] = Field(max_length=50)
    note: str | None = Field(max_length=300, description="Why it declined.")
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
