"""A subscription of a function follows the function: what was not delivered to the old holder goes to the new one."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import today

MOST = 1000
"""Deliveries handed over in one transaction."""

# From endpoints whose agency holds the function no more to the oldest active endpoint for it of an agency that does. A
# delivery that one of those has anyway stays where it is, and is shown to nobody else. What is being sent is left until
# its lease is over.
HAND_OVER = text("""
    WITH holding AS (
        SELECT e.id, e.function, e.state, h.id IS NOT NULL AS holds FROM webhook_endpoint AS e
        LEFT JOIN function_held AS h ON h.agency_id = e.agency_id AND h.function = e.function
            AND h.valid_from <= CAST(:today AS date)
            AND (h.valid_to IS NULL OR h.valid_to > CAST(:today AS date))
        WHERE e.function IS NOT NULL
    ), heirs AS (
        SELECT DISTINCT ON (function) function, id FROM holding WHERE holds AND state = 'active' ORDER BY function, id
    ), moved AS (
        SELECT d.id, heirs.id AS heir FROM holding
        JOIN heirs ON heirs.function = holding.function
        JOIN webhook_delivery AS d ON d.endpoint_id = holding.id
        WHERE NOT holding.holds AND d.state IN ('pending', 'parked')
          AND (d.leased_until IS NULL OR d.leased_until < statement_timestamp())
          AND NOT EXISTS (
              SELECT FROM webhook_delivery AS o WHERE o.endpoint_id = heirs.id AND o.event_id = d.event_id
          )
        ORDER BY d.sequence
        LIMIT CAST(:most AS bigint)
        FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE webhook_delivery AS d
    SET endpoint_id = moved.heir, state = 'pending', attempts = 0, next_at = statement_timestamp(), leased_until = NULL
    FROM moved WHERE d.id = moved.id
    RETURNING d.id
""")


async def hand_over(session: AsyncSession) -> int:
    """Hand over what waits with endpoints whose agency lost their function; how many deliveries."""
    return len((await session.execute(HAND_OVER, {"today": today(), "most": MOST})).all())
