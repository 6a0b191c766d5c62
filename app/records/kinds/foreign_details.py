"""The details of what foreign affairs records (QC.D9)."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRef
from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.text import Language, Line, Prose, Url
from app.plans.models import Audience
from app.records.kind import Details
from app.records.words import Count, Country, Edition, Year


class InvitedPress(Submitted):
    """One press body that is to be invited."""

    name: Line = Field(examples=["Thông tấn xã Lào"])
    country: Country
    resident: bool = Field(default=False, strict=True, description="Its reporters live in Vietnam.")


class ForeignPressInvitation(Details):
    """Whom the People's Committee is advised to invite into the province in a year (QC.D9.K3)."""

    kind: Literal["foreign_press_invitation"]
    year: Year
    occasion: Line = Field(examples=["Lễ hội Cà phê Buôn Ma Thuột"])
    press: list[InvitedPress] = Field(min_length=1, max_length=50)
    topics: list[Line] = Field(default_factory=list, max_length=20)
    partners: list[Line] = Field(default_factory=list, max_length=10, description="Units of the ministry that help.")


class InterviewPrep(Details):
    """What a leader of the province is to say to a foreign reporter (QC.D9.K1); the press body, not the reporter."""

    kind: Literal["interview_prep"]
    press_body: Line
    country: Country
    leader_title: Line = Field(description="The office, no name.", examples=["Chủ tịch Ủy ban nhân dân tỉnh"])
    requested_on: Day
    answer_by: Day | None = None
    form: Literal["in_person", "online", "written"]
    topics: list[Line] = Field(min_length=1, max_length=30)
    content: Prose | None = Field(None, description="What was prepared; needed before it counts as prepared.")
    published_url: Url | None = None


class InternationalBrief(Details):
    """News of the Ministry of Foreign Affairs, gathered for the leaders (QC.D9.K4)."""

    kind: Literal["international_brief"]
    received_on: Day
    source: Line = Field(examples=["Vụ Thông tin Báo chí, Bộ Ngoại giao"])
    countries: list[Country] = Field(default_factory=list, max_length=50)
    text: Prose
    links: list[Url] = Field(default_factory=list, max_length=20)


class SituationField(StrEnum):
    """What a situation is analysed for."""

    political_security = "political_security"
    economy = "economy"


class SituationAnalysis(Details):
    """What goes on in the world and the region, what it means for the province, what to do (QC.D9.K5)."""

    kind: Literal["situation_analysis"]
    fields: list[SituationField] = Field(min_length=1, max_length=2)
    countries: list[Country] = Field(default_factory=list, max_length=50)
    situation: Prose
    impact: Prose = Field(description="On the province.")
    proposal: Prose | None = Field(None, description="Directions and measures; needed before it goes to the leaders.")


class DiplomacyForm(StrEnum):
    """The form of an activity of people's diplomacy."""

    directive = "directive"
    exchange = "exchange"
    visit = "visit"
    conference = "conference"
    aid = "aid"
    other = "other"


class PeopleDiplomacy(Details):
    """An activity of people's diplomacy, or the directive for it (QC.D9.K6)."""

    kind: Literal["people_diplomacy"]
    form: DiplomacyForm
    partners: list[Line] = Field(default_factory=list, max_length=20)
    countries: list[Country] = Field(default_factory=list, max_length=50)
    place: Line | None = None
    participants: Count | None = None
    result: Prose | None = None


class Partnership(Details):
    """Friendship and cooperation between a unit of the province and one abroad (QC.D9.K6)."""

    kind: Literal["partnership"]
    level: Literal["province", "district", "unit"]
    local_unit: Line = Field(examples=["Thành phố Buôn Ma Thuột"])
    foreign_unit: Line = Field(examples=["Tỉnh Champasak"])
    country: Country
    areas: list[Line] = Field(default_factory=list, max_length=20, description="What they work together in.")
    agreement: DocumentRef | None = Field(None, description="What was signed; needed before it counts as signed.")
    valid_until: Day | None = None
    result: Prose | None = None


class OverseasCampaign(Details):
    """How Resolution 36-NQ/TW on Vietnamese abroad is made known (QC.D9.K6)."""

    kind: Literal["overseas_campaign"]
    audiences: list[Audience] = Field(default_factory=lambda: [Audience.overseas_vietnamese], max_length=5)
    countries: list[Country] = Field(default_factory=list, max_length=50)
    channels: list[Line] = Field(min_length=1, max_length=20)
    content: Prose | None = None
    reached: Count | None = Field(None, description="People reached.")


class Translation(Details):
    """A publication or a document to be put into a foreign language (QC.D9.K7)."""

    kind: Literal["translation"]
    source_title: Line
    source_language: Language = "vi"
    target_language: Language = Field(examples=["en"])
    source_url: Url | None = None
    purpose: Line | None = None
    pages: Count | None = None
    needed_by: Day | None = None
    reviewer: Line | None = Field(None, description="The unit that reviews it, no person.")
    output: Edition | None = Field(None, description="What came of it; needed before it counts as completed.")

    @model_validator(mode="after")
    def _two_languages(self) -> Self:
        if self.source_language == self.target_language:
            raise PydanticCustomError("same_language", "The target language is the source language")
        return self
