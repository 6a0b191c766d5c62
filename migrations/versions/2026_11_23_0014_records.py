"""Records: every kind in one table, the moves made, what was added, and who read what is restricted."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE record (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        kind varchar NOT NULL,
        sensitivity varchar NOT NULL,
        title varchar NOT NULL,
        title_en varchar,
        summary varchar,
        languages text[] NOT NULL,
        starts_on date,
        ends_on date,
        named json NOT NULL,
        reader_ids uuid[] NOT NULL,
        acting_ids uuid[] NOT NULL,
        details json NOT NULL,
        search varchar NOT NULL,
        source varchar,
        external_id varchar,
        recorded_by_agency_id uuid REFERENCES agency (id),
        merged_into_id uuid REFERENCES record (id),
        CONSTRAINT ck_record_sensitivity CHECK (sensitivity IN ('public', 'internal', 'restricted')),
        CONSTRAINT ck_record_dates CHECK (ends_on >= starts_on),
        CONSTRAINT ck_record_ended CHECK (ends_on IS NULL OR starts_on IS NOT NULL),
        CONSTRAINT ck_record_external CHECK ((source IS NULL) = (external_id IS NULL)),
        CONSTRAINT ck_record_details CHECK (details ->> 'kind' = kind),
        CONSTRAINT ck_record_merged CHECK (merged_into_id IS NULL OR merged_into_id <> id)
    )
    """,
    "CREATE INDEX ix_record_agency_id ON record (agency_id)",
    "CREATE INDEX ix_record_kind ON record (kind, id)",
    "CREATE INDEX ix_record_reader ON record USING gin (reader_ids)",
    "CREATE INDEX ix_record_merged_into_id ON record (merged_into_id)",
    """
    CREATE UNIQUE INDEX uq_record_external ON record (agency_id, source, external_id) WHERE state <> 'withdrawn'
    """,
    # A record stays what it is.
    """
    CREATE FUNCTION record_kept() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF (OLD.kind, OLD.recorded_by_agency_id, OLD.sensitivity)
           IS DISTINCT FROM (NEW.kind, NEW.recorded_by_agency_id, NEW.sensitivity) THEN
            RAISE EXCEPTION 'a record stays what it is' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER record_kept BEFORE UPDATE ON record FOR EACH ROW EXECUTE FUNCTION record_kept()",
    """
    CREATE TABLE record_step (
        id uuid PRIMARY KEY,
        record_id uuid NOT NULL REFERENCES record (id) ON DELETE CASCADE,
        move varchar NOT NULL,
        previous_state varchar NOT NULL,
        state varchar NOT NULL,
        reason varchar,
        note varchar,
        document jsonb,
        agency_id uuid REFERENCES agency (id),
        recorded_by_agency_id uuid REFERENCES agency (id),
        made_by uuid,
        made_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_record_step_record_id ON record_step (record_id)",
    """
    CREATE TABLE record_contribution (
        id uuid PRIMARY KEY,
        record_id uuid NOT NULL REFERENCES record (id) ON DELETE CASCADE,
        agency_id uuid NOT NULL REFERENCES agency (id),
        kind varchar NOT NULL,
        text varchar,
        linked_type varchar,
        linked_id uuid,
        relation varchar,
        contributed_at timestamptz NOT NULL,
        contributed_by uuid,
        CONSTRAINT ck_record_contribution_kind CHECK (kind IN ('comment', 'confirmation', 'link')),
        CONSTRAINT ck_record_contribution_text CHECK (kind <> 'comment' OR text IS NOT NULL),
        CONSTRAINT ck_record_contribution_link CHECK (
            (kind = 'link') = (linked_type IS NOT NULL AND linked_id IS NOT NULL AND relation IS NOT NULL)
        )
    )
    """,
    "CREATE INDEX ix_record_contribution_record_id ON record_contribution (record_id)",
    """
    CREATE TABLE record_access (
        id uuid PRIMARY KEY,
        accessed_at timestamptz NOT NULL,
        client_id uuid,
        agency_id uuid REFERENCES agency (id),
        record_ids uuid[] NOT NULL,
        CONSTRAINT ck_record_access_some CHECK (record_ids <> '{}')
    )
    """,
    "CREATE INDEX ix_record_access_record ON record_access USING gin (record_ids)",
    """
    CREATE TRIGGER record_access_append_only BEFORE UPDATE OR DELETE ON record_access
        FOR EACH ROW EXECUTE FUNCTION append_only()
    """,
    """
    CREATE TRIGGER record_access_no_truncate BEFORE TRUNCATE ON record_access
        FOR EACH STATEMENT EXECUTE FUNCTION append_only()
    """,
    "GRANT SELECT ON record, record_step, record_contribution, record_access TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT ON record, record_step, record_contribution, record_access TO ttdn_app",
    "GRANT UPDATE, DELETE ON record TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
