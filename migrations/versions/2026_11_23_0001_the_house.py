"""The house: agencies, functions held, clients, plans, the log, webhooks."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


AGENCIES = """
CREATE TABLE agency (
    id uuid PRIMARY KEY,
    slug varchar NOT NULL CONSTRAINT uq_agency_slug UNIQUE,
    kind varchar NOT NULL,
    head_title varchar,
    valid_from date NOT NULL,
    valid_to date,
    version integer NOT NULL,
    CONSTRAINT ck_agency_period CHECK (valid_to > valid_from)
);
CREATE TABLE agency_name (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    valid_from date NOT NULL,
    valid_to date,
    name_vi varchar NOT NULL,
    name_en varchar NOT NULL,
    short_name varchar,
    folded varchar NOT NULL,
    sort_key varchar COLLATE "C" NOT NULL,
    CONSTRAINT ck_agency_name_period CHECK (valid_to > valid_from)
);
CREATE TABLE agency_code (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    valid_from date NOT NULL,
    valid_to date,
    scheme varchar NOT NULL,
    value varchar NOT NULL,
    CONSTRAINT ck_agency_code_period CHECK (valid_to > valid_from)
);
CREATE TABLE agency_parent (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    valid_from date NOT NULL,
    valid_to date,
    parent_id uuid NOT NULL REFERENCES agency (id),
    CONSTRAINT ck_agency_parent_period CHECK (valid_to > valid_from),
    CONSTRAINT ck_agency_parent_other CHECK (parent_id <> agency_id)
);
CREATE TABLE agency_alias (
    agency_id uuid NOT NULL REFERENCES agency (id),
    alias varchar NOT NULL,
    folded varchar NOT NULL,
    CONSTRAINT pk_agency_alias PRIMARY KEY (agency_id, alias)
);
CREATE INDEX ix_agency_name_agency_id ON agency_name (agency_id);
CREATE INDEX ix_agency_code_agency_id ON agency_code (agency_id);
CREATE INDEX ix_agency_parent_agency_id ON agency_parent (agency_id);
CREATE INDEX ix_agency_parent_parent_id ON agency_parent (parent_id);
"""

# Core PostgreSQL excludes overlapping ranges, but equal keys beside them only with btree_gist, which the embedded
# server lacks: the key enters as a range of one hash, which excludes just as well.
KEY = "int8range(hashtextextended({key}, 0), hashtextextended({key}, 0), '[]') WITH &&"
PERIOD = "daterange(valid_from, valid_to) WITH &&"
EXCLUSIONS = {
    # table, name: key, condition
    ("agency_name", "one_at_a_time"): ("agency_id::text", ""),
    ("agency_parent", "one_at_a_time"): ("agency_id::text", ""),
    ("agency_code", "one_at_a_time"): ("agency_id::text || ' ' || scheme", ""),
    ("agency_code", "one_owner"): ("scheme || ' ' || value", ""),
    ("function_held", "once_each"): ("agency_id::text || ' ' || function", ""),
    ("function_held", "one_holder"): ("function", "WHERE (singleton)"),
}

ACCESS = """
CREATE TABLE function_held (
    id uuid PRIMARY KEY,
    function varchar NOT NULL,
    agency_id uuid NOT NULL REFERENCES agency (id),
    valid_from date NOT NULL,
    valid_to date,
    singleton boolean NOT NULL,
    legal_document varchar,
    CONSTRAINT ck_function_held_period CHECK (valid_to > valid_from)
);
CREATE INDEX ix_function_held_function ON function_held (function);
CREATE INDEX ix_function_held_agency_id ON function_held (agency_id);
CREATE TABLE client (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    name varchar NOT NULL,
    role varchar NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX ix_client_agency_id ON client (agency_id);
CREATE TABLE client_secret (
    id uuid PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES client (id),
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX ix_client_secret_client_id ON client_secret (client_id);
CREATE TABLE signing_key (
    kid varchar PRIMARY KEY,
    private_locked varchar NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE TABLE access_version (
    id integer PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO access_version VALUES (1, 1);

CREATE FUNCTION access_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE access_version SET version = version + 1;
    RETURN NULL;
END $$;

-- A singleton function never stands empty: where one holder ends, the next begins on that day.
CREATE FUNCTION function_held_no_gap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    touched varchar := coalesce(NEW.function, OLD.function);
    ended date;
BEGIN
    SELECT held.valid_to INTO ended FROM function_held AS held
    WHERE held.function = touched AND held.singleton AND held.valid_to IS NOT NULL
      AND NOT EXISTS (
          SELECT FROM function_held AS following
          WHERE following.function = touched AND following.valid_from = held.valid_to)
    LIMIT 1;
    IF ended IS NOT NULL THEN
        RAISE EXCEPTION 'function % has no holder from %', touched, ended
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_function_held_no_gap';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER function_held_no_gap AFTER INSERT OR UPDATE OR DELETE ON function_held
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION function_held_no_gap();
"""

PLANS = """
CREATE TABLE plan (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    state varchar NOT NULL,
    version integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    kind varchar NOT NULL,
    year integer NOT NULL,
    title varchar NOT NULL,
    objectives varchar,
    shareable boolean NOT NULL,
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
    CONSTRAINT ck_plan_state CHECK (state IN ('draft', 'submitted', 'returned', 'accepted', 'withdrawn')),
    CONSTRAINT ck_plan_year CHECK (year BETWEEN 2013 AND 2100),
    CONSTRAINT ck_plan_version CHECK (version > 0),
    CONSTRAINT ck_plan_sent CHECK (state = 'draft' OR first_submitted_at IS NOT NULL),
    CONSTRAINT ck_plan_returned CHECK (state <> 'returned' OR return_reason IS NOT NULL)
);
CREATE INDEX ix_plan_agency_id ON plan (agency_id);
CREATE UNIQUE INDEX uq_plan_live ON plan (agency_id, year) WHERE kind = 'agency_annual' AND state <> 'withdrawn';
CREATE TABLE plan_task (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
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
    cooperating_agency_ids uuid[] NOT NULL,
    CONSTRAINT ck_plan_task_period CHECK (ends_on >= starts_on)
);
CREATE UNIQUE INDEX uq_plan_task_code ON plan_task (plan_id, code);
CREATE INDEX ix_plan_task_cooperating ON plan_task USING gin (cooperating_agency_ids);
"""

TRAIL = """
CREATE TABLE event (
    id uuid PRIMARY KEY,
    type varchar NOT NULL,
    occurred_at timestamptz NOT NULL,
    request_id varchar,
    client_id uuid,
    actor_agency_id uuid,
    resource_type varchar NOT NULL,
    resource_id uuid NOT NULL,
    resource_version integer NOT NULL,
    agency_id uuid,
    period varchar,
    state varchar,
    previous_state varchar,
    provisions text[] NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL
);
CREATE TABLE ledger (
    sequence bigint PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT uq_ledger_event_id UNIQUE REFERENCES event (id),
    sealed_at timestamptz NOT NULL,
    body varchar NOT NULL,
    hash bytea NOT NULL
);

CREATE FUNCTION event_to_outbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO outbox (event_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER event_to_outbox AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_to_outbox();

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""

WEBHOOKS = """
CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    state varchar NOT NULL,
    version integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    url varchar NOT NULL,
    description varchar,
    event_types text[] NOT NULL,
    secret_locked varchar NOT NULL,
    CONSTRAINT ck_webhook_endpoint_state CHECK (state IN ('active', 'disabled'))
);
CREATE INDEX ix_webhook_endpoint_agency_id ON webhook_endpoint (agency_id);
CREATE TABLE webhook_delivery (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    event_id uuid NOT NULL REFERENCES event (id),
    sequence bigint NOT NULL,
    state varchar NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    leased_until timestamptz,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    CONSTRAINT ck_webhook_delivery_state CHECK (state IN ('pending', 'delivered', 'parked', 'withheld'))
);
CREATE UNIQUE INDEX uq_webhook_delivery_endpoint_event ON webhook_delivery (endpoint_id, event_id);
CREATE INDEX ix_webhook_delivery_due ON webhook_delivery (endpoint_id, next_at) WHERE state = 'pending';
CREATE TABLE webhook_attempt (
    id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number integer NOT NULL,
    started_at timestamptz NOT NULL,
    milliseconds integer NOT NULL,
    status_code integer,
    outcome varchar NOT NULL,
    answer varchar
);
CREATE INDEX ix_webhook_attempt_delivery_id ON webhook_attempt (delivery_id);
"""

# What each role may do; `event` and `ledger` are never changed, by anybody.
GRANTS = """
GRANT USAGE ON SCHEMA public TO ttdn_app, ttdn_worker, ttdn_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ttdn_app, ttdn_worker, ttdn_backup;
GRANT INSERT ON event TO ttdn_app, ttdn_worker;
GRANT INSERT, UPDATE, DELETE ON plan, plan_task, webhook_endpoint TO ttdn_app;
GRANT UPDATE ON webhook_delivery TO ttdn_app;
GRANT INSERT ON ledger TO ttdn_worker;
GRANT DELETE ON outbox TO ttdn_worker;
GRANT INSERT, UPDATE ON webhook_delivery, webhook_attempt TO ttdn_worker;
GRANT UPDATE ON webhook_endpoint TO ttdn_worker;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for block in (AGENCIES, ACCESS, PLANS, TRAIL, WEBHOOKS):
        run(block)
    for (table, name), (key, condition) in EXCLUSIONS.items():
        keyed = KEY.format(key=key)
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_{name} EXCLUDE USING gist ({keyed}, {PERIOD}) {condition}")
    for table in ("client", "signing_key", "function_held"):
        op.execute(
            f"CREATE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_changed()"
        )
    run(GRANTS)


def run(block: str) -> None:
    """Execute statement by statement: the driver prepares each, and takes one at a time."""
    statements, body = [""], False
    for line in block.splitlines():
        statements[-1] += line + "\n"
        body ^= line.count("$$") % 2 == 1
        if line.rstrip().endswith(";") and not body:
            statements.append("")
    for statement in filter(str.strip, statements):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
