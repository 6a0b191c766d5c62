"""The actor of a request: the client, its agency, and what it may do now."""

from dataclasses import dataclass
from uuid import UUID

from app.access.grants import READS_ALL, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """A client with the functions its agency holds today; `None` ids: the service itself or its operator."""

    client_id: UUID | None
    agency_id: UUID | None
    functions: frozenset[str]
    scopes: frozenset[Scope]

    @property
    def reads_all(self) -> bool:
        """Whether this actor reads every agency's records (QC.D4.K1, QC.D8.K1)."""
        return not self.functions.isdisjoint(READS_ALL)


OPERATOR = Actor(None, None, frozenset(), frozenset())
"""The command line: the operator of the service."""
