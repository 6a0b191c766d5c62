"""The hand-written table of access (`access.toml`), unfolded: who, by column, may do what with a kind of record."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_DATA = tomllib.loads((Path(__file__).parent / "access.toml").read_text("utf-8"))
COLUMNS = tuple(_DATA["columns"])
SLUGS = {
    "UBND": "ubnd-tinh", "VPUBND": "vp-ubnd", "COORD": "so-tttt", "FOREIGN": "so-ngoai-vu", "INVEST": "so-khdt",
    "CULTURE": "so-vhttdl", "FINANCE": "so-tai-chinh", "POLICE": "cong-an-tinh", "BORDER": "bch-bdbp",
    "CUSTOMS": "cuc-hai-quan", "PROPAGANDA": "ban-tuyen-giao", "PRESS": "bao-dak-lak", "PORTAL": "tt-cong-ttdt",
    "MEMBER": "so-tu-phap", "DISTRICT": "ubnd-cu-kuin", "OWNER": "so-noi-vu", "NAMED": "ubnd-buon-don",
}  # fmt: skip
"""One agency for each column; ANONYMOUS has none."""
AGENCIES = tuple(SLUGS)


def _unfolded(names):
    found = set()
    for name in names:
        found |= _unfolded(_DATA["sets"][name]) if name in _DATA["sets"] else {name}
    if not found <= set(COLUMNS):
        msg = f"no such column: {found - set(COLUMNS)}"
        raise ValueError(msg)
    return frozenset(found)


@dataclass(frozen=True)
class Entry:
    """What the table says of one kind."""

    name: str
    cites: tuple
    owner: str
    named: str | None
    create: frozenset
    _read: dict
    moves: dict
    told: dict

    def reads(self, state):
        """The columns that read one in this state; of the same agency, its owner's column too."""
        return self._read.get(str(state), self._read.get("*", frozenset()))

    @property
    def states_named(self):
        return set(self._read) - {"*"}


def _entry(name, said):
    return Entry(
        name,
        tuple(said["cites"]),
        said["owner"],
        said.get("named"),
        _unfolded(said["create"]),
        {state: _unfolded(names) for state, names in said["read"].items()},
        {move: _unfolded(names) for move, names in said["moves"].items()},
        {move: _unfolded(names) for move, names in said["told"].items()},
    )


TABLE = {name: _entry(name, said) for name, said in _DATA["kind"].items()}
