"""What a room says of its kind of submission: its tables and schemas, and what hangs on a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.losses import Audience
from app.flow.machine import Move
from app.flow.submission import Submission
from app.flow.submission_rules import SubmissionRules
from app.kit.failures import BadField
from app.kit.reads import Shape

Row = TypeVar("Row", bound=Submission)
Write = TypeVar("Write", bound=BaseModel)
Read = TypeVar("Read", bound=BaseModel)
Parts = Sequence[Any]
"""The rows of a room's other tables that hang on one submission."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What one agency's live submissions of a kind may have once only: the column, and the index that holds it."""

    constraint: str
    kind: str
    column: str


class Kind(Generic[Row, Write, Read]):
    """One kind of submission, as its room declares it."""

    rules: SubmissionRules
    table: type[Row]
    write: type[Write]
    read: type[Read]
    summary: Shape[Actor]
    whole: Shape[Actor]
    settled: Sequence[str] = ()
    """The members that say what it answers: they stay once it was sent, or it is withdrawn and made anew."""
    slots: Sequence[Slot] = ()

    def visible(self, actor: Actor) -> SelectOfScalar[Row]:
        """What this actor may know about. Every statement starts here."""
        raise NotImplementedError

    # What a room may say of its own (and then looks at what it is given)

    async def parts(self, session: AsyncSession, row: Row) -> Parts:  # noqa: ARG002
        """What hangs on the row."""
        return ()

    async def parts_of(self, session: AsyncSession, rows: Sequence[Row]) -> Mapping[UUID, Parts]:
        """What hangs on each of many rows; a room that has parts asks for them in one statement."""
        return {row.id: await self.parts(session, row) for row in rows}

    async def faults(
        self,
        session: AsyncSession,  # noqa: ARG002
        actor: Actor,  # noqa: ARG002
        bodies: Sequence[Write],  # noqa: ARG002
    ) -> Mapping[int, BadField]:
        """What only the data can tell is wrong with bodies, by their place, in statements that do not grow with them.

        Everything that `write_parts` could refuse is said here, before anything is written.
        """
        return {}

    async def write_parts(self, session: AsyncSession, row: Row, body: Write, standing: Parts) -> Parts:  # noqa: ARG002
        """Make what hangs on the row what the body says."""
        return ()

    def parts_written(self, parts: Parts) -> Mapping[str, Any]:  # noqa: ARG002
        """The parts as members of what the agency writes."""
        return {}

    def parts_read(self, parts: Parts) -> Mapping[str, Any]:  # noqa: ARG002
        """The parts as members of what is read."""
        return {}

    async def audience(self, session: AsyncSession, row: Row, parts: Parts) -> Audience:  # noqa: ARG002
        """Who may read it as it stands, as `visible` has it, beside its own agency and those who read all."""
        return Audience()

    async def derived(self, session: AsyncSession, actor: Actor, body: Write) -> Mapping[str, Any]:  # noqa: ARG002
        """Columns of a new row that follow from what the agency writes."""
        return {}

    async def check_submit(self, session: AsyncSession, row: Row, parts: Parts) -> None:
        """Refuse to send what is not complete."""

    async def on_submitted(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """What follows from a submission, in the same transaction."""

    async def on_returned(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """What follows from a return."""

    async def on_accepted(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """What follows from an acceptance."""

    async def on_withdrawn(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """What follows from a withdrawal."""

    async def on_moved(self, session: AsyncSession, actor: Actor, row: Row, move: Move, body: Any) -> None:
        """What follows from any move, after what follows from this one."""

    async def on_deleted(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """What follows from the deletion of a draft."""
