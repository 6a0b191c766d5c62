"""Who may read press events and their invitations, row by row, and what is told when that changes.

`event_queries.visible` and `invitation_queries.visible` say the same to a statement; a test compares them. Time alone
takes nothing from anybody: the end of an embargo only gives.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.agencies.queries import holders
from app.flow.losses import Audience, hidden, removed
from app.flow.procedure import recorded
from app.kit.clock import now
from app.press import invitation_queries, invitation_rules
from app.press.event_models import EventState, PressEvent, Visibility
from app.press.event_rules import PRESS
from app.press.invitation_models import PressInvitation

EVENT, INVITATION = "press_event", "press_invitation"
DECIDING = frozenset({"host_ids", "visibility", "embargo_until"})
"""The members that say who may read an event; a move only widens the circle."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who could read an event, and its invitations (as a host)."""

    event: Audience
    invitations: Audience


@dataclass(frozen=True, slots=True)
class Circle:
    """Who is around some press events: their guests, and the press bodies of today."""

    guests: Mapping[UUID, Sequence[PressInvitation]] = field(default_factory=dict)
    press: frozenset[UUID] = frozenset()

    def readers(self, row: PressEvent) -> Readers:
        """Who may read it as it stands, beside its own agency and those who read all."""
        hosts = frozenset(row.host_ids)
        return Readers(self._of_event(row, hosts), Audience(hosts))

    def _of_event(self, row: PressEvent, hosts: frozenset[UUID]) -> Audience:
        if row.state == EventState.draft:
            return Audience(hosts)
        known = hosts | {guest.agency_id for guest in self._guests(row)}
        if row.embargo_until and row.embargo_until > now():
            return Audience(known)
        press = self.press if row.visibility == Visibility.press else frozenset()
        return Audience(known | press, everybody=row.visibility == Visibility.public)

    def changed(self, session: AsyncSession, actor: Actor, row: PressEvent, event_id: UUID, before: Readers) -> None:
        """An event was edited: note who no longer reads what, and tell new hosts of the invitations."""
        after = self.readers(row)
        hidden(session, EVENT, row, event_id, before.event, after.event)
        for guest in self._guests(row):
            hidden(session, INVITATION, guest, event_id, before.invitations, after.invitations)
            if after.invitations.agencies - before.invitations.agencies:
                recorded(session, actor, guest, invitation_rules.HOST_ADDED)

    def announced(self, session: AsyncSession, actor: Actor, row: PressEvent) -> None:
        """An event was announced: who was invited to the draft knows of it from now on, and is told."""
        for guest in self._guests(row):
            recorded(session, actor, guest, invitation_rules.INVITED)

    def deleted(self, session: AsyncSession, row: PressEvent, event_id: UUID) -> None:
        """A draft is deleted, and its invitations with it, of which no guest ever knew."""
        before = self.readers(row)
        removed(session, EVENT, row, event_id, before.event)
        behind = Audience(before.invitations.agencies | {row.agency_id})
        for guest in self._guests(row):
            removed(session, INVITATION, guest, event_id, behind, own=False)

    def _guests(self, row: PressEvent) -> Sequence[PressInvitation]:
        return self.guests.get(row.id, ())


async def around(session: AsyncSession, actor: Actor, rows: Sequence[PressEvent]) -> Circle:
    """Who is around these events of the actor's own."""
    guests = defaultdict(list)
    for guest in await session.scalars(invitation_queries.of_events(actor, [row.id for row in rows])):
        guests[guest.press_event_id].append(guest)
    return Circle(guests, frozenset(await holders(session, frozenset({PRESS}))))
