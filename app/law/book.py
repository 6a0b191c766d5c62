"""The law as data: read once from the files in `data/`, checked as a whole, then only looked at.

Every file in the folder but the three registers (functions, duties, errata) is one instrument, so that a successor can
stand beside the regulation it replaces.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import ValidationError

from app.kit.text import fold
from app.law.checks import problems
from app.law.models import Duty, Erratum, Function, Instrument, Provision

_REGISTERS = {"functions.toml", "duties.toml", "errata.toml"}
Entry = TypeVar("Entry", Instrument, Provision, Duty)
Key = TypeVar("Key")
Thing = TypeVar("Thing")


class LawDataError(Exception):
    """The data files contradict themselves or each other; the message lists every place."""


@dataclass(frozen=True)
class Law:
    """All instruments side by side, with what they order of whom."""

    instruments: Mapping[str, Instrument]
    provisions: Mapping[str, Provision]
    functions: Mapping[str, Function]
    duties: Mapping[str, Duty]
    constraining: Mapping[str, str]
    unenforced: Mapping[str, str]
    errata: tuple[Erratum, ...]
    _children: Mapping[str | None, tuple[Provision, ...]]
    _duties_of: Mapping[str, tuple[Duty, ...]]
    _folded: Mapping[str, str]

    def children(self, id: str | None) -> tuple[Provision, ...]:
        """The provisions directly below one, in the order of the text; below `None` stand the roots."""
        return self._children.get(id, ())

    def duties_of(self, provision: str) -> tuple[Duty, ...]:
        """What this provision orders."""
        return self._duties_of.get(provision, ())

    def area_of(self, provision: str | None) -> str | None:
        """The area of state management that what it orders belongs to; None where that is not one area."""
        areas = {area for duty in (self.duties_of(provision) if provision else ()) for area in duty.areas}
        return areas.pop() if len(areas) == 1 else None

    @property
    def duty_bearing(self) -> tuple[str, ...]:
        """The provisions that order something, in the order of the text."""
        return tuple(key for key in self.provisions if key in self._duties_of)

    def with_wider(self, function: str) -> Iterator[str]:
        """A function and those that its holders hold with it."""
        wider: str | None = function
        while wider:
            yield wider
            wider = self.functions[wider].subset_of

    def search(self, text: str) -> list[Provision]:
        """The provisions in whose number, heading or text these words stand; diacritics and case do not matter."""
        wanted = fold(text)
        return [self.provisions[key] for key, folded in self._folded.items() if wanted in folded] if wanted else []

    def text(self, instrument: str) -> str:
        """The whole instrument, put back together from its provisions."""
        known = self.instruments[instrument].id
        return "\n".join(p.printed for p in self.provisions.values() if p.instrument == known)


@cache
def law() -> Law:
    """The law that this service ships."""
    return read(files("app.law") / "data")


def read(folder: Traversable) -> Law:
    """Read and check a folder of data files."""
    try:
        found = _read(folder)
    except (ValidationError, tomllib.TOMLDecodeError, KeyError) as error:
        raise LawDataError(f"The law's data cannot be read: {error}") from error
    wrong = problems(found)
    if wrong:
        raise LawDataError("\n  ".join(["The law's data contradict themselves:", *wrong]))
    return found


def _read(folder: Traversable) -> Law:
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml") and f.name not in _REGISTERS)
    books = [_toml(folder, name, "instrument", "provision") for name in names]
    instruments = [Instrument(**book["instrument"]) for book in books]
    provisions = [
        Provision(**{**entry, "instrument": instrument.id})
        for instrument, book in zip(instruments, books, strict=True)
        for entry in book["provision"]
    ]
    register = _toml(folder, "duties.toml", "duty", "constraining", "unenforced")
    duties = [Duty(**_duty(key, entry)) for key, entry in register["duty"].items()]
    functions = [Function(**{"key": key, **entry}) for key, entry in _toml(folder, "functions.toml").items()]
    errata = tuple(Erratum(**entry) for entry in _toml(folder, "errata.toml", "erratum")["erratum"])
    return Law(
        instruments=_by_id(instruments),
        provisions=_by_id(provisions),
        functions={f.key: f for f in functions},
        duties=_by_id(duties),
        constraining=register["constraining"],
        unenforced=register["unenforced"],
        errata=errata,
        _children=_grouped((p.parent, p) for p in provisions),
        _duties_of=_grouped((d.provision, d) for d in duties),
        _folded={p.id: "\n".join(fold(part or "") for part in (p.number, p.heading, p.text)) for p in provisions},
    )


def _toml(folder: Traversable, name: str, *tables: str) -> dict[str, Any]:
    found = tomllib.loads((folder / name).read_text("utf-8"))
    if tables and found.keys() != set(tables):
        raise LawDataError(f"{name}: holds {', '.join(found)}, must hold {', '.join(tables)}")
    return found


def _duty(id: str, entry: dict[str, Any]) -> dict[str, Any]:
    bearers = [
        {**{k: v for k, v in bearer.items() if k != "functions"}, "function": function}
        for bearer in entry["bearers"]
        for function in (bearer["functions"] if "functions" in bearer else [bearer["function"]])
    ]
    return {"id": id, "provision": id.partition("-")[0], **entry, "bearers": bearers}


def _by_id(things: list[Entry]) -> dict[str, Entry]:
    twice = sorted(key for key, times in Counter(thing.id for thing in things).items() if times > 1)
    if twice:
        raise LawDataError(f"The law's data use an id twice: {', '.join(twice)}")
    return {thing.id: thing for thing in things}


def _grouped(pairs: Iterable[tuple[Key, Thing]]) -> dict[Key, tuple[Thing, ...]]:
    groups: dict[Key, tuple[Thing, ...]] = {}
    for key, thing in pairs:
        groups[key] = (*groups.get(key, ()), thing)
    return groups
