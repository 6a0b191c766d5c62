"""How assigned tasks and cooperation are read."""

from sqlalchemy import select
from sqlmodel import col

from app.flow import reads
from app.flow.documents import DocumentRead
from app.kit.reads import Shape, fixed, inside, parts
from app.obligations.models import Obligation
from app.tasks import cooperation_queries, queries, rules
from app.tasks.models import AssignedTask, Contribution, Cooperation, TaskCheck, TaskReport
from app.tasks.schemas import (
    AssignedTaskRead,
    AssignedTaskSummary,
    CheckRead,
    ContributionRead,
    CooperationRead,
    CooperationSummary,
    PartnerRead,
    ReportedRead,
)

_OWED = select(col(Obligation.id)).where(col(Obligation.request_id) == col(AssignedTask.id))
_PAPER = inside(DocumentRead, TaskCheck, col(TaskCheck.document))
SUMMARY = Shape(AssignedTaskSummary, AssignedTask, queries.visible, etag=reads.tag(AssignedTask))
WHOLE = Shape(
    AssignedTaskRead,
    AssignedTask,
    queries.visible,
    etag=reads.tag(AssignedTask),
    obligation_id=_OWED.correlate(AssignedTask).limit(1).scalar_subquery(),
    reports=parts(ReportedRead, TaskReport, AssignedTask, col(TaskReport.id)),
    checks=parts(CheckRead, TaskCheck, AssignedTask, col(TaskCheck.id), document=_PAPER),
    cooperations=parts(PartnerRead, Cooperation, AssignedTask, col(Cooperation.id)),
    allowed_moves=reads.moves(AssignedTask),
    provisions=fixed(rules.TASK_PROVISIONS),
)
COOPERATION_SUMMARY = Shape(CooperationSummary, Cooperation, cooperation_queries.visible, etag=reads.tag(Cooperation))
COOPERATION = Shape(
    CooperationRead,
    Cooperation,
    cooperation_queries.visible,
    etag=reads.tag(Cooperation),
    contributions=parts(ContributionRead, Contribution, Cooperation, col(Contribution.id)),
    allowed_moves=reads.moves(Cooperation),
    provisions=fixed(rules.COOPERATION_PROVISIONS),
)
