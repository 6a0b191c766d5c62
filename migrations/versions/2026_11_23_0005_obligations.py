"""Obligations: what is expected of whom by when, the settings of years, the calendar, reminders."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE obligation (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        duty varchar NOT NULL,
        period_key varchar NOT NULL,
        year integer,
        period_start date,
        period_end date,
        kind varchar NOT NULL,
        request_id uuid,
        due_rule varchar NOT NULL,
        due_source varchar,
        due_before timestamptz,
        last_on_time_date date,
        due_document jsonb,
        soon_at timestamptz,
        data_cutoff date,
        locks_at timestamptz,
        first_received_at timestamptz,
        late boolean,
        resource_type varchar,
        resource_id uuid,
        resource_state varchar,
        closed_reason varchar,
        closed_at timestamptz,
        soon_told_at timestamptz,
        overdue_told_at timestamptz,
        reminded_day integer,
        CONSTRAINT ck_obligation_state
            CHECK (state IN ('open', 'watched', 'received', 'accepted', 'nil_return', 'waived', 'lapsed')),
        CONSTRAINT ck_obligation_source
            CHECK (due_source IN ('clause', 'dispatch', 'request', 'extension')),
        CONSTRAINT ck_obligation_due
            CHECK ((due_source IS NULL) = (due_before IS NULL) AND (due_before IS NULL) = (last_on_time_date IS NULL)),
        CONSTRAINT ck_obligation_period CHECK (period_end > period_start),
        CONSTRAINT ck_obligation_received
            CHECK ((first_received_at IS NOT NULL) = (state IN ('received', 'accepted', 'nil_return'))
                   AND (late IS NOT NULL) = (first_received_at IS NOT NULL))
    )
    """,
    # One agency owes one thing for one period once; requests each for themselves.
    """
    CREATE UNIQUE INDEX uq_obligation_expected
        ON obligation (duty, agency_id, period_key, request_id) NULLS NOT DISTINCT
    """,
    "CREATE INDEX ix_obligation_agency_id ON obligation (agency_id)",
    "CREATE INDEX ix_obligation_year ON obligation (year, duty)",
    "CREATE INDEX ix_obligation_request ON obligation (request_id)",
    "CREATE INDEX ix_obligation_resource ON obligation (resource_id)",
    "CREATE INDEX ix_obligation_open ON obligation (last_on_time_date) WHERE state = 'open'",
    """
    CREATE TABLE extension (
        id uuid PRIMARY KEY,
        obligation_id uuid NOT NULL REFERENCES obligation (id),
        last_on_time_date date NOT NULL,
        due_before timestamptz NOT NULL,
        reason varchar NOT NULL,
        document jsonb,
        granted_at timestamptz NOT NULL,
        granted_by uuid
    )
    """,
    "CREATE INDEX ix_extension_obligation_id ON extension (obligation_id)",
    """
    CREATE TABLE obligation_year (
        id uuid PRIMARY KEY,
        year integer NOT NULL CONSTRAINT uq_obligation_year_year UNIQUE,
        weekend_policy varchar NOT NULL,
        due_soon_days integer NOT NULL,
        reminder_days integer[] NOT NULL,
        escalate_after_days integer,
        document jsonb,
        version integer NOT NULL,
        opened_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT ck_obligation_year_policy CHECK (weekend_policy IN ('none', 'next_working_day'))
    )
    """,
    """
    CREATE TABLE obligation_deadline (
        year integer NOT NULL REFERENCES obligation_year (year),
        duty varchar NOT NULL,
        last_on_time_date date,
        data_cutoff date,
        locks_on date,
        CONSTRAINT pk_obligation_deadline PRIMARY KEY (year, duty)
    )
    """,
    """
    CREATE TABLE calendar_day (
        id uuid PRIMARY KEY,
        day date NOT NULL CONSTRAINT uq_calendar_day_day UNIQUE,
        kind varchar NOT NULL,
        title varchar NOT NULL,
        document varchar,
        version integer NOT NULL,
        CONSTRAINT ck_calendar_day_kind CHECK (kind IN ('holiday', 'working_day'))
    )
    """,
    """
    CREATE TABLE reminder (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        obligation_id uuid NOT NULL REFERENCES obligation (id),
        year integer NOT NULL,
        number integer NOT NULL,
        mode varchar NOT NULL,
        day integer,
        due_before timestamptz,
        note varchar,
        document jsonb,
        sent_by_agency uuid,
        acknowledged_at timestamptz,
        answer varchar,
        escalated_at timestamptz,
        escalation_reason varchar,
        CONSTRAINT ck_reminder_state CHECK (state IN ('sent', 'acknowledged', 'escalated')),
        CONSTRAINT ck_reminder_mode CHECK (mode IN ('manual', 'automatic')),
        CONSTRAINT ck_reminder_day CHECK ((day IS NOT NULL) = (mode = 'automatic'))
    )
    """,
    "CREATE INDEX ix_reminder_agency_id ON reminder (agency_id)",
    "CREATE INDEX ix_reminder_obligation_id ON reminder (obligation_id)",
    "CREATE UNIQUE INDEX uq_reminder_number ON reminder (year, number)",
    # Exactly once, whatever is killed and however many workers there are.
    """
    CREATE UNIQUE INDEX uq_reminder_automatic
        ON reminder (obligation_id, day, due_before) WHERE mode = 'automatic'
    """,
    """
    GRANT SELECT ON obligation, extension, obligation_year, obligation_deadline, calendar_day, reminder
        TO ttdn_app, ttdn_worker, ttdn_backup
    """,
    "GRANT INSERT, UPDATE ON obligation, obligation_year, reminder TO ttdn_app, ttdn_worker",
    "GRANT INSERT ON extension TO ttdn_app",
    "GRANT INSERT, UPDATE, DELETE ON obligation_deadline, calendar_day TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
