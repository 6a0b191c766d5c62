"""What holds for records of every kind: who acts for whom, what is told, which moves an actor may make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.access.actor import Actor
from app.access.grants import Scope
from app.flow.machine import AllowedMove
from app.kit.etag import digest
from app.kit.failures import BadField
from app.law.citing import clauses
from app.law.functions import F
from app.records import access, queries
from app.records.kind import Facts, Kind, Words, event
from app.records.kinds import KINDS
from app.records.models import Record
from app.trail.record import EventType

PROVISIONS = tuple(map(str, clauses("QC.D6.K1")))
AUDITING = tuple(map(str, clauses("QC.D13.K1", "QC.D7.K6")))
ABSENT = frozenset({F.POLICE, F.BORDER})
"""Functions whose holders may have no system here: the coordinator records in their name, and it shows."""
DELEGATE = F.COORD

EDITED = event("record.edited", Words("Hồ sơ được sửa", "A record was edited"))
DELETED = event("record.deleted", Words("Hồ sơ bị xóa", "A record was deleted"))
CONTRIBUTED = event("record.contributed", Words("Hồ sơ có đóng góp", "A record was contributed to"))
_OF_EVERY_KIND = (EDITED, DELETED, CONTRIBUTED)
_ME, _OTHER = UUID(int=1), UUID(int=2)


def told(kind: Kind, type: EventType) -> EventType:
    """A type of event, resting on the provisions of the kind it is told of."""
    return replace(type, provisions=tuple(str(cited.provision.id) for cited in kind.provisions))


def event_types() -> Sequence[EventType]:
    """Every type of event, each with the provisions of all the kinds that tell it."""
    found = {type.name: type for type in _OF_EVERY_KIND}
    for kind in KINDS.values():
        for type in kind.events:
            standing = found.get(type.name, type).provisions
            found[type.name] = replace(type, provisions=tuple(dict.fromkeys((*standing, *type.provisions))))
    return tuple(found.values())


def owner_for(actor: Actor, row: Record) -> UUID:
    """Whose the record is to this actor: what the coordinator has entered for another is its own to carry on."""
    delegated = row.recorded_by_agency_id is not None and DELEGATE in actor.functions
    return actor.agency_id if delegated and actor.agency_id else row.agency_id


def allowed(actor: Actor, row: Record) -> list[AllowedMove]:
    """The moves this actor may make on the record now."""
    machine = KINDS[row.kind].machine
    return machine.allowed(row.state, owner_for(actor, row), actor, named=actor.agency_id in row.acting_ids)


def by_role(named: Iterable[Mapping[str, Any]]) -> Mapping[str, list[UUID]]:
    """The agencies that are named, by role."""
    found: dict[str, list[UUID]] = {}
    for one in named:
        found.setdefault(one["role"], []).append(UUID(str(one["agency_id"])))
    return found


def facts(row: Record) -> Facts:
    """The record as a hook of its kind looks at it."""
    details = KINDS[row.kind].details.model_validate(row.details)
    return Facts(
        row.title, row.title_en, row.languages, row.starts_on, row.ends_on, by_role(row.named), details,
    )  # fmt: skip


def check_textless(kind: Kind, **members: object) -> None:
    """Refuse words where none may be kept (QC.D7.K5)."""
    for name, value in members.items():
        if kind.textless and value is not None:
            raise BadField("no_text", name)


def values(actor: Actor) -> Mapping[str, Any]:
    """The parameters of a statement made for `actor.shape`."""
    return {
        "actor_agency": actor.agency_id,
        "delegate": DELEGATE in actor.functions,
        "reading": queries.reading(actor.functions),
        "marks": _marks(actor.functions, actor.scopes),
        **access.values(actor),
    }


NO_MOVES = digest([])


@lru_cache(maxsize=256)
def _marks(functions: frozenset[str], scopes: frozenset[Scope]) -> str:
    """The moves by kind, state, ownership (+ or -) and naming (*), where there are any."""
    actor = Actor(None, _ME, functions, scopes)
    found = {}
    for kind in KINDS.values():
        acts = any(role.acts for role in kind.named.values())
        for state in type(kind.initial):
            for sign, owner, named in (
                ("+", _ME, False),
                ("-", _OTHER, False),
                ("+*", _ME, acts),
                ("-*", _OTHER, acts),
            ):
                moves = kind.machine.allowed(state, owner, actor, named=named)
                if moves and (acts or "*" not in sign):
                    found[f"{kind.name}:{state}{sign}"] = {"tag": digest(moves), "moves": to_json(moves).decode()}
    return to_json(found).decode()
