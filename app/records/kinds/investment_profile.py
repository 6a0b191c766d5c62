"""Official material on the investment potential of the province, in Vietnamese and English (QC.D10.K1)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.kit.failures import BadField
from app.kit.text import Line
from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import (
    OWNER,
    TELL_OWNER,
    Activity,
    Details,
    Facts,
    Kind,
    Sensitivity,
    Words,
    event,
    in_languages,
    step,
    stood,
)
from app.records.words import Edition, Year

BOTH = ("vi", "en")


class S(StrEnum):
    """Where it stands."""

    draft = "draft"
    released = "released"
    withdrawn = "withdrawn"


class InvestmentProfile(Details):
    """A publication for investors, with each language it is there in."""

    kind: Literal["investment_profile"]
    year: Year
    fields: list[Line] = Field(default_factory=list, max_length=50, description="The fields that call for investment.")
    editions: list[Edition] = Field(
        default_factory=list, max_length=20, description="One in each language; Vietnamese and English before release."
    )


def _searched(details: InvestmentProfile) -> tuple[str, ...]:
    return (*details.fields, *(edition.title for edition in details.editions))


def bilingual(facts: Facts) -> None:
    """Vietnamese and English are there: the titles, and an edition of each."""
    in_languages(facts, *BOTH)
    stood(facts, "title_en")
    there = {edition.language for edition in facts.details.editions}
    for language in BOTH:
        if language not in there:
            raise BadField("language_missing", "details", "editions", language=language)


_PROVISIONS, _LAW = clauses("QC.D10.K1"), clause("QC.D10.K1")
INVESTMENT_PROFILE = Kind(
    name="investment_profile",
    title=Words("Tài liệu giới thiệu tiềm năng đầu tư", "Investment profile"),
    provisions=_PROVISIONS,
    details=InvestmentProfile,
    sensitivity=Sensitivity.public,
    writers=frozenset({F.INVEST}),
    contributors=frozenset({F.COORD, F.FOREIGN, F.CULTURE}),
    named={},
    opened=event("publication.drafted", Words("Soạn tài liệu", "A publication was drafted"), _LAW),
    search=_searched,
    initial=S.draft,
    editable=frozenset({S.draft, S.released}),
    deletable=frozenset({S.draft}),
    public_when=frozenset({S.released}),
    activity=Activity({S.released}),
    whole=bilingual,
    example={
        "title": "Đắk Lắk: tiềm năng và cơ hội đầu tư 2027",
        "title_en": "Đắk Lắk: investment potential and opportunities 2027",
        "languages": ["vi", "en"],
        "starts_on": "2027-01-15",
        "details": {
            "kind": "investment_profile",
            "year": 2027,
            "fields": ["Chế biến cà phê", "Năng lượng tái tạo"],
            "editions": [
                {
                    "language": "vi",
                    "title": "Đắk Lắk: tiềm năng và cơ hội đầu tư",
                    "url": "https://daklak.example/dau-tu-2027.pdf",
                    "sha256": None,
                },
                {
                    "language": "en",
                    "title": "Đắk Lắk: investment potential",
                    "url": "https://daklak.example/invest-2027.pdf",
                    "sha256": None,
                },
            ],
        },
    },
    steps=(
        step(
            "release", {S.draft}, S.released, OWNER, _LAW,
            event("publication.released", Words("Ấn phẩm được phát hành", "A publication was released"), _LAW),
            Words("Phát hành", "Release it: Vietnamese and English must be there."),
            tells={F.COORD, F.PORTAL}, ready=bilingual,
        ),
        step(
            "withdraw", {S.released}, S.withdrawn, OWNER, _LAW,
            event("publication.withdrawn", Words("Ấn phẩm được thu hồi", "A publication was taken back"), _LAW),
            Words("Thu hồi", "Take it back."), tells={F.COORD, TELL_OWNER},
        ),
    ),
)  # fmt: skip
KINDS = (INVESTMENT_PROFILE,)
