"""Records on the wire."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Self, Union
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, NoStateSecret
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.flow.submission import ExternalRead
from app.kit.clock import Day, Instant
from app.kit.failures import VARIANTS
from app.kit.text import Language, Line, Prose
from app.records.kind import Details, Sensitivity
from app.records.kinds import KINDS

if TYPE_CHECKING:
    AnyDetails = Details
else:
    AnyDetails = Annotated[Union[tuple(kind.details for kind in KINDS.values())], Field(discriminator="kind")]  # noqa: UP007

VARIANTS["details"] = frozenset(KINDS)

Name = Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+$", examples=["reported"])]
"""The name of a kind, a state, a role or a move."""
Tongue = Annotated[str, Field(max_length=35)]
_DETAILS = {
    "oneOf": [{"$ref": f"#/components/schemas/{kind.details.__name__}"} for kind in KINDS.values()],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {name: f"#/components/schemas/{kind.details.__name__}" for name, kind in KINDS.items()},
    },
}


class NamedAgency(Submitted):
    """An agency that a record names, and as what."""

    role: Name = Field(description="One of the roles of the kind.", examples=["visited"])
    agency_id: UUID


class RecordWrite(NoStateSecret):
    """What an agency records; `details.kind` says what it is, and stays."""

    title: Line | None = Field(None, description="Required, but for kinds that make their title of their details.")
    title_en: Line | None = None
    summary: Prose | None = None
    languages: list[Language] = Field(
        default_factory=lambda: ["vi"], min_length=1, max_length=20, description="The languages it is there in."
    )
    starts_on: Day | None = None
    ends_on: Day | None = None
    named: list[NamedAgency] = Field(
        default_factory=list, max_length=200, description="Agencies it names; what they may do is up to their role."
    )
    details: AnyDetails = Field(description="What is particular to its kind.")
    on_behalf_of: UUID | None = Field(
        None, description="For the coordinator: the agency without a system of its own that it records this for."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on and (self.starts_on is None or self.ends_on < self.starts_on):
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


class NamedRead(BaseModel):
    """An agency that a record names."""

    role: str = Field(max_length=64)
    agency_id: UUID


class StepRead(BaseModel):
    """A move that was made."""

    move: str = Field(max_length=64)
    previous_state: str = Field(max_length=64)
    state: str = Field(max_length=64)
    reason: str | None = Field(max_length=64)
    note: str | None = Field(max_length=20_000)
    document: DocumentRead | None
    agency_id: UUID | None = Field(description="In whose name.")
    recorded_by_agency_id: UUID | None = Field(description="Who entered it, where that is another agency.")
    made_at: Instant


class RecordSummary(BaseModel):
    """A record as lists show it."""

    id: UUID
    agency_id: UUID
    recorded_by_agency_id: UUID | None = Field(description="Who entered it for its agency, where that is another.")
    kind: str = Field(max_length=64)
    state: str = Field(max_length=64)
    sensitivity: Sensitivity
    title: str = Field(max_length=300)
    title_en: str | None = Field(max_length=300)
    languages: list[Tongue] = Field(max_length=20)
    starts_on: date | None
    ends_on: date | None
    external: ExternalRead | None
    merged_into_id: UUID | None = Field(description="The record that goes on for it.")
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class RecordRead(RecordSummary):
    """A record whole."""

    summary: str | None = Field(max_length=20_000)
    named: list[NamedRead] = Field(max_length=200)
    details: dict[str, Any] = Field(json_schema_extra=_DETAILS)  # type: ignore[arg-type]
    steps: list[StepRead] = Field(max_length=1000, description="The moves that were made, oldest first.")
    allowed_moves: list[AllowedMove] = Field(max_length=40)
    provisions: list[str] = Field(max_length=20)
