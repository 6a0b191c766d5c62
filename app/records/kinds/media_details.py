"""The details of what the press says and what is answered to it (QC.D8.K4, QC.D9.K1, QC.D13.K2)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.text import Line, Prose, Url
from app.records.kind import Details
from app.records.words import Country


class Accuracy(StrEnum):
    """What was found of it."""

    accurate = "accurate"
    inaccurate = "inaccurate"
    distorted = "distorted"
    unverified = "unverified"


class MediaItem(Details):
    """Something the press said that touches the province."""

    kind: Literal["media_item"]
    origin: Literal["domestic", "foreign"]
    medium: Literal["newspaper", "broadcast", "online", "social_media", "other"]
    source: Line = Field(description="The press body.", examples=["Báo điện tử"])
    country: Country | None = None
    published_on: Day
    url: Url | None = None
    summary: Prose
    tone: Literal["positive", "neutral", "negative"] | None = None
    accuracy: Accuracy | None = Field(None, description="Needed before it counts as assessed.")
    assessment: Prose | None = None
    urgent: bool = Field(default=False, strict=True, description="Sensitive or complicated: first of all (QC.D4.K2).")


class RebuttalType(StrEnum):
    """How an untruth is answered."""

    correction = "correction"
    clarification = "clarification"
    rebuttal = "rebuttal"


class Dossier(Submitted):
    """What an answer rests on; never public."""

    content: Prose | None = Field(None, description="What was said, and what came of it since.")
    impact: Prose | None = None
    nature: Prose | None = Field(None, description="What is untrue about it, and why.")
    grounds: Prose | None = Field(None, description="Law, and what was done in like cases.")
    proposal: Prose | None = Field(None, description="Directions and measures.")


class Rebuttal(Details):
    """A correction, a clarification or a rebuttal of what is false or distorted."""

    kind: Literal["rebuttal"]
    type: RebuttalType
    dossier: Dossier = Field(description="All five parts before it is approved.")
    text: Prose | None = Field(None, description="What is published; needed before it is approved.")
    outlet: Line | None = Field(None, description="Where it is published.")
    url: Url | None = None
