"""Inspections and violations (QC.D7.K5, QC.D8.K2, QD.D2)."""

from collections.abc import Sequence
from enum import StrEnum

from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.oversight_details import Inspection, Violation
from app.records.telling import telling

INSPECTS = clause("QC.D7.K5")
MEMBER = frozenset({F.MEMBER})
SHARED = Named(Words("Cơ quan được chia sẻ", "Shared with"))


class InspectionState(StrEnum):
    """Where an inspection stands."""

    planned = "planned"
    under_way = "under_way"
    concluded = "concluded"
    cancelled = "cancelled"


class ViolationState(StrEnum):
    """Where a violation stands."""

    recorded = "recorded"
    sanctioned = "sanctioned"
    closed = "closed"


def _found(facts: Facts) -> None:
    stood(facts, "details.findings")


def _sanctioned(facts: Facts) -> None:
    stood(facts, "details.measure", "details.decision")


def _inspection_words(details: Inspection) -> Sequence[str]:
    return (details.scope, details.findings or "")


def _violation_words(details: Violation) -> Sequence[str]:
    return (details.organisation or "", details.rule)


_I, _V = InspectionState, ViolationState
_inspection = telling("inspection", *clauses("QC.D7.K5", "QC.D8.K2", "QD.D2"))
_violation = telling("violation", INSPECTS)

INSPECTION = Kind(
    name="inspection",
    title=Words("Thanh tra, kiểm tra", "Inspection"),
    provisions=clauses("QC.D7.K5", "QC.D8.K2", "QD.D2"),
    details=Inspection,
    sensitivity=Sensitivity.restricted,
    writers=MEMBER,
    # Nobody is told of a check before it begins.
    named={
        "checked": Named(
            Words("Cơ quan được kiểm tra", "Checked"), frozenset({_I.under_way, _I.concluded}), contributes=True
        ),
        "shared": SHARED,
    },
    opened=_inspection("planned", "Dự kiến thanh tra, kiểm tra", "An inspection was planned"),
    opened_tells=frozenset({F.COORD}),
    search=_inspection_words,
    initial=_I.planned,
    editable=frozenset({_I.planned, _I.under_way}),
    example={
        "title": "Kiểm tra việc thực hiện kế hoạch thông tin đối ngoại năm 2027",
        "starts_on": "2027-06-02",
        "ends_on": "2027-06-03",
        "details": {
            "kind": "inspection",
            "type": "plan_check",
            "decision": {"number": "88/QĐ-STTTT", "issued_on": "2027-05-24", "issuer": "Sở TT&TT", "sha256": None},
            "scope": "Nhiệm vụ quý I và quý II",
            "findings": "Hoàn thành 9 trên 12 nhiệm vụ.",
            "recommendations": "Bổ sung tin, bài bằng tiếng Anh.",
            "conclusion": None,
        },
    },
    steps=(
        step(
            "begin", {_I.planned}, _I.under_way, OWNER, INSPECTS,
            _inspection("began", "Bắt đầu thanh tra, kiểm tra", "An inspection began"),
            Words("Bắt đầu", "Begin it; who is checked reads it from then on."), tells={F.COORD, "checked"},
        ),
        step(
            "conclude", {_I.planned, _I.under_way}, _I.concluded, OWNER, INSPECTS,
            _inspection("concluded", "Kết luận thanh tra, kiểm tra", "An inspection was concluded"),
            Words("Kết luận", "Conclude it; what was found must be entered."),
            ready=_found, tells={F.COORD, "checked"},
        ),
        step(
            "cancel", {_I.planned}, _I.cancelled, OWNER, INSPECTS,
            _inspection("cancelled", "Không tiến hành thanh tra, kiểm tra", "An inspection was cancelled"),
            Words("Không tiến hành", "Cancel it, and say why."), needs_note=True, tells={F.COORD},
        ),
    ),
)  # fmt: skip

VIOLATION = Kind(
    name="violation",
    title=Words("Vi phạm và xử lý", "Violation"),
    provisions=(INSPECTS,),
    details=Violation,
    sensitivity=Sensitivity.restricted,
    writers=MEMBER,
    named={"shared": SHARED},
    opened=_violation("recorded", "Ghi nhận vi phạm", "A violation was recorded"),
    opened_tells=frozenset({F.COORD}),
    search=_violation_words,
    initial=_V.recorded,
    editable=frozenset({_V.recorded}),
    example={
        "title": "Phát hành bản tin không có giấy phép",
        "starts_on": "2027-05-20",
        "details": {
            "kind": "violation",
            "subject": "organisation",
            "organisation": "Công ty TNHH Truyền thông Cao Nguyên",
            "found_on": "2027-05-20",
            "rule": "Luật Xuất bản, Điều 25",
            "nature": "licence",
            "measure": "fine",
            "fine_vnd": 20000000,
            "decision": {"number": "15/QĐ-XPHC", "issued_on": "2027-05-28", "issuer": "Sở TT&TT", "sha256": None},
        },
    },
    steps=(
        step(
            "sanction", {_V.recorded}, _V.sanctioned, OWNER, INSPECTS,
            _violation("sanctioned", "Xử lý vi phạm", "A violation was dealt with"),
            Words("Xử lý", "Say that it was dealt with; the measure and its decision must be entered."),
            ready=_sanctioned, tells={F.COORD},
        ),
        step(
            "close", {_V.recorded, _V.sanctioned}, _V.closed, OWNER, INSPECTS,
            _violation("closed", "Kết thúc xử lý vi phạm", "A violation was closed"),
            Words("Kết thúc", "Close it."), tells={F.COORD},
        ),
    ),
)  # fmt: skip

KINDS = (INSPECTION, VIOLATION)
