"""Agencies and functions on the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.agencies.models import FocalPointKind
from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret
from app.kit.clock import Instant
from app.kit.text import Line, clean

Day = date


class NameRead(BaseModel):
    """A name and when it holds."""

    name_vi: str = Field(max_length=300, examples=["Ủy ban nhân dân huyện Buôn Đôn"])
    name_en: str = Field(max_length=300, examples=["People's Committee of Buôn Đôn District"])
    short_name: str | None = Field(max_length=32, description="As in document symbols.")
    valid_from: Day
    valid_to: Day | None = Field(description="Excluded; null: until further notice.")


class CodeRead(BaseModel):
    """A code and when it holds."""

    scheme: str = Field(
        max_length=32, description="`identifier`: mã định danh điện tử; `gso`: General Statistics Office."
    )
    value: str = Field(max_length=35, examples=["H15"])
    valid_from: Day
    valid_to: Day | None


class HoldingRead(BaseModel):
    """A function held, and when."""

    function: str = Field(max_length=32, examples=["MEMBER"])
    valid_from: Day
    valid_to: Day | None
    legal_document: str | None = Field(max_length=100, description="The document that gave the function.")


class AgencyRef(BaseModel):
    """An agency, named as on the day asked for."""

    id: UUID
    slug: str = Field(max_length=64)
    name_vi: str = Field(max_length=300)


class AgencyRead(BaseModel):
    """An agency as it stood on the day asked for."""

    id: UUID
    slug: str = Field(
        max_length=64, description="A key for people and scripts; never changes.", examples=["ubnd-buon-don"]
    )
    kind: str = Field(max_length=32, examples=["district"])
    name: NameRead
    head_title: str | None = Field(max_length=100, description="Title of the responsible head (QD.D4).")
    status: str = Field(max_length=16, description="`active` or `dissolved`.", examples=["active"])
    valid_from: Day
    valid_to: Day | None
    parent: AgencyRef | None
    codes: list[CodeRead] = Field(max_length=20)
    functions: list[HoldingRead] = Field(max_length=50)
    etag: str = Field(max_length=64)


class AgencyDetail(AgencyRead):
    """An agency with its history."""

    names: list[NameRead] = Field(max_length=100, description="Every name it ever had, oldest first.")
    aliases: list[str] = Field(max_length=100, description="Other spellings that search finds.")
    holdings: list[HoldingRead] = Field(max_length=200, description="Every function it ever held, oldest first.")
    provisions: list[str] = Field(max_length=10)


class HolderRead(BaseModel):
    """Who holds a function, and when."""

    agency: AgencyRef
    valid_from: Day
    valid_to: Day | None


class FunctionRead(BaseModel):
    """A function of the regulation and its holders on the day asked for."""

    function: str = Field(max_length=32, examples=["COORD"])
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)
    singleton: bool = Field(description="Held by exactly one agency at a time.")
    external: bool = Field(description="Held outside the province's register.")
    holders: list[HolderRead] = Field(max_length=500)


class FunctionList(BaseModel):
    """Every function of the regulation."""

    items: list[FunctionRead] = Field(max_length=100)


Phone = Annotated[str, Field(max_length=32, pattern=r"^\+?[0-9][0-9 .()-]{5,30}$"), BeforeValidator(clean)]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), BeforeValidator(clean)]


class FocalPointWrite(NoStateSecret):
    """Whom the agency puts in charge; contacts at work only, nothing private."""

    kind: FocalPointKind
    name: Line = Field(
        description="Of the organisation or the person, in full.", examples=["Phòng Văn hóa và Thông tin"]
    )
    position: Line | None = Field(None, description="The person's title.")
    phone: Phone | None = Field(None, description="At work.")
    email: Email | None = Field(None, description="At work.")
    document: DocumentRef | None = Field(None, description="The document that assigns it.")

    @model_validator(mode="after")
    def _position_is_a_persons(self) -> Self:
        if self.position and self.kind is FocalPointKind.organisation:
            raise PydanticCustomError("position_of_organisation", "An organisation has no position")
        return self


class FocalPointRead(BaseModel):
    """Who is, or was, in charge."""

    id: UUID
    agency_id: UUID
    kind: FocalPointKind
    name: str = Field(max_length=300)
    position: str | None = Field(max_length=300)
    phone: str | None = Field(max_length=32)
    email: str | None = Field(max_length=254)
    document: DocumentRead | None
    assigned_at: Instant
    ended_at: Instant | None = Field(description="Null: still in charge.")
    provisions: list[str] = Field(max_length=10)
    etag: str = Field(max_length=64)


class FocalPointList(BaseModel):
    """Everybody who was in charge, newest first."""

    items: list[FocalPointRead] = Field(max_length=500)
