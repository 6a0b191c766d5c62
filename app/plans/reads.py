"""How plans are read: their schemas, and what is not simply a column."""

from sqlalchemy import and_
from sqlmodel import col

from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.reads import moves, tag
from app.kit.reads import Shape, fixed, inside, part, parts
from app.plans import queries, rules
from app.plans.models import Plan, PlanTask
from app.plans.schemas import ExternalRead, PlanRead, PlanSummary, ReturnedRead, TaskRead, WithdrawnRead

_SHORT = {
    "external": part(
        ExternalRead,
        Plan,
        and_(col(Plan.source).is_not(None), col(Plan.external_id).is_not(None)),
        id=col(Plan.external_id),
    ),
    "etag": tag(Plan),
}

SUMMARY = Shape(PlanSummary, Plan, queries.visible, **_SHORT)
WHOLE = Shape(
    PlanRead,
    Plan,
    queries.visible,
    **_SHORT,
    tasks=parts(TaskRead, PlanTask, Plan, col(PlanTask.position)),
    signatory=inside(SignatoryRead, Plan, col(Plan.signatory)),
    document=inside(DocumentRead, Plan, col(Plan.document)),
    returned=part(
        ReturnedRead,
        Plan,
        and_(col(Plan.return_reason).is_not(None), col(Plan.returned_at).is_not(None)),
        reason=col(Plan.return_reason),
        note=col(Plan.return_note),
        at=col(Plan.returned_at),
    ),
    withdrawn=part(
        WithdrawnRead,
        Plan,
        and_(col(Plan.withdrawal_reason).is_not(None), col(Plan.withdrawn_at).is_not(None)),
        reason=col(Plan.withdrawal_reason),
        at=col(Plan.withdrawn_at),
    ),
    allowed_moves=moves(Plan),
    provisions=fixed(rules.PROVISIONS),
)
