"""Keyset pages: an opaque, signed cursor that only fits the filter it was given for."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter
from pydantic_core import from_json, to_json
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.kit.problems import InvalidCursor
from app.kit.routing import path_of
from app.kit.vault import Vault

T = TypeVar("T")
R = TypeVar("R")


class Page(BaseModel, Generic[T]):
    """One page of a list; follow `next_cursor` until it is null."""

    items: list[T] = Field(max_length=200)
    next_cursor: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")


@dataclass(frozen=True, slots=True)
class Paging:
    """What one request asked for: size, place and the filter that binds the cursor."""

    limit: int
    after: Sequence[Any] | None
    filter: bytes
    vault: Vault
    response: Response
    url: str
    query: Sequence[tuple[str, str]]

    def page(self, items: Sequence[T], last: Sequence[Any] | None) -> Page[T]:
        """A page of the items; `last` is the key of its last item when more follow."""
        return Page(items=list(items), next_cursor=self.following(last) if last is not None else None)

    def following(self, last: Sequence[Any]) -> str:
        """The cursor of the page after this key, said in `Link` as well."""
        cursor = sign(self.vault, self.filter, last)
        query = urlencode([*self.query, ("limit", self.limit), ("cursor", cursor)])
        self.response.headers["Link"] = f'<{self.url}?{query}>; rel="next"'
        return cursor

    def key(self, order: Sequence[Any]) -> list[Any]:
        """The key after which this page begins, in the types of the columns that order the list."""
        try:
            return [
                TypeAdapter(c.type.python_type).validate_python(v) for c, v in zip(order, self.after or (), strict=True)
            ]
        except ValueError as error:  # genuine, but given by a version of the service that ordered this list otherwise
            raise InvalidCursor from error


async def paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="Items on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")] = None,
) -> Paging:
    """Read `limit` and `cursor`; refuse a cursor that was altered or belongs to another filter."""
    vault: Vault = request.app.state.vault
    query = [(k, v) for k, v in request.query_params.multi_items() if k not in {"cursor", "limit"}]
    path = path_of(request.scope)
    bound = hashlib.sha256(to_json([path, sorted(query)])).digest()
    after = opened(vault, bound, cursor) if cursor else None
    url = f"{request.app.state.settings.public_url}{path}"
    return Paging(limit, after, bound, vault, response, url, query)


def sign(vault: Vault, bound: bytes, place: Sequence[Any]) -> str:
    """A place as a client carries it: opaque, and of use only with what it is bound to."""
    payload = to_json(list(place))
    return _written(vault.mac("cursor", bound + payload) + payload)


def _written(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def opened(vault: Vault, bound: bytes, cursor: str) -> list[Any]:
    """The place that was signed; InvalidCursor when it was altered, or is bound to something else."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise InvalidCursor from error
    mac, payload = raw[:16], raw[16:]
    if _written(raw) != cursor or not hmac.compare_digest(mac, vault.mac("cursor", bound + payload)):
        raise InvalidCursor
    return list(from_json(payload))


PagingDep = Annotated[Paging, Depends(paging)]


async def fetch(
    session: AsyncSession,
    statement: SelectOfScalar[R],
    order: Sequence[Any],
    paging: Paging,
    *,
    newest_first: bool = False,
) -> tuple[Sequence[R], Sequence[Any] | None]:
    """The rows of one page, and the key of the last one when more follow.

    The statement selects one entity; `order` names columns of it that are unique together.
    """
    if paging.after is not None:
        here = paging.key(order)
        place = tuple_(*order)
        statement = statement.where(place < tuple_(*here) if newest_first else place > tuple_(*here))
    statement = statement.order_by(*[column.desc() if newest_first else column for column in order])
    # One row more than asked for tells whether another page follows.
    rows: Sequence[Any] = (await session.scalars(statement.limit(paging.limit + 1))).all()
    shown = rows[: paging.limit]
    return shown, [getattr(shown[-1], column.key) for column in order] if len(rows) > paging.limit else None
