"""Rules for the lists of a body."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

Item = TypeVar("Item", bound=BaseModel)


def once(*members: str, code: str = "duplicate_code") -> Callable[[Sequence[Item]], Sequence[Item]]:
    """No two items of a list have the same value in this member, or the same values in these."""

    def check(items: Sequence[Item]) -> Sequence[Item]:
        values = [tuple(getattr(item, member) for member in members) for item in items]
        if len(set(values)) != len(values):
            raise PydanticCustomError(code, "Two items have the same value")
        return items

    return check
