"""Guidance and orientation of the press."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from app.flow.procedure import Procedure
from app.kit.db import Json, Timestamptz


class GuidanceKind(StrEnum):
    """What it is: guidance at a briefing (QC.D8.K7), orientation (QC.D8.K3), coverage of a visit (QC.D9.K1)."""

    briefing = "briefing"
    orientation = "orientation"
    coverage_of_visit = "coverage_of_visit"


class GuidanceState(StrEnum):
    """Whether it stands."""

    issued = "issued"
    withdrawn = "withdrawn"


class PressGuidance(Procedure, table=True):
    """What one agency tells press bodies by name, and nobody else; its words never change."""

    __tablename__ = "press_guidance"

    kind: str
    press_event_id: UUID | None = Field(default=None, foreign_key="press_event.id", index=True)
    addressee_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    title: str
    text: str
    document: dict[str, str | None] | None = Field(default=None, sa_type=Json)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    withdrawal_reason: str | None = None

    __table_args__ = (Index("ix_press_guidance_addressee", "addressee_ids", postgresql_using="gin"),)
