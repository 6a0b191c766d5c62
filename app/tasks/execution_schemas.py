"""Plan against actual on the wire."""

from pydantic import BaseModel, Field

from app.kit.clock import Instant


class ExecutionRow(BaseModel):
    """The tasks of one agency, area or category."""

    key: str = Field(max_length=64, description="The agency's id, the area's provision, or the category.")
    title: str = Field(max_length=300)
    planned: int = Field(description="Tasks that the plan has; those it no longer has are not among them.")
    not_started: int
    in_progress: int
    completed: int
    cancelled: int
    overdue: int = Field(description="Under way, past the last day on time.")
    late: int = Field(description="First completed past the last day on time.")
    percent: int | None = Field(description="The mean of the tasks' own percentages, rounded down.")


class ExecutionRead(BaseModel):
    """How the plan of a year is carried out."""

    year: int
    by: str = Field(max_length=16)
    as_of: Instant
    items: list[ExecutionRow] = Field(max_length=2000)
    total: ExecutionRow
