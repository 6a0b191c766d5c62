"""Guidance of the press on the wire."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret
from app.flow.machine import AllowedMove
from app.kit.clock import Instant
from app.kit.text import Line, Prose
from app.press.event_schemas import Because
from app.press.guidance_models import GuidanceKind, GuidanceState


class GuidanceWrite(NoStateSecret):
    """What press bodies are told; never public."""

    kind: GuidanceKind = Field(
        description="At a briefing or conference (QC.D8.K7), orientation (QC.D8.K3), coverage of a visit (QC.D9.K1)."
    )
    press_event_id: UUID | None = Field(None, description="The press event it is attached to.")
    addressee_ids: list[UUID] = Field(
        default_factory=list, max_length=100, description="The press bodies that read it; may be empty at an event."
    )
    all_press: bool = Field(default=False, strict=True, description="Every press body of the register reads it.")
    title: Line
    text: Prose
    document: DocumentRef | None = None

    @model_validator(mode="after")
    def _to_somebody(self) -> Self:
        if self.kind is GuidanceKind.briefing and self.press_event_id is None:
            raise PydanticCustomError("no_event", "Guidance at a briefing names the press event")
        if self.press_event_id is None and not (self.addressee_ids or self.all_press):
            raise PydanticCustomError("no_addressee", "Name the press bodies it is for")
        return self


class WithdrawGuidance(Because):
    """It no longer holds."""


class WithdrawnGuidance(BaseModel):
    """Why it no longer holds."""

    reason: str = Field(max_length=300)
    at: Instant


class GuidanceSummary(BaseModel):
    """Guidance as lists show it."""

    id: UUID
    agency_id: UUID = Field(description="Who guides.")
    kind: GuidanceKind
    press_event_id: UUID | None
    addressee_ids: list[UUID] = Field(max_length=100)
    title: str = Field(max_length=300)
    state: GuidanceState
    version: int
    created_at: Instant = Field(description="When it was issued.")
    updated_at: Instant
    etag: str = Field(max_length=64)


class GuidanceRead(GuidanceSummary):
    """Guidance whole."""

    text: str = Field(max_length=20_000)
    document: DocumentRead | None
    withdrawn: WithdrawnGuidance | None
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
