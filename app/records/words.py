"""What the details of several kinds are made of: countries, money, counts, editions."""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.secrecy import Submitted
from app.kit.text import Language, Line, Url, clean


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2, from the table that the time zones come with."""
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    return frozenset(line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#"))


def _known(code: str) -> str:
    if code not in countries():
        raise PydanticCustomError("unknown_country", "No such country")
    return code


Country = Annotated[
    str, Field(max_length=2, pattern=r"^[A-Z]{2}$", examples=["LA"]), AfterValidator(_known), BeforeValidator(clean)
]
"""A country by ISO 3166-1 alpha-2."""
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
"""How many."""
Year = Annotated[int, Field(ge=2013, le=2100, strict=True)]
"""A year in which the regulation is in force."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file.")]
"""The SHA-256 of a file, in hexadecimal."""


class Currency(StrEnum):
    """The currencies that capital is registered in, by ISO 4217."""

    VND = "VND"
    USD = "USD"
    EUR = "EUR"
    JPY = "JPY"
    KRW = "KRW"
    CNY = "CNY"
    GBP = "GBP"
    CHF = "CHF"
    AUD = "AUD"
    CAD = "CAD"
    SGD = "SGD"
    THB = "THB"


_WHOLE = frozenset({Currency.VND, Currency.JPY, Currency.KRW})  # ISO 4217: no minor unit


class Money(Submitted):
    """An amount and its currency; a decimal string, so that no reader rounds it."""

    amount: str = Field(max_length=18, pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{2})?$", examples=["1250000.00"])
    currency: Currency

    @model_validator(mode="after")
    def _in_its_units(self) -> Self:
        if self.currency in _WHOLE and "." in self.amount:
            raise PydanticCustomError("no_minor_unit", "This currency has no decimals")
        return self


class Edition(Submitted):
    """What exists in one language, and where it is found."""

    language: Language
    title: Line
    url: Url | None = None
    sha256: Sha256 | None = None
