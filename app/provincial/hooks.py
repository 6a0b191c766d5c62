"""What follows from a plan of the province in the rooms above: they put their callables here when they are imported."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.provincial.models import ProvincialPlan, ProvincialTask

Follow = Callable[[AsyncSession, Actor, ProvincialPlan, Sequence[ProvincialTask]], Awaitable[None]]
"""Called in the transaction of the move, after the plan has its new state, with its tasks in their order."""

ISSUED: list[Follow] = []
"""A plan was issued. `carried_from` of an amendment's task is the task of the edition before that it continues."""

ENDED: list[Follow] = []
"""A plan was amended, superseded or closed, as its state says. The amendment has been through `ISSUED` just before."""
