"""The details of what planning and investment records: figures and what the portal shows to investors (QC.D10)."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.text import Line, Prose, Url
from app.plans.models import Audience, ContentCategory
from app.records.kind import Details
from app.records.words import Count, Country, Money


class CapitalType(StrEnum):
    """Where the capital comes from."""

    ngo = "ngo"
    fdi = "fdi"
    oda = "oda"


Frequency = Literal["month", "quarter", "year"]


class CapitalOfCountry(Submitted):
    """The part of one country."""

    country: Country
    projects: Count
    registered: Money | None = None


class InvestmentStatistic(Details):
    """Figures of foreign capital in the province, for a period (QC.D10.K2)."""

    kind: Literal["investment_statistic"]
    capital_type: CapitalType
    frequency: Frequency
    area: Line | None = Field(None, description="The district; null: the whole province.")
    projects: Count
    registered: Money | None = Field(None, description="Capital registered, or committed.")
    disbursed: Money | None = None
    by_country: list[CapitalOfCountry] = Field(default_factory=list, max_length=100)
    source: Line
    as_of: Day = Field(description="The day the figures were taken.")

    @model_validator(mode="after")
    def _some_amount(self) -> Self:
        if self.registered is None and self.disbursed is None:
            raise PydanticCustomError("no_amount", "Give the capital registered or disbursed")
        return self


class PortalItem(Details):
    """What the portals of the province tell investors and Vietnamese abroad (QC.D10.K3)."""

    kind: Literal["portal_item"]
    category: ContentCategory
    audiences: list[Audience] = Field(min_length=1, max_length=5)
    text_vi: Prose
    text_en: Prose | None = Field(None, description="Needed before it is ready, with its title.")
    url: Url | None = Field(None, description="Where it stands.")
