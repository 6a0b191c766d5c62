"""Claiming: which deliveries go out next, and who holds them until when; all in PostgreSQL, for every worker alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Update, delete, func, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.kit.clock import today
from app.kit.driver import Statement, run
from app.webhooks.models import DeliveryState, WebhookDelivery, WebhookPace

CLAIMING = 0x74746477  # one advisory lock for every process on this database
SLOW = timedelta(seconds=2)

# Up to `in_flight` deliveries of each endpoint that has a place left, oldest first; those with the fewest under way
# come first, so that however much is due to some, the others find a place.
#
# An endpoint that failed last, or has not answered for an hour, has one place until it answers. One that failed last,
# or lets an attempt wait, is slow: the slow together leave `reserve` places of the worker to the others, however many
# they are. A degraded one is probed: one delivery, whatever its own time is, and no attempt of it is spent. Nothing
# goes to an agency that no longer holds the function it subscribed for. Leases are told by the database's clock.
CLAIM = Statement(
    text("""
    WITH open AS MATERIALIZED (
        SELECT e.id, e.agency_id, e.state = 'degraded' AS probe, busy.number,
            e.state = 'degraded' OR e.failures > 0
                OR coalesce(busy.oldest < statement_timestamp() + CAST(:lease AS interval) - CAST(:slow AS interval),
                            false) AS slow,
            least(
                CASE WHEN e.state = 'degraded' OR e.failures > 0 OR e.last_success_at IS NULL
                          OR e.last_success_at < statement_timestamp() - interval '1 hour'
                    THEN 1 ELSE CAST(:in_flight AS bigint) END - busy.number,
                CAST(floor(CAST(:rate AS float)
                    * least(1, coalesce(extract(epoch FROM statement_timestamp() - p.spent_until), 1))) AS bigint)
            ) AS places
        FROM webhook_endpoint AS e
        LEFT JOIN webhook_pace AS p ON p.endpoint_id = e.id
        CROSS JOIN LATERAL (
            SELECT count(*) AS number, min(d.leased_until) AS oldest FROM webhook_delivery AS d
            WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.leased_until >= statement_timestamp()
        ) AS busy
        WHERE (e.state = 'active' OR (e.state = 'degraded' AND e.probe_at <= statement_timestamp()))
          AND (e.function IS NULL OR EXISTS (
              SELECT FROM function_held AS h
              WHERE h.agency_id = e.agency_id AND h.function = e.function
                AND h.valid_from <= CAST(:today AS date)
                AND (h.valid_to IS NULL OR h.valid_to > CAST(:today AS date))
          ))
    ), found AS MATERIALIZED (
        SELECT picked.id, open.id AS endpoint_id, open.agency_id, open.probe, open.slow,
            open.number + row_number() OVER (PARTITION BY open.id ORDER BY picked.sequence) AS turn
        FROM open
        CROSS JOIN LATERAL (
            SELECT d.id, d.sequence FROM webhook_delivery AS d
            WHERE d.endpoint_id = open.id AND d.state = 'pending'
              AND (d.next_at <= statement_timestamp() OR open.probe)
              AND (d.leased_until IS NULL OR d.leased_until < statement_timestamp())
            ORDER BY d.sequence
            LIMIT greatest(0, least(open.places, CAST(:most AS bigint)))
            FOR UPDATE SKIP LOCKED
        ) AS picked
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY slow ORDER BY turn, random()) AS place FROM found
    ), due AS MATERIALIZED (
        SELECT id, endpoint_id, agency_id, probe FROM ranked
        WHERE NOT slow OR place <= CAST(:most AS bigint) - CAST(:reserve AS bigint)
        ORDER BY turn, random()
        LIMIT CAST(:most AS bigint)
    ), paced AS (
        INSERT INTO webhook_pace AS p (endpoint_id, spent_until)
        SELECT endpoint_id, statement_timestamp() + interval '1 second' * (count(*) / CAST(:rate AS float) - 1)
        FROM due GROUP BY endpoint_id
        ON CONFLICT (endpoint_id) DO UPDATE SET spent_until =
            greatest(p.spent_until, statement_timestamp() - interval '1 second')
            + (EXCLUDED.spent_until - (statement_timestamp() - interval '1 second'))
    )
    UPDATE webhook_delivery AS d
    SET attempts = d.attempts + CASE WHEN due.probe THEN 0 ELSE 1 END,
        leased_until = statement_timestamp() + CAST(:lease AS interval)
    FROM due WHERE d.id = due.id
    RETURNING d.id, d.endpoint_id, due.agency_id, d.event_id, d.attempts, d.leased_until, due.probe
""")
)
LOCK = Statement(select(func.pg_advisory_xact_lock(CLAIMING)))


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this worker holds until its lease ends: the answer of a worker that comes later does not count."""

    id: UUID
    endpoint_id: UUID
    agency_id: UUID
    event_id: UUID
    number: int
    lease: datetime
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """What bounds a claim: places and deliveries a second of one endpoint, places kept from the slow ones."""

    in_flight: int
    rate: int
    reserve: int


async def claim(session: AsyncSession, most: int, lease: timedelta, places: Places) -> list[Claimed]:
    """Take up to `most` due deliveries, in this transaction."""
    # One worker at a time, or two would both count an endpoint's free places and together take too many. The statement
    # that counts must begin after the lock is held.
    await run(session, LOCK, {})
    values = {
        "most": most,
        "lease": lease,
        "slow": SLOW,
        "in_flight": places.in_flight,
        "rate": places.rate,
        "reserve": places.reserve,
        "today": today(),
    }
    return [Claimed(*row) for row in await run(session, CLAIM, values)]


def held(claimed: Claimed) -> Update:
    """The delivery, unless it was claimed again or set anew: the attempts are counted anew then, the lease is not."""
    return update(WebhookDelivery).where(
        col(WebhookDelivery.id) == claimed.id,
        col(WebhookDelivery.leased_until) == claimed.lease,
        col(WebhookDelivery.state) == DeliveryState.pending,
    )


async def forget(session: AsyncSession) -> None:
    """Delete the counts of seconds long past, and of endpoints that are gone."""
    await session.execute(delete(WebhookPace).where(col(WebhookPace.spent_until) < func.now() - timedelta(days=1)))
