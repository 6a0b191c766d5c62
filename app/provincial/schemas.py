"""What is written of a plan of the province."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRef, NoStateSecret, Signatory
from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.lists import once
from app.kit.text import Line, Prose
from app.plans.schemas import TaskWrite
from app.provincial.models import ProvincialKind, Term

MOST_TASKS = 5000
MOST_SOURCES = 500


class ExcludePlanWrite(Submitted):
    """An accepted plan that is left out."""

    plan_id: UUID
    reason: Line


class DropTaskWrite(Submitted):
    """A task of an absorbed plan that no task of the province stands for."""

    task_id: UUID
    reason: Line


Excluded = Annotated[list[ExcludePlanWrite], AfterValidator(once("plan_id")), Field(max_length=500)]


class ProvincialTaskWrite(TaskWrite):
    """One task of a plan of the province."""

    lead_agency_id: UUID = Field(description="The agency that leads; told of its task once the plan is issued.")
    sources: list[UUID] = Field(
        default_factory=list,
        max_length=MOST_SOURCES,
        description="The tasks of absorbed plans that it stands for: several when they are merged.",
    )


class ProvincialWords(Submitted):
    """The coordinator's own words."""

    title: Line = Field(examples=["Kế hoạch hoạt động thông tin đối ngoại tỉnh Đắk Lắk năm 2027"])
    term: Term = Field(Term.annual, description="How far it looks ahead (QC.D4.K3).")
    until_year: int | None = Field(None, ge=2013, le=2100, strict=True, description="Its last year; left out: `year`.")
    objectives: Prose | None = None
    priorities: list[Line] = Field(default_factory=list, max_length=50, description="What comes first (QC.D4.K3).")


class ProvincialWrite(ProvincialWords):
    """Words and tasks, whole; what is gathered from the agencies' plans is not written but chosen from."""

    tasks: list[ProvincialTaskWrite] = Field(default_factory=list, max_length=MOST_TASKS)
    dropped: Annotated[list[DropTaskWrite], AfterValidator(once("task_id"))] = Field(
        default_factory=list, max_length=MOST_TASKS, description="Tasks that are left out, each with a reason."
    )

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [task.code for task in self.tasks]
        if len(set(codes)) != len(codes):
            raise PydanticCustomError("duplicate_code", "Two tasks have the same code")
        return self


class DraftProvincial(ProvincialWords):
    """Which plan is built."""

    kind: ProvincialKind = Field(
        ProvincialKind.provincial_annual, description="A `provincial_annual` plan absorbs the agencies' accepted plans."
    )
    year: int = Field(ge=2013, le=2100, strict=True, examples=[2027], description="Its first year.")
    excluded: Excluded = Field(default_factory=list, description="Accepted plans that are left out, with a reason.")


class GatherProvincial(Submitted):
    """Gather again."""

    excluded: Excluded | None = Field(
        None, description="Accepted plans that are left out, with a reason; null: those that are left out now."
    )


class SubmitProvincial(NoStateSecret):
    """Send it to the People's Committee."""

    document: DocumentRef = Field(description="The submission (tờ trình) that carries it.")
    signatory: Signatory | None = None


class ReturnProvincial(Submitted):
    """Send it back."""

    reason: Prose


class SignedDocument(DocumentRef):
    """A signed document whose file is known."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the signed file.")


class ApproveProvincial(Submitted):
    """Approve it."""

    document: SignedDocument = Field(description="The decision, its number as printed.")
    signatory: Signatory


class IssueProvincial(Submitted):
    """Issue it to all."""

    effective_from: Day = Field(description="The first day on which it holds.", examples=["2027-01-15"])


class AmendProvincial(Submitted):
    """Begin another edition."""

    reason: Prose


class SupersedeProvincial(Submitted):
    """Replace it by another plan."""

    by_plan_id: UUID = Field(description="Another plan of the province that is issued.")
    reason: Prose


class CloseProvincial(Submitted):
    """Close it."""

    summary: Prose = Field(description="What came of it.")
