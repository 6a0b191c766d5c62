"""What every submission has: its columns, its states, the bodies of its moves, and what is read of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Member
from pydantic_core import PydanticCustomError
from sqlalchemy import Index, text
from sqlmodel import Field

from app.access.actor import Actor
from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret, Signatory, SignatoryRead
from app.flow.procedure import Procedure
from app.flow.remarks import RemarkWrite
from app.flow.secrecy import Submitted
from app.kit.clock import Instant, now
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.text import Line, Prose


class SubmissionState(StrEnum):
    """Where a submission stands."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    accepted = "accepted"
    withdrawn = "withdrawn"
    consolidated = "consolidated"
    """Built on: it can no longer be taken back."""


class ReturnReason(StrEnum):
    """Why a submission is returned."""

    missing_content = "missing_content"
    missing_budget = "missing_budget"
    outside_remit = "outside_remit"
    wrong_period = "wrong_period"
    not_signed = "not_signed"
    unclear = "unclear"
    duplicate = "duplicate"
    other = "other"


class Submit(NoStateSecret):
    """Send it to the agency that receives it."""

    signatory: Signatory | None = None
    document: DocumentRef | None = None


class Return(Submitted):
    """Send it back, with a reason."""

    reason: ReturnReason
    note: Prose | None = Member(None, description="What to change. Required when the reason is `other`.")
    remarks: list[RemarkWrite] = Member(
        default_factory=list, max_length=100, description="What to change, place by place."
    )

    @model_validator(mode="after")
    def _other_explains(self) -> Self:
        if self.reason is ReturnReason.other and not self.note:
            raise PydanticCustomError("missing", "A reason `other` needs a note")
        return self


class Accept(Submitted):
    """Accept it; nothing more is needed."""


class Withdraw(Submitted):
    """Take it back."""

    reason: Line


class ReturnedRead(BaseModel):
    """Why it was last returned."""

    reason: ReturnReason
    note: str | None = Member(max_length=20_000)
    at: Instant


class WithdrawnRead(BaseModel):
    """Why it was taken back."""

    reason: str = Member(max_length=300)
    at: Instant


class ExternalRead(BaseModel):
    """The department's own key for it."""

    source: str = Member(max_length=64)
    id: str = Member(max_length=64)


class Submission(Procedure):
    """The columns of what an agency drafts and sends, and a reviewer returns or accepts."""

    source: str | None = None
    external_id: str | None = None
    first_submitted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    submitted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    submitted_by: UUID | None = None
    signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    accepted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    returned_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    return_reason: str | None = None
    return_note: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    withdrawal_reason: str | None = None

    def note(self, actor: Actor, body: Submit | Return | Accept | Withdraw) -> None:
        """Keep what a move says."""
        match body:
            case Submit():
                self.submitted_at, self.submitted_by = now(), actor.client_id
                # Lateness is judged by the first time, whatever returns follow.
                self.first_submitted_at = self.first_submitted_at or self.submitted_at
                self.signatory = body.signatory.model_dump(mode="json") if body.signatory else None
                self.document = body.document.model_dump(mode="json") if body.document else None
            case Return():
                self.returned_at, self.return_reason, self.return_note = now(), body.reason, body.note
            case Accept():
                self.accepted_at = now()
            case Withdraw():
                self.withdrawn_at, self.withdrawal_reason = now(), body.reason

    def told(self) -> dict[str, Any]:
        """What the moves said, in the shapes in which it is read."""
        external = returned = withdrawn = None
        if self.source and self.external_id:
            external = ExternalRead(source=self.source, id=self.external_id)
        if self.return_reason and self.returned_at:
            reason = ReturnReason(self.return_reason)
            returned = ReturnedRead(reason=reason, note=self.return_note, at=self.returned_at)
        if self.withdrawal_reason and self.withdrawn_at:
            withdrawn = WithdrawnRead(reason=self.withdrawal_reason, at=self.withdrawn_at)
        return {
            "external": external,
            "signatory": SignatoryRead(**self.signatory) if self.signatory else None,
            "document": DocumentRead(**self.document) if self.document else None,
            "returned": returned,
            "withdrawn": withdrawn,
        }


def external_key(table: str, name_vi: str, name_en: str) -> Index:
    """The index that keeps a department's own key unique among what was not withdrawn, and what its breach means."""
    index = f"uq_{table}_external"
    CONSTRAINTS[index] = (
        f"Khóa ngoài này vừa được dùng cho một {name_vi} khác của cơ quan. Gửi lại yêu cầu.",
        f"Another {name_en} of the agency took this external id just now. Send the request again.",
    )
    live = text("state <> 'withdrawn'")
    return Index(index, "agency_id", "source", "external_id", unique=True, postgresql_where=live)
