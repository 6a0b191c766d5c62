"""Difficulties that anyone bound by the regulation meets: told to the coordinator, decided above it (QC.END)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.kit.text import Prose
from app.law.citing import ProvisionId, clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, TELL_OWNER, Details, Kind, Sensitivity, Words, event, step
from app.reports.models import DifficultyKind


class S(StrEnum):
    """How far it has come."""

    reported = "reported"
    acknowledged = "acknowledged"
    merged = "merged"
    forwarded = "forwarded"
    resolved = "resolved"
    closed = "closed"
    withdrawn = "withdrawn"


class Difficulty(Details):
    """What somebody cannot do by itself, and what it proposes."""

    kind: Literal["difficulty"]
    type: DifficultyKind = Field(description="What it lies in.")
    provision: ProvisionId | None = Field(None, description="The provision it concerns.")
    description: Prose
    proposal: Prose | None = None


def _searched(details: Difficulty) -> tuple[str | None, ...]:
    return (details.description, details.proposal)


_PROVISIONS, _LAW = clauses("QC.END"), clause("QC.END")
OPEN = frozenset({S.reported, S.acknowledged, S.forwarded})
RESOLVED = event("difficulty.resolved", Words("Khó khăn được giải quyết", "A difficulty was resolved"), _LAW)

DIFFICULTY = Kind(
    name="difficulty",
    title=Words("Khó khăn, vướng mắc", "Difficulty"),
    provisions=_PROVISIONS,
    details=Difficulty,
    sensitivity=Sensitivity.internal,
    writers=frozenset(),
    contributors=frozenset({F.COORD, F.UBND, F.VPUBND}),
    opened=event("difficulty.reported", Words("Có khó khăn được phản ánh", "A difficulty was reported"), _LAW),
    opened_tells=frozenset({F.COORD}),
    search=_searched,
    initial=S.reported,
    editable=frozenset({S.reported}),
    example={
        "title": "Thiếu người biên dịch tiếng Lào, tiếng Khmer",
        "starts_on": "2027-03-01",
        "details": {
            "kind": "difficulty",
            "type": "personnel",
            "provision": "QC.D9.K7",
            "description": "Không có người biên dịch tiếng Lào, tiếng Khmer cho ấn phẩm của huyện.",
            "proposal": "Sở Ngoại vụ hợp đồng cộng tác viên dùng chung.",
        },
    },
    steps=(
        step(
            "acknowledge", {S.reported}, S.acknowledged, {F.COORD}, _LAW,
            event("difficulty.acknowledged", Words("Khó khăn được tiếp nhận", "A difficulty was acknowledged"), _LAW),
            Words("Tiếp nhận", "Take note of it."), tells={TELL_OWNER},
        ),
        step(
            "merge", OPEN, S.merged, {F.COORD}, _LAW,
            event("difficulty.merged", Words("Khó khăn được gộp", "A difficulty was merged into another"), _LAW),
            Words("Gộp vào phản ánh khác", "Merge it into another, which goes on for both."),
            tells={TELL_OWNER}, merges=True,
        ),
        step(
            "forward", {S.reported, S.acknowledged}, S.forwarded, {F.COORD}, _LAW,
            event("difficulty.forwarded", Words("Khó khăn được trình", "A difficulty was sent up"), _LAW),
            Words("Trình Ủy ban nhân dân tỉnh", "Send it up to the People's Committee."),
            tells={F.UBND, F.VPUBND, TELL_OWNER},
        ),
        step(
            "resolve", OPEN, S.resolved, {F.UBND, F.VPUBND}, _LAW, RESOLVED,
            Words("Giải quyết", "Resolve it, with the answer; what was merged into it is resolved with it."),
            tells={F.COORD, TELL_OWNER}, needs_note=True, carries=True,
        ),
        step(
            "close", {S.resolved}, S.closed, OWNER, _LAW,
            event("difficulty.closed", Words("Khép lại khó khăn", "A difficulty was closed"), _LAW),
            Words("Khép lại", "Say that it is overcome."), tells={F.COORD},
        ),
        step(
            "withdraw", {S.reported}, S.withdrawn, OWNER, _LAW,
            event("difficulty.withdrawn", Words("Rút lại phản ánh", "A difficulty was withdrawn"), _LAW),
            Words("Rút lại", "Take it back."), tells={F.COORD},
        ),
    ),
)  # fmt: skip
KINDS = (DIFFICULTY,)
