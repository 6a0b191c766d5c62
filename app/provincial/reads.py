"""How plans of the province are read: their schemas, and what is not simply a column."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Date, Text, bindparam, cast
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.documents import DocumentRead, SignatoryRead
from app.kit.clock import today
from app.kit.reads import Shape, fixed, inside, listed, part, parts
from app.obligations.absent import AbsentRead
from app.provincial import queries, rules
from app.provincial.models import ProvincialPlan as P
from app.provincial.models import ProvincialTask
from app.provincial.read_schemas import (
    AbsorbedRead,
    DroppedRead,
    ExcludedPlanRead,
    ProvincialApprovedRead,
    ProvincialEndedRead,
    ProvincialRead,
    ProvincialReturnedRead,
    ProvincialSentRead,
    ProvincialSummary,
    ProvincialTaskRead,
)

_IN_FORCE = queries.in_force(bindparam("today", type_=Date))
_SHORT: dict[str, Any] = {"in_force": _IN_FORCE, "etag": reads.tag(P, cast(_IN_FORCE, Text))}

SUMMARY = Shape(ProvincialSummary, P, queries.visible, **_SHORT)
WHOLE = Shape(
    ProvincialRead,
    P,
    queries.visible,
    **_SHORT,
    tasks=parts(ProvincialTaskRead, ProvincialTask, P, col(ProvincialTask.position)),
    dropped=listed(DroppedRead, P, col(P.dropped)),
    absorbed=listed(AbsorbedRead, P, col(P.content)["absorbed"]),
    excluded=listed(ExcludedPlanRead, P, col(P.content)["excluded"]),
    absent=listed(AbsentRead, P, col(P.content)["absent"]),
    submitted=part(
        ProvincialSentRead,
        P,
        col(P.submitted_at).is_not(None),
        document=inside(DocumentRead, P, col(P.document)),
        signatory=inside(SignatoryRead, P, col(P.signatory)),
        at=col(P.submitted_at),
    ),
    returned=part(
        ProvincialReturnedRead, P, col(P.returned_at).is_not(None), reason=col(P.return_reason), at=col(P.returned_at)
    ),
    approved=part(
        ProvincialApprovedRead,
        P,
        col(P.approved_at).is_not(None),
        document=inside(DocumentRead, P, col(P.approval_document)),
        signatory=inside(SignatoryRead, P, col(P.approval_signatory)),
        at=col(P.approved_at),
    ),
    ended=part(
        ProvincialEndedRead,
        P,
        col(P.ended_at).is_not(None),
        on=col(P.ended_on),
        reason=col(P.end_reason),
        at=col(P.ended_at),
    ),
    allowed_moves=reads.moves(P),
    provisions=fixed(rules.PROVISIONS),
)


def values(actor: Actor) -> Mapping[str, Any]:
    """The parameters of these statements."""
    return {**reads.values(rules.PROVINCIAL, actor), "today": today()}
