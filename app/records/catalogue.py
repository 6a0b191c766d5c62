"""The catalogue of kinds, as it is read: made once of the declarations."""

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.kit.problems import NotFound
from app.records.kind import Kind, Sensitivity, Step
from app.records.kinds import KINDS
from app.records.schemas import Name

Citation = Annotated[str, Field(max_length=64)]
FunctionName = Annotated[str, Field(max_length=32)]
Told = Annotated[str, Field(max_length=64)]


class RoleRead(BaseModel):
    """A role in which a record of the kind names agencies."""

    name: Name
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)
    reads_in: list[Name] = Field(max_length=20, description="The states in which an agency so named reads the record.")
    contributes: bool
    acts: bool = Field(description="It makes the moves whose `by` is `named`.")


class MoveRead(BaseModel):
    """A move of the kind."""

    name: Name
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)
    sources: list[Name] = Field(max_length=20)
    target: Name | None = Field(description="Null: the state stays.")
    by: str = Field(description="`owner`, `named`, or `reviewer`: one of `functions`.", max_length=16)
    functions: list[FunctionName] = Field(max_length=20)
    scope: str = Field(max_length=64)
    provision: Citation
    event: str = Field(max_length=64)
    tells: list[Told] = Field(max_length=20, description="Functions and roles that learn of it at once.")
    reasons: list[Name] = Field(max_length=20, description="One of them is to be given, where there are some.")
    needs_note: bool
    needs_document: bool
    merges: bool = Field(description="It names in `into_id` the record that goes on for both.")


class KindRead(BaseModel):
    """A kind of record: its law, its details, who does what with it."""

    name: Name
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)
    provisions: list[Citation] = Field(max_length=20)
    sensitivity: Sensitivity = Field(description="Each reading of a `restricted` record is logged.")
    writers: list[FunctionName] = Field(
        max_length=30, description="Functions whose holders record it; none: everybody."
    )
    readers: list[FunctionName] = Field(max_length=30, description="Functions whose holders read every record of it.")
    contributors: list[FunctionName] = Field(max_length=30)
    roles: list[RoleRead] = Field(max_length=20)
    states: list[Name] = Field(max_length=20)
    initial: Name
    editable_in: list[Name] = Field(max_length=20)
    deletable_in: list[Name] = Field(max_length=20)
    shared_in: list[Name] = Field(max_length=20, description="States in which other agencies read it.")
    public_in: list[Name] = Field(max_length=20, description="States in which everybody may read it.")
    textless: bool = Field(description="It holds no free text at all.")
    moves: list[MoveRead] = Field(max_length=40)
    events: list[Told] = Field(max_length=40)
    details: dict[str, Any] = Field(
        description="JSON Schema (2020-12) of its details.", json_schema_extra={"maxProperties": 50}
    )


class KindList(BaseModel):
    """Every kind of record, in the regulation's order."""

    items: list[KindRead] = Field(max_length=200)


@cache
def catalogue() -> KindList:
    """Every kind."""
    return KindList(items=[_kind(kind) for kind in KINDS.values()])


def one(name: str) -> KindRead:
    """One kind by its name."""
    for kind in catalogue().items:
        if kind.name == name:
            return kind
    raise NotFound


def _kind(kind: Kind) -> KindRead:
    return KindRead(
        name=kind.name,
        title_vi=kind.title.vi,
        title_en=kind.title.en,
        provisions=[str(cited) for cited in kind.provisions],
        sensitivity=kind.sensitivity,
        writers=sorted(kind.writers),
        readers=sorted(kind.reading),
        contributors=sorted(kind.contributors),
        roles=[_role(kind, name) for name in kind.named],
        states=list(type(kind.initial)),
        initial=kind.initial,
        editable_in=sorted(kind.editable),
        deletable_in=sorted(kind.deletable),
        shared_in=sorted(kind.sharing),
        public_in=sorted(kind.public_when),
        textless=kind.textless,
        moves=[_move(step) for step in kind.steps],
        events=[told.name for told in kind.events],
        details=kind.details.model_json_schema(),
    )


def _role(kind: Kind, name: str) -> RoleRead:
    role = kind.named[name]
    return RoleRead(
        name=name,
        title_vi=role.title.vi,
        title_en=role.title.en,
        reads_in=sorted(type(kind.initial) if role.when is None else role.when),
        contributes=role.contributes,
        acts=role.acts,
    )


def _move(step: Step) -> MoveRead:
    return MoveRead(
        name=step.name,
        title_vi=step.title.vi,
        title_en=step.title.en,
        sources=sorted(step.sources),
        target=None if step.stays else step.target,
        by=step.party,
        functions=sorted(step.holders),
        scope=step.scope,
        provision=step.provision,
        event=step.event.name,
        tells=sorted(step.tells),
        reasons=list(step.reasons or ()),
        needs_note=step.needs_note,
        needs_document=step.needs_document,
        merges=step.merges,
    )
