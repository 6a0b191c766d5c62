"""The kinds of record, in the regulation's order."""

from collections.abc import Mapping
from itertools import chain

from app.records.kind import Kind
from app.records.kinds import complaint, difficulty, finding, foreign_press, investment_profile

_GROUPS = (complaint, finding, foreign_press, investment_profile, difficulty)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in chain.from_iterable(group.KINDS for group in _GROUPS)}
"""Every kind by its name. A new one is declared in a module and takes its place in `_GROUPS`."""
