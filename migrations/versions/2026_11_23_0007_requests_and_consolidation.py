"""Report requests and consolidated reports; submissions that were consolidated."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "('draft', 'submitted', 'returned', 'accepted', 'withdrawn', 'consolidated')"
STATEMENTS = (
    """
    CREATE TABLE report_request (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        year integer NOT NULL,
        number integer NOT NULL,
        title varchar NOT NULL,
        purpose varchar,
        period_start date NOT NULL,
        period_end date NOT NULL,
        due_before timestamptz NOT NULL,
        last_on_time_date date NOT NULL,
        template jsonb NOT NULL,
        document jsonb,
        ended_at timestamptz,
        end_reason varchar,
        CONSTRAINT ck_report_request_state CHECK (state IN ('open', 'completed', 'closed_with_missing', 'cancelled')),
        CONSTRAINT ck_report_request_period CHECK (period_end >= period_start)
    )
    """,
    "CREATE UNIQUE INDEX uq_report_request_number ON report_request (year, number)",
    "CREATE INDEX ix_report_request_agency_id ON report_request (agency_id)",
    """
    CREATE TABLE consolidated_report (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        year integer NOT NULL,
        title varchar NOT NULL,
        summary varchar,
        proposals varchar,
        excluded jsonb NOT NULL,
        content jsonb NOT NULL,
        content_sha256 varchar NOT NULL,
        submitted_at timestamptz,
        signatory jsonb,
        document jsonb,
        decided_at timestamptz,
        decision varchar,
        decision_document jsonb,
        CONSTRAINT ck_consolidated_report_state
            CHECK (state IN ('draft', 'submitted', 'returned', 'acknowledged', 'directed'))
    )
    """,
    "CREATE UNIQUE INDEX uq_consolidated_report_year ON consolidated_report (year)",
    "CREATE INDEX ix_consolidated_report_agency_id ON consolidated_report (agency_id)",
    # What was sent up stays as it was sent, whoever writes: only what was returned is built again.
    """
    CREATE FUNCTION consolidated_report_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF OLD.state NOT IN ('draft', 'returned')
           AND (OLD.year, OLD.title, OLD.summary, OLD.proposals, OLD.excluded, OLD.content, OLD.content_sha256)
               IS DISTINCT FROM
               (NEW.year, NEW.title, NEW.summary, NEW.proposals, NEW.excluded, NEW.content, NEW.content_sha256) THEN
            RAISE EXCEPTION 'a consolidated report that was sent up does not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER consolidated_report_frozen BEFORE UPDATE ON consolidated_report
        FOR EACH ROW EXECUTE FUNCTION consolidated_report_frozen()
    """,
    "ALTER TABLE plan DROP CONSTRAINT ck_plan_state",
    f"ALTER TABLE plan ADD CONSTRAINT ck_plan_state CHECK (state IN {STATES})",
    "ALTER TABLE report DROP CONSTRAINT ck_report_state",
    f"ALTER TABLE report ADD CONSTRAINT ck_report_state CHECK (state IN {STATES})",
    "GRANT SELECT ON report_request, consolidated_report TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT, UPDATE ON report_request, consolidated_report TO ttdn_app",
    "GRANT UPDATE ON report_request TO ttdn_worker",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
