"""The fast path of reading: PostgreSQL makes the JSON, by a statement that is compiled once and run without an ORM.

A room declares a `Shape`: a Read schema, the table behind it, and an expression for each member that is not simply a
column. The bytes are those that the schema itself would write (a test compares them), only sooner.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Insert,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import literal_column as words
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Select

from app.kit import meters
from app.kit.driver import Statement
from app.kit.pages import Paging
from app.kit.problems import NotFound
from app.kit.reader import Reader
from app.kit.writes import write

NOTHING: Mapping[str, Any] = {}
MOST_COMPILED = 256
"""Statements that one shape keeps; each takes some kilobytes."""


W = TypeVar("W")
Noting = Callable[[FromClause, ColumnElement[int] | None], Insert]
"""Makes an INSERT of the rows that are shown (how many at most); its parameters are among the statement's values."""


class Shape(Generic[W]):
    """A Read schema as PostgreSQL writes it, for the rows that `visible` lets an actor know of.

    `W` is the actor with parameters in the place of its values: what is left of it decides the text of the statement,
    and is its key, so that no actor is ever served by a statement made for another kind of actor.
    """

    def __init__(
        self,
        schema: type[BaseModel],
        table: Any,
        visible: Callable[[W], Select[Any]],
        narrowing: Mapping[str, ColumnElement[bool]] | None = None,
        noting: Noting | None = None,
        /,
        **given: Any,
    ) -> None:
        """`narrowing`: conditions on `wanted_{name}` for what a list is narrowed by otherwise than by equality.

        `noting`: what each reading leaves behind, in the same statement.
        """
        self._table: Table = table.__table__
        self._narrowing = narrowing or {}
        self._noting = noting
        self._schema = schema
        self._visible = visible
        self._given = given
        self._members = members(schema, self._table, given)
        self._one = lru_cache(MOST_COMPILED)(self._compile_one)
        self._some = lru_cache(MOST_COMPILED)(self._compile_some)
        self._page = lru_cache(MOST_COMPILED)(self._compile_page)

    async def one(self, reader: Reader, who: W, values: Mapping[str, Any], id: UUID) -> Response:
        """One row, with its tag; NotFound when the actor may not know of it."""
        rows = await reader.rows(self._one(who), {**values, "id": id})
        if not rows:
            raise NotFound
        body, tag = rows[0]
        return Response(body, headers={"ETag": tag} if tag else None, media_type="application/json")

    async def within(self, session: AsyncSession, who: W, values: Mapping[str, Any], *ids: UUID) -> list[Any]:
        """Rows as they stand in a transaction, oldest first; what that has changed is written before."""
        await write(session)
        known = self._table.c.id
        found = self._visible(who).where(known.in_(ids)).order_by(known)
        rows = await session.execute(self._shown(found), dict(values))
        return [self._schema.model_validate_json(body) for body, _ in rows]

    def known(self, who: W) -> Select[Any]:
        """The ids of the rows that the actor may know of."""
        return self._visible(who).with_only_columns(self._table.c.id)

    async def some(
        self, reader: Reader, who: W, values: Mapping[str, Any], ids: Sequence[UUID]
    ) -> Mapping[UUID, tuple[int, str]]:
        """Those of these rows that the actor may know of: the version, and the JSON."""
        rows = await reader.rows(self._some(who), {**values, "ids": ids})
        return {id: (version, body) for body, id, version in rows}

    async def page(
        self, reader: Reader, who: W, values: Mapping[str, Any], wanted: Mapping[str, Any], paging: Paging
    ) -> Response:
        """One page, newest first; `wanted` narrows it to rows with these values (None: any) in columns or members.

        Or by a condition that the shape has under that name (`where`), with the value as parameter `wanted_…`.
        """
        narrowed = {name: value for name, value in wanted.items() if value is not None}
        after = paging.key([self._table.c.id]) if paging.after is not None else None
        given = {f"wanted_{name}": value for name, value in narrowed.items()}
        # One row more than asked for tells whether another page follows.
        facts = {**values, **given, "limit": paging.limit + 1, "after": after and after[0]}
        rows = await reader.rows(self._page(who, frozenset(narrowed), after is not None), facts)
        shown = rows[: paging.limit]
        cursor = paging.following([shown[-1][1]]) if len(rows) > paging.limit else None
        body = f'{{"items":[{",".join(row[0] for row in shown)}],"next_cursor":{to_json(cursor).decode()}}}'
        return Response(body, headers=paging.response.headers, media_type="application/json")

    def _compile_one(self, who: W) -> Statement:
        meters.built("statement")
        return self._answering(self._visible(who).where(self._table.c.id == bindparam("id")), "etag")

    def _compile_some(self, who: W) -> Statement:
        meters.built("statement")
        ids = bindparam("ids", type_=ARRAY(Uuid))
        return self._answering(self._visible(who).where(self._table.c.id == any_(ids)), "id", "version")

    def _shown(self, found: Select[Any]) -> Select[Any]:
        shown = found.with_only_columns(*self._members).subquery("shown")
        return select(cast(func.row_to_json(shown.table_valued()), Text), shown.c.etag)

    def _compile_page(self, who: W, narrowed: frozenset[str], after: bool) -> Statement:
        meters.built("statement")
        found = self._visible(who).where(*(self._wanted(name) for name in sorted(narrowed)))
        if after:
            found = found.where(self._table.c.id < bindparam("after"))
        limit = bindparam("limit", type_=Integer)
        # The last of so many rows only tells that there are more.
        return self._answering(found.order_by(self._table.c.id.desc()).limit(limit), "id", most=limit - 1)

    def _wanted(self, name: str) -> ColumnElement[bool]:
        if name in self._narrowing:
            return self._narrowing[name]
        member: ColumnElement[Any] = {**self._table.c, **self._given}[name]
        return member == bindparam(f"wanted_{name}")

    def _answering(self, found: Select[Any], *names: str, most: ColumnElement[int] | None = None) -> Statement:
        """The JSON of each row and these members; what is noted of it goes with it."""
        rows = found.with_only_columns(*self._members)
        shown = rows.cte("shown") if self._noting else rows.subquery("shown")
        # A schema that shows no tag leaves it to whoever answers.
        members = (shown.c[name] if name in shown.c else null() for name in names)
        answer = select(cast(func.row_to_json(shown.table_valued()), Text), *members)
        return Statement(answer.add_cte(self._noting(shown, most).cte("noted")) if self._noting else answer)


def members(schema: type[BaseModel], table: Table, given: Mapping[str, Any]) -> Sequence[ColumnElement[Any]]:
    """The members of a schema in its order: the expression given for it, or the column of its name."""
    return [_written(given.get(name, table.c.get(name)), name) for name in schema.model_fields]


def _written(expression: ColumnElement[Any] | None, name: str) -> ColumnElement[Any]:
    assert expression is not None, f"no column is called {name}: give an expression for it"
    if isinstance(expression.type, DateTime):
        # As `clock.Instant` writes it: with the province's offset, and microseconds only where there are some.
        local = func.timezone(words("'Asia/Ho_Chi_Minh'"), expression)
        text = func.to_char(local, words("""'YYYY-MM-DD"T"HH24:MI:SS.US"+07:00"'"""))
        expression = func.replace(text, words("'.000000'"), words("''"))
    return expression.label(name)


def part(schema: type[BaseModel], table: Any, when: ColumnElement[bool], **given: Any) -> ColumnElement[Any]:
    """An object inside the row, made of its columns; null unless `when`."""
    row = select(*members(schema, table.__table__, given)).correlate(table.__table__).subquery("part")
    return case((when, select(func.row_to_json(row.table_valued())).correlate(table.__table__).scalar_subquery()))


def parts(
    schema: type[BaseModel], table: Any, of: Any, order: Any, *when: ColumnElement[bool], **given: Any
) -> ColumnElement[Any]:
    """The rows of another table that point at this one, in their order; only those of which `when` is true."""
    inner, outer = table.__table__, of.__table__
    (key,) = [c for c in inner.c if any(f.column is outer.c.id for f in c.foreign_keys)]
    found = select(*members(schema, inner, given)).where(key == outer.c.id, *when).order_by(order)
    row = found.correlate(outer).subquery("part")
    made = select(func.row_to_json(row.table_valued())).correlate(outer)
    return func.array_to_json(func.array(made.scalar_subquery()))


def inside(schema: type[BaseModel], table: Any, document: Any) -> ColumnElement[Any]:
    """An object kept as JSONB, its members in the schema's order; null where there is none."""
    given = {name: document[name].astext for name in schema.model_fields}
    return part(schema, table, document.is_not(None), **given)


def listed(schema: type[BaseModel], table: Any, document: Any) -> ColumnElement[Any]:
    """The objects of a list kept as JSONB, in its order, their members (strings or null) in the schema's."""
    outer = table.__table__
    found = func.jsonb_array_elements(document)
    items = found.table_valued(column("value", JSONB), with_ordinality="place", joins_implicitly=True).render_derived()
    given = (items.c.value[name].astext.label(name) for name in schema.model_fields)
    row = select(*given).order_by(items.c.place).correlate(outer).subquery("item")
    made = select(func.row_to_json(row.table_valued())).correlate(outer)
    return func.array_to_json(func.array(made.scalar_subquery()))


def fixed(value: Any) -> ColumnElement[Any]:
    """The same value in every row."""
    return cast(literal(to_json(value).decode(), Text), JSON)
