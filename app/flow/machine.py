"""A state machine is one table: each move with its states, its scope, who makes it, and the provision it rests on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic_core import to_json

from app.access.actor import Actor
from app.access.grants import Scope
from app.kit.etag import digest
from app.kit.problems import NotPermitted, WrongState
from app.law.citing import Clause
from app.trail.record import EventType

_OWNER, _OTHER = UUID(int=1), UUID(int=2)


class Party(StrEnum):
    """Who makes a move."""

    owner = "owner"
    """The agency the resource belongs to."""
    reviewer = "reviewer"
    """Whoever holds the scope and may see the resource; where the move names functions, one of their holders."""
    named = "named"
    """An agency that the resource itself names as one that may act."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move: `submit` from draft or returned to submitted, by the owner, because of a provision."""

    name: str
    sources: frozenset[StrEnum]
    target: StrEnum
    scope: Scope
    party: Party
    provision: Clause
    event: EventType
    body: type[BaseModel]
    summary: str
    holders: frozenset[str] = frozenset()
    """The functions of which a reviewer holds one; none: the scope is enough."""
    stays: bool = False
    """It leaves the state as it is; `target` is then one of its sources."""

    def leads(self, state: str) -> str:
        """The state it leads to from this one."""
        return state if self.stays else self.target


class AllowedMove(BaseModel):
    """A move that this client may make now."""

    move: str = Field(max_length=32, examples=["submit"])
    provision: str = Field(max_length=32, description="The provision it rests on.", examples=["QC.D7.K1"])


class Machine:
    """The whole procedure of one kind of resource."""

    def __init__(self, initial: StrEnum, moves: Iterable[Move], told: Iterable[StrEnum] = ()) -> None:
        """`told`: states that no move of its own leads to, because others tell of them."""
        self.initial, self.told = initial, frozenset(told)
        self.moves: dict[str, Move] = {}
        reached = {initial, *self.told}
        for move in moves:
            if move.name in self.moves:
                msg = f"two moves are called {move.name}"
                raise ImportError(msg)
            self.moves[move.name] = move
            reached.add(move.target)
        if reached != set(type(initial)):
            msg = f"no move reaches {sorted(set(type(initial)) - reached)}"
            raise ImportError(msg)

    def allowed(self, state: str, owner: UUID, actor: Actor, *, named: bool = False) -> list[AllowedMove]:
        """The moves this actor may make from this state; `named`: the resource names its agency as one to act."""
        return [
            AllowedMove(move=move.name, provision=move.provision)
            for move in self.moves.values()
            if state in move.sources and move.scope in actor.scopes and _is_party(move, owner, actor, named)
        ]

    def marks(self, actor: Actor) -> str:
        """For `flow.reads`: what this actor may do in each state, with its own resources (+) and with others' (-)."""
        return _marks(self, actor.scopes)

    def check(self, move: Move, state: str, owner: UUID, actor: Actor, *, named: bool = False) -> None:
        """Refuse a move that is another agency's to make (403) or that this state does not allow (409)."""
        if not _is_party(move, owner, actor, named):
            raise NotPermitted(provisions=[move.provision])
        if state not in move.sources:
            raise self._wrong(state, owner, actor, [move.provision], named=named)

    def check_editable(self, states: Collection[StrEnum], state: str, owner: UUID, actor: Actor) -> None:
        """Refuse an edit by another agency (403) or in any but these states (409)."""
        if owner != actor.agency_id:
            raise NotPermitted
        if state not in states:
            raise self._wrong(state, owner, actor, [])

    def _wrong(
        self, state: str, owner: UUID, actor: Actor, provisions: list[str], *, named: bool = False
    ) -> WrongState:
        allowed: list[dict[str, Any]] = [move.model_dump() for move in self.allowed(state, owner, actor, named=named)]
        cited: dict[str, Any] = {"provisions": provisions} if provisions else {}
        return WrongState(state=str(state), allowed_moves=allowed, **cited)


@lru_cache(maxsize=1024)
def _marks(machine: Machine, scopes: frozenset[Scope]) -> str:
    found = {}
    actor = Actor(None, _OWNER, frozenset(), scopes)
    for state, (sign, owner) in product(type(machine.initial), (("+", _OWNER), ("-", _OTHER))):
        moves = machine.allowed(state, owner, actor)
        found[f"{state}{sign}"] = {"tag": digest(moves), "moves": to_json(moves).decode()}
    return to_json(found).decode()


def _is_party(move: Move, owner: UUID, actor: Actor, named: bool) -> bool:
    match move.party:
        case Party.owner:
            return owner == actor.agency_id
        case Party.named:
            return named
        case Party.reviewer:
            return not move.holders or not move.holders.isdisjoint(actor.functions)
