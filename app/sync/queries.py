"""What changed, in the ledger's order: each resource by its last event between two places, if the actor may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.access.actor import Actor
from app.flow.losses import Reason, SightLost
from app.flow.registry import Summary
from app.kit import meters
from app.kit.clock import now
from app.kit.driver import Statement
from app.kit.problems import CursorExpired
from app.kit.reader import Reader
from app.kit.reads import MOST_COMPILED
from app.sync.tokens import Place
from app.trail.feed import SCANNED
from app.trail.models import Event, Ledger

Summaries = Mapping[str, Summary]
Found = tuple[str, UUID, str | None]
"""Type, id, and the reason for what was lost (None: it can be read)."""

LIMIT: Any = bindparam("limit", type_=Integer)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the log found, and where the next one begins; `more`: the log goes on before the end."""

    found: Sequence[Found]
    next: Place
    more: bool


class Log:
    """Reads what changed, by statements that are compiled once for all callers and questions of a shape."""

    def __init__(self, known: Summaries) -> None:
        self._known = known
        self._statement = lru_cache(MOST_COMPILED)(self._compile)

    async def look(self, reader: Reader, actor: Actor, kinds: tuple[str, ...], place: Place, limit: int) -> Look:
        """The next changes after a place, of so many numbers of the log at most.

        CursorExpired: the log ends before the place, as after a restore from an older backup.
        """
        values = {
            "after": place.after,
            "beside": place.beside,
            "until": place.until,
            "limit": limit + 1,  # one more than asked for tells whether another page follows
            "scanned": SCANNED,
            "actor_agency": actor.agency_id,
            "moment": now(),
        }
        rows = await reader.rows(self._statement(actor.shape, kinds, place.full), values)
        head, until, edge = rows[0][:3]
        if max(place.after, until) > head:
            raise CursorExpired
        found = [row[3:] for row in rows if row[3] is not None]
        shown = [(kind, id, reason) for _, kind, id, reason in found[:limit]]
        if len(found) > limit:
            sequence, _, id, _ = found[limit - 1]
            return Look(shown, Place(sequence, id, until, place.full), more=True)
        if edge < until:
            return Look(shown, Place(edge, until=until, full=place.full), more=True)
        return Look(shown, Place(until), more=False)

    def _compile(self, shape: Actor, kinds: tuple[str, ...], full: bool) -> Statement:
        meters.built("statement")
        summaries = {kind: self._known[kind] for kind in kinds}
        ends = _ends()
        parts = [_standing(shape, summaries, ends)]
        # Who begins at nothing has nothing to throw away.
        parts += [] if full else [_lost(shape, summaries, ends)]
        either = union_all(*(part.limit(LIMIT) for part in parts)).subquery("either")
        found = select(either).order_by(either.c.sequence, either.c.resource_id).limit(LIMIT).subquery("found")
        rows = select(ends, found).select_from(ends.outerjoin(found, true()))
        return Statement(rows.order_by(found.c.sequence, found.c.resource_id))


def _ends() -> CTE:
    """Where the log ends now, where the pages end, and where this look does: in one statement with what it finds."""
    after, scanned, until = (bindparam(name, type_=BigInteger) for name in ("after", "scanned", "until"))
    head = select(func.coalesce(func.max(col(Ledger.sequence)), 0).label("head")).cte("log")
    end = func.coalesce(until, head.c.head)
    return select(head.c.head, end.label("until"), func.least(end, after + scanned).label("edge")).cte("ends")


def _looked_at(ends: CTE, resource_id: Any) -> ColumnElement[bool]:
    """What this look goes through: after the place (an event may be of several resources) up to its end."""
    after = bindparam("after", type_=BigInteger)
    place = tuple_(after, bindparam("beside", type_=Uuid))
    return and_(
        col(Ledger.sequence) >= after,  # which the index knows how to find
        col(Ledger.sequence) <= select(ends.c.edge).scalar_subquery(),
        tuple_(col(Ledger.sequence), resource_id) > place,
    )


def _standing(actor: Actor, kinds: Summaries, ends: CTE) -> "Select[*tuple[Any, ...]]":
    """What the actor may see, at its last event before the pages end."""
    event, ledger = aliased(Event), aliased(Ledger)
    later = (
        select(col(ledger.sequence))
        .join(event, col(event.id) == col(ledger.event_id))
        .where(
            col(event.resource_id) == col(Event.resource_id),
            col(event.resource_type) == col(Event.resource_type),
            col(ledger.sequence) > col(Ledger.sequence),
            col(ledger.sequence) <= select(ends.c.until).scalar_subquery(),
        )
        .correlate(Event, Ledger)
    )
    return (
        select(col(Ledger.sequence), col(Event.resource_type), col(Event.resource_id), null().label("reason"))
        .join(Event, col(Event.id) == col(Ledger.event_id))
        .where(
            _looked_at(ends, col(Event.resource_id)),
            _seen(actor, kinds, col(Event.resource_type), col(Event.resource_id)),
            ~later.exists(),
        )
        .order_by(col(Ledger.sequence), col(Event.resource_id))
    )


def _lost(actor: Actor, kinds: Summaries, ends: CTE) -> "Select[*tuple[Any, ...]]":
    """What the actor could see before, at the last event before the pages end that took it away."""
    s, again, ledger = SightLost, aliased(SightLost), aliased(Ledger)
    later = (
        select(col(ledger.sequence))
        .join(again, col(again.event_id) == col(ledger.event_id))
        .where(
            col(again.resource_id) == col(s.resource_id),
            col(again.resource_type) == col(s.resource_type),
            _concerns(actor, again),
            col(ledger.sequence) > col(Ledger.sequence),
            col(ledger.sequence) <= select(ends.c.until).scalar_subquery(),
        )
        .correlate(s, Ledger)
    )
    # Whatever else the same event did to it, what is deleted is deleted; the word is the first of the two.
    reason = func.min(s.reason).label("reason")
    return (
        select(col(Ledger.sequence), col(s.resource_type), col(s.resource_id), reason)
        .join(s, col(s.event_id) == col(Ledger.event_id))
        .where(
            _looked_at(ends, col(s.resource_id)),
            or_(false(), *(col(s.resource_type) == kind for kind in kinds)),
            _concerns(actor, s),
            ~_seen(actor, kinds, col(s.resource_type), col(s.resource_id)),
            ~later.exists(),
        )
        .group_by(col(Ledger.sequence), col(s.resource_type), col(s.resource_id))
        .order_by(col(Ledger.sequence), col(s.resource_id))
    )


def _concerns(actor: Actor, lost: Any) -> ColumnElement[bool]:
    """It took something from the actor: who reads all loses only what is deleted."""
    if actor.reads_all:
        deleted: ColumnElement[bool] = lost.reason == Reason.deleted
        return deleted
    return or_(lost.agency_id.is_(None), lost.agency_id == actor.agency_id)


def _seen(actor: Actor, kinds: Summaries, type: Any, id: Any) -> ColumnElement[bool]:
    """Whether the actor may see it now, as its room says; asked of one row, not of all that the actor may see."""
    return or_(
        false(), *(and_(type == literal(kind), _known(one.shape.known(actor), id)) for kind, one in kinds.items())
    )


def _known(rows: "Select[Any]", id: Any) -> ColumnElement[bool]:
    return rows.where(rows.selected_columns.id == id).exists()
