"""Signed checkpoints of the log, the workers' heartbeat, and what the audit and the metrics look up."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE checkpoint (
        sequence bigint PRIMARY KEY,
        hash bytea NOT NULL,
        made_at timestamptz NOT NULL,
        kid varchar NOT NULL,
        signature varchar NOT NULL
    )
    """,
    "CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON checkpoint "
    "FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    """
    CREATE TABLE worker_heartbeat (
        id uuid PRIMARY KEY,
        host varchar NOT NULL,
        pid integer NOT NULL,
        started_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_event_occurred_at ON event (occurred_at)",
    "CREATE INDEX ix_webhook_attempt_started_at ON webhook_attempt (started_at)",
    "GRANT SELECT ON checkpoint, worker_heartbeat TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT ON checkpoint TO ttdn_worker",
    "GRANT INSERT, UPDATE, DELETE ON worker_heartbeat TO ttdn_worker",
    # Of a loss the sealer tells whom it concerns.
    "GRANT SELECT ON sight_lost TO ttdn_worker",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
