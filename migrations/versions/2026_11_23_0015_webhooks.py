"""Webhooks: endpoints are proven and watched, subscriptions of a function, recoveries, a rate for each endpoint."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE webhook_endpoint
        ADD COLUMN function varchar,
        ADD COLUMN old_secrets jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN verified_at timestamptz,
        ADD COLUMN challenge_at timestamptz,
        ADD COLUMN challenges integer NOT NULL DEFAULT 0,
        ADD COLUMN challenge_outcome varchar,
        ADD COLUMN failures integer NOT NULL DEFAULT 0,
        ADD COLUMN failing_since timestamptz,
        ADD COLUMN probe_at timestamptz,
        ADD COLUMN last_success_at timestamptz,
        DROP CONSTRAINT ck_webhook_endpoint_state,
        ADD CONSTRAINT ck_webhook_endpoint_state CHECK (state IN ('pending', 'active', 'degraded', 'disabled'))
    """,
    # What was sent to before is not asked to prove itself again.
    "UPDATE webhook_endpoint SET verified_at = created_at",
    "ALTER TABLE webhook_endpoint ALTER COLUMN old_secrets DROP DEFAULT, ALTER COLUMN challenges DROP DEFAULT",
    "ALTER TABLE webhook_endpoint ALTER COLUMN failures DROP DEFAULT",
    """
    ALTER TABLE webhook_delivery
        ADD COLUMN event_type varchar,
        DROP CONSTRAINT ck_webhook_delivery_state,
        ADD CONSTRAINT ck_webhook_delivery_state
            CHECK (state IN ('pending', 'delivered', 'parked', 'withheld', 'discarded'))
    """,
    "UPDATE webhook_delivery AS d SET event_type = e.type FROM event AS e WHERE e.id = d.event_id",
    "ALTER TABLE webhook_delivery ALTER COLUMN event_type SET NOT NULL",
    "CREATE INDEX ix_webhook_delivery_endpoint ON webhook_delivery (endpoint_id, id)",
    "CREATE INDEX ix_webhook_delivery_parked ON webhook_delivery (endpoint_id, sequence) WHERE state = 'parked'",
    "ALTER TABLE webhook_attempt ADD COLUMN endpoint_id uuid, ADD COLUMN probe boolean NOT NULL DEFAULT false",
    "UPDATE webhook_attempt AS a SET endpoint_id = d.endpoint_id FROM webhook_delivery AS d WHERE d.id = a.delivery_id",
    "ALTER TABLE webhook_attempt ALTER COLUMN endpoint_id SET NOT NULL, ALTER COLUMN probe DROP DEFAULT",
    "CREATE INDEX ix_webhook_attempt_endpoint ON webhook_attempt (endpoint_id, started_at)",
    """
    CREATE TABLE webhook_recovery (
        id uuid PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
        state varchar NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        event_types text[] NOT NULL,
        states text[] NOT NULL,
        dry_run boolean NOT NULL,
        last_sequence bigint,
        looked_until bigint NOT NULL,
        counted integer NOT NULL,
        queued integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        looked_at timestamptz NOT NULL,
        finished_at timestamptz,
        CONSTRAINT ck_webhook_recovery_state CHECK (state IN ('counting', 'queueing', 'done'))
    )
    """,
    "CREATE INDEX ix_webhook_recovery_endpoint_id ON webhook_recovery (endpoint_id)",
    "CREATE INDEX ix_webhook_recovery_open ON webhook_recovery (looked_at) WHERE state <> 'done'",
    "CREATE TABLE webhook_pace (endpoint_id uuid PRIMARY KEY, spent_until timestamptz NOT NULL)",
    "GRANT SELECT ON webhook_recovery, webhook_pace TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT ON webhook_recovery TO ttdn_app",
    "GRANT UPDATE ON webhook_recovery TO ttdn_worker",
    "GRANT INSERT, UPDATE, DELETE ON webhook_pace TO ttdn_worker",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
