"""One page of what changed for an actor."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.flow.losses import Reason
from app.flow.registry import Resource, Summary
from app.kit.problems import CursorExpired, InsufficientScope, InvalidParameter
from app.kit.reads import Reader
from app.sync.queries import changes
from app.sync.tokens import Place, Tokens
from app.trail.models import Ledger

Found = Sequence[tuple[int, str, UUID, str | None]]
Shown = Mapping[tuple[str, UUID], tuple[int, str]]


def chosen(resources: Mapping[str, Resource], actor: Actor, asked: Sequence[str] | None) -> Mapping[str, Summary]:
    """The types that are read: those asked for, or all that the actor has the scope for."""
    known = {name: resource.summary for name, resource in resources.items() if resource.summary}
    if asked is None:
        return {name: summary for name, summary in known.items() if summary.scope in actor.scopes}
    for name in asked:
        if name not in known:
            raise InvalidParameter(field_errors=[({"parameter": "types"}, "unknown_resource_type", {})])
        if known[name].scope not in actor.scopes:
            raise InsufficientScope(known[name].scope.value)
    return {name: known[name] for name in asked}


@dataclass(frozen=True, slots=True)
class Sync:
    """One request for changes."""

    session: AsyncSession
    reader: Reader
    actor: Actor
    kinds: Mapping[str, Summary]
    paths: Mapping[str, str]

    async def page(self, tokens: Tokens, since: str | None, limit: int) -> bytes:
        """The changes after a token, as the JSON of `Changes`."""
        place = tokens.read(since) if since else Place(full=True)
        # Looked up before anything is read: what happens meanwhile comes with the next token.
        head = await self.session.scalar(select(func.max(col(Ledger.sequence)))) or 0
        until = head if place.until is None else place.until
        if max(place.after, until) > head:
            raise CursorExpired  # the service was restored from a backup that is older than the token
        statement = changes(self.actor, self.kinds, place, until, limit + 1)
        found: Found = [tuple(row) for row in await self.session.execute(statement)]
        page = found[:limit]
        if len(found) > limit:
            end = {"next_page": tokens.write(replace(place, after=page[-1][0], until=until))}
        else:
            end = {"sync_token": tokens.write(Place(until))}
        items = self._items(page, await self._shown(page))
        return b'{"items":[' + b",".join(items) + b"]," + to_json(end)[1:]

    async def _shown(self, page: Found) -> Shown:
        """What can be read of a page: one statement for each type."""
        ids: dict[str, list[UUID]] = defaultdict(list)
        for _, kind, id, reason in page:
            if reason is None:
                ids[kind].append(id)
        shown = {}
        for kind, some in ids.items():
            one = self.kinds[kind]
            values: Mapping[str, Any] = one.values(self.actor)
            for id, row in (await one.shape.some(self.reader, self.actor.shape, values, some)).items():
                shown[kind, id] = row
        return shown

    def _items(self, page: Found, shown: Shown) -> Sequence[bytes]:
        items = []
        for _, kind, id, reason in page:
            if reason is not None:
                items.append(to_json({"type": kind, "id": id, "removed": {"reason": Reason(reason)}}))
            elif (kind, id) in shown:  # or it was hidden just now, which the next token tells
                version, body = shown[kind, id]
                head = {"type": kind, "id": id, "version": version, "href": self.paths[kind].format(id=id)}
                items.append(to_json(head)[:-1] + b',"resource":' + body.encode() + b"}")
        return items
