"""Signed checkpoints: what the log's last row was, kept where who alters the database does not reach.

The key is derived from the master key, so that the database does not hold it and every worker has the same. Without it
nobody can say of an altered log what was said of the true one.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.tokens import Key
from app.kit import canonical
from app.kit.clock import now
from app.kit.vault import Vault
from app.trail.audit import START, Mark, Verdict, verify
from app.trail.models import Checkpoint, Ledger

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256: private keys are the numbers below it (FIPS 186-5, A.2.1)."""
SIGNED = ("sequence", "hash", "made_at", "kid")


class FaultError(Exception):
    """The log does not fit; the message names the first row."""


class Signer:
    """Signs checkpoints (ES256), and checks those of its own key and of other ones that are trusted (PEM)."""

    def __init__(self, vault: Vault, trusted: Sequence[str] = ()) -> None:
        number = int.from_bytes(vault.derive("checkpoints", 40)) % (ORDER - 1) + 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.kid = Key(pem.decode()).kid
        self._trusted = [self._key.public_key(), *map(_public, trusted)]

    def public_pem(self) -> str:
        """What others need to check a checkpoint."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()

    def sign(self, sequence: int, hash: bytes, made_at: datetime) -> Checkpoint:
        """A checkpoint of this row."""
        made = Checkpoint(sequence=sequence, hash=hash, made_at=made_at, kid=self.kid, signature="")
        signature = self._key.sign(_text(shown(made)), ec.ECDSA(hashes.SHA256()))
        made.signature = base64.b64encode(signature).decode()
        return made

    def mark(self, said: Mapping[str, Any], source: str) -> Mark:
        """What a checkpoint says; FaultError when this service did not say it."""
        try:
            signature, text = base64.b64decode(said["signature"], validate=True), _text(said)
            if any(_fits(key, signature, text) for key in self._trusted):
                return Mark(int(said["sequence"]), bytes.fromhex(said["hash"]), f"{source} of {said['made_at']}")
        except (KeyError, TypeError, ValueError):
            pass  # it is not even one of ours by its form
        where = said.get("sequence", "?")
        message = f"{source} at sequence {where} does not bear the signature of key {self.kid}, nor of a trusted one"
        raise FaultError(message)


def _public(pem: str) -> ec.EllipticCurvePublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        message = "No key of checkpoints: `ttdn audit key` prints one"
        raise FaultError(message)
    return key


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def shown(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as it is written to the file and signed."""
    return {
        "sequence": checkpoint.sequence,
        "hash": checkpoint.hash.hex(),
        "made_at": checkpoint.made_at.astimezone(UTC).isoformat(),
        "kid": checkpoint.kid,
        "signature": checkpoint.signature,
    }


def _text(said: Mapping[str, Any]) -> bytes:
    return canonical.written({name: said[name] for name in SIGNED})


async def make(session: AsyncSession, signer: Signer) -> Checkpoint | None:
    """Check what was added to the log since the last checkpoint, and sign where it ends now; None: it is empty.

    FaultError when what was added does not fit: a signature must not make it look right.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("ttdn checkpoint"))))
    newest = select(Checkpoint).order_by(col(Checkpoint.sequence).desc()).limit(1)
    # After the master key was changed nothing of before is taken for granted: the first goes through the whole log.
    last = await session.scalar(newest.where(Checkpoint.kid == signer.kid))
    start = signer.mark(shown(last), "checkpoint") if last else START
    there = await session.scalar(select(Ledger.hash).where(Ledger.sequence == start.sequence))
    if last and there != last.hash:
        message = f"sequence {last.sequence} is not what {start.source} saw there"
        raise FaultError(message)
    verdict = await verify(session, start=start)
    if verdict.fault:
        raise FaultError(verdict.fault)
    standing = await session.scalar(select(Checkpoint.sequence).where(Checkpoint.sequence == verdict.verified))
    if verdict.verified == start.sequence or standing is not None:
        return last
    made = signer.sign(verdict.verified, bytes.fromhex(verdict.head), now())
    session.add(made)
    return made


async def audit(session: AsyncSession, signer: Signer, kept: Sequence[Mapping[str, Any]] = ()) -> Verdict:
    """Verify the whole log against itself, the checkpoints in the database, and those that were `kept` elsewhere."""
    stored = [shown(row) for row in await session.scalars(select(Checkpoint).order_by(col(Checkpoint.sequence)))]
    try:
        marks = [signer.mark(said, "checkpoint") for said in stored]
        marks += [signer.mark(said, "kept checkpoint") for said in kept]
    except FaultError as error:
        return Verdict(0, str(error), "")
    verdict = await verify(session, marks)
    known = {said["sequence"] for said in stored}
    gone = [said for said in kept if said["sequence"] not in known]
    if verdict.fault or not gone:
        return verdict
    fault = f"checkpoint at sequence {gone[0]['sequence']} was kept, and is gone from the database"
    return Verdict(verdict.verified, fault, verdict.head)
