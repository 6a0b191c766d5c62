"""What a kind of record is: a declaration, checked when it is imported; nothing else has to be written for one."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field

from app.access.grants import READS_ALL, Scope, allowed
from app.flow.documents import DocumentRef
from app.flow.machine import Machine, Move, Party
from app.flow.secrecy import Submitted
from app.kit.failures import BadField
from app.kit.text import Prose
from app.law.citing import Clause
from app.trail.record import EventType

RESOURCE = "record"
OWNER, NAMED = Party.owner, Party.named
"""By whom a step is made: the agency the record belongs to; one that the record names in a role which `acts`."""


TELL_OWNER = "owner"
"""In `tells`: the agency the record belongs to."""


class Words(NamedTuple):
    """The same in Vietnamese and in English."""

    vi: str
    en: str


class Sensitivity(StrEnum):
    """Whom a kind of record may concern. None of them is a marking: state secrets never enter."""

    public = "public"
    """Some of its states are public."""
    internal = "internal"
    restricted = "restricted"
    """Each reading of one is logged (QC.D13.K1)."""


class Details(Submitted):
    """The base of what is particular to a kind; each declares `kind: Literal["its_name"]`."""

    kind: str


class MoveWrite(Submitted):
    """What is said with a move; the catalogue of kinds tells what each move asks for."""

    reason: str | None = Field(
        None, max_length=64, pattern=r"^[a-z_]+$", description="One of the move's reasons, where it has some."
    )
    note: Prose | None = Field(None, description="Required when the reason is `other`, and where the move asks for it.")
    document: DocumentRef | None = Field(None, description="The document by which it was done.")
    into_id: UUID | None = Field(None, description="For a merge: the record of the same kind that goes on for both.")
    on_behalf_of: UUID | None = Field(
        None, description="For the coordinator: the agency without a system of its own in whose name it is made."
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """A record as a hook looks at it."""

    title: str
    title_en: str | None
    languages: Sequence[str]
    starts_on: Any
    ends_on: Any
    named: Mapping[str, Sequence[UUID]]
    details: Any


@dataclass(frozen=True, slots=True)
class Named:
    """A role in which a record names agencies, and what it means for them: they read it."""

    title: Words
    when: AbstractSet[StrEnum] | None = None
    """The states in which they read it; none: always."""
    contributes: bool = False
    acts: bool = False
    """They make the moves whose party is `NAMED`; one role of a kind at most."""


class Activity(NamedTuple):
    """What a kind is counted as (QC.D8.K2): the states in which it was done, and those in which it is to be done."""

    done: AbstractSet[StrEnum]
    planned: AbstractSet[StrEnum] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Move):
    """A move of a kind of record: see `step`."""

    title: Words
    tells: frozenset[str]
    reasons: type[StrEnum] | None
    needs_note: bool
    needs_document: bool
    merges: bool
    carries: bool
    ready: Callable[[Facts], None] | None


def event(name: str, title: Words, *provisions: Clause) -> EventType:
    """A type of event: `finding.reported`."""
    return EventType(name, RESOURCE, title.vi, title.en, tuple(str(cited.provision.id) for cited in provisions))


def step(
    name: str,
    sources: AbstractSet[StrEnum],
    target: StrEnum | None,
    by: Party | AbstractSet[str],
    provision: Clause,
    told: EventType,
    title: Words,
    *,
    tells: AbstractSet[str] = frozenset(),
    reasons: type[StrEnum] | None = None,
    needs_note: bool = False,
    needs_document: bool = False,
    merges: bool = False,
    carries: bool = False,
    ready: Callable[[Facts], None] | None = None,
) -> Step:
    """One move of a kind.

    `target`: None leaves the state as it is (an acknowledgement). `by`: OWNER, NAMED, or functions. `tells`: functions
    and roles that are to learn of it at once; the kind must let them read. `reasons`: one of them has to be given, and
    `other` needs a note. `merges`: it names the record of the same kind that goes on for both (`into_id`). `carries`:
    what was merged into the record makes the move with it. `ready`: raises BadField for what must stand before.
    """
    party, holders = (by, frozenset[str]()) if isinstance(by, Party) else (Party.reviewer, frozenset(by))
    return Step(
        name=name,
        sources=frozenset(sources),
        target=target if target is not None else min(sources),
        scope=Scope.records_review if holders else Scope.records_write,
        party=party,
        provision=provision,
        event=told,
        body=MoveWrite,
        summary=title.en,
        holders=holders,
        stays=target is None,
        title=title,
        tells=frozenset(tells),
        reasons=reasons,
        needs_note=needs_note,
        needs_document=needs_document,
        merges=merges,
        carries=carries,
        ready=ready,
    )


def stood(facts: Facts, *members: str) -> None:
    """For `ready`: refuse while one of these members (`details.licence_number`) is not there."""
    for member in members:
        value: Any = facts
        for name in member.split("."):
            value = getattr(value, name)
        if value in (None, "", []):
            raise BadField("needed_first", *member.split("."))


def in_languages(facts: Facts, *languages: str) -> None:
    """For `ready`: refuse while the record is not there in each of these languages (QC.D10.K1, QC.D11.K2)."""
    for language in languages:
        if language not in facts.languages:
            raise BadField("language_missing", "languages", language=language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of record.

    Who reads: its own agency, those who read all, `readers` by function, agencies `named` in it by role; any agency in
    the states `shared_when`; everybody in the states `public_when`, which are shared too.
    """

    name: str
    title: Words
    provisions: tuple[Clause, ...]
    details: type[Details]
    sensitivity: Sensitivity
    writers: frozenset[str]
    """Functions whose holders make records of it; none: every agency."""
    readers: frozenset[str] = frozenset()
    contributors: frozenset[str] = frozenset()
    """Functions whose holders add to another's record; its own agency always does."""
    named: Mapping[str, Named] = field(default_factory=dict)
    opened: EventType
    opened_tells: frozenset[str] = frozenset()
    initial: StrEnum
    steps: Sequence[Step]
    editable: frozenset[StrEnum]
    example: Mapping[str, Any]
    """A body that makes one: title, dates, languages, details; without `no_state_secret` and agencies."""
    deletable: frozenset[StrEnum] = frozenset()
    """States in which its own agency may delete it: those of which nobody was told."""
    shared_when: frozenset[StrEnum] = frozenset()
    public_when: frozenset[StrEnum] = frozenset()
    search: Callable[[Any], Sequence[str | None]] | None = None
    """What of the details it is found by, beside its titles."""
    label: Callable[[Any], str] | None = None
    """Its title, made of its details; then nobody writes one."""
    shared_with: frozenset[str] = frozenset()
    """The functions whose holders read it in the states `shared_when`; none: every agency does."""
    shared_without: frozenset[str] = frozenset()
    """Functions whose holders do not, whatever else they hold."""
    kept: frozenset[str] = frozenset()
    """Members of the details for its own agency, `reading` and whom it names; not for those with whom it is shared,

    who never see its steps and contributions, nor, where something is kept, whom it names.
    """
    activity: Activity | None = None
    """None: neither an activity nor a product (a case, a finding, a rule), and not among those of the year."""
    edited: EventType | None = None
    """What an edit tells, instead of what it tells of every record."""
    whole: Callable[[Facts], None] | None = None
    """Asked of each edit once it has left its first state, as `ready` is of a move."""
    summary: bool = True
    """Whether a summary is taken."""
    textless: bool = False
    """It holds no free text at all: no title, note, contribution or external key of anybody's choosing (QC.D7.K5)."""
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        object.__setattr__(self, "machine", Machine(self.initial, self.steps))
        self._check(self.details.model_fields["kind"].annotation.__args__ == (self.name,), "its details are another's")  # type: ignore[union-attr]
        self._check(self.label is not None or not self.textless, "without text it needs a label")
        self._check(sum(role.acts for role in self.named.values()) <= 1, "one role at most may act")
        self._check(self.example["details"]["kind"] == self.name, "its example is another's")
        self.details.model_config["json_schema_extra"] = {"examples": [self.example["details"]]}
        states = {state for role in self.named.values() for state in role.when or ()} | self.editable
        states |= self.deletable | self.shared_when | self.public_when
        states |= {state for some in self.activity or () for state in some}
        self._check(states <= set(type(self.initial)), "a state that its machine does not have")
        self._check(not self.public_when or self.sensitivity is Sensitivity.public, "what is public says so")
        self._check(self._reads(self.opened_tells, self.initial), "who is told of a new one cannot read it")
        for one in self.steps:
            to = one.sources if one.stays else {one.target}
            self._check(all(self._reads(one.tells, state) for state in to), f"who is told of {one.name} cannot read it")
            self._check(one.holders <= self.reading, f"who makes {one.name} cannot read it")
            granted = all(one.scope in allowed("integration", {function}) for function in one.holders)
            self._check(granted, f"grants.toml does not give {one.scope} to all who make {one.name}")

    @property
    def reading(self) -> frozenset[str]:
        """The functions whose holders read every record of the kind."""
        return self.readers | READS_ALL

    @property
    def sharing(self) -> frozenset[StrEnum]:
        """The states in which every agency reads it."""
        return self.shared_when | self.public_when

    @property
    def events(self) -> tuple[EventType, ...]:
        """What is told of it, beside what is told of every record."""
        found = (self.opened, *(one.event for one in self.steps), *([self.edited] if self.edited else []))
        return tuple({told.name: told for told in found}.values())

    def shares(self, functions: frozenset[str]) -> frozenset[StrEnum]:
        """The states in which an agency with these functions reads it for being one of many."""
        asked = not self.shared_with or not self.shared_with.isdisjoint(functions)
        return self.sharing if asked and self.shared_without.isdisjoint(functions) else self.public_when

    def step(self, name: str) -> Step | None:
        """One of its moves."""
        return next((one for one in self.steps if one.name == name), None)

    def reader_ids(self, named: Mapping[str, Sequence[UUID]], state: str) -> frozenset[UUID]:
        """The agencies that read a record because it names them."""
        open_ = (role for role, facts in self.named.items() if facts.when is None or state in facts.when)
        return frozenset(id for role in open_ for id in named.get(role, ()))

    def acting_ids(self, named: Mapping[str, Sequence[UUID]]) -> frozenset[UUID]:
        """The agencies that may act because a record names them."""
        return frozenset(id for role, facts in self.named.items() if facts.acts for id in named.get(role, ()))

    def _reads(self, told: AbstractSet[str], state: str) -> bool:
        roles = {role for role, facts in self.named.items() if facts.when is None or state in facts.when}
        return state in self.sharing or told <= self.reading | roles | {TELL_OWNER}

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            msg = f"{self.name}: {otherwise}"
            raise ImportError(msg)
