"""The chain of hashes: every alteration behind the service's back is found and named."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from app.kit.clock import now
from app.kit.db import transaction
from app.trail.audit import verify
from app.trail.models import Event, Ledger
from app.trail.sealer import GENESIS, link
from tests.trail.hands import behind_its_back, happen, seal_here

# What somebody with the superuser's rights might do, and what the audit says then.
FOUND = {
    "an event's type is edited": ("UPDATE event SET type = 'x.y' WHERE id = {at_5}", "sequence 5:"),
    "an event's facts are edited": ("""UPDATE event SET data = '{{"a": 1}}' WHERE id = {at_5}""", "sequence 5:"),
    "an event's actor is edited": ("UPDATE event SET actor_agency_id = id WHERE id = {at_5}", "sequence 5:"),
    "an event's time is edited": (
        "UPDATE event SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = {at_5}",
        "sequence 5:",
    ),
    "a body is edited": ("UPDATE ledger SET body = body || ' ' WHERE sequence = 5", "sequence 5:"),
    "the time of sealing is edited": ("UPDATE ledger SET sealed_at = now() WHERE sequence = 5", "sequence 5:"),
    "a hash is edited": ("UPDATE ledger SET hash = sha256('x') WHERE sequence = 5", "sequence 5:"),
    "the first row is deleted": ("DELETE FROM ledger WHERE sequence = 1", "sequence 1 is missing"),
    "a row in the middle is deleted": ("DELETE FROM ledger WHERE sequence = 5", "sequence 5 is missing"),
    "a row and its event are deleted, the gap closed": (
        (
            "DELETE FROM event WHERE id = {at_5}; DELETE FROM ledger WHERE sequence = 5;"
            "UPDATE ledger SET sequence = -sequence WHERE sequence > 5;"
            "UPDATE ledger SET sequence = -sequence - 1 WHERE sequence < 0"
        ),
        "sequence 5:",
    ),
    "an event is deleted": ("DELETE FROM event WHERE id = {at_5}", "sequence 5: its event is gone"),
    "two rows change places": (
        (
            "UPDATE ledger SET sequence = -5 WHERE sequence = 5; UPDATE ledger SET sequence = 5 WHERE sequence = 6;"
            "UPDATE ledger SET sequence = 6 WHERE sequence = -5"
        ),
        "sequence 5:",
    ),
    "two bodies change places": (
        (
            "UPDATE ledger AS l SET body = o.body FROM ledger AS o WHERE l.sequence + o.sequence = 11 "
            "AND l.sequence IN (5, 6)"
        ),
        "sequence 5:",
    ),
    "a row is inserted": (
        (
            "INSERT INTO event SELECT gen_random_uuid(), type, occurred_at, request_id, client_id, actor_agency_id,"
            " resource_type, resource_id, 7777, agency_id, period, state, previous_state, provisions, data"
            " FROM event WHERE id = {at_5};"
            "UPDATE ledger SET sequence = -sequence WHERE sequence >= 5;"
            "UPDATE ledger SET sequence = 1 - sequence WHERE sequence < 0;"
            "INSERT INTO ledger SELECT 5, id, now(), 'x', sha256('x') FROM event WHERE resource_version = 7777"
        ),
        "sequence 5:",
    ),
    "a forged row is put behind the last": (
        (
            "INSERT INTO event SELECT gen_random_uuid(), type, occurred_at, request_id, client_id, actor_agency_id,"
            " resource_type, resource_id, 7777, agency_id, period, state, previous_state, provisions, data"
            " FROM event WHERE id = {at_5};"
            "INSERT INTO ledger SELECT 11, id, now(), 'x', sha256('x') FROM event WHERE resource_version = 7777"
        ),
        "sequence 11:",
    ),
    "the last rows are deleted, their events not": ("DELETE FROM ledger WHERE sequence > 8", "neither in the ledger"),
    "an unsealed event is hidden from the sealer": ("DELETE FROM outbox", "neither in the ledger"),
}


@pytest.fixture
async def ten(connection, sessions):
    """Ten sealed events and one that is not; the tables then open to a superuser without triggers."""
    # The register's own events are in the outbox of every new database: seal a log of ten only.
    await behind_its_back(connection, "DELETE FROM outbox; DELETE FROM event")
    await happen(sessions, 10)
    await seal_here(sessions)
    await happen(sessions)
    return sessions


async def verdict(sessions):
    async with transaction(sessions) as session:
        return await verify(session)


async def test_an_untouched_log_is_found_whole(ten):
    found = await verdict(ten)
    assert (found.verified, found.fault) == (10, None)


async def test_an_empty_log_is_whole(connection, sessions):
    await behind_its_back(connection, "DELETE FROM outbox; DELETE FROM event")
    assert (await verdict(sessions)).fault is None


@pytest.mark.parametrize("what", FOUND)
async def test_the_audit_names_the_first_altered_row_when(connection, ten, what):
    statements, message = FOUND[what]
    await behind_its_back(connection, statements)
    found = await verdict(ten)
    assert found.fault is not None
    assert found.fault.startswith(message) or message in found.fault


async def test_a_column_added_later_does_not_alter_older_hashes():
    moment = now()
    entry = Ledger(sequence=1, event_id=UUID(int=2), sealed_at=moment, body="{}", hash=b"")
    event = Event(id=UUID(int=2), type="a.b", resource_type="a", resource_id=UUID(int=1), resource_version=1)

    def wider(value):
        return SimpleNamespace(model_dump=lambda: {**event.model_dump(), "added": value})

    assert link(GENESIS, entry, event) == link(GENESIS, entry, wider(None))
    assert link(GENESIS, entry, event) != link(GENESIS, entry, wider("x"))
