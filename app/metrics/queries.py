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
PENDING = text("""
    SELECT count(*), extract(epoch FROM now() - min(created_at)) FROM webhook_delivery WHERE state = 'pending'
""")
ENDPOINTS = text("SELECT state, count(*) FROM webhook_endpoint GROUP BY state")
ATTEMPTS = text("""
    SELECT outcome, count(*) FROM webhook_attempt WHERE started_at > now() - interval '5 minutes' GROUP BY outcome
""")
WORKERS = text("""
    SELECT count(*) FILTER (WHERE seen_at > now() - interval '30 seconds'),
           extract(epoch FROM now() - max(seen_at)) FROM worker_heartbeat
""")
