"""Whom the coordinator proposes to commend or to discipline; the People's Committee decides (QC.D8.K9, QC.D5.K7)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, Details, Kind, Named, Sensitivity, Words, step
from app.records.kinds.oversight_details import Commendation, Discipline
from app.records.telling import telling

PROPOSES = clause("QC.D8.K9")
COMMITTEE = frozenset({F.UBND, F.VPUBND})


class ProposalState(StrEnum):
    """Where a proposal stands."""

    draft = "draft"
    proposed = "proposed"
    approved = "approved"
    rejected = "rejected"


def _commended(details: Commendation) -> Sequence[str]:
    return (details.honoured, details.achievement)


def _disciplined(details: Discipline) -> Sequence[str]:
    return (details.rule,)


_S = ProposalState


def _kind(
    details: type[Details],
    title: Words,
    subject: str,
    sensitivity: Sensitivity,
    words: Callable[[Any], Sequence[str]],
    example: Mapping[str, Any],
) -> Kind:
    """A proposal of the coordinator; `subject`: what its events are called."""
    told = telling(subject, PROPOSES)
    decided = told("decided", f"Quyết định về: {title.vi}", f"{title.en}: decided")
    return Kind(
        name=example["details"]["kind"],
        title=title,
        provisions=clauses("QC.D8.K9", "QC.D5.K7"),
        details=details,
        sensitivity=sensitivity,
        writers=frozenset({F.COORD}),
        # An agency reads what is proposed about it once that is decided, not before.
        named={"subject": Named(Words("Cơ quan được đề xuất", "Subject"), frozenset({_S.approved, _S.rejected}))},
        opened=told("drafted", f"Soạn thảo: {title.vi}", f"{title.en}: being drafted"),
        search=words,
        initial=_S.draft,
        editable=frozenset({_S.draft}),
        deletable=frozenset({_S.draft}),
        example=example,
        steps=(
            step(
                "propose", {_S.draft}, _S.proposed, OWNER, PROPOSES,
                told("proposed", title.vi, f"{title.en}: proposed"),
                Words("Đề xuất", "Propose it to the People's Committee."), tells=COMMITTEE,
            ),
            step(
                "approve", {_S.proposed}, _S.approved, COMMITTEE, PROPOSES, decided,
                Words("Đồng ý", "Decide that it is done, with the document."),
                needs_document=True, tells={F.COORD, "subject"},
            ),
            step(
                "reject", {_S.proposed}, _S.rejected, COMMITTEE, PROPOSES, decided,
                Words("Không đồng ý", "Decide against it, and say why."), needs_note=True, tells={F.COORD, "subject"},
            ),
        ),
    )  # fmt: skip


COMMENDATION_PROPOSAL = _kind(
    Commendation,
    Words("Đề xuất khen thưởng", "Proposal to commend"),
    "commendation",
    Sensitivity.internal,
    _commended,
    {
        "title": "Đề xuất tặng bằng khen cho UBND huyện Buôn Đôn",
        "details": {
            "kind": "commendation_proposal",
            "year": 2027,
            "subject": "agency",
            "honoured": "UBND huyện Buôn Đôn",
            "form": "certificate_of_merit",
            "achievement": "Hoàn thành toàn bộ kế hoạch, đón mười hai đoàn phóng viên.",
        },
    },
)
DISCIPLINE_PROPOSAL = _kind(
    Discipline,
    Words("Đề xuất kỷ luật", "Proposal to discipline"),
    "discipline",
    Sensitivity.restricted,
    _disciplined,
    {
        "title": "Đề xuất phê bình việc không gửi báo cáo",
        "details": {
            "kind": "discipline_proposal",
            "year": 2027,
            "subject": "agency",
            "form": "reprimand",
            "rule": "Quy chế, Điều 7 khoản 3",
            "grounds": "Hai năm liền không gửi báo cáo, đã đôn đốc ba lần.",
        },
    },
)

KINDS = (COMMENDATION_PROPOSAL, DISCIPLINE_PROPOSAL)
