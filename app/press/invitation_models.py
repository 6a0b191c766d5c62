"""Invitations of press bodies to press events."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.flow.procedure import Procedure
from app.kit.db import Timestamptz
from app.kit.failures import CONSTRAINTS


class InvitationState(StrEnum):
    """What the invited body has said."""

    invited = "invited"
    accepted = "accepted"
    declined = "declined"


class PressInvitation(Procedure, table=True):
    """That one press body (`agency_id`) is invited to one press event, and whom it sends."""

    __tablename__ = "press_invitation"

    press_event_id: UUID = Field(foreign_key="press_event.id", ondelete="CASCADE")
    accredit_before: datetime = Field(sa_type=Timestamptz)
    people: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    note: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Timestamptz)

    __table_args__ = (Index("uq_press_invitation_body", "press_event_id", "agency_id", unique=True),)


CONSTRAINTS["uq_press_invitation_body"] = (
    "Cơ quan báo chí này vừa được mời. Đọc lại rồi gửi lại.",
    "This press body was invited just now. Read again and send again.",
)
