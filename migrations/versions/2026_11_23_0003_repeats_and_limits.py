"""Requests that are sent again, how many a client may send; faster claims; triggers for nobody else."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE idempotency_key (
        client_id uuid NOT NULL,
        key varchar NOT NULL,
        fingerprint bytea NOT NULL,
        status integer NOT NULL,
        headers jsonb NOT NULL,
        body_locked varchar NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_idempotency_key PRIMARY KEY (client_id, key)
    )
    """,
    "CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at)",
    # Counts of the present minute: losing them in a crash costs nothing, flushing them to disk would.
    """
    CREATE UNLOGGED TABLE rate_window (
        key varchar PRIMARY KEY,
        starts_at bigint NOT NULL,
        used integer NOT NULL
    )
    """,
    "GRANT SELECT ON idempotency_key, rate_window TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT ON idempotency_key TO ttdn_app",
    "GRANT INSERT, UPDATE ON rate_window TO ttdn_app",
    "GRANT DELETE ON idempotency_key, rate_window TO ttdn_worker",
    # A claim reads the next few deliveries of each endpoint, and those under way: 225 ms became 3 with 200,000 pending.
    "CREATE INDEX ix_webhook_delivery_next ON webhook_delivery (endpoint_id, sequence) WHERE state = 'pending'",
    """
    CREATE INDEX ix_webhook_delivery_leased ON webhook_delivery (endpoint_id)
    WHERE state = 'pending' AND leased_until IS NOT NULL
    """,
    # Nobody may hang the log's own triggers on a table of theirs.
    "REVOKE EXECUTE ON FUNCTION event_to_outbox(), access_changed(), function_held_no_gap(), append_only() FROM PUBLIC",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
