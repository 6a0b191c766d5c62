"""How far a client's copy has come: a signed place in the ledger, of use to that client and filter alone."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.pages import opened, sign
from app.kit.problems import CursorExpired, InvalidCursor
from app.kit.vault import Vault

KEPT_DAYS = 90
WHOLE = UUID(int=2**128 - 1)
"""After the last resource of an event."""
_Fields = tuple[int, UUID, int | None, bool, int, str]
_FIELDS: TypeAdapter[_Fields] = TypeAdapter(_Fields)


@dataclass(frozen=True, slots=True)
class Place:
    """Everything up to `after` is known, and of that event what comes up to `beside`, in the order of the ids.

    `until`: where pages that were begun end; `full`: they began at nothing.
    """

    after: int = 0
    beside: UUID = WHOLE
    until: int | None = None
    full: bool = False


class Tokens:
    """The tokens of one actor for the types of resources it asked for (None: all that it may)."""

    def __init__(self, vault: Vault, actor: Actor, asked: Sequence[str] | None, types: Collection[str]) -> None:
        self._vault = vault
        self._bound = hashlib.sha256(to_json(["changes", actor.client_id, asked and sorted(asked)])).digest()
        # What an agency may read depends on what it is, and "all types" on its scopes and on the service's version.
        standing = to_json([sorted(actor.functions), sorted(types)])
        self._standing = hashlib.sha256(standing).hexdigest()[:16]

    def write(self, place: Place) -> str:
        """The place as a token."""
        made_at = int(now().timestamp())
        facts = [place.after, place.beside, place.until, place.full, made_at, self._standing]
        return sign(self._vault, self._bound, facts)

    def read(self, token: str) -> Place:
        """The place that a token names; InvalidCursor when it is another's, CursorExpired when it is of no use now."""
        try:
            after, beside, until, full, made_at, standing = _FIELDS.validate_python(
                tuple(opened(self._vault, self._bound, token))
            )
        except ValidationError as error:  # genuine, but made by another version of the service
            raise InvalidCursor from error
        if standing != self._standing or made_at < (now() - timedelta(days=KEPT_DAYS)).timestamp():
            raise CursorExpired
        return Place(after, beside, until, full)
