"""How far a client's copy has come: a signed place in the ledger, of use to that client and filter alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.pages import opened, sign
from app.kit.problems import CursorExpired, InvalidCursor
from app.kit.vault import Vault

KEPT_DAYS = 90
_FIELDS: TypeAdapter[tuple[int, int | None, bool, int, str]] = TypeAdapter(tuple[int, int | None, bool, int, str])


@dataclass(frozen=True, slots=True)
class Place:
    """Everything up to `after` is known; `until`: where pages that were begun end; `full`: they began at nothing."""

    after: int = 0
    until: int | None = None
    full: bool = False


class Tokens:
    """The tokens of one actor for some types of resources."""

    def __init__(self, vault: Vault, actor: Actor, types: Sequence[str]) -> None:
        self._vault = vault
        self._bound = hashlib.sha256(to_json(["changes", actor.client_id, sorted(types)])).digest()
        # What an agency may read depends on what it is; with another function it starts again.
        self._functions = hashlib.sha256(to_json(sorted(actor.functions))).hexdigest()[:16]

    def write(self, place: Place) -> str:
        """The place as a token."""
        made_at = int(now().timestamp())
        return sign(self._vault, self._bound, [place.after, place.until, place.full, made_at, self._functions])

    def read(self, token: str) -> Place:
        """The place that a token names; InvalidCursor when it is another's, CursorExpired when it is of no use now."""
        try:
            after, until, full, made_at, functions = _FIELDS.validate_python(
                tuple(opened(self._vault, self._bound, token))
            )
        except ValidationError as error:  # genuine, but made by another version of the service
            raise InvalidCursor from error
        if functions != self._functions or made_at < (now() - timedelta(days=KEPT_DAYS)).timestamp():
            raise CursorExpired
        return Place(after, until, full)
