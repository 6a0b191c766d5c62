"""Who lost sight of what, for systems that keep a copy."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE sight_lost (
        id uuid PRIMARY KEY,
        event_id uuid NOT NULL REFERENCES event (id),
        resource_type varchar NOT NULL,
        resource_id uuid NOT NULL,
        agency_id uuid REFERENCES agency (id),
        reason varchar NOT NULL,
        CONSTRAINT ck_sight_lost_reason CHECK (reason IN ('deleted', 'no_longer_visible'))
    )
    """,
    "CREATE INDEX ix_sight_lost_event_id ON sight_lost (event_id)",
    # The last event about each resource, for those who ask what changed.
    "CREATE INDEX IF NOT EXISTS ix_event_resource ON event (resource_id, resource_type)",
    # What was lost stays lost: like the events it belongs to, nobody changes it.
    """
    CREATE FUNCTION sight_lost_stands() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'what an agency lost sight of is never altered' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER sight_lost_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON sight_lost
        FOR EACH STATEMENT EXECUTE FUNCTION sight_lost_stands()
    """,
    "GRANT SELECT, INSERT ON sight_lost TO ttdn_app",
    "GRANT SELECT ON sight_lost TO ttdn_backup",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
