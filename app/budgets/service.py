"""What is an estimate's own among the verbs of submissions: its plan, its lines, its settlement."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.queries import holders
from app.budgets import queries, settlement
from app.budgets.models import BudgetEstimate, EstimateLine
from app.budgets.reads import SUMMARY, WHOLE
from app.budgets.rules import ESTIMATE, OWED
from app.budgets.schemas import EstimateLineRead, EstimateRead, EstimateWrite
from app.flow import reads
from app.flow.losses import Audience
from app.flow.machine import Move
from app.flow.papers import Parts
from app.flow.procedure import changed
from app.flow.submission_rules import DRAFTS
from app.kit.db import found_row
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.writes import insert
from app.law.functions import F
from app.obligations.receipts import Owed
from app.obligations.received import Received
from app.plans.service import PLANS

UNTOLD = {"decided_vnd": None, "change_vnd": None, "spent_vnd": None, "overspent": None}


class Estimates(Received[BudgetEstimate, EstimateWrite, EstimateRead]):
    """The agencies' budget estimates; their parts are lines."""

    rules = ESTIMATE
    table, write, read = BudgetEstimate, EstimateWrite, EstimateRead
    summary, whole = SUMMARY, WHOLE

    def visible(self, actor: Actor) -> SelectOfScalar[BudgetEstimate]:
        """Its own; what was accepted, for who appraises."""
        return queries.visible(actor)

    def owed(self, row: BudgetEstimate) -> Owed:
        """The estimate of its year."""
        return Owed(OWED, row.agency_id, row.period)

    async def derived(self, session: AsyncSession, actor: Actor, body: EstimateWrite) -> Mapping[str, Any]:
        """The year of its plan, which its agency can still send."""
        # Locked, so that the plan is not sent without it meanwhile.
        plan = (await session.scalars(PLANS.one(actor, body.plan_id).with_for_update())).one_or_none()
        if plan is None or plan.agency_id != actor.agency_id:
            raise BadField("not_own_plan", "plan_id")
        if plan.state not in DRAFTS:
            raise BadField("plan_sent", "plan_id")
        return {"year": plan.year}

    async def parts(self, session: AsyncSession, row: BudgetEstimate) -> Parts:
        """Its lines, in their order."""
        return (await session.scalars(queries.lines(row.id))).all()

    async def write_parts(
        self, session: AsyncSession, row: BudgetEstimate, body: EstimateWrite, standing: Parts
    ) -> Parts:
        """Make its lines what the body says; a line keeps its id as long as it keeps its code."""
        known = {line.code: line for line in standing}
        lines = []
        for position, written in enumerate(body.lines):
            facts = {**written.model_dump(), "position": position}
            line = known.pop(written.code, None)
            if line:
                line.sqlmodel_update(facts)
            else:
                line = EstimateLine(estimate_id=row.id, **facts)
                insert(session, EstimateLine, line.model_dump())
            lines.append(line)
        for line in known.values():
            await session.delete(line)
        return lines

    async def audience(self, session: AsyncSession, row: BudgetEstimate, parts: Parts) -> Audience:  # noqa: ARG002 - as every room is asked
        """Who appraises, once it was accepted."""
        if row.state not in queries.PAST_REVIEW:
            return Audience()
        return Audience(frozenset(await holders(session, frozenset({F.FINANCE}))))

    def parts_written(self, parts: Parts) -> Mapping[str, Any]:
        """The lines as they were written."""
        return {"lines": [line.model_dump(exclude={"id", "estimate_id", "position"}) for line in parts]}

    def parts_read(self, parts: Parts) -> Mapping[str, Any]:
        """The lines as they are read before anything is decided, and their sum."""
        lines = [EstimateLineRead.model_validate({**line.model_dump(), **UNTOLD}) for line in parts]
        return {"lines": lines, "total_vnd": sum(line.amount_vnd for line in parts)}

    async def move(
        self, session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
    ) -> EstimateRead:
        """Settle it: no other move is made by itself."""
        budget = await settlement.hold(session, actor, id)
        row = await found_row(session, self.one(actor, id).with_for_update())
        self.rules.machine.check(move, row.state, row.agency_id, actor)
        expected.check(row.version, self._tag(row, actor))
        assert budget is not None, "what was decided is in a budget"
        await settlement.settle(session, actor, budget, row, body)
        previous, row.state = row.state, move.target
        changed(session, actor, row, move.event, previous)
        (shown,) = await WHOLE.within(session, actor.shape, reads.values(self.rules.machine, actor), id)
        return cast("EstimateRead", shown)

    def check_settled(self, row: BudgetEstimate, body: EstimateWrite) -> None:
        """Its plan stays."""
        # Its year is its plan's, from the first draft on.
        if row.plan_id != body.plan_id:
            raise BadField("settled", "plan_id")


ESTIMATES = Estimates()
