"""The log is only ever added to: by grants for the processes, by triggers for those who own it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trail.hands import happen, seal_here

CHANGES = [
    "UPDATE event SET type = 'x'",
    "UPDATE event SET data = data",
    "DELETE FROM event",
    "TRUNCATE event CASCADE",
    "UPDATE ledger SET body = 'x'",
    "UPDATE ledger SET hash = hash",
    "DELETE FROM ledger",
    "TRUNCATE ledger",
]
# What each process may do to each table besides reading it; nothing else.
MAY = {
    "ttdn_app": {
        "event": {"INSERT"},
        "outbox": set(),
        "ledger": set(),
        "webhook_endpoint": {"INSERT", "UPDATE", "DELETE"},
        "webhook_delivery": {"UPDATE"},
        "webhook_attempt": set(),
        "webhook_recovery": {"INSERT"},
        "webhook_pace": set(),
    },
    "ttdn_worker": {
        "event": {"INSERT"},
        "outbox": {"DELETE"},
        "ledger": {"INSERT"},
        "webhook_endpoint": {"UPDATE"},
        "webhook_delivery": {"INSERT", "UPDATE"},
        "webhook_attempt": {"INSERT", "UPDATE"},
        "webhook_recovery": {"UPDATE"},
        "webhook_pace": {"INSERT", "UPDATE", "DELETE"},
    },
    "ttdn_backup": {
        key: set() for key in ["event", "outbox", "ledger", "webhook_endpoint", "webhook_delivery", "webhook_attempt"]
    },
}


async def refused(connection, role, statement):
    """The error that a statement meets, as this role."""
    nested = await connection.begin_nested()
    try:
        await connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text(statement))
    finally:
        await nested.rollback()
    return caught.value.orig


@pytest.mark.parametrize("statement", CHANGES)
async def test_a_trigger_refuses_to_change_what_is_written_even_to_the_owner(connection, sessions, statement):
    await happen(sessions)
    await seal_here(sessions)
    for role in ("ttdn_owner", "NONE"):
        error = await refused(connection, role, statement)
        assert error.sqlstate == "42501"
        assert "append-only" in str(error)


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_processes_have_no_right_to_change_what_is_written(connection, sessions, statement):
    for role in ("ttdn_app", "ttdn_worker", "ttdn_backup"):
        error = await refused(connection, role, statement)
        assert error.sqlstate == "42501"
        assert "permission denied" in str(error)


@pytest.mark.parametrize("role", MAY)
async def test_each_process_has_the_rights_it_needs_and_no_other(connection, role):
    ask = text("SELECT has_table_privilege(:role, :table, :right)")
    for table, rights in MAY[role].items():
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
            has = await connection.scalar(ask, {"role": role, "table": table, "right": right})
            assert has == (right in rights), (role, table, right)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TRIGGER event_append_only ON event",
        "ALTER TABLE event ADD COLUMN x int",
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "SET session_replication_role = replica",
        "INSERT INTO outbox (event_id) SELECT id FROM event LIMIT 1",
        "DELETE FROM outbox",
    ],
)
async def test_the_app_cannot_alter_the_tables_or_write_the_outbox(connection, statement):
    assert (await refused(connection, "ttdn_app", statement)).sqlstate == "42501"
