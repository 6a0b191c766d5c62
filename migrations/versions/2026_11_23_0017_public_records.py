"""Records and press products that everybody may read: which they are, and the versions that caches watch."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What is public on the day of this migration; from then on it is written with the row.
STANDING = (
    "investment_profile:released",
    "investment_statistic:released",
    "legal_document:issued",
    "legal_document:repealed",
    "partnership:ended",
    "partnership:signed",
    "photo_book:released",
    "portal_item:published",
    "rebuttal:published",
    "souvenir:released",
)
STATEMENTS = (
    "ALTER TABLE record ADD COLUMN public boolean NOT NULL DEFAULT false",
    f"""
    UPDATE record SET public = true WHERE kind || ':' || state IN ({", ".join(f"'{one}'" for one in STANDING)})
    """,
    "CREATE INDEX ix_record_public ON record (id) WHERE public",
    """
    ALTER TABLE record ADD CONSTRAINT ck_record_public CHECK (NOT public OR sensitivity = 'public')
    """,
    """
    INSERT INTO public_version (topic, version, changed_at)
    SELECT topic, 1, clock_timestamp() FROM unnest(ARRAY['record', 'press_product']) AS topic
    """,
    # What is public neither before nor after a change does not count at all.
    """
    CREATE FUNCTION record_published() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.public OR TG_OP <> 'DELETE' AND NEW.public THEN
            PERFORM public_version_raised('record', true);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER record_published AFTER INSERT OR UPDATE OR DELETE ON record
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_published()
    """,
    """
    CREATE CONSTRAINT TRIGGER press_product_watched AFTER INSERT OR UPDATE OR DELETE ON press_product
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public_version_watched('press_product')
    """,
    "REVOKE EXECUTE ON FUNCTION record_published() FROM PUBLIC",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
