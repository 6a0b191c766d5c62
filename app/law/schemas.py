"""Regulations and provisions on the wire."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from app.law.models import Cadence, Due, Kind, Part

Key = Annotated[str, Field(max_length=64)]


class ReferenceRead(BaseModel):
    """Another instrument that a provision names, in the words printed there."""

    provision: str = Field(max_length=64, description="Where it is named.", examples=["QD.CANCU.2"])
    title: str = Field(max_length=1000)
    number: str | None = Field(max_length=100, examples=["79/2010/QĐ-TTg"])
    dated: date | None


class RegulationRead(BaseModel):
    """An instrument of law that this service carries."""

    id: str = Field(max_length=64, examples=["QD26-2013"])
    number: str = Field(max_length=100, examples=["26/2013/QĐ-UBND"])
    title_vi: str = Field(max_length=1000)
    title_en: str = Field(max_length=1000)
    issuer: str = Field(max_length=300)
    signatory: str = Field(max_length=300)
    signed_on: date
    effective_from: date
    effective_to: date | None = Field(description="Excluded; null: until further notice.")
    effective_note_vi: str = Field(max_length=2000, description="How the day of effect was counted.")
    effective_note_en: str = Field(max_length=2000)
    status: str = Field(max_length=32, description="Ships as `unverified`: the operator confirms what is in force.")
    status_note_vi: str = Field(max_length=2000)
    status_note_en: str = Field(max_length=2000)
    legal_bases: list[ReferenceRead] = Field(max_length=100, description="What it is issued on (Căn cứ).")
    references: list[ReferenceRead] = Field(max_length=100, description="What its provisions refer to.")


class RegulationList(BaseModel):
    """The instruments, side by side."""

    items: list[RegulationRead] = Field(max_length=100)


class RegulationText(RegulationRead):
    """An instrument with its whole text, as printed."""

    text: str = Field(max_length=1_000_000, description="Verbatim, misprints included; one provision after another.")


class ProvisionRead(BaseModel):
    """One provision, as printed: its number, its heading, its text; then stands what is below it."""

    id: str = Field(max_length=64, examples=["QC.D7.K3"])
    regulation: str = Field(max_length=64, examples=["QD26-2013"])
    kind: Kind
    number: str | None = Field(max_length=64, examples=["3."])
    heading: str | None = Field(max_length=1000)
    text: str = Field(max_length=20_000)
    citation_vi: str = Field(max_length=300, examples=["Điều 7 khoản 3"])
    citation_en: str = Field(max_length=300, examples=["Article 7(3)"])
    parent: str | None = Field(max_length=64, examples=["QC.D7"])


class ProvisionNode(ProvisionRead):
    """A provision with what stands below it."""

    children: list["ProvisionNode"] = Field(max_length=200)


class ProvisionTree(BaseModel):
    """The tree of a regulation; or what a search found in it, in the order of the text, each without its children."""

    items: list[ProvisionNode] = Field(max_length=2000)


class BearerRead(BaseModel):
    """The part of one function in a duty."""

    function: str = Field(max_length=32, examples=["MEMBER"])
    part: Part = Field(
        description="`lead` only where the text prints it; who must act without that word is the `duty_holder`."
    )
    without: list[Key] = Field(max_length=50, description="Functions that the text leaves out of a wider one.")


class DutyRead(BaseModel):
    """What a provision orders; the letter after the hyphen is this service's own, for one duty of several."""

    id: str = Field(max_length=64, examples=["QC.D7.K3-a"])
    title_vi: str = Field(max_length=500)
    summary_en: str = Field(max_length=1000)
    bearers: list[BearerRead] = Field(max_length=50)
    cadence: Cadence
    due: Due | None = Field(description="When; null for what goes on all the time.")
    produces: list[Key] = Field(max_length=20, description="Kinds of record; `due` speaks of the first.")
    areas: list[Key] = Field(max_length=20, description="The areas of state management (QC.D5) it belongs to.")
    met_with: str | None = Field(max_length=64, description="Another duty whose record meets this one too.")
    note: str | None = Field(max_length=2000, description="A reading that goes beyond the words.")


class ErratumRead(BaseModel):
    """A slip in the printed text and how it is read; the text itself stays as printed."""

    printed: str = Field(max_length=2000)
    reading: str = Field(max_length=2000)
    note: str = Field(max_length=2000)


class ProvisionDetail(ProvisionNode):
    """A provision with what it orders and what is known of its print."""

    duties: list[DutyRead] = Field(max_length=50)
    constrains: str | None = Field(
        max_length=2000, description="How it binds the way the others are done, where it orders nothing itself."
    )
    unenforced: str | None = Field(max_length=2000, description="Why nothing in this service enforces it.")
    errata: list[ErratumRead] = Field(max_length=50)
