"""What is sent for claimed deliveries: the frozen bodies, for those who may see them now, to proven addresses."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from pydantic_core import from_json
from sqlalchemy import Text, Uuid, any_, bindparam, case, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.access.snapshot import State
from app.kit.clock import now
from app.kit.db import Sessions, transaction
from app.kit.driver import PLAN_ONCE, Statement, run
from app.kit.logs import fault
from app.kit.vault import Vault
from app.trail.feed import Sights, seen
from app.trail.models import Event, Ledger
from app.webhooks import secrets, standing
from app.webhooks.claims import Claimed, held
from app.webhooks.fan_out import actor_of
from app.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from app.webhooks.sending import Letter

log = structlog.get_logger("app.webhooks")

MOST_COMPILED = 256
"""Sets of functions whose statement is kept."""
MOST_OPENED = 1024
"""Secrets that are kept as they were decrypted."""

PREPARE = Statement(select(PLAN_ONCE))

Addressed = Sequence[tuple[Claimed, Letter]]


@dataclass(slots=True)
class Desk:
    """Where letters are made out."""

    sessions: Sessions
    sights: Sights
    vault: Vault
    unlock: Callable[[str], str] = field(init=False)
    _compiled: dict[Actor, Statement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.unlock = lru_cache(MOST_OPENED)(self.vault.unlock)

    async def letters(self, claimed: Sequence[Claimed], state: State) -> Addressed:
        """Make out letters, one statement for each agency; what may not be sent now is let go or withheld."""
        theirs: dict[UUID, list[Claimed]] = defaultdict(list)
        for one in claimed:
            theirs[one.agency_id].append(one)
        made: list[tuple[Claimed, Letter]] = []
        async with transaction(self.sessions) as session:
            await run(session, PREPARE, {})
            for agency_id, some in theirs.items():
                # What no column holds changes with the look: an embargo ends by the clock.
                values = {"ids": [one.id for one in some], "actor_agency": agency_id, "moment": now()}
                rows = await run(session, self._statement(actor_of(agency_id, state).shape), values)
                found = {row[0]: row[1:] for row in rows}
                # What is not found was deleted meanwhile, with its endpoint.
                there = [(one, *found[one.id]) for one in some if one.id in found]
                made += [(one, letter) for one, *row in there if (letter := await self._letter(session, one, row))]
        return made

    async def _letter(self, session: AsyncSession, claimed: Claimed, row: Sequence[Any]) -> Letter | None:
        state, url, newest, old, body = row
        if state not in standing.SENT_TO:
            # Switched off since it was claimed, or its new address is not proven: no attempt is spent.
            unspent = claimed.number if claimed.probe else claimed.number - 1
            await session.execute(held(claimed).values(attempts=unspent, leased_until=None))
            return None
        if body is None:
            await session.execute(held(claimed).values(state=DeliveryState.withheld, leased_until=None))
            return None
        try:
            live = secrets.live(self.unlock, newest, from_json(old))
        except Exception as error:  # noqa: BLE001 - one endpoint's secret that does not open must hold up no other
            log.warning("delivery.unsigned", delivery=str(claimed.id), **fault(error))
            return None
        return Letter(url, live, str(claimed.event_id), body.encode())

    def _statement(self, shape: Actor) -> Statement:
        """Endpoints and bodies of deliveries, the body only where the agency may see it now; made once for a shape."""
        if shape not in self._compiled:
            if len(self._compiled) >= MOST_COMPILED:
                self._compiled.clear()
            e, d = WebhookEndpoint, WebhookDelivery
            body = case((seen(shape, self.sights), col(Ledger.body)))
            self._compiled[shape] = Statement(
                select(col(d.id), col(e.state), col(e.url), col(e.secret_locked), cast(col(e.old_secrets), Text), body)
                .join(e, col(e.id) == col(d.endpoint_id))
                .join(Event, col(Event.id) == col(d.event_id))
                .join(Ledger, col(Ledger.event_id) == col(d.event_id))
                .where(col(d.id) == any_(bindparam("ids", type_=ARRAY(Uuid))))
            )
        return self._compiled[shape]
