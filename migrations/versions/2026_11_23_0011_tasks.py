"""Tasks of the issued provincial plan: assigned, reported on, checked; cooperation."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE assigned_task (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        plan_id uuid NOT NULL REFERENCES provincial_plan (id),
        task_id uuid NOT NULL REFERENCES provincial_task (id),
        year integer NOT NULL,
        code varchar NOT NULL,
        title varchar NOT NULL,
        content_category varchar NOT NULL,
        direction varchar NOT NULL,
        audiences text[] NOT NULL,
        channel varchar,
        starts_on date,
        ends_on date NOT NULL,
        provision varchar,
        expected_output varchar,
        percent integer NOT NULL,
        pace varchar,
        reported_at timestamptz,
        first_completed_at timestamptz,
        completed_at timestamptz,
        cancelled_at timestamptz,
        CONSTRAINT ck_assigned_task_state CHECK (state IN ('assigned', 'in_progress', 'completed', 'cancelled')),
        CONSTRAINT ck_assigned_task_percent CHECK (percent BETWEEN 0 AND 100),
        CONSTRAINT ck_assigned_task_completed CHECK ((state = 'completed') = (completed_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX uq_assigned_task_task ON assigned_task (task_id)",
    "CREATE INDEX ix_assigned_task_agency_id ON assigned_task (agency_id)",
    "CREATE INDEX ix_assigned_task_plan_id ON assigned_task (plan_id)",
    "CREATE INDEX ix_assigned_task_year ON assigned_task (year, agency_id)",
    """
    CREATE TABLE task_report (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES assigned_task (id),
        percent integer NOT NULL,
        pace varchar NOT NULL,
        done varchar NOT NULL,
        outputs jsonb NOT NULL,
        evidence jsonb NOT NULL,
        reported_at timestamptz NOT NULL,
        reported_by uuid
    )
    """,
    "CREATE INDEX ix_task_report_task_id ON task_report (task_id)",
    """
    CREATE TABLE task_check (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES assigned_task (id),
        checked_on date NOT NULL,
        finding varchar NOT NULL,
        note varchar,
        document jsonb,
        recorded_at timestamptz NOT NULL,
        recorded_by uuid
    )
    """,
    "CREATE INDEX ix_task_check_task_id ON task_check (task_id)",
    """
    CREATE TABLE cooperation (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        task_id uuid NOT NULL REFERENCES assigned_task (id),
        year integer NOT NULL,
        lead_agency_id uuid NOT NULL REFERENCES agency (id),
        asked_by_agency_id uuid NOT NULL REFERENCES agency (id),
        request varchar,
        answer varchar,
        answered_at timestamptz,
        CONSTRAINT ck_cooperation_state CHECK (state IN ('asked', 'accepted', 'declined', 'released'))
    )
    """,
    "CREATE UNIQUE INDEX uq_cooperation_agency ON cooperation (task_id, agency_id)",
    "CREATE INDEX ix_cooperation_agency_id ON cooperation (agency_id)",
    "CREATE INDEX ix_cooperation_lead_agency_id ON cooperation (lead_agency_id)",
    """
    CREATE TABLE contribution (
        id uuid PRIMARY KEY,
        cooperation_id uuid NOT NULL REFERENCES cooperation (id),
        text varchar NOT NULL,
        evidence jsonb NOT NULL,
        contributed_at timestamptz NOT NULL,
        contributed_by uuid
    )
    """,
    "CREATE INDEX ix_contribution_cooperation_id ON contribution (cooperation_id)",
    "ALTER TABLE obligation DROP CONSTRAINT ck_obligation_source",
    """
    ALTER TABLE obligation ADD CONSTRAINT ck_obligation_source
        CHECK (due_source IN ('clause', 'dispatch', 'request', 'plan', 'extension'))
    """,
    """
    GRANT SELECT ON assigned_task, task_report, task_check, cooperation, contribution
        TO ttdn_app, ttdn_worker, ttdn_backup
    """,
    "GRANT INSERT, UPDATE ON assigned_task, cooperation TO ttdn_app",
    # What was reported, found and given is added to, and never changed.
    "GRANT INSERT ON task_report, task_check, contribution TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
