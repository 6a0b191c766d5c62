"""What is added to a record by its own agency, by functions, by agencies it names: comments, confirmations, links."""

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.documents import NoStateSecret
from app.flow.procedure import recorded
from app.flow.secrecy import Submitted
from app.kit.clock import Instant, now
from app.kit.db import found_row
from app.kit.failures import BadField
from app.kit.ids import new_id
from app.kit.pages import Page, Paging, fetch
from app.kit.problems import NotPermitted
from app.kit.text import Prose
from app.kit.writes import insert
from app.records import access, queries, rules
from app.records.kinds import KINDS
from app.records.models import Record, RecordContribution


class ContributionKind(StrEnum):
    """What is added."""

    comment = "comment"
    confirmation = "confirmation"
    """The agency confirms what is recorded, as far as it concerns it."""
    link = "link"


class LinkedType(StrEnum):
    """What a record can be linked to."""

    record = "record"
    plan_task = "plan_task"
    press_event = "press_event"


class Relation(StrEnum):
    """What the record is to the other."""

    about = "about"
    answers = "answers"
    covers = "covers"
    follows = "follows"
    part_of = "part_of"
    result_of = "result_of"


class LinkWrite(Submitted):
    """Another resource that has to do with the record."""

    type: LinkedType
    id: UUID
    relation: Relation = Field(description="What the record is to it.")


class ContributionWrite(NoStateSecret):
    """One thing to add."""

    kind: ContributionKind
    text: Prose | None = Field(None, description="Required for a comment.")
    link: LinkWrite | None = Field(None, description="Required for a link, and for nothing else.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind is ContributionKind.link) != (self.link is not None):
            raise PydanticCustomError("link_or_not", "A link, and nothing else, names what it leads to")
        if self.kind is ContributionKind.comment and self.text is None:
            raise PydanticCustomError("no_comment", "A comment has a text")
        return self


class LinkRead(BaseModel):
    """Another resource that has to do with the record."""

    type: LinkedType
    id: UUID
    relation: Relation


class RecordContributionRead(BaseModel):
    """What was added, by whom."""

    id: UUID
    agency_id: UUID
    kind: ContributionKind
    text: str | None = Field(max_length=20_000)
    link: LinkRead | None
    contributed_at: Instant


async def contribute(session: AsyncSession, actor: Actor, id: UUID, body: ContributionWrite) -> RecordContributionRead:
    """Add one thing; a link to what the actor may not know of leads nowhere."""
    row = await found_row(session, queries.one(actor, id).with_for_update())
    _check_contributor(actor, row)
    link: dict[str, Any] = {"linked_type": None, "linked_id": None, "relation": None}
    if body.link:
        if (await session.execute(queries.linked(actor, body.link.type, body.link.id))).first() is None:
            raise BadField("unknown_link", "link", "id")
        link = {"linked_type": body.link.type, "linked_id": body.link.id, "relation": body.link.relation}
    facts: dict[str, Any] = {"id": new_id(), "kind": body.kind, "text": body.text, "contributed_at": now(), **link}
    who: dict[str, Any] = {"record_id": row.id, "agency_id": actor.agency_id, "contributed_by": actor.client_id}
    insert(session, RecordContribution, facts | who)
    recorded(session, actor, row, rules.told(KINDS[row.kind], rules.CONTRIBUTED))
    return _shown(RecordContribution(**facts, **who))


async def contributions(session: AsyncSession, actor: Actor, id: UUID, paging: Paging) -> Page[RecordContributionRead]:
    """One page of what was added, oldest first."""
    row = await found_row(session, queries.one(actor, id))
    await access.note(session, actor, row)
    found, last = await fetch(session, queries.contributions(actor, id), [RecordContribution.id], paging)
    return paging.page([_shown(one) for one in found], last)


def _check_contributor(actor: Actor, row: Record) -> None:
    kind = KINDS[row.kind]
    roles = rules.by_role(row.named)
    named = {id for role, facts in kind.named.items() if facts.contributes for id in roles.get(role, ())}
    by_function = not kind.contributors.isdisjoint(actor.functions)
    own = rules.owner_for(actor, row) == actor.agency_id
    if kind.textless or not (own or by_function or actor.agency_id in named):
        raise NotPermitted(provisions=[str(cited) for cited in kind.provisions])


def _shown(one: RecordContribution) -> RecordContributionRead:
    link = None
    if one.linked_type and one.linked_id and one.relation:
        link = LinkRead(type=LinkedType(one.linked_type), id=one.linked_id, relation=Relation(one.relation))
    facts = one.model_dump(include={"id", "agency_id", "text", "contributed_at"})
    return RecordContributionRead(**facts, kind=ContributionKind(one.kind), link=link)
