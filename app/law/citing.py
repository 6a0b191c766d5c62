"""Citing the law: a citation that leads nowhere fails where it is written, at import."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.kit.text import Code
from app.law.book import law
from app.law.models import Duty, Provision

Language = Literal["vi", "en"]

# How each kind is cited, in Vietnamese and English: `{n}` its own number, `{up}` the citation of what it stands in.
_FORMS: dict[str, tuple[str, str]] = {
    "decision": ("Quyết định", "Decision"),
    "issuer": ("{up}, cơ quan ban hành", "{up}, issuing body"),
    "recital": ("{up}, căn cứ thứ {n}", "{up}, recital {n}"),
    "enacting": ("{up}, lời ban hành", "{up}, enacting words"),
    "decision_article": ("Điều {n} {up}", "{up}, Article {n}"),
    "recipients": ("{up}, nơi nhận", "{up}, distribution list"),
    "recipient": ("{up} thứ {n}", "{up}, line {n}"),
    "signature": ("{up}, chữ ký", "{up}, signature"),
    "letterhead": ("Phần đầu Quy chế", "Letterhead of the Regulation"),
    "regulation": ("Quy chế", "Regulation"),
    "chapter": ("Chương {n}", "Chapter {n}"),
    "article": ("Điều {n}", "Article {n}"),
    "clause": ("{up} khoản {n}", "{up}({n})"),
    "point": ("{up} điểm {n}", "{up}({n})"),
    "item": ("{up} gạch đầu dòng thứ {n}", "{up}, dash {n}"),
    "closing": ("Đoạn cuối {up}", "Closing paragraph of the {up}"),
}


class UnknownCitationError(ValueError):
    """No provision and no duty has this id."""


class Clause(str):
    """The id of a provision (`QC.D7.K3`) or of a duty in it (`QC.D7.K3-a`), known to exist."""

    __slots__ = ()

    def __new__(cls, id: str) -> Self:
        """Refuse an id that leads nowhere."""
        if id not in law().provisions and id not in law().duties:
            raise UnknownCitationError(f"Unknown citation: {id}")
        return super().__new__(cls, id)

    @property
    def provision(self) -> Provision:
        """The provision itself; for a duty, the one that orders it."""
        return law().provisions[self.partition("-")[0]]

    @property
    def duties(self) -> tuple[Duty, ...]:
        """The duty of this id, or all that the provision orders."""
        return (law().duties[self],) if self in law().duties else law().duties_of(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(max_length=64))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "maxLength": 64, "examples": ["QC.D7.K3"], "title": "Provision"}


def clause(id: str) -> Clause:
    """One citation."""
    return Clause(id)


def clauses(*ids: str) -> tuple[Clause, ...]:
    """Several citations."""
    return tuple(map(Clause, ids))


def citation(id: str, language: Language) -> str:
    """The citation as people write it: «Điều 8 khoản 3», "Article 8(3)". A duty is cited by its provision."""
    return _cited(Clause(id).provision, 0 if language == "vi" else 1)


def _cited(provision: Provision, form: Literal[0, 1]) -> str:
    up = _cited(law().provisions[provision.parent], form) if provision.parent else ""
    number = re.sub(r"^[A-Z]+(?=\d)", "", provision.id.rpartition(".")[2])
    return _FORMS[provision.kind][form].format(n=number, up=up)


def _known(value: str) -> str:
    if value not in law().provisions:
        raise PydanticCustomError("unknown_clause", "No such provision")
    return value


KnownProvision = Annotated[Code, AfterValidator(_known)]
"""The id of a provision in a request's body."""


class Citation(BaseModel):
    """A citation for people and machines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Clause = Field(
        description="A provision, or a duty in it: a suffix after a hyphen is this service's own, not the regulation's."
    )
    instrument: str = Field(description="The number of the instrument.", examples=["26/2013/QĐ-UBND"])
    citation_vi: str = Field(examples=["Điều 8 khoản 3"])
    citation_en: str = Field(examples=["Article 8(3)"])

    @classmethod
    def of(cls, id: str) -> Self:
        """The citation of one provision or duty."""
        cited = Clause(id)
        number = law().instruments[cited.provision.instrument].number
        return cls(id=cited, instrument=number, citation_vi=citation(id, "vi"), citation_en=citation(id, "en"))
