"""What the database knows of the whole service, whichever machine asks: numbers only, by indexes."""

from sqlalchemy import text

LOG = text("""
    SELECT
        (SELECT count(*) FROM outbox) AS unsealed,
        (SELECT extract(epoch FROM now() - e.occurred_at) FROM outbox AS o JOIN event AS e ON e.id = o.event_id
         ORDER BY o.position LIMIT 1) AS unsealed_age,
        (SELECT max(sequence) FROM ledger) AS sealed,
        (SELECT extract(epoch FROM now() - sealed_at) FROM ledger
         WHERE sequence > coalesce((SELECT max(sequence) FROM checkpoint), 0) ORDER BY sequence LIMIT 1) AS unsigned_age
""")
# As the deliveries are shown: what is due to an endpoint that is not active is parked with those that were given up.
KEPT = text("""
    WITH due AS (
        SELECT d.created_at, e.state = 'active' AS sent FROM webhook_delivery AS d
        JOIN webhook_endpoint AS e ON e.id = d.endpoint_id WHERE d.state = 'pending'
    )
    SELECT count(*) FILTER (WHERE sent), extract(epoch FROM now() - min(created_at) FILTER (WHERE sent)),
        count(*) FILTER (WHERE NOT sent) + (SELECT count(*) FROM webhook_delivery WHERE state = 'parked')
    FROM due
""")
ENDPOINTS = text("SELECT state, count(*) FROM webhook_endpoint GROUP BY state")
ATTEMPTS = text("""
    SELECT outcome, count(*) FROM webhook_attempt WHERE started_at > now() - interval '5 minutes' GROUP BY outcome
""")
WORKERS = text("""
    SELECT count(*) FILTER (WHERE seen_at > now() - interval '30 seconds'),
           extract(epoch FROM now() - max(seen_at)) FROM worker_heartbeat
""")
