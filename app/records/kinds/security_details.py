"""The details of secrecy, delegations abroad and the border (QC.D7.K6, QC.D13, QC.D14).

Nothing here takes running text where a secret could be told: classes, dates and places of the register only.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.flow.documents import DocumentRef
from app.kit.clock import Day
from app.kit.text import Line, Prose
from app.plans.models import Audience
from app.records.kind import Details
from app.records.words import Count, Country


class SecrecyCheck(Details):
    """That an agency's keeping of secrecy was checked, and how it stands; no secret and no finding (QC.D13.K1)."""

    kind: Literal["secrecy_check"]
    checked_on: Day
    result: Literal["in_order", "minor_faults", "serious_faults"]
    fields: list[Literal["documents", "devices", "online_services", "press_work", "training"]] = Field(
        min_length=1, max_length=5
    )
    mend_by: Day | None = None


class IncidentClass(StrEnum):
    """How something may have come out."""

    document = "document"
    device = "device"
    online_service = "online_service"
    publication = "publication"
    speech = "speech"
    other = "other"


class SecrecyIncident(Details):
    """That something happened, never what: no content at all (QC.D7.K6)."""

    kind: Literal["secrecy_incident"]
    incident: IncidentClass
    discovered_on: Day
    happened_on: Day | None = None
    contained: bool = Field(strict=True, description="It can spread no further.")
    reported_elsewhere: bool = Field(default=False, strict=True, description="Also by the ways that secrets go.")


class OutgoingDelegation(Details):
    """A working delegation of the province that goes abroad (QC.D13.K3)."""

    kind: Literal["outgoing_delegation"]
    decision: DocumentRef = Field(description="The decision that sends it.")
    countries: list[Country] = Field(min_length=1, max_length=20)
    host: Line | None = Field(None, description="Who receives it.")
    purpose: Line
    head_title: Line = Field(description="The office of its head, no name.", examples=["Phó Chủ tịch UBND tỉnh"])
    size: Count
    press_coverage: bool = Field(default=False, strict=True, description="The press is to report on it (QC.D9.K1).")
    outcome: Prose | None = Field(None, description="What came of it; needed before it counts as returned.")


class BorderTopic(StrEnum):
    """What border information is about."""

    law_and_policy = "law_and_policy"
    friendship = "friendship"
    border_trade = "border_trade"
    culture = "culture"
    image_of_the_province = "image_of_the_province"


class BorderInformation(Details):
    """An activity of communication in the border area; no troops and no positions (QC.D14)."""

    kind: Literal["border_information"]
    communes: list[Line] = Field(min_length=1, max_length=50, description="Border communes; nothing narrower.")
    topics: list[BorderTopic] = Field(min_length=1, max_length=5)
    form: Literal["talk", "leaflet", "broadcast", "exchange", "visual", "other"]
    audiences: list[Audience] = Field(default_factory=list, max_length=5)
    reached: Count | None = Field(None, description="People reached.")
