"""How the province's budgets are read."""

from typing import Any

from sqlalchemy import cast, func
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from app.budgets import budget_queries, budget_rules, totals
from app.budgets.budget_models import AdjustmentLine, BudgetAdjustment, BudgetAllocation
from app.budgets.budget_models import ProvincialBudget as B
from app.budgets.budget_read_schemas import (
    AdjustmentLineRead,
    AdjustmentRead,
    AllocationRead,
    AppraisalRead,
    BudgetRead,
    BudgetReturnedRead,
    BudgetSummary,
    ClosingRead,
    DecisionRead,
)
from app.flow import reads
from app.flow.documents import DocumentRead, SignatoryRead
from app.kit.reads import Shape, fixed, inside, part, parts

_SHORT: dict[str, Any] = {
    "etag": reads.tag(B),
    "totals": totals.whole(),
    "self_appraised": totals.self_appraised(),
}
_ALLOCATED = func.row(BudgetAllocation.category, BudgetAllocation.funding_source)

SUMMARY = Shape(BudgetSummary, B, budget_queries.visible, **_SHORT)
WHOLE = Shape(
    BudgetRead,
    B,
    budget_queries.visible,
    **_SHORT,
    content=cast(col(B.content), JSON),
    categories=totals.by_category(),
    allocations=parts(AllocationRead, BudgetAllocation, B, _ALLOCATED),
    adjustments=parts(
        AdjustmentRead,
        BudgetAdjustment,
        B,
        col(BudgetAdjustment.number),
        document=inside(DocumentRead, BudgetAdjustment, col(BudgetAdjustment.document)),
        signatory=inside(SignatoryRead, BudgetAdjustment, col(BudgetAdjustment.signatory)),
        lines=parts(AdjustmentLineRead, AdjustmentLine, BudgetAdjustment, col(AdjustmentLine.id)),
    ),
    signatory=inside(SignatoryRead, B, col(B.signatory)),
    document=inside(DocumentRead, B, col(B.document)),
    returned=part(
        BudgetReturnedRead, B, col(B.returned_at).is_not(None), reason=col(B.return_reason), at=col(B.returned_at)
    ),
    appraisal=part(
        AppraisalRead,
        B,
        col(B.appraised_at).is_not(None),
        document=inside(DocumentRead, B, col(B.appraisal_document)),
        at=col(B.appraised_at),
    ),
    decision=part(
        DecisionRead,
        B,
        col(B.decided_at).is_not(None),
        document=inside(DocumentRead, B, col(B.decision_document)),
        signatory=inside(SignatoryRead, B, col(B.decision_signatory)),
        at=col(B.decided_at),
    ),
    settlement=inside(DocumentRead, B, col(B.settlement)),
    closing=part(
        ClosingRead,
        B,
        col(B.closed_at).is_not(None),
        note=col(B.closing_note),
        unsettled=cast(col(B.unsettled), JSON),
        at=col(B.closed_at),
    ),
    allowed_moves=reads.moves(B),
    provisions=fixed(budget_rules.PROVISIONS),
)
