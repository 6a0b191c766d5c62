"""The kinds of record, in the regulation's order."""

from collections.abc import Mapping

from app.records.kind import Kind
from app.records.kinds.foreign_press import FOREIGN_PRESS_DELEGATION

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (FOREIGN_PRESS_DELEGATION,)}
