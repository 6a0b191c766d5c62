"""Proof that the regulation is carried out: what answers each provision that bears a duty (`ttdn law coverage`).

All of it is read from what is there: operations from the OpenAPI document, moves and events from the rooms, what is
recorded from the kinds of record, duties from the law's data, tests from their sources, which are parsed and not run.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from app.flow.registry import Room
from app.law.book import law
from app.law.citing import Citation, Clause, UnknownCitationError
from app.records.kinds import KINDS

MARKER = "provision"
INVENTED = "tests/law/invented.toml"
CITATION = re.compile(
    r"\bQ[CD]\.(?:D\d+|END|C\d+|CANCU|NOINHAN)(?:\.K\d+|\.\d+)*(?:\.[a-d]\b)?(?:-[a-h]\b)?(?![\w{])",
)
CITING = {".py", ".toml", ".md"}

Found = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What answers one provision."""

    operations: tuple[str, ...]
    moves: tuple[str, ...]
    events: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Something can be done because of it, and a test does it."""
        return bool(self.operations or self.events) and bool(self.tests)

    @property
    def counts(self) -> str:
        """How much of each there is."""
        kinds = {"operations": self.operations, "moves": self.moves, "events": self.events, "tests": self.tests}
        return ", ".join(f"{len(found)} {kind}" for kind, found in kinds.items())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every provision that bears a duty with its evidence, and what is wrong."""

    evidence: Mapping[str, Evidence]
    problems: tuple[str, ...]

    @property
    def score(self) -> str:
        """How many provisions are covered, of how many: the last line of the command."""
        return f"{sum(found.complete for found in self.evidence.values())}/{len(self.evidence)}"


def coverage(document: Mapping[str, Any], rooms: Iterable[Room], root: Path) -> Coverage:
    """What stands in a checkout at `root`: the sources of its tests, and every citation in it."""
    invented = tomllib.loads((root / INVENTED).read_text("utf-8"))["invented"]
    rooms = tuple(rooms)
    tests, wrong = cited_by_tests(root / "tests", root)
    operations = _grouped(chain(_operations(document), _recordings()))
    moves, events = _grouped(chain(_moves(rooms), _steps())), _grouped(_events(rooms))
    evidence = {
        id: Evidence(operations.get(id, ()), moves.get(id, ()), events.get(id, ()), tests.get(id, ()))
        for id in law().duty_bearing
    }
    problems = (*wrong, *leading_nowhere(root, invented), *missing(evidence))
    return Coverage(evidence, problems)


def missing(evidence: Mapping[str, Evidence]) -> Iterator[str]:
    """The provisions that nothing answers, or that no test plays."""
    for id, found in evidence.items():
        if not found.complete:
            lacks = "test plays it" if found.operations or found.events else "operation and no event cites it"
            yield f"{id}: no {lacks}"


def leading_nowhere(root: Path, invented: Iterable[str]) -> Iterator[str]:
    """Citations of what does not exist, in code, data, documents and tests; tests may send the `invented` ones."""
    invented = set(invented)
    for path in sorted(_sources(root)):
        in_tests = path.is_relative_to(root / "tests")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for cited in CITATION.findall(line):
                if not _known(cited) and not (in_tests and cited in invented):
                    yield f"{path.relative_to(root)}:{number}: cites {cited}, which does not exist"


def cited_by_tests(folder: Path, root: Path) -> tuple[Found, list[str]]:
    """The tests that play each provision, by their marks; and what is wrong with marks."""
    found, wrong = [], []
    for path in sorted(folder.rglob("test_*.py")):
        place = path.relative_to(root)
        tree = ast.parse(path.read_text("utf-8"))
        of_all = [mark for node in tree.body if isinstance(node, ast.Assign) for mark in _marks(node.value)]
        tests = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) if n.name[:5] == "test_"]
        for test in tests:
            for mark in (*of_all, *(m for decorator in test.decorator_list for m in _marks(decorator))):
                for id in mark:
                    if id is not None and _known(id):
                        found.append((id, f"{place}::{test.name}"))
                    else:
                        wrong.append(f"{place}::{test.name}: is marked with {id or 'what is no literal'}")
    return _grouped(found), wrong


def _marks(node: ast.AST) -> Iterator[list[str | None]]:
    """What each `pytest.mark.provision(...)` in an expression names; None for what is no literal."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == MARKER:
            values = [a.value if isinstance(a, ast.Constant) else None for a in call.args]
            yield [value if isinstance(value, str) else None for value in values] or [None]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for id in operation.get("x-provisions", ()) if isinstance(operation, dict) else ():
                yield id, f"{method.upper()} {path}"


def _moves(rooms: Iterable[Room]) -> Iterator[tuple[str, str]]:
    for room in rooms:
        for kind, machine in room.machines.items():
            for move in machine.moves.values():
                yield move.provision, f"{kind}: {move.name}"


def _recordings() -> Iterator[tuple[str, str]]:
    """Recording is one operation; it answers the provisions of each kind that it takes."""
    return ((cited, f"POST /v1/records ({kind.name})") for kind in KINDS.values() for cited in kind.provisions)


def _steps() -> Iterator[tuple[str, str]]:
    """The moves of each kind: they carry out what the kind is for, and what each of them cites."""
    for kind in KINDS.values():
        for step in kind.steps:
            yield from ((cited, f"{kind.name}: {step.name}") for cited in (*kind.provisions, step.provision))


def _events(rooms: Iterable[Room]) -> Iterator[tuple[str, str]]:
    return ((id, event.name) for room in rooms for event in room.events for id in event.provisions)


def _grouped(found: Iterable[tuple[str, str]]) -> Found:
    """By provision; what cites a duty (`-a`) cites the provision that orders it."""
    groups: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for id, what in found:
        groups[Clause(id).provision.id][what] = None
    return {id: tuple(what) for id, what in groups.items()}


def _sources(root: Path) -> Iterator[Path]:
    places = (root / name for name in ("app", "docs", "migrations", "tests"))
    yield from (path for place in places for path in place.rglob("*") if path.suffix in CITING)
    yield from root.glob("*.md")


def _known(id: str) -> bool:
    try:
        Clause(id)
    except UnknownCitationError:
        return False
    return True


def page(found: Coverage) -> str:
    """`docs/law-coverage.md`."""
    lines = [
        "# The regulation and what carries it out",
        "",
        "Written from the code by `make coverage`; `make lint` fails when it differs, when nothing answers one,",
        "and on a citation that leads nowhere. A letter after a hyphen (`-a`) is this service's name for one of",
        "several duties in a provision.",
        "",
        "| Provision | | Operations | Moves | Events | Tests |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for id, one in found.evidence.items():
        counts = " | ".join(str(len(kind)) for kind in (one.operations, one.moves, one.events, one.tests))
        lines.append(f"| [{id}](#{_anchor(id)}) | {Citation.of(id).citation_vi} | {counts} |")
    for id, one in found.evidence.items():
        lines += ["", f"## {id}", "", *_section(id, one)]
    return "\n".join((*lines, "", found.score, ""))


def _section(id: str, one: Evidence) -> Iterator[str]:
    for duty in law().duties_of(id):
        yield f"- **{duty.id}** ({', '.join(duty.holders)}): {duty.title_vi}. {duty.summary_en}"
    for title, kind in (("Operations", one.operations), ("Moves", one.moves), ("Events", one.events)):
        if kind:
            yield f"- {title}: {', '.join(f'`{what}`' for what in kind)}"
    for test in one.tests:
        yield f"- Test: `{test}`"


def _anchor(id: str) -> str:
    return id.lower().replace(".", "")
