"""Short ways to write what a kind tells of."""

from collections.abc import Callable

from app.law.citing import Clause
from app.records.kind import Words, event
from app.trail.record import EventType

Telling = Callable[[str, str, str], EventType]


def telling(subject: str, *provisions: Clause) -> Telling:
    """The types of event about one subject, on the same provisions: a verb, and what it says in both languages."""

    def type_(verb: str, vi: str, en: str) -> EventType:
        return event(f"{subject}.{verb}", Words(vi, en), *provisions)

    return type_
