"""Tokens that are taken back, signing keys that overlap, secrets that tell when they were last used."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE signing_key ADD COLUMN signs_from timestamptz",
    "UPDATE signing_key SET signs_from = created_at",
    "ALTER TABLE signing_key ALTER COLUMN signs_from SET NOT NULL",
    "ALTER TABLE client_secret ADD COLUMN last_used_at timestamptz",
    # Of a secret the service itself may change nothing else.
    "GRANT UPDATE (last_used_at) ON client_secret TO ttdn_app",
    """
    CREATE TABLE revoked_token (
        jti varchar NOT NULL,
        client_id uuid NOT NULL REFERENCES client (id),
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_revoked_token PRIMARY KEY (jti)
    )
    """,
    "CREATE INDEX ix_revoked_token_expires_at ON revoked_token (expires_at)",
    "GRANT SELECT ON revoked_token TO ttdn_app, ttdn_worker, ttdn_backup",
    # No DELETE for anybody: nobody gives a token its life back.
    "GRANT INSERT ON revoked_token TO ttdn_app",
    """
    CREATE TRIGGER access_changed AFTER INSERT ON revoked_token
    FOR EACH STATEMENT EXECUTE FUNCTION access_changed()
    """,
    # A token is refused by its own end half a minute after it (clocks differ); the row is of no more use then.
    """
    CREATE FUNCTION revoked_token_purge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        DELETE FROM revoked_token WHERE expires_at < now() - interval '2 minutes';
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER revoked_token_purge AFTER INSERT ON revoked_token
    FOR EACH STATEMENT EXECUTE FUNCTION revoked_token_purge()
    """,
    "REVOKE EXECUTE ON FUNCTION revoked_token_purge() FROM PUBLIC",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
