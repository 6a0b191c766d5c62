"""Complaints and denunciations: number, dates, status and class of outcome; not one word of anybody (QC.D7.K5)."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.clock import Day
from app.kit.text import clean
from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, Details, Facts, Kind, Named, Sensitivity, Words, event, step, stood

CaseNumber = Annotated[
    str,
    Field(
        max_length=24,
        pattern=r"^[0-9]{1,6}(/[0-9]{4})?(/[A-ZĐ]{2,5}(-[A-ZĐ]{2,8})?)?$",
        description="As the register has it: digits and the abbreviation of the register, no names.",
        examples=["07/2027/TD"],
    ),
    BeforeValidator(clean),
]


class S(StrEnum):
    """Where the case stands."""

    opened = "opened"
    accepted = "accepted"
    resolved = "resolved"
    transferred = "transferred"
    closed = "closed"


class TransferReason(StrEnum):
    """Why another agency goes on with it."""

    outside_remit = "outside_remit"
    by_law = "by_law"


class CloseReason(StrEnum):
    """Why it ends without an outcome."""

    not_admissible = "not_admissible"
    withdrawn = "withdrawn"
    suspended = "suspended"


class ComplaintCase(Details):
    """A case in the register of complaints and denunciations, without anything of what it is about."""

    kind: Literal["complaint_case"]
    type: Literal["complaint", "denunciation"]
    case_number: CaseNumber
    received_on: Day
    due_on: Day | None = None
    resolved_on: Day | None = None
    outcome: Literal["upheld", "partly_upheld", "dismissed", "settled"] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(day and day < self.received_on for day in (self.due_on, self.resolved_on)):
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


_TITLES = {"complaint": "Khiếu nại", "denunciation": "Tố cáo"}


def _label(details: ComplaintCase) -> str:
    return f"{_TITLES[details.type]} số {details.case_number}"


def _decided(facts: Facts) -> None:
    stood(facts, "details.outcome", "details.resolved_on")


_PROVISIONS, _LAW = clauses("QC.D7.K5"), clause("QC.D7.K5")
COMPLAINT_CASE = Kind(
    name="complaint_case",
    title=Words("Vụ việc khiếu nại, tố cáo", "Case of a complaint or a denunciation"),
    provisions=_PROVISIONS,
    details=ComplaintCase,
    sensitivity=Sensitivity.restricted,
    writers=frozenset({F.MEMBER}),
    named={"shared_with": Named(Words("Được chia sẻ", "Shared with"))},
    opened=event("complaint_case.opened", Words("Thụ lý hồ sơ khiếu nại, tố cáo", "A case was opened"), _LAW),
    opened_tells=frozenset({F.COORD}),
    label=_label,
    textless=True,
    initial=S.opened,
    editable=frozenset({S.opened, S.accepted}),
    example={
        "details": {
            "kind": "complaint_case",
            "type": "denunciation",
            "case_number": "07/2027/TD",
            "received_on": "2027-05-04",
            "due_on": "2027-06-03",
            "resolved_on": "2027-06-01",
            "outcome": "dismissed",
        },
    },
    steps=(
        step(
            "accept", {S.opened}, S.accepted, OWNER, _LAW,
            event("complaint_case.accepted", Words("Vụ việc được thụ lý", "A case was taken up"), _LAW),
            Words("Thụ lý", "Take it up."), tells={F.COORD},
        ),
        step(
            "transfer", {S.opened, S.accepted}, S.transferred, OWNER, _LAW,
            event("complaint_case.transferred", Words("Vụ việc được chuyển", "A case was passed on"), _LAW),
            Words("Chuyển cơ quan có thẩm quyền", "Pass it on to the agency in charge."),
            tells={F.COORD}, reasons=TransferReason,
        ),
        step(
            "resolve", {S.accepted}, S.resolved, OWNER, _LAW,
            event("complaint_case.resolved", Words("Vụ việc được giải quyết", "A case was resolved"), _LAW),
            Words("Giải quyết", "Resolve it; the class of its outcome and the day stand in it."),
            tells={F.COORD}, ready=_decided,
        ),
        step(
            "close", {S.opened, S.accepted}, S.closed, OWNER, _LAW,
            event("complaint_case.closed", Words("Vụ việc được đình chỉ", "A case was ended without an outcome"), _LAW),
            Words("Đình chỉ", "End it without an outcome."), tells={F.COORD}, reasons=CloseReason,
        ),
    ),
)  # fmt: skip
KINDS = (COMPLAINT_CASE,)
