"""A state machine is one table: each move with its states, its scope, who makes it, and the provision it rests on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.access.actor import Actor
from app.access.grants import Scope
from app.kit.problems import NotPermitted, WrongState
from app.law.citing import Clause
from app.trail.record import EventType


class Party(StrEnum):
    """Who makes a move."""

    owner = "owner"
    """The agency the resource belongs to."""
    reviewer = "reviewer"
    """Whoever holds the scope and may see the resource."""


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


class AllowedMove(BaseModel):
    """A move that this client may make now."""

    move: str = Field(max_length=32, examples=["submit"])
    provision: str = Field(max_length=32, description="The provision it rests on.", examples=["QC.D7.K1"])


class Machine:
    """The whole procedure of one kind of resource."""

    def __init__(self, initial: StrEnum, moves: Iterable[Move]) -> None:
        self.initial = initial
        self.moves: dict[str, Move] = {}
        reached = {initial}
        for move in moves:
            if move.name in self.moves:
                msg = f"two moves are called {move.name}"
                raise ImportError(msg)
            self.moves[move.name] = move
            reached.add(move.target)
        if reached != set(type(initial)):
            msg = f"no move reaches {sorted(set(type(initial)) - reached)}"
            raise ImportError(msg)

    def allowed(self, state: str, owner: UUID, actor: Actor) -> list[AllowedMove]:
        """The moves this actor may make from this state."""
        return [
            AllowedMove(move=move.name, provision=move.provision)
            for move in self.moves.values()
            if state in move.sources and move.scope in actor.scopes and _is_party(move, owner, actor)
        ]

    def check(self, move: Move, state: str, owner: UUID, actor: Actor) -> None:
        """Refuse a move that is another agency's to make (403) or that this state does not allow (409)."""
        if not _is_party(move, owner, actor):
            raise NotPermitted(provisions=[move.provision])
        if state not in move.sources:
            raise self._wrong(state, owner, actor, [move.provision])

    def check_editable(self, states: Collection[StrEnum], state: str, owner: UUID, actor: Actor) -> None:
        """Refuse an edit by another agency (403) or in any but these states (409)."""
        if owner != actor.agency_id:
            raise NotPermitted
        if state not in states:
            raise self._wrong(state, owner, actor, [])

    def _wrong(self, state: str, owner: UUID, actor: Actor, provisions: list[str]) -> WrongState:
        allowed: list[dict[str, Any]] = [move.model_dump() for move in self.allowed(state, owner, actor)]
        cited: dict[str, Any] = {"provisions": provisions} if provisions else {}
        return WrongState(state=str(state), allowed_moves=allowed, **cited)


def _is_party(move: Move, owner: UUID, actor: Actor) -> bool:
    return move.party is Party.reviewer or owner == actor.agency_id
