"""Signing as Standard Webhooks says: HMAC-SHA256 over id, timestamp in whole seconds, and the exact body."""

import base64
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """One signature, as it stands in `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def sign_all(live: Iterable[str], id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: a signature of every live secret, the newest first."""
    return " ".join(sign(secret, id, timestamp, body) for secret in live)
