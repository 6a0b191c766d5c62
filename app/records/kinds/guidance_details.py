"""The details of training, guidance, legal documents and the movement of publications (QC.D8, QC.D12.K2, QC.D13.K1)."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.flow.documents import DocumentRef
from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.lists import once
from app.kit.text import Line, Prose, Url
from app.records.kind import Details
from app.records.words import Count, Country, Sha256


class Attendance(Submitted):
    """How many of one agency came; counts, no names."""

    agency: Line = Field(description="The agency or organisation, as it is called.")
    people: Count


class TrainingCourse(Details):
    """A course for those who do external-information work (QC.D8.K5)."""

    kind: Literal["training_course"]
    form: Literal["training", "refresher", "workshop"]
    organiser: Line
    trainers: list[Line] = Field(default_factory=list, max_length=20, description="Agencies that teach, no persons.")
    place: Line | None = None
    online: bool = Field(default=False, strict=True)
    topics: list[Line] = Field(min_length=1, max_length=30)
    seats: Count | None = None
    register_by: Day | None = None
    attendance: Annotated[list[Attendance], AfterValidator(once("agency", code="duplicate_code"))] = Field(
        default_factory=list, max_length=200, description="One for each agency; needed before it counts as held."
    )


class MovementMedium(StrEnum):
    """What crosses the border."""

    book = "book"
    newspaper = "newspaper"
    magazine = "magazine"
    disc_tape = "disc_tape"
    cultural_product = "cultural_product"
    other = "other"


class PublicationMovement(Details):
    """A publication about the province that came in or went out; what is found against it is a finding (QC.D8.K6)."""

    kind: Literal["publication_movement"]
    direction: Literal["import", "export"]
    medium: MovementMedium
    work: Line = Field(description="Its title.")
    country: Country
    quantity: Count
    moved_on: Day
    gate: Line | None = Field(None, description="The border gate or the post office.")
    declaration: Line | None = Field(None, description="The number of the customs declaration.")


class Guidance(Details):
    """The base of a guidance: its text, or the document that has it."""

    subject: Line
    text: Prose | None = None
    document: DocumentRef | None = Field(None, description="A text or a document before it is issued.")
    valid_from: Day | None = None


class CostGuidance(Guidance):
    """How cost norms are made, how funds are used and settled (QC.D12.K2)."""

    kind: Literal["cost_guidance"]
    type: Literal["cost_norm", "use", "settlement"]
    year: int | None = Field(None, ge=2013, le=2100, strict=True)


class SecrecyGuidance(Guidance):
    """How secrecy is kept in external-information work (QC.D13.K1)."""

    kind: Literal["secrecy_guidance"]
    type: Literal["documents", "devices", "online_services", "press_work", "training", "general"]


class LegalDocument(Details):
    """A normative document, a mechanism or a policy for the People's Committee to issue (QC.D8.K2)."""

    kind: Literal["legal_document"]
    type: Literal["normative", "mechanism", "policy"]
    summary: Prose
    draft_url: Url | None = None
    sha256: Sha256 | None = None
    planned_for: Day | None = None
    effective_from: Day | None = None
