"""The details of inspections, violations, commendation and discipline (QC.D7.K5, QC.D8.K2, QC.D8.K9, QD.D2)."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRef
from app.kit.clock import Day
from app.kit.text import Line, Prose
from app.records.kind import Details
from app.records.words import Year


class InspectionType(StrEnum):
    """What kind of check it is."""

    inspection = "inspection"
    """Thanh tra."""
    check = "check"
    """Kiểm tra."""
    plan_check = "plan_check"
    """How the provincial plan is carried out (QC.D8.K2)."""
    regulation_check = "regulation_check"
    """How the regulation is carried out (QD.D2)."""


class Inspection(Details):
    """An inspection or a check, and what it found."""

    kind: Literal["inspection"]
    type: InspectionType
    decision: DocumentRef | None = Field(None, description="What orders it.")
    scope: Line
    findings: Prose | None = Field(None, description="Needed before it is concluded.")
    recommendations: Prose | None = None
    conclusion: DocumentRef | None = None


class Violation(Details):
    """A violation and how it was dealt with; an organisation by its name, a person never."""

    kind: Literal["violation"]
    subject: Literal["organisation", "individual"]
    organisation: Line | None = None
    found_on: Day
    rule: Line = Field(description="The rule that was broken, as cited.")
    nature: Literal["false_content", "licence", "secrecy", "procedure", "other"]
    measure: Literal["warning", "fine", "suspension", "confiscation", "other"] | None = Field(
        None, description="Needed before it counts as sanctioned."
    )
    fine_vnd: int | None = Field(None, ge=0, le=10**12, strict=True, description="Whole đồng.")
    decision: DocumentRef | None = None

    @model_validator(mode="after")
    def _nobody_by_name(self) -> Self:
        if (self.subject == "organisation") != (self.organisation is not None):
            raise PydanticCustomError("organisation_only", "Name the organisation, and no person")
        return self


class Commendation(Details):
    """Whom to commend, in which form, and for what (QC.D8.K9)."""

    kind: Literal["commendation_proposal"]
    year: Year
    subject: Literal["agency", "organisation", "individual"]
    honoured: Line = Field(description="As it stands in the decision.", examples=["UBND huyện Buôn Đôn"])
    form: Literal["certificate_of_merit", "emulation_title", "letter", "other"]
    achievement: Prose


class Discipline(Details):
    """A proposal to discipline: the agency, the form and the ground; no person is named (QC.D8.K9)."""

    kind: Literal["discipline_proposal"]
    year: Year
    subject: Literal["agency", "organisation", "individual"]
    form: Literal["reprimand", "warning", "other"]
    rule: Line = Field(description="The rule that was broken, as cited.")
    grounds: Prose
