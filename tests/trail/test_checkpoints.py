"""Tampering by a superuser with every trigger off, who knows the code and recomputes what he must: all of it is found.

What he does not have is the key, which the database does not hold, nor the file beside it.
"""

import asyncio
import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlmodel import select

from app.kit.db import transaction
from app.kit.vault import Vault
from app.trail.checkpoints import FaultError, Signer, audit, make, shown
from app.trail.models import Event, Ledger
from app.trail.notary import FILE, Notary, keep, kept
from app.trail.sealer import GENESIS, link
from tests import make as things
from tests.trail.hands import behind_its_back, happen, seal_here

SIGNER = Signer(things.vault())
INSERTED = (
    "INSERT INTO event SELECT gen_random_uuid(), type, occurred_at, request_id, client_id, actor_agency_id,"
    " resource_type, resource_id, 7777, agency_id, period, state, previous_state, provisions, data"
    " FROM event WHERE id = {at_5};"
    "UPDATE ledger SET sequence = -sequence WHERE sequence >= 5;"
    "UPDATE ledger SET sequence = 1 - sequence WHERE sequence < 0;"
    "INSERT INTO ledger SELECT 5, id, now(), 'x', sha256('x') FROM event WHERE resource_version = 7777"
)
CUT = (
    "DELETE FROM ledger WHERE sequence > 8;"
    "DELETE FROM event WHERE id NOT IN (SELECT event_id FROM ledger) AND id NOT IN (SELECT event_id FROM outbox)"
)
EDITED = "UPDATE event SET agency_id = id WHERE id = {at_5}"
FORGOTTEN = "DELETE FROM checkpoint WHERE sequence > 4"
# What is done, whether the chain is made to fit afterwards, and what is found.
TAMPERING = {
    "a field is edited": (EDITED, False, "sequence 5:"),
    "a body is edited": ("UPDATE ledger SET body = body || ' ' WHERE sequence = 5", False, "sequence 5:"),
    "a row in the middle is deleted": ("DELETE FROM ledger WHERE sequence = 5", False, "sequence 5 is missing"),
    "the last rows are deleted": ("DELETE FROM ledger WHERE sequence > 8", False, "sequence 9 is missing"),
    "the last rows and their events are deleted": (CUT, False, "sequence 9 is missing"),
    "the last rows, their events and checkpoints are deleted": (f"{CUT};{FORGOTTEN}", False, "sequence 9 is missing"),
    "two rows change places": (
        (
            "UPDATE ledger SET sequence = -5 WHERE sequence = 5; UPDATE ledger SET sequence = 5 WHERE sequence = 6;"
            "UPDATE ledger SET sequence = 6 WHERE sequence = -5"
        ),
        True,
        "sequence 5 to 10: computed anew",
    ),
    "a row is inserted": (INSERTED, True, "sequence 5 to 10: computed anew"),
    "a time is changed": (
        "UPDATE event SET occurred_at = occurred_at - interval '1 hour' WHERE id = {at_5}",
        True,
        "sequence 5 to 10: computed anew",
    ),
    "an agency is changed": (EDITED, True, "sequence 5 to 10: computed anew"),
    "an actor is changed": (
        "UPDATE event SET actor_agency_id = id WHERE id = (SELECT event_id FROM ledger WHERE sequence = 3)",
        True,
        "sequence 1 to 4: computed anew",
    ),
    "the whole chain is computed anew, without checkpoints": (
        f"{EDITED};DELETE FROM checkpoint",
        True,
        "sequence 5 to 10: computed anew",
    ),
    "an old copy is put back": (f"{CUT};{FORGOTTEN};DELETE FROM ledger WHERE sequence > 6", False, "sequence 7 is"),
    # PostgreSQL truncates no table that this transaction, which is the whole test's, has read by a cursor.
    "everything is emptied": (
        "DELETE FROM ledger; DELETE FROM outbox; DELETE FROM event; DELETE FROM checkpoint",
        False,
        "sequence 1 is missing",
    ),
    "a checkpoint is edited": ("UPDATE checkpoint SET hash = sha256('x')", False, "does not bear the signature"),
    "a checkpoint is deleted": (FORGOTTEN, False, "checkpoint at sequence 10 was kept, and is gone"),
}


@pytest.fixture
async def ten(connection, sessions, tmp_path):
    """Ten sealed events, with checkpoints after the fourth and the tenth, kept in a file as well."""
    await behind_its_back(connection, "DELETE FROM outbox; DELETE FROM event")
    await signed(sessions, tmp_path, 4)
    await signed(sessions, tmp_path, 6)
    return sessions


async def signed(sessions, folder, number):
    await happen(sessions, number)
    await seal_here(sessions)
    await notary(sessions, folder)


async def notary(sessions, folder):
    async with transaction(sessions) as session:
        await session.execute(text("SET LOCAL ROLE ttdn_worker"))
        made = await make(session, SIGNER)
        await session.flush()
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    keep(folder / FILE, shown(made))
    return made


async def found(sessions, folder=None, signer=SIGNER):
    async with transaction(sessions) as session:
        return await audit(session, signer, kept(folder) if folder else ())


async def computed_anew(sessions, connection):
    """Every hash, as the sealer would have made it of what stands there now."""
    async with sessions() as session:
        rows = (await session.scalars(select(Ledger.sequence).order_by(Ledger.sequence))).all()
        chain, hashes = GENESIS, []
        for sequence in rows:
            entry = await session.get(Ledger, sequence)
            chain = link(chain, entry, await session.get(Event, entry.event_id))
            hashes.append((sequence, chain.hex()))
    await behind_its_back(
        connection, ";".join(f"UPDATE ledger SET hash = decode('{h}', 'hex') WHERE sequence = {s}" for s, h in hashes)
    )


async def test_what_nobody_touched_fits_its_checkpoints(ten, tmp_path):
    verdict = await found(ten, tmp_path)
    assert (verdict.verified, verdict.fault) == (10, None)
    assert [said["sequence"] for said in kept(tmp_path)] == [4, 10]


@pytest.mark.parametrize("what", TAMPERING)
async def test_tampering_is_found_when(connection, ten, tmp_path, what):
    statements, fitted, message = TAMPERING[what]
    await behind_its_back(connection, statements)
    if fitted:
        await computed_anew(ten, connection)
    verdict = await found(ten, tmp_path)
    assert verdict.fault is not None
    assert message in verdict.fault


async def test_without_the_kept_file_the_checkpoints_in_the_database_find_a_chain_computed_anew(connection, ten):
    await behind_its_back(connection, EDITED)
    await computed_anew(ten, connection)
    assert "computed anew" in (await found(ten)).fault


async def test_an_old_copy_that_grew_again_is_found_by_the_kept_file_alone(connection, ten, tmp_path):
    await behind_its_back(connection, f"{CUT};{FORGOTTEN}")
    assert (await found(ten)).fault is None
    await signed(ten, tmp_path, 5)
    assert (await found(ten)).fault is None
    assert "sequence 5 to 10: computed anew" in (await found(ten, tmp_path)).fault


async def test_what_does_not_fit_is_not_signed(connection, ten, tmp_path):
    await happen(ten, 3)
    await seal_here(ten)
    await behind_its_back(connection, "UPDATE ledger SET body = 'x' WHERE sequence = 12")
    with pytest.raises(FaultError, match="sequence 12:"):
        await notary(ten, tmp_path)
    await behind_its_back(connection, "UPDATE ledger SET hash = sha256('x') WHERE sequence = 10")
    with pytest.raises(FaultError, match="sequence 10 is not what checkpoint of"):
        await notary(ten, tmp_path)


async def test_nothing_new_is_not_signed_again_and_a_torn_line_is_none(ten, tmp_path):
    before = (tmp_path / FILE).read_bytes()
    await notary(ten, tmp_path)
    assert (tmp_path / FILE).read_bytes() == before
    (tmp_path / FILE).write_bytes(before + b'{"sequence": 11, "ha')
    assert len(kept(tmp_path)) == 2
    await signed(ten, tmp_path, 1)
    assert [said["sequence"] for said in kept(tmp_path)] == [4, 10, 11]
    assert (await found(ten, tmp_path)).fault is None


async def test_another_master_key_signs_nothing_that_counts(ten, tmp_path):
    other = Signer(Vault(Fernet.generate_key().decode()))
    assert "does not bear the signature of key" in (await found(ten, tmp_path, other)).fault
    assert Signer(things.vault()).kid == SIGNER.kid != other.kid


async def test_after_a_change_of_the_master_key_the_log_is_signed_anew_and_the_old_public_key_still_counts(
    ten, tmp_path
):
    changed = Vault(Fernet.generate_key().decode())
    async with transaction(ten) as session:
        assert await make(session, Signer(changed)) is None  # the tenth row has a checkpoint already
    await happen(ten, 2)
    await seal_here(ten)
    async with transaction(ten) as session:
        await session.execute(text("SET LOCAL ROLE ttdn_worker"))
        made = await make(session, Signer(changed))
        await session.flush()
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    assert (made.sequence, made.kid) == (12, Signer(changed).kid)
    assert "nor of a trusted one" in (await found(ten, tmp_path, Signer(changed))).fault
    assert (await found(ten, tmp_path, Signer(changed, [SIGNER.public_pem()]))).fault is None


async def test_a_checkpoint_is_checked_with_the_public_key_and_openssl_alone(ten, tmp_path):
    said = kept(tmp_path)[-1]
    signature = said.pop("signature")
    (tmp_path / "key.pem").write_text(SIGNER.public_pem())
    (tmp_path / "text").write_bytes(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
    (tmp_path / "sig").write_bytes(base64.b64decode(signature))
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "text"]
    done = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "OK" in done.stdout


@pytest.mark.real
async def test_the_worker_signs_and_keeps(hands, tmp_path):
    await hands.settle()
    worker = hands.worker(checkpoint_dir=tmp_path)
    await worker.sweep_once()
    (stored,) = await hands.sql("SELECT sequence, signature FROM checkpoint")
    (said,) = kept(tmp_path)
    assert (said["sequence"], said["signature"]) == tuple(stored)
    await hands.sql("ALTER TABLE ledger DISABLE TRIGGER ALL; ")
    await hands.sql("DELETE FROM ledger WHERE sequence = (SELECT max(sequence) FROM ledger)")
    await worker.sweep_once()  # says so in the log, and goes on sweeping
    assert len(await hands.sql("SELECT 1 FROM checkpoint")) == 1
    unwritable = Notary(hands.sessions(), SIGNER, Path("/proc/nowhere"))
    await hands.sql("DELETE FROM ledger")
    await unwritable.checkpoint()
