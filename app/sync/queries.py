"""What changed, in the ledger's order: each resource by its last event between two places, if the actor may see it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, null, or_, select, true, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.access.actor import Actor
from app.flow.losses import Reason, SightLost
from app.flow.registry import Summary
from app.sync.tokens import Place
from app.trail.models import Event, Ledger

Summaries = Mapping[str, Summary]


def changes(actor: Actor, kinds: Summaries, place: Place, until: int, limit: int) -> "Select[*tuple[Any, ...]]":
    """Sequence, type, id, and the reason for what was lost (null: it can be read)."""
    parts = [_standing(actor, kinds, place.after, until)]
    # Who begins at nothing has nothing to throw away.
    parts += [] if place.full else [_lost(actor, kinds, place.after, until)]
    found = union_all(*(part.limit(limit) for part in parts)).subquery("found")
    return select(found).order_by(found.c.sequence).limit(limit)


def _standing(actor: Actor, kinds: Summaries, after: int, until: int) -> "Select[*tuple[Any, ...]]":
    """What the actor may see, at its last event."""
    event, ledger = aliased(Event), aliased(Ledger)
    later = (
        select(col(ledger.sequence))
        .join(event, col(event.id) == col(ledger.event_id))
        .where(
            col(event.resource_id) == col(Event.resource_id),
            col(event.resource_type) == col(Event.resource_type),
            col(ledger.sequence) > col(Ledger.sequence),
            col(ledger.sequence) <= until,
        )
        .correlate(Event, Ledger)
    )
    return (
        select(col(Ledger.sequence), col(Event.resource_type), col(Event.resource_id), null().label("reason"))
        .join(Event, col(Event.id) == col(Ledger.event_id))
        .where(
            col(Ledger.sequence) > after,
            col(Ledger.sequence) <= until,
            _seen(actor, kinds, col(Event.resource_type), col(Event.resource_id)),
            ~later.exists(),
        )
        .order_by(col(Ledger.sequence))
    )


def _lost(actor: Actor, kinds: Summaries, after: int, until: int) -> "Select[*tuple[Any, ...]]":
    """What the actor could see before, at the event that took it away."""
    s, deleted = SightLost, col(SightLost.reason) == Reason.deleted
    could = or_(col(s.agency_id).is_(None), col(s.agency_id) == actor.agency_id)
    gone = func.max(col(Ledger.sequence))
    return (
        # Whatever else took it away, what is deleted is deleted; the word is the first of the two.
        select(gone.label("sequence"), col(s.resource_type), col(s.resource_id), func.min(s.reason).label("reason"))
        .join(Ledger, col(Ledger.event_id) == col(s.event_id))
        .where(
            col(Ledger.sequence) > after,
            col(Ledger.sequence) <= until,
            col(s.resource_type).in_(kinds),
            # Who reads all loses only what is deleted.
            or_(could, and_(deleted, true() if actor.reads_all else false())),
            ~_seen(actor, kinds, col(s.resource_type), col(s.resource_id)),
        )
        .group_by(col(s.resource_type), col(s.resource_id))
        .order_by(gone)
    )


def _seen(actor: Actor, kinds: Summaries, type: Any, id: Any) -> ColumnElement[bool]:
    """Whether the actor may see it now, as its room says."""
    return or_(false(), *(and_(type == literal(kind), id.in_(one.shape.known(actor))) for kind, one in kinds.items()))
