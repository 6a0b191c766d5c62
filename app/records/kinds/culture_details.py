"""The details of what culture, sports and tourism records (QC.D11)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.flow.documents import DocumentRef
from app.kit.text import Line, Prose, Url
from app.plans.models import Audience
from app.records.kind import Details
from app.records.words import Count, Country


class CulturalEvent(Details):
    """External information through culture, art, sports or tourism (QC.D11.K1)."""

    kind: Literal["cultural_event"]
    form: Literal["culture", "art", "sport", "tourism"]
    place: Line
    countries: list[Country] = Field(default_factory=list, max_length=50, description="That take part.")
    audiences: list[Audience] = Field(default_factory=list, max_length=5)
    programme: Prose | None = None
    foreign_guests: Count | None = None
    result: Prose | None = None


class CulturalProgramme(Details):
    """A programme of the Central Highlands that is taken abroad (QC.D11.K1)."""

    kind: Literal["cultural_programme"]
    form: Literal["performance", "exchange", "exhibition", "festival"]
    countries: list[Country] = Field(min_length=1, max_length=20)
    partner: Line = Field(description="Who receives it.")
    twin_locality: Line | None = Field(None, description="The twinned locality, where there is one.")
    troupe_size: Count
    items: list[Line] = Field(default_factory=list, max_length=50, description="What is shown.")
    result: Prose | None = Field(None, description="Needed before it counts as completed.")


class Topic(StrEnum):
    """What a book or a gift is about, as QC.D11.K2 lists it."""

    history_culture = "history_culture"
    craft_villages = "craft_villages"
    scenic_sites = "scenic_sites"
    relics = "relics"
    cuisine = "cuisine"


class PhotoBook(Details):
    """A book of photographs in Vietnamese and English (QC.D11.K2)."""

    kind: Literal["photo_book"]
    topics: list[Topic] = Field(min_length=1, max_length=5)
    url: Url | None = Field(None, description="Where it can be seen.")
    publisher: Line | None = None
    publishing_licence: DocumentRef | None = None
    isbn: str | None = Field(None, max_length=13, pattern=r"^97[89][0-9]{10}$", examples=["9786040000002"])
    copies: Count | None = None


class Souvenir(Details):
    """A gift that bears the emblem of the province (QC.D11.K2)."""

    kind: Literal["souvenir"]
    topics: list[Topic] = Field(min_length=1, max_length=5)
    emblem: Line = Field(description="How it bears the emblem.", examples=["In biểu tượng tỉnh trên nắp hộp"])
    material: Line | None = None
    maker: Line | None = None
    quantity: Count | None = None


class ForeignFilmCrew(Details):
    """A foreign film crew that was permitted to work in the province (QC.D11.K4)."""

    kind: Literal["foreign_film_crew"]
    permit: DocumentRef = Field(description="The permit of the competent authority.")
    producer: Line
    country: Country
    film_title: Line
    size: Count
    places: list[Line] = Field(min_length=1, max_length=50)
    guide: Line | None = Field(None, description="The unit that goes with it.")
    conditions: Prose | None = Field(None, description="What it was told; needed before it counts as guided.")
