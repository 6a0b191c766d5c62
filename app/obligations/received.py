"""Submissions that answer what their agency owes: the receipt follows each move, in the same transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.papers import Papers, Read, Row, Write
from app.obligations import receipts
from app.obligations.receipts import Owed, Receipt


class Received(Papers[Row, Write, Read]):
    """A kind of submission that obligations ask for."""

    def owed(self, row: Row) -> Owed | None:
        """What the row answers; None: nothing that anybody owes."""
        raise NotImplementedError

    def judged(self, session: AsyncSession, actor: Actor, row: Row, receipt: Receipt) -> None:
        """What its receipt means for the row."""

    async def on_submitted(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """It arrived."""
        owed = self.owed(row)
        if owed is None:
            return
        assert row.first_submitted_at is not None
        receipt = await receipts.receive(session, actor, owed, row, self.rules.kind, row.first_submitted_at)
        if receipt:
            self.judged(session, actor, row, receipt)

    async def on_returned(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """It went back; the receipt stands."""
        await receipts.returned(session, actor, self.rules.kind, row)

    async def on_accepted(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """It was accepted."""
        await receipts.accepted(session, actor, self.rules.kind, row)

    async def on_withdrawn(self, session: AsyncSession, actor: Actor, row: Row) -> None:
        """It was taken back, and the receipt with it."""
        await receipts.void(session, actor, self.rules.kind, row)
