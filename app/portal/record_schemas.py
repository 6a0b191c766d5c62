"""Records and press products as everybody reads them: nothing that their kind keeps, nobody who worked on them."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Union
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from app.kit.clock import Instant
from app.plans.models import Audience
from app.press.supply_models import ProductKind
from app.records.kind import Kind
from app.records.kinds import KINDS
from app.records.kinds.investment_details import CapitalType, Frequency
from app.records.words import Currency

MOST_FIGURES = 10_000
PUBLIC = {name: kind for name, kind in KINDS.items() if kind.public_when}
"""The kinds of which everybody may read something."""


def _shown(kind: Kind) -> type[BaseModel]:
    """The details of a kind, without what it keeps."""
    if not kind.kept:
        return kind.details
    fields = kind.details.model_fields.items()
    members: dict[str, Any] = {name: (field.annotation, field) for name, field in fields if name not in kind.kept}
    return create_model(f"Public{kind.details.__name__}", __doc__=kind.details.__doc__, **members)


if TYPE_CHECKING:
    PublicDetails = BaseModel
else:
    PublicDetails = Annotated[Union[tuple(map(_shown, PUBLIC.values()))], Field(discriminator="kind")]  # noqa: UP007


class PublicRecordSummary(BaseModel):
    """A record as the public's lists show it."""

    id: UUID
    agency_id: UUID = Field(description="Whose it is.")
    agency: str = Field(max_length=300, description="Its name today.")
    kind: str = Field(max_length=64, description="See `GET /v1/record-kinds`.", examples=["partnership"])
    state: str = Field(max_length=64, examples=["signed"])
    title: str = Field(max_length=300)
    title_en: str | None = Field(max_length=300)
    languages: list[Annotated[str, Field(max_length=35)]] = Field(max_length=20, description="It is there in these.")
    starts_on: date | None
    ends_on: date | None
    changed_at: Instant = Field(description="When it was last changed by somebody's hand.")


class PublicRecord(PublicRecordSummary):
    """A record as everybody may read it."""

    details: PublicDetails = Field(description="What is particular to its kind, without what the kind keeps.")
    provisions: list[str] = Field(max_length=20)


class PublicProductSummary(BaseModel):
    """A page, a column or a reportage of the press as the public's lists show it."""

    id: UUID
    agency_id: UUID = Field(description="The press body.")
    agency: str = Field(max_length=300, description="Its name today.")
    kind: ProductKind
    title: str = Field(max_length=300)
    language: str = Field(max_length=35)
    audience: Audience
    first_date: date
    frequency: str | None = Field(max_length=300)
    url: str | None = Field(max_length=2000)
    changed_at: Instant = Field(description="When it was last changed by somebody's hand.")


class PublicProduct(PublicProductSummary):
    """A product of the press, with the clauses it rests on."""

    provisions: list[str] = Field(max_length=20)


class InvestmentFigures(BaseModel):
    """Figures of foreign capital for one period; an amount is a decimal string."""

    capital_type: CapitalType
    frequency: Frequency
    area: str | None = Field(max_length=300, description="The district; null: the whole province.")
    starts_on: date
    ends_on: date
    projects: int = Field(ge=0, le=1_000_000)
    registered_amount: str | None = Field(max_length=18, description="Capital registered, or committed.")
    registered_currency: Currency | None
    disbursed_amount: str | None = Field(max_length=18)
    disbursed_currency: Currency | None
    source: str = Field(max_length=300)
    as_of: date = Field(description="The day the figures were taken.")
    id: UUID = Field(description="The record: `GET /v1/public/records/{id}` has them by country.")


class InvestmentSeries(BaseModel):
    """Released figures of foreign capital, by type of capital, district and period."""

    items: list[InvestmentFigures] = Field(max_length=MOST_FIGURES)
