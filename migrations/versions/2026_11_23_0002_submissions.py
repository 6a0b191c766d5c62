"""What submissions keep: versions, remarks, the department's own key; focal points of agencies."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE plan ADD COLUMN source varchar, ADD COLUMN external_id varchar",
    "ALTER TABLE plan ADD CONSTRAINT ck_plan_external CHECK ((source IS NULL) = (external_id IS NULL))",
    "CREATE UNIQUE INDEX uq_plan_external ON plan (agency_id, source, external_id) WHERE state <> 'withdrawn'",
    """
    CREATE TABLE resource_version (
        resource_type varchar NOT NULL,
        resource_id uuid NOT NULL,
        version integer NOT NULL,
        written_at timestamptz NOT NULL,
        written_by uuid,
        content jsonb NOT NULL,
        CONSTRAINT pk_resource_version PRIMARY KEY (resource_type, resource_id, version)
    )
    """,
    """
    CREATE TABLE remark (
        id uuid PRIMARY KEY,
        resource_type varchar NOT NULL,
        resource_id uuid NOT NULL,
        resource_version integer NOT NULL,
        pointer varchar NOT NULL,
        text varchar NOT NULL,
        state varchar NOT NULL,
        version integer NOT NULL,
        made_at timestamptz NOT NULL,
        made_by_agency uuid,
        answer varchar,
        answered_at timestamptz,
        resolved_at timestamptz,
        CONSTRAINT ck_remark_state CHECK (state IN ('open', 'answered', 'resolved'))
    )
    """,
    "CREATE INDEX ix_remark_resource ON remark (resource_type, resource_id)",
    """
    CREATE TABLE focal_point (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        kind varchar NOT NULL,
        name varchar NOT NULL,
        position varchar,
        phone varchar,
        email varchar,
        document jsonb,
        assigned_at timestamptz NOT NULL,
        assigned_by uuid,
        ended_at timestamptz,
        version integer NOT NULL,
        CONSTRAINT ck_focal_point_kind CHECK (kind IN ('organisation', 'person'))
    )
    """,
    # An agency has one current focal point (QC.D7.K4).
    "CREATE UNIQUE INDEX uq_focal_point_current ON focal_point (agency_id) WHERE ended_at IS NULL",
    "CREATE INDEX ix_focal_point_agency_id ON focal_point (agency_id)",
    "GRANT SELECT ON resource_version, remark, focal_point TO ttdn_app, ttdn_worker, ttdn_backup",
    # What was written stays: versions are added, never changed.
    "GRANT INSERT ON resource_version TO ttdn_app",
    "GRANT INSERT, UPDATE ON remark, focal_point TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
