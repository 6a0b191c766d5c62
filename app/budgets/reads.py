"""How budget estimates are read: their schemas, and what is not simply a column."""

from sqlmodel import col

from app.budgets import queries
from app.budgets.models import BudgetEstimate, EstimateLine
from app.budgets.rules import ESTIMATE
from app.budgets.schemas import EstimateLineRead, EstimateRead, EstimateSummary
from app.flow.documents import DocumentRead
from app.flow.reads import short, whole
from app.kit.reads import Shape, inside, parts

SUMMARY = Shape(EstimateSummary, BudgetEstimate, queries.visible, **short(BudgetEstimate), total_vnd=queries.total())
WHOLE = Shape(
    EstimateRead,
    BudgetEstimate,
    queries.visible,
    **whole(BudgetEstimate, ESTIMATE.provisions),
    total_vnd=queries.total(),
    settlement=inside(DocumentRead, BudgetEstimate, col(BudgetEstimate.settlement)),
    lines=parts(EstimateLineRead, EstimateLine, BudgetEstimate, col(EstimateLine.position), **queries.tiers()),
)
