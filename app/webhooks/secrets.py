"""The secrets of an endpoint: one is new, those before it sign along until their grace ends; all encrypted at rest."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from app.kit.clock import now
from app.kit.failures import BadField
from app.kit.vault import Vault
from app.webhooks.models import WebhookEndpoint
from app.webhooks.signing import new_secret

MOST = 10
"""Secrets before the newest that may sign along: each is a signature in every request."""


def live(unlock: Callable[[str], str], newest: str, old: Sequence[Mapping[str, str]]) -> list[str]:
    """Every secret that signs now, the newest first; `unlock` reads what is stored of one."""
    moment = now()
    return [unlock(newest), *(unlock(kept["locked"]) for kept in old if _until(kept) > moment)]


def rotate(vault: Vault, endpoint: WebhookEndpoint, grace_days: int) -> str:
    """Give the endpoint a new secret; no secret before it signs longer than the grace. The new one is returned.

    BadField `too_many_secrets` when too many would sign along; a shorter grace ends them.
    """
    moment, secret = now(), new_secret()
    end = moment + timedelta(days=grace_days)
    standing = [{"locked": endpoint.secret_locked, "until": end.isoformat()}, *endpoint.old_secrets]
    kept = [{**one, "until": min(_until(one), end).isoformat()} for one in standing]
    kept = [one for one in kept if _until(one) > moment]
    if len(kept) > MOST:
        raise BadField("too_many_secrets", "grace_days", most=MOST)
    endpoint.old_secrets, endpoint.secret_locked = kept, vault.lock(secret)
    return secret


def _until(kept: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(kept["until"])
