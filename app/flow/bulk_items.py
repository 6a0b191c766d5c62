"""Many submissions in one body, as JSON or line by line: read strictly, and what becomes of each."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.flow.secrecy import UNMARKED, refuse_marked
from app.kit.failures import from_validation
from app.kit.json_reader import read_json
from app.kit.negotiation import JSON
from app.kit.problems import MalformedJson, Problem, ProblemDocument, UnsupportedMediaType, ValidationFailed
from app.kit.text import Code

NDJSON = "application/x-ndjson"
MOST_ITEMS, MOST_LINES = 500, 5000
_BREATH = 100
"""Items that are validated before other requests have their turn."""

Write = TypeVar("Write", bound=BaseModel)
_KEY: TypeAdapter[str] = TypeAdapter(Code)


class BulkItem(BaseModel, Generic[Write]):
    """One submission under the department's own key."""

    model_config = ConfigDict(extra="forbid")

    source: Code = Field(description="The department's system.")
    external_id: Code = Field(description="The key there.")
    body: Write


class Bulk(BaseModel):
    """Many of them; each is judged by itself."""

    model_config = ConfigDict(extra="forbid")

    items: list[Any] = Field(max_length=MOST_ITEMS)


class BulkStatus(StrEnum):
    """What became of an item."""

    created = "created"
    updated = "updated"
    unchanged = "unchanged"
    failed = "failed"
    not_applied = "not_applied"
    """Nothing is wrong with it, but with another one of an atomic call."""


class BulkResult(BaseModel):
    """What became of one item."""

    index: int = Field(ge=0, le=MOST_LINES, description="Its place in the call, from 0.")
    source: str | None = Field(max_length=64, description="Its key, as far as it could be read.")
    external_id: str | None = Field(max_length=64)
    status: BulkStatus
    id: UUID | None = Field(description="Null for what does not stand.")
    version: int | None = Field(ge=1, le=2**31 - 1)
    etag: str | None = Field(max_length=64)
    problem: ProblemDocument | None = Field(description="Why it failed; pointers lead into the item.")


class BulkAnswer(BaseModel):
    """What became of each item, in the order of the call."""

    items: list[BulkResult] = Field(max_length=MOST_LINES)


@dataclass(slots=True)
class Item:
    """One item on its way: as it was read, and what is found out about it."""

    index: int
    source: str | None
    external_id: str | None
    body: Any = None
    status: BulkStatus = BulkStatus.created
    problem: Problem | None = None
    id: UUID | None = None
    version: int | None = None
    state: str | None = None

    def fail(self, problem: Problem) -> None:
        """Refuse it."""
        self.status, self.problem = BulkStatus.failed, problem

    @property
    def key(self) -> tuple[str | None, str | None]:
        """The department's own key."""
        return self.source, self.external_id


async def read_items(request: Request, write: type[BaseModel]) -> list[Item]:
    """The items of a body, each valid by its schema or failed; a marking anywhere refuses them all."""
    given = _given(request.headers.get("content-type", ""), await request.body())
    items = []
    for index, value in enumerate(given):
        items.append(_item(index, value, write))
        if index % _BREATH == _BREATH - 1:
            await asyncio.sleep(0)
    return items


def _given(content_type: str, body: bytes) -> Sequence[Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == NDJSON:
        lines = list(_lines(body))
        if len(lines) > MOST_LINES:
            raise ValidationFailed(field_errors=[({"pointer": ""}, "too_long", {"max_length": MOST_LINES})])
        values = [_read(number, line) for number, line in lines]
        refuse_marked(values)
        return values
    if kind != JSON:
        raise UnsupportedMediaType(expected=f"{JSON}, {NDJSON}")
    whole = read_json(body)
    refuse_marked(whole)
    try:
        return Bulk.model_validate(whole).items
    except ValidationError as error:
        raise _problem(error) from error


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, by their numbers."""
    return ((number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip())


def _read(number: int, line: bytes) -> Any:
    try:
        return read_json(line)
    except MalformedJson as error:
        raise MalformedJson(line=number) from error


@lru_cache
def _schema(write: type[BaseModel]) -> type[BulkItem[Any]]:
    return BulkItem[write]  # type: ignore[valid-type]


def _item(index: int, value: Any, write: type[BaseModel]) -> Item:
    try:
        found = _schema(write).model_validate(value, context=UNMARKED)
    except ValidationError as error:
        given: Mapping[str, Any] = value if isinstance(value, dict) else {}
        item = Item(index, _key(given.get("source")), _key(given.get("external_id")))
        item.fail(_problem(error))
        return item
    return Item(index, found.source, found.external_id, found.body)


def _key(value: Any) -> str | None:
    try:
        return _KEY.validate_python(value)
    except ValidationError:
        return None


def _problem(error: ValidationError) -> Problem:
    return from_validation([{**found, "loc": ("body", *found["loc"])} for found in error.errors(include_url=False)])
