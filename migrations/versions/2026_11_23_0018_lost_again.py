"""An index on what was lost, by resource: whether it was lost again is asked of each."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("CREATE INDEX ix_sight_lost_resource ON sight_lost (resource_id, resource_type)")


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
