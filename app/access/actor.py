"""The actor of a request: the client, its agency, and what it may do now."""

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from sqlalchemy import Uuid, bindparam

from app.access.grants import READS_ALL, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """A client with the functions its agency holds today; `None` ids: the service itself or its operator."""

    client_id: UUID | None
    agency_id: UUID | None
    functions: frozenset[str]
    scopes: frozenset[Scope]
    through: UUID | None = None
    """The agency whose system acts, where it does so in the name of `agency_id`."""

    def in_name_of(self, agency_id: UUID | None, functions: frozenset[str] = frozenset()) -> "Actor":
        """This actor for an agency that it acts for; as it is, when that is its own."""
        if agency_id == self.agency_id:
            return self
        return replace(self, agency_id=agency_id, functions=functions, through=self.agency_id)

    @property
    def reads_all(self) -> bool:
        """Whether this actor reads every agency's records (QC.D4.K1, QC.D8.K1)."""
        return not self.functions.isdisjoint(READS_ALL)

    @property
    def shape(self) -> "Actor":
        """This actor with a parameter for its agency: a statement made for it serves all that are alike otherwise."""
        return replace(self, client_id=None, agency_id=AGENCY if self.agency_id else None, through=None)


AGENCY: UUID = cast("UUID", bindparam("actor_agency", type_=Uuid))
"""Stands for `agency_id` in a statement that is compiled once."""

OPERATOR = Actor(None, None, frozenset(), frozenset())
"""The command line: the operator of the service."""
