"""The kinds of record, in the regulation's order."""

from collections.abc import Mapping
from itertools import chain

from app.records.kind import Kind
from app.records.kinds import (
    activities,
    complaint,
    coordinator,
    culture,
    difficulty,
    finding,
    foreign,
    foreign_press,
    friendship,
    guidance,
    investment,
    investment_profile,
    media,
    oversight,
    proposals,
    publications,
    security,
)

_GROUPS = (
    oversight,
    complaint,
    security,
    coordinator,
    media,
    finding,
    proposals,
    foreign,
    foreign_press,
    friendship,
    investment_profile,
    investment,
    activities,
    culture,
    publications,
    guidance,
    difficulty,
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in chain.from_iterable(group.KINDS for group in _GROUPS)}
"""Every kind by its name. A new one is declared in a module and takes its place in `_GROUPS`."""
