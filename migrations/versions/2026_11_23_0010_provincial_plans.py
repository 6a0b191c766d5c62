"""Plans of the province and their tasks; what was sent up stays as it was sent."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FROZEN = (
    "agency_id, kind, term, year, until_year, edition, amends_id, amendment_reason, title, objectives, priorities,"
    " dropped, content, content_sha256, submitted_at, signatory, document"
)
APPROVED = "approved_at, approval_signatory, approval_document"


def row(of: str, columns: str) -> str:
    return f"({', '.join(f'{of}.{name.strip()}' for name in columns.split(','))})"


STATEMENTS = (
    """
    CREATE TABLE provincial_plan (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        kind varchar NOT NULL,
        term varchar NOT NULL,
        year integer NOT NULL,
        until_year integer NOT NULL,
        edition integer NOT NULL,
        amends_id uuid REFERENCES provincial_plan (id),
        amendment_reason varchar,
        title varchar NOT NULL,
        objectives varchar,
        priorities text[] NOT NULL,
        dropped jsonb NOT NULL,
        content jsonb NOT NULL,
        content_sha256 varchar,
        submitted_at timestamptz,
        signatory jsonb,
        document jsonb,
        returned_at timestamptz,
        return_reason varchar,
        approved_at timestamptz,
        approval_signatory jsonb,
        approval_document jsonb,
        issued_at timestamptz,
        effective_from date,
        ended_at timestamptz,
        ended_on date,
        end_reason varchar,
        superseded_by uuid REFERENCES provincial_plan (id),
        CONSTRAINT ck_provincial_plan_state CHECK (state IN
            ('draft', 'submitted', 'returned', 'approved', 'issued', 'amended', 'superseded', 'closed')),
        CONSTRAINT ck_provincial_plan_kind
            CHECK (kind IN ('provincial_annual', 'programme', 'scheme', 'master_plan')),
        CONSTRAINT ck_provincial_plan_years CHECK (until_year >= year),
        CONSTRAINT ck_provincial_plan_annual
            CHECK (kind <> 'provincial_annual' OR (until_year = year AND term = 'annual')),
        CONSTRAINT ck_provincial_plan_sent CHECK (state = 'draft' OR content_sha256 IS NOT NULL),
        CONSTRAINT ck_provincial_plan_approved CHECK (state IN ('draft', 'submitted', 'returned')
            OR (approval_document IS NOT NULL AND approval_signatory IS NOT NULL)),
        CONSTRAINT ck_provincial_plan_issued CHECK (state IN ('draft', 'submitted', 'returned', 'approved')
            OR (issued_at IS NOT NULL AND effective_from IS NOT NULL)),
        CONSTRAINT ck_provincial_plan_ended
            CHECK ((state IN ('amended', 'superseded', 'closed')) = (ended_on IS NOT NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX uq_provincial_plan_live ON provincial_plan (year)
        WHERE kind = 'provincial_annual' AND state NOT IN ('amended', 'superseded', 'closed')
          AND (amends_id IS NULL OR state = 'issued')
    """,
    "CREATE UNIQUE INDEX uq_provincial_plan_amends ON provincial_plan (amends_id)",
    "CREATE INDEX ix_provincial_plan_agency_id ON provincial_plan (agency_id)",
    """
    CREATE TABLE provincial_task (
        id uuid PRIMARY KEY,
        plan_id uuid NOT NULL REFERENCES provincial_plan (id) ON DELETE CASCADE,
        position integer NOT NULL,
        code varchar NOT NULL,
        title varchar NOT NULL,
        content_category varchar NOT NULL,
        direction varchar NOT NULL,
        audiences text[] NOT NULL,
        channel varchar,
        starts_on date,
        ends_on date,
        expected_output varchar,
        provision varchar,
        lead_agency_id uuid NOT NULL REFERENCES agency (id),
        cooperating_agency_ids uuid[] NOT NULL,
        sources uuid[] NOT NULL,
        carried_from uuid REFERENCES provincial_task (id),
        CONSTRAINT ck_provincial_task_days CHECK (ends_on >= starts_on)
    )
    """,
    "CREATE UNIQUE INDEX uq_provincial_task_code ON provincial_task (plan_id, code)",
    "CREATE INDEX ix_provincial_task_lead ON provincial_task (lead_agency_id)",
    "CREATE INDEX ix_provincial_task_cooperating ON provincial_task USING gin (cooperating_agency_ids)",
    "CREATE INDEX ix_provincial_task_carried ON provincial_task (carried_from)",
    # What was sent up stays as it was sent, whoever writes: only what was returned is edited again; what was approved
    # never goes back, and only a draft that was never sent is deleted.
    f"""
    CREATE FUNCTION provincial_plan_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.state <> 'draft' THEN
                RAISE EXCEPTION 'a plan of the province that was sent up is not deleted'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN OLD;
        END IF;
        IF OLD.state NOT IN ('draft', 'returned')
           AND {row("OLD", FROZEN)} IS DISTINCT FROM {row("NEW", FROZEN)}
           OR OLD.state NOT IN ('draft', 'returned', 'submitted')
           AND ({row("OLD", APPROVED)} IS DISTINCT FROM {row("NEW", APPROVED)}
                OR NEW.state IN ('draft', 'returned', 'submitted')) THEN
            RAISE EXCEPTION 'a plan of the province that was sent up does not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER provincial_plan_frozen BEFORE UPDATE OR DELETE ON provincial_plan
        FOR EACH ROW EXECUTE FUNCTION provincial_plan_frozen()
    """,
    """
    CREATE FUNCTION provincial_task_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF EXISTS (SELECT FROM provincial_plan p
                   WHERE p.id IN (OLD.plan_id, NEW.plan_id) AND p.state NOT IN ('draft', 'returned')) THEN
            RAISE EXCEPTION 'the tasks of a plan of the province that was sent up do not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER provincial_task_frozen BEFORE INSERT OR UPDATE OR DELETE ON provincial_task
        FOR EACH ROW EXECUTE FUNCTION provincial_task_frozen()
    """,
    "GRANT SELECT ON provincial_plan, provincial_task TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT, UPDATE, DELETE ON provincial_plan, provincial_task TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
