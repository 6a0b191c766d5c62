"""The tasks of the plan among the activities that are counted."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from app.statistics.sources import Source, activity, area_of
from app.tasks.models import AssignedTask, TaskState


def tasks() -> Select[Any]:
    """The tasks that the plan has, each on its last day."""
    t = AssignedTask
    columns = activity(
        col(t.id),
        col(t.agency_id),
        col(t.ends_on),
        area=area_of(col(t.provision)),
        content_categories=array([col(t.content_category)]),
        channel=col(t.channel),
        done=col(t.state) == TaskState.completed,
    )
    return select(AssignedTask).where(col(t.state) != TaskState.cancelled).with_only_columns(*columns)


TASKS = Source("plan_task", "Nhiệm vụ trong kế hoạch của tỉnh", "Tasks of the plan of the province", tasks)
