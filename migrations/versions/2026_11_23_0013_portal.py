"""The portal: what versions of public things stand, and the private feeds of press bodies."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Which rows of a table everybody may know of, for Last-Modified: what nobody knows of moves no date.
PUBLISHED = {
    "press_event": (
        "press_event",
        "row.state <> 'draft' AND row.visibility = 'public'"
        " AND (row.embargo_until IS NULL OR row.embargo_until <= clock_timestamp())",
    ),
    "provincial_plan": ("provincial_plan", "row.state IN ('issued', 'amended', 'superseded', 'closed')"),
}
# Of these any change counts, whoever may know of it. (Materials and tasks change together with what they hang on.)
WATCHED = {
    "agency_name": "agency",
    "press_invitation": "press_invitation",
    "press_feed": "press_feed",
}
STATEMENTS = [
    """
    CREATE TABLE public_version (
        topic varchar PRIMARY KEY,
        version bigint NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    """
    INSERT INTO public_version (topic, version, changed_at)
    SELECT topic, 1, clock_timestamp()
    FROM unnest(ARRAY['press_event', 'provincial_plan', 'agency', 'press_invitation', 'press_feed']) AS topic
    """,
    """
    CREATE TABLE press_feed (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL CONSTRAINT ck_press_feed_state CHECK (state = 'active'),
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        name varchar NOT NULL,
        language varchar NOT NULL CONSTRAINT ck_press_feed_language CHECK (language IN ('vi', 'en')),
        digest bytea NOT NULL CONSTRAINT uq_press_feed_digest UNIQUE
    )
    """,
    "CREATE INDEX ix_press_feed_agency_id ON press_feed (agency_id)",
    # What is over by now is not told of.
    "ALTER TABLE press_material ADD COLUMN released_at timestamptz",
    "UPDATE press_material SET released_at = embargo_until WHERE embargo_until <= clock_timestamp()",
    "CREATE INDEX ix_press_event_ends ON press_event (ends_at)",
    "CREATE INDEX ix_press_event_embargoed ON press_event (embargo_until) WHERE embargo_until IS NOT NULL",
    "CREATE INDEX ix_press_material_embargo ON press_material (embargo_until) WHERE embargo_until IS NOT NULL",
    # As the last step of a transaction: the row is locked for no longer than the COMMIT, and while it is, no other lock
    # is waited for.
    """
    CREATE FUNCTION public_version_raised(raised varchar, seen boolean) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
        UPDATE public_version
        SET version = version + 1, changed_at = CASE WHEN seen THEN clock_timestamp() ELSE changed_at END
        WHERE topic = raised
    $$
    """,
    """
    CREATE FUNCTION public_version_watched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM public_version_raised(TG_ARGV[0], true);
        RETURN NULL;
    END $$
    """,
]


def published(table: str, topic: str, known: str) -> list[str]:
    """A change counts when everybody may know of the row before or after it; a draft's does not count at all."""
    before, after = known.replace("row.", "OLD."), known.replace("row.", "NEW.")
    drafted = "TG_OP <> 'DELETE' AND NEW.state = 'draft' AND (TG_OP = 'INSERT' OR OLD.state = 'draft')"
    return [
        f"""
        CREATE FUNCTION {table}_published() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        BEGIN
            IF NOT ({drafted}) THEN
                PERFORM public_version_raised(
                    '{topic}',
                    TG_OP <> 'INSERT' AND coalesce({before}, false) OR TG_OP <> 'DELETE' AND coalesce({after}, false)
                );
            END IF;
            RETURN NULL;
        END $$
        """,
        f"""
        CREATE CONSTRAINT TRIGGER {table}_published AFTER INSERT OR UPDATE OR DELETE ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_published()
        """,
    ]


def watched(table: str, topic: str) -> str:
    return f"""
        CREATE CONSTRAINT TRIGGER {table}_watched AFTER INSERT OR UPDATE OR DELETE ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public_version_watched('{topic}')
        """


GRANTS = (
    "GRANT SELECT ON public_version TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT SELECT ON press_feed TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT, DELETE ON press_feed TO ttdn_app",
    "GRANT UPDATE (released_at) ON press_material TO ttdn_worker",
    """
    REVOKE EXECUTE ON FUNCTION public_version_raised(varchar, boolean), public_version_watched(),
        press_event_published(), provincial_plan_published() FROM PUBLIC
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    made = [statement for table, (topic, known) in PUBLISHED.items() for statement in published(table, topic, known)]
    for statement in (*STATEMENTS, *made, *(watched(*pair) for pair in WATCHED.items()), *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
