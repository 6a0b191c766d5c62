"""What the data files hold: instruments, provisions, functions, duties and errata."""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "decision",
    "issuer",
    "recital",
    "enacting",
    "decision_article",
    "recipients",
    "recipient",
    "signature",
    "letterhead",
    "regulation",
    "chapter",
    "article",
    "clause",
    "point",
    "item",
    "closing",
]
Part = Literal["lead", "duty_holder", "cooperate", "recipient"]
Cadence = Literal["once", "standing", "annual", "monthly", "on_request", "on_event"]
Id = Annotated[str, Field(pattern=r"^[A-Z]+[0-9]*(\.[A-Za-z0-9]+)*$")]
"""A provision's id; it never holds a hyphen, which begins the suffix of a duty."""
DutyId = Annotated[str, Field(pattern=r"^[A-Z]+[0-9]*(\.[A-Za-z0-9]+)*(-[a-z])?$")]
Produced = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)?$")]
Sentence = Annotated[str, Field(min_length=1)]


class Frozen(BaseModel):
    """Data that is read once and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reference(Frozen):
    """Another instrument that a provision names, in the words printed there."""

    provision: Id
    title: Sentence
    number: str | None = None
    dated: date | None = None


class Instrument(Frozen):
    """A legal instrument; what has not been confirmed about it says so."""

    id: str = Field(pattern=r"^[A-Z0-9]+-[0-9]{4}$")
    number: Sentence
    title_vi: Sentence
    title_en: Sentence
    signed_on: date
    issuer: Sentence
    signatory: Sentence
    effective_from: date
    effective_to: date | None = None
    effective_note_vi: Sentence
    effective_note_en: Sentence
    status: Literal["unverified", "in_force", "amended", "replaced"]
    status_note_vi: Sentence
    status_note_en: Sentence
    management_areas: Id | None = None
    legal_bases: tuple[Reference, ...] = ()
    references: tuple[Reference, ...] = ()


class Provision(Frozen):
    """One place of an instrument, verbatim: what is printed is its number, its heading, its text, then its children."""

    id: Id
    instrument: str
    kind: Kind
    parent: Id | None = None
    number: str | None = None
    heading: str | None = None
    text: str = ""

    @property
    def printed(self) -> str:
        """The provision as printed, without its children."""
        titled = "\n" if self.kind in {"decision", "regulation", "chapter"} else " "
        head = titled.join(part for part in (self.number, self.heading) if part)
        apart = "\n" if self.heading else " "
        return apart.join(part for part in (head, self.text) if part)


class Function(Frozen):
    """A function that an agency holds for a time; duties are bound to functions, never to agencies."""

    key: str = Field(pattern=r"^[A-Z]+(_[A-Z]+)*$")
    title_vi: Sentence
    title_en: Sentence
    singleton: bool = Field(default=False, description="At most one agency holds it at a time.")
    external: bool = Field(default=False, description="Outside the province's own apparatus: a partner or a recipient.")
    subset_of: str | None = Field(None, description="Whoever holds this function holds that one too.")
    printed: tuple[str, ...] = Field(min_length=1, description="The words that name its holder in the text.")


class Bearer(Frozen):
    """The part of one function in a duty.

    `lead` only where the text prints «chủ trì» or «làm đầu mối»; the agency that must act without such a word is the
    `duty_holder`.
    """

    function: str
    part: Part
    printed: str | None = Field(None, description="The words meant, where they are not the function's usual ones.")
    without: tuple[str, ...] = Field((), description="Functions that the text leaves out of a wider one.")

    def borne_by(self, functions: AbstractSet[str]) -> bool:
        """Whether the holder of these functions (wider ones included) has this part."""
        return self.function in functions and functions.isdisjoint(self.without)


class AnnualBefore(Frozen):
    """Before a calendar day of every year: that day's first instant is already late."""

    annual_before: str = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    zone: Literal["Asia/Ho_Chi_Minh"]
    exclusive: Literal[True]

    @model_validator(mode="after")
    def _is_a_day_of_every_year(self) -> Self:
        self.instant(2001)
        return self

    def instant(self, year: int) -> datetime:
        """The first instant of that year that is late."""
        day = date.fromisoformat(f"{year:04}-{self.annual_before}")
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))

    def last_day(self, year: int) -> date:
        """The last date of that year that is on time."""
        return self.instant(year).date() - timedelta(days=1)


class SetBy(Frozen):
    """The text has no date: the coordinator's dispatch for the year, or the request itself, sets it."""

    set_by: Literal["dispatch", "request"]


class Within(Frozen):
    """Some time within the calendar period, on no given day."""

    within: Literal["month", "year"]


class Immediate(Frozen):
    """At once («kịp thời», «đồng thời»): the time taken is measured, nothing is ever late."""

    immediate: Literal[True]


Due = AnnualBefore | SetBy | Within | Immediate


class Duty(Frozen):
    """What a provision orders of whom.

    The id is the provision's own; where one provision orders several things each has a lower-case suffix (`-a`, `-b`)
    that is this service's, not the regulation's.
    """

    id: DutyId
    provision: Id
    title_vi: Sentence
    summary_en: Sentence
    bearers: tuple[Bearer, ...] = Field(min_length=1)
    cadence: Cadence
    due: Due | None = Field(None, description="When; empty for what goes on all the time.")
    produces: tuple[Produced, ...] = Field((), description="Kinds of record; `due` speaks of the first.")
    areas: tuple[Id, ...] = Field((), description="The areas of state management it belongs to.")
    watched: bool = Field(default=False, description="A standing duty that must be met at every moment.")
    met_with: DutyId | None = Field(None, description="Another duty whose record meets this one too.")
    note: str | None = Field(None, description="A reading that goes beyond the words.")

    @property
    def suffix(self) -> str | None:
        """The letter that this service added, if any."""
        return self.id.removeprefix(self.provision).removeprefix("-") or None

    def functions(self, *parts: Part) -> tuple[str, ...]:
        """The functions that have one of these parts in it (all of them when none is named)."""
        return tuple(dict.fromkeys(b.function for b in self.bearers if not parts or b.part in parts))

    def owed_by(self, functions: AbstractSet[str]) -> bool:
        """Whether the holder of these functions (wider ones included) must act."""
        return any(b.part in {"lead", "duty_holder"} and b.borne_by(functions) for b in self.bearers)

    @property
    def holders(self) -> tuple[str, ...]:
        """The functions that must act: the lead, or who holds the duty without that word."""
        return self.functions("lead", "duty_holder")


class Erratum(Frozen):
    """A slip in the printed text and how it is read; the text itself stays as printed."""

    provision: Id
    printed: Sentence
    reading: Sentence
    note: Sentence
