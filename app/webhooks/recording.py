"""Recording what receivers took, many deliveries in one statement: what ends while one runs waits for the next.

So an answer is recorded at once when little happens, and costs next to nothing when much does. Failures are recorded
one by one (`delivery`): each changes how its endpoint stands.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text

from app.kit.db import Sessions, transaction
from app.kit.driver import Statement, run
from app.kit.ids import new_id
from app.webhooks import standing
from app.webhooks.claims import Claimed
from app.webhooks.sending import Attempt

# The deliveries are locked in one order, so that the late answers of two workers never wait for each other, and before
# the attempts point at them: one that was deleted with its endpoint is left out. A delivery that was claimed again or
# set anew has another lease and keeps its state; the attempt was made and is noted all the same.
RECORD = Statement(
    text("""
    WITH ended AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:id AS uuid[]), CAST(:delivery_id AS uuid[]), CAST(:lease AS timestamptz[]), CAST(:number AS int[]),
            CAST(:probe AS boolean[]), CAST(:started_at AS timestamptz[]), CAST(:milliseconds AS int[]),
            CAST(:status_code AS int[]), CAST(:outcome AS text[]), CAST(:answer AS text[])
        ) AS e (id, delivery_id, lease, number, probe, started_at, milliseconds, status_code, outcome, answer)
    ), kept AS MATERIALIZED (
        SELECT d.id, d.endpoint_id FROM webhook_delivery AS d WHERE d.id = ANY(CAST(:delivery_id AS uuid[]))
        ORDER BY d.id FOR NO KEY UPDATE
    ), done AS (
        UPDATE webhook_delivery AS d SET state = 'delivered', delivered_at = now(), leased_until = NULL
        FROM ended JOIN kept ON kept.id = ended.delivery_id
        WHERE d.id = kept.id AND d.leased_until = ended.lease AND d.state = 'pending'
    )
    INSERT INTO webhook_attempt
        (id, delivery_id, endpoint_id, number, probe, started_at, milliseconds, status_code, outcome, answer)
    SELECT e.id, e.delivery_id, kept.endpoint_id, e.number, e.probe, e.started_at, e.milliseconds, e.status_code,
        e.outcome, e.answer
    FROM ended AS e JOIN kept ON kept.id = e.delivery_id
""")
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that its receiver took, and when it was sent."""

    claimed: Claimed
    attempt: Attempt
    started: datetime


@dataclass(slots=True)
class Recorder:
    """The one who writes for all the deliveries of a worker."""

    sessions: Sessions
    _waiting: list[tuple[Taken, asyncio.Future[None]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def taken(self, taken: Taken) -> None:
        """Return when it stands in the database; with the error when it could not be written."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((taken, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self.write([taken for taken, _ in batch])
            except Exception as error:  # noqa: BLE001 - each delivery tells its own story of it
                for _, written in batch:
                    written.set_exception(error) if not written.done() else None
            else:
                for _, written in batch:
                    written.set_result(None) if not written.done() else None

    async def write(self, batch: Sequence[Taken]) -> None:
        """Record these in one transaction."""
        rows = [_row(taken) for taken in batch]
        async with transaction(self.sessions) as session:
            # The endpoints first: see `standing`.
            await standing.took(session, {taken.claimed.endpoint_id for taken in batch})
            await run(session, RECORD, {name: [row[name] for row in rows] for name in rows[0]})


def _row(taken: Taken) -> dict[str, object]:
    claimed, attempt = taken.claimed, taken.attempt
    return {
        "id": new_id(),
        "delivery_id": claimed.id,
        "lease": claimed.lease,
        "number": claimed.number,
        "probe": claimed.probe,
        "started_at": taken.started,
        "milliseconds": attempt.milliseconds,
        "status_code": attempt.status_code,
        "outcome": attempt.outcome,
        "answer": attempt.answer,
    }
