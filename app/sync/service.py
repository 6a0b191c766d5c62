"""One page of what changed for an actor."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.access.actor import Actor
from app.flow.losses import Reason
from app.flow.registry import Resource, Summary
from app.kit.problems import InsufficientScope, InvalidParameter
from app.kit.reader import Reader
from app.sync.queries import Found, Log
from app.sync.tokens import Place, Tokens

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

    log: Log
    reader: Reader
    actor: Actor
    kinds: Mapping[str, Summary]
    paths: Mapping[str, str]

    async def page(self, tokens: Tokens, since: str | None, limit: int) -> bytes:
        """The changes after a token, as the JSON of `Changes`."""
        place = tokens.read(since) if since else Place(full=True)
        # The log is looked at before the rows are read: what happens meanwhile comes with the next token.
        look = await self.log.look(self.reader, self.actor, tuple(sorted(self.kinds)), place, limit)
        items = self._items(look.found, await self._shown(look.found))
        end = {"next_page" if look.more else "sync_token": tokens.write(look.next)}
        return b'{"items":[' + b",".join(items) + b"]," + to_json(end)[1:]

    async def _shown(self, page: Sequence[Found]) -> Shown:
        """What can be read of a page: one statement for each type."""
        ids: dict[str, list[UUID]] = defaultdict(list)
        for kind, id, reason in page:
            if reason is None:
                ids[kind].append(id)
        shown = {}
        for kind, some in ids.items():
            one = self.kinds[kind]
            values: Mapping[str, Any] = one.values(self.actor)
            for id, row in (await one.shape.some(self.reader, self.actor.shape, values, some)).items():
                shown[kind, id] = row
        return shown

    def _items(self, page: Sequence[Found], shown: Shown) -> Sequence[bytes]:
        items = []
        for kind, id, reason in page:
            if reason is not None:
                items.append(to_json({"type": kind, "id": id, "removed": {"reason": Reason(reason)}}))
            elif (kind, id) in shown:  # or it was hidden just now, which the next token tells
                version, body = shown[kind, id]
                head = {"type": kind, "id": id, "version": version, "href": self.paths[kind].format(id=id)}
                items.append(to_json(head)[:-1] + b',"resource":' + body.encode() + b"}")
        return items
