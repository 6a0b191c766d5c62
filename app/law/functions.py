"""Function keys as a type: a key that `data/functions.toml` does not know cannot be made."""

from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.law.book import law
from app.law.models import Function


class UnknownFunctionError(ValueError):
    """No function has this key."""


class FunctionKey(str):
    """The key of a function, known to exist; equal to the plain string."""

    __slots__ = ()

    def __new__(cls, key: str) -> Self:
        """Refuse a key that no function has."""
        if key not in law().functions:
            raise UnknownFunctionError(f"Unknown function: {key}")
        return super().__new__(cls, key)

    @property
    def function(self) -> Function:
        """Its titles and what kind of function it is."""
        return law().functions[self]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls._asked, core_schema.str_schema())

    @classmethod
    def _asked(cls, key: str) -> Self:
        try:
            return cls(key)
        except UnknownFunctionError as error:
            raise PydanticCustomError("unknown_function", "No such function") from error

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(law().functions), "title": "Function"}


class _Functions:
    """Every function by its key: `F.COORD`; an unknown one fails where it is written, at import."""

    def __getattr__(self, key: str) -> FunctionKey:
        try:
            return FunctionKey(key)
        except UnknownFunctionError as error:
            raise AttributeError(str(error)) from error


F = _Functions()
