"""Statements over the log for auditors; each starts at `visible`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, true
from sqlmodel import col, select

from app.access.actor import Actor
from app.trail.models import Event, Ledger

Found = tuple[Event, Ledger]


def visible(actor: Actor) -> "Select[*tuple[Any, ...]]":
    """The rows this actor may know of, each an event and where it was sealed."""
    return select(Event, Ledger).join(Ledger, col(Ledger.event_id) == col(Event.id)).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """What one's own agency did, and what was done to what is its own; everything for those who read all."""
    if actor.reads_all:
        return true()
    return or_(col(Event.actor_agency_id) == actor.agency_id, col(Event.agency_id) == actor.agency_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; None: any."""

    since: datetime | None = None
    until: datetime | None = None
    agency: UUID | None = None
    client: UUID | None = None
    type: str | None = None
    resource: str | None = None
    resource_id: UUID | None = None
    provision: str | None = None
    request: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What narrows the log."""
        request = str(self.request) if self.request else None
        same = {
            Event.client_id: self.client,
            Event.type: self.type,
            Event.resource_type: self.resource,
            Event.resource_id: self.resource_id,
            Event.request_id: request,
        }
        found = [col(column) == value for column, value in same.items() if value is not None]
        if self.since is not None:
            found.append(col(Event.occurred_at) >= self.since)
        if self.until is not None:
            found.append(col(Event.occurred_at) < self.until)
        if self.agency is not None:
            found.append(or_(col(Event.actor_agency_id) == self.agency, col(Event.agency_id) == self.agency))
        if self.provision is not None:
            found.append(col(Event.provisions).contains([self.provision]))
        return found

    def said(self) -> dict[str, str]:
        """What was asked, as the log remembers it."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


def newest(actor: Actor, wanted: Wanted, before: int | None, limit: int) -> "Select[*tuple[Any, ...]]":
    """The rows below a number, newest first."""
    found = visible(actor).where(*wanted.conditions()).order_by(col(Ledger.sequence).desc()).limit(limit)
    return found if before is None else found.where(col(Ledger.sequence) < before)


def onwards(actor: Actor, wanted: Wanted, between: Sequence[int], limit: int) -> "Select[*tuple[Any, ...]]":
    """The rows above one number and up to another, oldest first."""
    after, until = between
    inside = (col(Ledger.sequence) > after, col(Ledger.sequence) <= until)
    return visible(actor).where(*inside, *wanted.conditions()).order_by(col(Ledger.sequence)).limit(limit)
