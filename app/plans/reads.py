"""How plans are read: their schemas, and what is not simply a column."""

from sqlmodel import col

from app.flow.reads import short, whole
from app.kit.reads import Shape, parts
from app.plans.models import Plan, PlanTask
from app.plans.queries import visible
from app.plans.rules import PLAN
from app.plans.schemas import PlanRead, PlanSummary, TaskRead

SUMMARY = Shape(PlanSummary, Plan, visible, **short(Plan))
WHOLE = Shape(
    PlanRead,
    Plan,
    visible,
    **whole(Plan, PLAN.provisions),
    tasks=parts(TaskRead, PlanTask, Plan, col(PlanTask.position)),
)
