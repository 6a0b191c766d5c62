"""Budget estimates, the province's budget, what a plan says of its money."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CATEGORIES = "('programme', 'facilities')"
SOURCES = "('provincial_budget', 'central_budget', 'own_revenue', 'sponsorship', 'other')"
TABLES = "provincial_budget, budget_line, budget_allocation, budget_adjustment, adjustment_line"
STATEMENTS = (
    "ALTER TABLE plan ADD COLUMN no_budget_reason varchar",
    """
    CREATE TABLE budget_estimate (
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
        plan_id uuid NOT NULL REFERENCES plan (id),
        year integer NOT NULL,
        title varchar NOT NULL,
        settled_at timestamptz,
        settlement jsonb,
        CONSTRAINT ck_budget_estimate_state CHECK (state IN
            ('draft', 'submitted', 'returned', 'accepted', 'withdrawn', 'consolidated', 'decided', 'settled')),
        CONSTRAINT ck_budget_estimate_year CHECK (year BETWEEN 2013 AND 2100),
        CONSTRAINT ck_budget_estimate_version CHECK (version > 0),
        CONSTRAINT ck_budget_estimate_sent CHECK (state = 'draft' OR first_submitted_at IS NOT NULL),
        CONSTRAINT ck_budget_estimate_returned CHECK (state <> 'returned' OR return_reason IS NOT NULL),
        CONSTRAINT ck_budget_estimate_settled CHECK ((state = 'settled') = (settled_at IS NOT NULL)),
        CONSTRAINT ck_budget_estimate_external CHECK ((source IS NULL) = (external_id IS NULL))
    )
    """,
    "CREATE INDEX ix_budget_estimate_agency_id ON budget_estimate (agency_id)",
    "CREATE INDEX ix_budget_estimate_year ON budget_estimate (year)",
    # A plan has one live estimate.
    "CREATE UNIQUE INDEX uq_budget_estimate_live ON budget_estimate (plan_id) WHERE state <> 'withdrawn'",
    """
    CREATE UNIQUE INDEX uq_budget_estimate_external ON budget_estimate (agency_id, source, external_id)
    WHERE state <> 'withdrawn'
    """,
    f"""
    CREATE TABLE estimate_line (
        id uuid PRIMARY KEY,
        estimate_id uuid NOT NULL REFERENCES budget_estimate (id) ON DELETE CASCADE,
        position integer NOT NULL,
        code varchar NOT NULL,
        task_code varchar,
        content varchar NOT NULL,
        category varchar NOT NULL,
        funding_source varchar NOT NULL,
        unit varchar,
        quantity varchar,
        norm_vnd bigint,
        amount_vnd bigint NOT NULL,
        CONSTRAINT ck_estimate_line_category CHECK (category IN {CATEGORIES}),
        CONSTRAINT ck_estimate_line_source CHECK (funding_source IN {SOURCES}),
        CONSTRAINT ck_estimate_line_amount CHECK (amount_vnd >= 0 AND norm_vnd >= 0),
        CONSTRAINT ck_estimate_line_product CHECK (quantity::numeric * norm_vnd = amount_vnd)
    )
    """,
    "CREATE UNIQUE INDEX uq_estimate_line_code ON estimate_line (estimate_id, code)",
    """
    CREATE TABLE provincial_budget (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL REFERENCES agency (id),
        state varchar NOT NULL,
        version integer NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        year integer NOT NULL,
        title varchar NOT NULL,
        excluded jsonb NOT NULL,
        content jsonb NOT NULL,
        sent_at timestamptz,
        signatory jsonb,
        document jsonb,
        returned_at timestamptz,
        return_reason varchar,
        appraised_at timestamptz,
        appraisal_document jsonb,
        decided_at timestamptz,
        decision_document jsonb,
        decision_signatory jsonb,
        allocated_at timestamptz,
        settlement jsonb,
        closed_at timestamptz,
        closing_note varchar,
        unsettled jsonb,
        CONSTRAINT ck_provincial_budget_state
            CHECK (state IN ('draft', 'with_finance', 'returned', 'appraised', 'decided', 'closed')),
        CONSTRAINT ck_provincial_budget_year CHECK (year BETWEEN 2013 AND 2100),
        CONSTRAINT ck_provincial_budget_sent CHECK (state = 'draft' OR sent_at IS NOT NULL),
        CONSTRAINT ck_provincial_budget_decided CHECK ((state IN ('decided', 'closed')) = (decided_at IS NOT NULL)),
        CONSTRAINT ck_provincial_budget_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX uq_provincial_budget_year ON provincial_budget (year)",
    "CREATE INDEX ix_provincial_budget_agency_id ON provincial_budget (agency_id)",
    f"""
    CREATE TABLE budget_line (
        id uuid PRIMARY KEY,
        budget_id uuid NOT NULL REFERENCES provincial_budget (id),
        position integer NOT NULL,
        scope varchar NOT NULL,
        agency_id uuid NOT NULL REFERENCES agency (id),
        estimate_id uuid REFERENCES budget_estimate (id),
        estimate_line_id uuid REFERENCES estimate_line (id),
        code varchar NOT NULL,
        task_code varchar,
        content varchar NOT NULL,
        category varchar NOT NULL,
        funding_source varchar NOT NULL,
        self_appraised boolean NOT NULL,
        requested_vnd bigint NOT NULL,
        appraised_vnd bigint,
        opinion varchar,
        decided_vnd bigint,
        decision_reason varchar,
        spent_vnd bigint,
        CONSTRAINT ck_budget_line_scope CHECK (scope IN ('agency', 'coordinator_own')),
        CONSTRAINT ck_budget_line_origin CHECK (
            (scope = 'agency') = (estimate_line_id IS NOT NULL) AND (scope = 'agency') = (estimate_id IS NOT NULL)
        ),
        CONSTRAINT ck_budget_line_category CHECK (category IN {CATEGORIES}),
        CONSTRAINT ck_budget_line_source CHECK (funding_source IN {SOURCES}),
        CONSTRAINT ck_budget_line_amounts
            CHECK (requested_vnd >= 0 AND appraised_vnd >= 0 AND decided_vnd >= 0 AND spent_vnd >= 0),
        CONSTRAINT ck_budget_line_opinion CHECK (appraised_vnd = requested_vnd OR opinion IS NOT NULL),
        CONSTRAINT ck_budget_line_tiers CHECK (
            (decided_vnd IS NULL OR appraised_vnd IS NOT NULL) AND (spent_vnd IS NULL OR decided_vnd IS NOT NULL)
        )
    )
    """,
    "CREATE UNIQUE INDEX uq_budget_line_position ON budget_line (budget_id, position)",
    # An amount that an agency asks for stands in one budget, once.
    "CREATE UNIQUE INDEX uq_budget_line_estimate_line ON budget_line (estimate_line_id)",
    "CREATE INDEX ix_budget_line_estimate ON budget_line (estimate_id)",
    f"""
    CREATE TABLE budget_allocation (
        id uuid PRIMARY KEY,
        budget_id uuid NOT NULL REFERENCES provincial_budget (id),
        category varchar NOT NULL,
        funding_source varchar NOT NULL,
        amount_vnd bigint NOT NULL,
        CONSTRAINT ck_budget_allocation_category CHECK (category IN {CATEGORIES}),
        CONSTRAINT ck_budget_allocation_source CHECK (funding_source IN {SOURCES}),
        CONSTRAINT ck_budget_allocation_amount CHECK (amount_vnd >= 0)
    )
    """,
    "CREATE UNIQUE INDEX uq_budget_allocation_of ON budget_allocation (budget_id, category, funding_source)",
    """
    CREATE TABLE budget_adjustment (
        id uuid PRIMARY KEY,
        budget_id uuid NOT NULL REFERENCES provincial_budget (id),
        number integer NOT NULL,
        document jsonb NOT NULL,
        signatory jsonb,
        made_by uuid,
        made_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX uq_budget_adjustment_number ON budget_adjustment (budget_id, number)",
    """
    CREATE TABLE adjustment_line (
        id uuid PRIMARY KEY,
        adjustment_id uuid NOT NULL REFERENCES budget_adjustment (id),
        line_id uuid NOT NULL REFERENCES budget_line (id),
        change_vnd bigint NOT NULL,
        reason varchar NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX uq_adjustment_line_of ON adjustment_line (adjustment_id, line_id)",
    "CREATE INDEX ix_adjustment_line_line_id ON adjustment_line (line_id)",
    # What was sent to finance stays as it was sent, and what was decided as it was decided, whoever writes.
    """
    CREATE FUNCTION provincial_budget_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF OLD.state NOT IN ('draft', 'returned')
           AND (OLD.year, OLD.title, OLD.excluded, OLD.content)
               IS DISTINCT FROM (NEW.year, NEW.title, NEW.excluded, NEW.content) THEN
            RAISE EXCEPTION 'a budget that was sent to finance does not change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF OLD.decided_at IS NOT NULL
           AND (OLD.appraised_at, OLD.appraisal_document, OLD.decided_at, OLD.decision_document, OLD.decision_signatory)
               IS DISTINCT FROM
               (NEW.appraised_at, NEW.appraisal_document, NEW.decided_at, NEW.decision_document,
                NEW.decision_signatory) THEN
            RAISE EXCEPTION 'what was decided does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER provincial_budget_frozen BEFORE UPDATE ON provincial_budget
        FOR EACH ROW EXECUTE FUNCTION provincial_budget_frozen()
    """,
    # Each tier is written once, in its own state; the appraisal alone is cleared, when it is returned.
    """
    CREATE FUNCTION budget_line_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    DECLARE
        budget provincial_budget.state%TYPE;
    BEGIN
        SELECT state INTO budget FROM provincial_budget
            WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.budget_id ELSE OLD.budget_id END;
        IF TG_OP <> 'UPDATE' THEN
            IF budget NOT IN ('draft', 'returned') THEN
                RAISE EXCEPTION 'a budget that was sent to finance keeps its lines'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        END IF;
        IF (OLD.id, OLD.budget_id, OLD.position, OLD.scope, OLD.agency_id, OLD.estimate_id, OLD.estimate_line_id,
            OLD.code, OLD.task_code, OLD.content, OLD.category, OLD.funding_source, OLD.self_appraised,
            OLD.requested_vnd)
           IS DISTINCT FROM
           (NEW.id, NEW.budget_id, NEW.position, NEW.scope, NEW.agency_id, NEW.estimate_id, NEW.estimate_line_id,
            NEW.code, NEW.task_code, NEW.content, NEW.category, NEW.funding_source, NEW.self_appraised,
            NEW.requested_vnd) THEN
            RAISE EXCEPTION 'what is asked for does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF (OLD.appraised_vnd, OLD.opinion) IS DISTINCT FROM (NEW.appraised_vnd, NEW.opinion)
           AND NOT (OLD.appraised_vnd IS NULL AND budget = 'appraised')
           AND NOT (NEW.appraised_vnd IS NULL AND NEW.opinion IS NULL AND budget = 'with_finance') THEN
            RAISE EXCEPTION 'what was appraised does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF (OLD.decided_vnd, OLD.decision_reason) IS DISTINCT FROM (NEW.decided_vnd, NEW.decision_reason)
           AND NOT (OLD.decided_vnd IS NULL AND budget = 'decided') THEN
            RAISE EXCEPTION 'what was decided does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF OLD.spent_vnd IS DISTINCT FROM NEW.spent_vnd AND NOT (OLD.spent_vnd IS NULL AND budget = 'decided') THEN
            RAISE EXCEPTION 'what was settled does not change' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER budget_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON budget_line
        FOR EACH ROW EXECUTE FUNCTION budget_line_frozen()
    """,
    # What an agency asks for stays as it was accepted.
    """
    CREATE FUNCTION estimate_line_frozen() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
    DECLARE
        estimate budget_estimate.state%TYPE;
    BEGIN
        SELECT state INTO estimate FROM budget_estimate WHERE id = OLD.estimate_id;
        IF estimate NOT IN ('draft', 'returned') THEN
            RAISE EXCEPTION 'an estimate that was sent keeps its lines' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER estimate_line_frozen BEFORE UPDATE OR DELETE ON estimate_line
        FOR EACH ROW EXECUTE FUNCTION estimate_line_frozen()
    """,
    f"GRANT SELECT ON budget_estimate, estimate_line, {TABLES} TO ttdn_app, ttdn_worker, ttdn_backup",
    "GRANT INSERT, UPDATE, DELETE ON budget_estimate, estimate_line TO ttdn_app",
    "GRANT INSERT, UPDATE ON provincial_budget TO ttdn_app",
    "GRANT INSERT, UPDATE, DELETE ON budget_line TO ttdn_app",
    "GRANT INSERT, DELETE ON budget_allocation TO ttdn_app",
    # A later decision is a record: written, never changed.
    "GRANT INSERT ON budget_adjustment, adjustment_line TO ttdn_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Migrations go forward only: restore the backup made before")
