"""What goes with a plan: papers of rooms above, sent, returned, accepted and taken back by its moves (QC.D7.K1)."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.machine import Move
from app.plans.models import Plan, PlanTask


class Companion(Protocol):
    """A kind of paper that goes with plans."""

    async def check_submit(self, session: AsyncSession, plan: Plan, tasks: Sequence[PlanTask]) -> None:
        """Refuse to send the plan without what has to go with it."""

    async def follow(self, session: AsyncSession, actor: Actor, plan: Plan, move: Move, body: Any) -> None:
        """Make the move that the plan has made; the plan is locked."""

    async def discard(self, session: AsyncSession, actor: Actor, plan: Plan) -> None:
        """Delete the draft that goes with a draft that is deleted."""


COMPANIONS: list[Companion] = []
"""The rooms above fill it in."""
