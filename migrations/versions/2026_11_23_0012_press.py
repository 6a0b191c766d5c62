"""The press: events, invitations, materials, series, guidance, supplied information, press products."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PROCEDURE = """
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
"""
STATEMENTS = (
    f"""
    CREATE TABLE press_series ({PROCEDURE}
        title varchar NOT NULL,
        rule jsonb NOT NULL,
        rrule varchar NOT NULL,
        covers varchar NOT NULL,
        CONSTRAINT ck_press_series_state CHECK (state = 'standing'),
        CONSTRAINT ck_press_series_covers CHECK (covers IN ('same_month', 'previous_month', 'none'))
    )
    """,
    "CREATE INDEX ix_press_series_agency_id ON press_series (agency_id)",
    f"""
    CREATE TABLE press_event ({PROCEDURE}
        uid varchar NOT NULL CONSTRAINT uq_press_event_uid UNIQUE,
        sequence integer NOT NULL,
        series_id uuid REFERENCES press_series (id),
        recurrence_id timestamptz,
        form varchar NOT NULL,
        title varchar NOT NULL,
        title_en varchar,
        summary varchar,
        host_ids uuid[] NOT NULL,
        period_from date,
        period_to date,
        starts_at timestamptz,
        ends_at timestamptz,
        postponed_from timestamptz,
        extraordinary boolean NOT NULL,
        place varchar,
        online_link varchar,
        languages text[] NOT NULL,
        spokesperson jsonb,
        content_categories text[] NOT NULL,
        audiences text[] NOT NULL,
        directions text[] NOT NULL,
        agenda jsonb NOT NULL,
        other_press jsonb NOT NULL,
        visibility varchar NOT NULL,
        embargo_until timestamptz,
        released_at timestamptz,
        announced_at timestamptz,
        held_at timestamptz,
        concluded_at timestamptz,
        change_reason varchar,
        proceedings jsonb,
        CONSTRAINT ck_press_event_state
            CHECK (state IN ('draft', 'announced', 'postponed', 'held', 'concluded', 'cancelled')),
        CONSTRAINT ck_press_event_form CHECK (
            form IN ('periodic_briefing', 'press_conference', 'direct_supply', 'provincial_portal', 'other')
        ),
        CONSTRAINT ck_press_event_visibility CHECK (visibility IN ('public', 'press', 'internal')),
        CONSTRAINT ck_press_event_times CHECK (ends_at IS NULL OR ends_at >= starts_at),
        CONSTRAINT ck_press_event_period CHECK (period_to >= period_from),
        CONSTRAINT ck_press_event_half_period CHECK ((period_from IS NULL) = (period_to IS NULL)),
        CONSTRAINT ck_press_event_series CHECK ((series_id IS NULL) = (recurrence_id IS NULL)),
        CONSTRAINT ck_press_event_dated CHECK ((starts_at IS NOT NULL) OR state IN ('draft', 'postponed', 'cancelled')),
        CONSTRAINT ck_press_event_undated CHECK (state <> 'postponed' OR starts_at IS NULL),
        CONSTRAINT ck_press_event_spoken CHECK (state = 'draft' OR spokesperson IS NOT NULL),
        CONSTRAINT ck_press_event_concluded CHECK (state <> 'concluded' OR proceedings IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_press_event_agency_id ON press_event (agency_id)",
    "CREATE INDEX ix_press_event_host ON press_event USING gin (host_ids)",
    "CREATE INDEX ix_press_event_series ON press_event (series_id, recurrence_id)",
    "CREATE INDEX ix_press_event_starts ON press_event (starts_at)",
    "CREATE INDEX ix_press_event_embargo ON press_event (embargo_until) WHERE released_at IS NULL",
    # Subscribed calendars know an event by its uid and follow its sequence; what is over or called off stays so.
    """
    CREATE FUNCTION press_event_kept() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF (OLD.uid, OLD.series_id, OLD.recurrence_id, OLD.agency_id)
           IS DISTINCT FROM (NEW.uid, NEW.series_id, NEW.recurrence_id, NEW.agency_id)
           OR NEW.sequence < OLD.sequence THEN
            RAISE EXCEPTION 'what calendars know a press event by does not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF OLD.state IN ('concluded', 'cancelled') AND NEW.state <> OLD.state
           OR OLD.state IN ('held', 'concluded', 'cancelled')
              AND (OLD.starts_at, OLD.ends_at, OLD.title, OLD.form, OLD.host_ids, OLD.spokesperson, OLD.held_at)
                  IS DISTINCT FROM
                  (NEW.starts_at, NEW.ends_at, NEW.title, NEW.form, NEW.host_ids, NEW.spokesperson, NEW.held_at) THEN
            RAISE EXCEPTION 'a press event that was held or cancelled stays as it was'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER press_event_kept BEFORE UPDATE ON press_event
        FOR EACH ROW EXECUTE FUNCTION press_event_kept()
    """,
    """
    CREATE TABLE press_material (
        id uuid PRIMARY KEY,
        press_event_id uuid NOT NULL REFERENCES press_event (id) ON DELETE CASCADE,
        position integer NOT NULL,
        title varchar NOT NULL,
        link varchar NOT NULL,
        sha256 varchar,
        embargo_until timestamptz,
        internal boolean NOT NULL
    )
    """,
    "CREATE INDEX ix_press_material_press_event_id ON press_material (press_event_id)",
    f"""
    CREATE TABLE press_invitation ({PROCEDURE}
        press_event_id uuid NOT NULL REFERENCES press_event (id) ON DELETE CASCADE,
        accredit_before timestamptz NOT NULL,
        people jsonb NOT NULL,
        note varchar,
        answered_at timestamptz,
        CONSTRAINT ck_press_invitation_state CHECK (state IN ('invited', 'accepted', 'declined')),
        CONSTRAINT ck_press_invitation_answered CHECK ((state = 'invited') = (answered_at IS NULL)),
        CONSTRAINT ck_press_invitation_people CHECK ((state = 'accepted') = (people <> '[]'))
    )
    """,
    "CREATE INDEX ix_press_invitation_agency_id ON press_invitation (agency_id)",
    "CREATE UNIQUE INDEX uq_press_invitation_body ON press_invitation (press_event_id, agency_id)",
    f"""
    CREATE TABLE press_guidance ({PROCEDURE}
        kind varchar NOT NULL,
        press_event_id uuid REFERENCES press_event (id),
        addressee_ids uuid[] NOT NULL,
        title varchar NOT NULL,
        text varchar NOT NULL,
        document jsonb,
        withdrawn_at timestamptz,
        withdrawal_reason varchar,
        CONSTRAINT ck_press_guidance_state CHECK (state IN ('issued', 'withdrawn')),
        CONSTRAINT ck_press_guidance_kind CHECK (kind IN ('briefing', 'orientation', 'coverage_of_visit')),
        CONSTRAINT ck_press_guidance_event CHECK (kind <> 'briefing' OR press_event_id IS NOT NULL),
        CONSTRAINT ck_press_guidance_somebody CHECK (press_event_id IS NOT NULL OR addressee_ids <> '{{}}'),
        CONSTRAINT ck_press_guidance_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_press_guidance_agency_id ON press_guidance (agency_id)",
    "CREATE INDEX ix_press_guidance_press_event_id ON press_guidance (press_event_id)",
    "CREATE INDEX ix_press_guidance_addressee ON press_guidance USING gin (addressee_ids)",
    # What the press was told is what it was told.
    """
    CREATE FUNCTION press_guidance_kept() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF (OLD.agency_id, OLD.kind, OLD.press_event_id, OLD.addressee_ids, OLD.title, OLD.text, OLD.document)
           IS DISTINCT FROM
           (NEW.agency_id, NEW.kind, NEW.press_event_id, NEW.addressee_ids, NEW.title, NEW.text, NEW.document)
           OR OLD.state = 'withdrawn' THEN
            RAISE EXCEPTION 'guidance that was issued does not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER press_guidance_kept BEFORE UPDATE ON press_guidance
        FOR EACH ROW EXECUTE FUNCTION press_guidance_kept()
    """,
    f"""
    CREATE TABLE information_supply ({PROCEDURE}
        topic varchar NOT NULL,
        form varchar NOT NULL,
        supplied_on date NOT NULL,
        spokesperson jsonb NOT NULL,
        press_body_ids uuid[] NOT NULL,
        other_press jsonb NOT NULL,
        audiences text[] NOT NULL,
        links jsonb NOT NULL,
        note varchar,
        CONSTRAINT ck_information_supply_state CHECK (state = 'recorded'),
        CONSTRAINT ck_information_supply_form CHECK (form IN ('direct', 'portal', 'other'))
    )
    """,
    "CREATE INDEX ix_information_supply_agency_id ON information_supply (agency_id)",
    "CREATE INDEX ix_information_supply_body ON information_supply USING gin (press_body_ids)",
    f"""
    CREATE TABLE press_product ({PROCEDURE}
        kind varchar NOT NULL,
        title varchar NOT NULL,
        language varchar NOT NULL,
        audience varchar NOT NULL,
        first_date date NOT NULL,
        frequency varchar,
        url varchar,
        CONSTRAINT ck_press_product_state CHECK (state = 'published'),
        CONSTRAINT ck_press_product_kind CHECK (kind IN ('page', 'column', 'reportage'))
    )
    """,
    "CREATE INDEX ix_press_product_agency_id ON press_product (agency_id)",
    """
    GRANT SELECT ON press_series, press_event, press_material, press_invitation, press_guidance, information_supply,
        press_product TO ttdn_app, ttdn_worker, ttdn_backup
    """,
    """
    GRANT INSERT, UPDATE ON press_series, press_event, press_material, press_invitation, press_guidance,
        information_supply, press_product TO ttdn_app
    """,
    # Only what was never announced is deleted, and with it those invited; materials are replaced.
    "GRANT DELETE ON press_event, press_invitation, press_material TO ttdn_app",
    "GRANT UPDATE ON press_event TO ttdn_worker",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
