"""Secrecy and delegations abroad (QC.D7.K6, QC.D13.K1, QC.D13.K3)."""

from collections.abc import Sequence
from enum import StrEnum

from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, TELL_OWNER, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.security_details import OutgoingDelegation, SecrecyCheck, SecrecyIncident
from app.records.telling import telling

KEEPS, CHECKS, MANAGES = clause("QC.D7.K6"), clause("QC.D13.K1"), clause("QC.D13.K3")
POLICE = frozenset({F.POLICE})
MANAGERS = frozenset({F.POLICE, F.FOREIGN})


class CheckState(StrEnum):
    """Whether a check is done with."""

    recorded = "recorded"
    closed = "closed"


class IncidentState(StrEnum):
    """Where an incident stands."""

    reported = "reported"
    acknowledged = "acknowledged"
    closed = "closed"


class DelegationState(StrEnum):
    """Where a delegation is."""

    registered = "registered"
    departed = "departed"
    returned = "returned"
    cancelled = "cancelled"


def _check_label(details: SecrecyCheck) -> str:
    return f"Kiểm tra bảo mật {details.checked_on:%d/%m/%Y}"


def _incident_label(details: SecrecyIncident) -> str:
    return f"Sự cố bảo mật {details.discovered_on:%d/%m/%Y}"


def _outcome(facts: Facts) -> None:
    stood(facts, "details.outcome")


def _delegation_words(details: OutgoingDelegation) -> Sequence[str]:
    return (details.purpose, details.host or "", details.decision.number)


_D = DelegationState
_check, _incident = telling("secrecy_check", CHECKS), telling("secrecy_incident", KEEPS)
_delegation = telling("outgoing_delegation", *clauses("QC.D13.K3", "QC.D9.K1"))
TOLD = MANAGERS | {F.COORD}

SECRECY_CHECK = Kind(
    name="secrecy_check",
    title=Words("Kiểm tra bảo mật thông tin", "Check of secrecy"),
    provisions=(CHECKS,),
    details=SecrecyCheck,
    sensitivity=Sensitivity.restricted,
    writers=POLICE,
    readers=POLICE,
    named={"checked": Named(Words("Cơ quan được kiểm tra", "Checked"))},
    opened=_check("recorded", "Ghi nhận kết quả kiểm tra bảo mật", "The result of a check of secrecy was recorded"),
    opened_tells=frozenset({F.COORD, "checked"}),
    label=_check_label,
    textless=True,
    initial=CheckState.recorded,
    editable=frozenset({CheckState.recorded}),
    example={
        "details": {
            "kind": "secrecy_check",
            "checked_on": "2027-06-16",
            "result": "minor_faults",
            "fields": ["devices", "press_work"],
            "mend_by": "2027-07-15",
        },
    },
    steps=(
        step(
            "close", {CheckState.recorded}, CheckState.closed, OWNER, CHECKS,
            _check("closed", "Kết thúc theo dõi kiểm tra bảo mật", "A check of secrecy was closed"),
            Words("Kết thúc theo dõi", "Say that it is done with: what was at fault is mended."),
            tells={F.COORD, "checked"},
        ),
    ),
)  # fmt: skip

SECRECY_INCIDENT = Kind(
    name="secrecy_incident",
    title=Words("Sự cố bảo mật thông tin", "Secrecy incident"),
    provisions=(KEEPS,),
    details=SecrecyIncident,
    sensitivity=Sensitivity.restricted,
    writers=frozenset({F.MEMBER}),
    readers=POLICE,
    opened=_incident("reported", "Báo sự cố bảo mật", "A secrecy incident was reported"),
    opened_tells=frozenset({F.POLICE, F.COORD}),
    label=_incident_label,
    textless=True,
    initial=IncidentState.reported,
    editable=frozenset({IncidentState.reported}),
    example={
        "details": {
            "kind": "secrecy_incident",
            "incident": "device",
            "discovered_on": "2027-05-18",
            "happened_on": "2027-05-17",
            "contained": True,
            "reported_elsewhere": True,
        },
    },
    steps=(
        step(
            "acknowledge", {IncidentState.reported}, IncidentState.acknowledged, POLICE, KEEPS,
            _incident("acknowledged", "Đã tiếp nhận sự cố bảo mật", "A secrecy incident was acknowledged"),
            Words("Tiếp nhận", "Say that it was taken up."), tells={F.COORD, TELL_OWNER},
        ),
        step(
            "close", {IncidentState.acknowledged}, IncidentState.closed, POLICE, KEEPS,
            _incident("closed", "Kết thúc xử lý sự cố bảo mật", "A secrecy incident was closed"),
            Words("Kết thúc", "Say that it is done with."), tells={F.COORD, TELL_OWNER},
        ),
    ),
)  # fmt: skip

OUTGOING_DELEGATION = Kind(
    name="outgoing_delegation",
    title=Words("Đoàn công tác ra nước ngoài", "Delegation abroad"),
    provisions=clauses("QC.D13.K3", "QC.D9.K1"),
    details=OutgoingDelegation,
    sensitivity=Sensitivity.restricted,
    writers=frozenset({F.MEMBER, F.UBND, F.VPUBND}),
    readers=MANAGERS,
    contributors=TOLD,
    opened=_delegation("registered", "Đăng ký đoàn công tác ra nước ngoài", "A delegation abroad was registered"),
    opened_tells=TOLD,
    search=_delegation_words,
    initial=_D.registered,
    editable=frozenset({_D.registered, _D.departed}),
    example={
        "title": "Đoàn công tác xúc tiến du lịch tại Champasak",
        "starts_on": "2027-08-03",
        "ends_on": "2027-08-06",
        "details": {
            "kind": "outgoing_delegation",
            "decision": {"number": "1520/QĐ-UBND", "issued_on": "2027-07-12", "issuer": "UBND tỉnh", "sha256": None},
            "countries": ["LA"],
            "host": "Chính quyền tỉnh Champasak",
            "purpose": "Ký kế hoạch hợp tác du lịch",
            "head_title": "Phó Giám đốc",
            "size": 6,
            "press_coverage": True,
            "outcome": "Đã ký kế hoạch hợp tác hai năm.",
        },
    },
    steps=(
        step(
            "depart", {_D.registered}, _D.departed, OWNER, MANAGES,
            _delegation("departed", "Đoàn công tác đã lên đường", "A delegation abroad has left"),
            Words("Lên đường", "Say that it has left."), tells=TOLD,
        ),
        step(
            "return", {_D.departed}, _D.returned, OWNER, MANAGES,
            _delegation("returned", "Đoàn công tác đã về nước", "A delegation abroad has returned"),
            Words("Về nước", "Say that it is back; what came of it must be entered."), ready=_outcome, tells=TOLD,
        ),
        step(
            "cancel", {_D.registered}, _D.cancelled, OWNER, MANAGES,
            _delegation("cancelled", "Đoàn công tác không đi", "A delegation abroad does not go"),
            Words("Không đi", "Say that it does not go, and why."), needs_note=True, tells=TOLD,
        ),
    ),
)  # fmt: skip

KINDS = (SECRECY_CHECK, SECRECY_INCIDENT, OUTGOING_DELEGATION)
