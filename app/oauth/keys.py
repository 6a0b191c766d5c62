"""The keys that sign tokens: they change one after the other, and no live token is lost over it.

A new key is published at once, signs when every process has surely seen it, and the one before it verifies until the
last token it can have signed has ended.
"""

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.access.models import SigningKey
from app.access.tokens import LEEWAY, LONGEST_LIFE, Key, new_private_key
from app.kit.clock import now
from app.kit.vault import Vault
from app.oauth.rules import KEY_RETIRED, KEY_ROTATED
from app.oauth.service import OperatorError
from app.trail.record import Subject, record

# Who reads the published keys may keep them so long: before a new key signs, everybody has read them anew.
JWKS_SECONDS = 5
# The keys read within a second, kept for five by who caches them, and clocks that are a little apart.
OVERLAP = timedelta(seconds=10)


async def rotate_key(session: AsyncSession, vault: Vault, overlap: timedelta = OVERLAP) -> SigningKey:
    """Make the next signing key; the present ones end when their last tokens have."""
    moment = now()
    signs_from = moment + overlap
    for old in await _all(session):
        if old.retired_at is None:
            # A key that no running process can open would leave all of them with what they knew before.
            _opens(vault, old)
            # Processes with an older snapshot sign with it a moment longer than they should: within the leeway.
            old.retired_at = signs_from + LONGEST_LIFE + timedelta(seconds=LEEWAY)
        elif old.retired_at < moment - LONGEST_LIFE:
            await session.delete(old)  # the log remembers it; its private part is of use only to a thief
    pem = new_private_key()
    fresh = SigningKey(
        kid=Key(pem).kid, private_locked=vault.lock(pem), created_at=moment, signs_from=signs_from, retired_at=None
    )
    session.add(fresh)
    facts = {"kid": fresh.kid, "signs_from": signs_from.isoformat()}
    record(session, OPERATOR, KEY_ROTATED, Subject(key_id(fresh.kid), 1, None, data=facts))
    return fresh


async def retire_key(session: AsyncSession, kid: str) -> None:
    """End a key now, before its own time: every token it signed is refused within a second."""
    moment = now()
    keys = {key.kid: key for key in await _all(session)}
    key = keys.get(kid)
    if key is None or _ended(key, moment):
        msg = f"No key that still verifies has the id {kid}: see `ttdn signing-keys list`"
        raise OperatorError(msg)
    heirs = [k.signs_from for k in keys.values() if k.kid != kid and k.retired_at is None]
    if not heirs:
        msg = "This key signs, or is about to, and there is no other: run `ttdn signing-keys rotate` first"
        raise OperatorError(msg)
    if min(heirs) > moment:
        msg = f"The next key signs only from {min(heirs).isoformat(timespec='seconds')}: retire this one then"
        raise OperatorError(msg)
    key.retired_at = moment
    record(session, OPERATOR, KEY_RETIRED, Subject(key_id(kid), 1, None, data={"kid": kid}))


async def list_keys(session: AsyncSession) -> list[tuple[str, str, str, str]]:
    """Every key, oldest first: id, what it does now, from when it signs, until when it verifies."""
    moment, keys = now(), await _all(session)
    begun = [key for key in keys if key.signs_from <= moment and not _ended(key, moment)]

    def does(key: SigningKey) -> str:
        if _ended(key, moment):
            return "retired"
        if key.signs_from > moment:
            return "announced"
        return "signs" if key is begun[-1] else "verifies"

    return [
        (
            key.kid,
            does(key),
            key.signs_from.isoformat(timespec="seconds"),
            key.retired_at.isoformat(timespec="seconds") if key.retired_at else "-",
        )
        for key in keys
    ]


def key_id(kid: str) -> UUID:
    """What the log calls a key: the name-based UUID of its thumbprint's URI (RFC 9278)."""
    return uuid5(NAMESPACE_URL, f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{kid}")


async def _all(session: AsyncSession) -> list[SigningKey]:
    """The keys, oldest first; whoever else would change them waits."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("ttdn signing keys"))))
    return list(await session.scalars(select(SigningKey).order_by(col(SigningKey.created_at))))


def _ended(key: SigningKey, moment: datetime) -> bool:
    return key.retired_at is not None and key.retired_at <= moment


def _opens(vault: Vault, key: SigningKey) -> None:
    try:
        vault.unlock(key.private_locked)
    except RuntimeError as error:
        msg = "This TTDN_MASTER_KEY (or data directory) is not the one the running service uses: no key was made"
        raise OperatorError(msg) from error
