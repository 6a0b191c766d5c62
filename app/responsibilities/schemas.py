"""Responsibilities on the wire."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.agencies.schemas import AgencyRef
from app.law.models import Cadence, Due, Part

Key = Annotated[str, Field(max_length=64)]


class ResponsibilityRead(BaseModel):
    """One agency's part in one duty, through the function it holds on the day asked for."""

    duty: str = Field(
        max_length=64,
        description="A provision's id; the letter after a hyphen is this service's own, for one duty of several.",
        examples=["QC.D7.K3-a"],
    )
    provision: str = Field(max_length=64, description="The provision that orders it.", examples=["QC.D7.K3"])
    citation_vi: str = Field(max_length=300, examples=["Điều 7 khoản 3"])
    citation_en: str = Field(max_length=300, examples=["Article 7(3)"])
    title_vi: str = Field(max_length=500)
    summary_en: str = Field(max_length=1000)
    function: str = Field(max_length=32, description="The function that the duty is bound to.", examples=["MEMBER"])
    external: bool = Field(description="The function is held outside the province's register.")
    part: Part = Field(
        description="`lead` only where the text prints it; who must act without that word is the `duty_holder`."
    )
    agency: AgencyRef | None = Field(description="Null: no agency of the register holds the function on that day.")
    cadence: Cadence
    due: Due | None = Field(description="When; null for what goes on all the time.")
    produces: list[Key] = Field(max_length=20, description="Kinds of record; `due` speaks of the first.")
    areas: list[Key] = Field(max_length=20, description="The areas of state management (QC.D5) it belongs to.")
