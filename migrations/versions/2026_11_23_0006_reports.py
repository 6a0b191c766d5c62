"""The agencies' reports."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE report (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        source varchar,
        external_id varchar,
        first_submitted_at timestamptz,
        submitted_at timestamptz,
        submitted_by uuid,
        signatory jsonb,
        document jsonb,
        accepted_at timestamptz,
        returned_at timestamptz,
        return_reason varchar,
        return_note varchar,
        withdrawn_at timestamptz,
        withdrawal_reason varchar,
        kind varchar NOT NULL,
        year integer NOT NULL,
        period_start date,
        period_end date,
        title varchar NOT NULL,
        request_id uuid,
        sections jsonb NOT NULL,
        effect_evaluation varchar,
        indicators jsonb NOT NULL,
        difficulties jsonb NOT NULL,
        late boolean,
        CONSTRAINT ck_report_kind CHECK (kind IN ('annual', 'interim', 'ad_hoc')),
        CONSTRAINT ck_report_state CHECK (state IN ('draft', 'submitted', 'returned', 'accepted', 'withdrawn')),
        CONSTRAINT ck_report_year CHECK (year BETWEEN 2013 AND 2100),
        CONSTRAINT ck_report_version CHECK (version > 0),
        CONSTRAINT ck_report_period CHECK (period_end >= period_start),
        CONSTRAINT ck_report_dated CHECK (kind = 'ad_hoc' OR (period_start IS NOT NULL AND period_end IS NOT NULL)),
        CONSTRAINT ck_report_request CHECK ((kind = 'ad_hoc') = (request_id IS NOT NULL)),
        CONSTRAINT ck_report_lists CHECK (
            jsonb_typeof(sections) = 'array' AND jsonb_typeof(indicators) = 'array'
            AND jsonb_typeof(difficulties) = 'array'
        ),
        CONSTRAINT ck_report_sent CHECK (state = 'draft' OR first_submitted_at IS NOT NULL),
        CONSTRAINT ck_report_returned CHECK (state <> 'returned' OR return_reason IS NOT NULL),
        CONSTRAINT ck_report_evaluated CHECK (
            kind <> 'annual' OR state IN ('draft', 'returned', 'withdrawn') OR effect_evaluation IS NOT NULL
        ),
        CONSTRAINT ck_report_late CHECK (late IS NULL OR first_submitted_at IS NOT NULL),
        CONSTRAINT ck_report_external CHECK ((source IS NULL) = (external_id IS NULL))
    )
    """,
    "CREATE INDEX ix_report_agency_id ON report (agency_id)",
    "CREATE INDEX ix_report_request_id ON report (request_id)",
    # An agency has one live annual report for a year, and one live answer to a request.
    "CREATE UNIQUE INDEX uq_report_annual ON report (agency_id, year) WHERE kind = 'annual' AND state <> 'withdrawn'",
    """
    CREATE UNIQUE INDEX uq_report_request ON report (agency_id, request_id)
    WHERE kind = 'ad_hoc' AND state <> 'withdrawn'
    """,
    "CREATE UNIQUE INDEX uq_report_external ON report (agency_id, source, external_id) WHERE state <> 'withdrawn'",
    "GRANT SELECT ON report TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT, UPDATE, DELETE ON report TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
