"""What is owed and whether it was late, slowly: read off the whole story of one annual report each time it is asked.

Written from the regulation (QC.D7.K3) and the reading of it in the specification, not from the service.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

PROVINCE = ZoneInfo("Asia/Ho_Chi_Minh")
SOON = 30
BY_REGULATION = date(2027, 12, 14)  # «trước ngày 15 tháng 12»: that day's first instant is late


@dataclass(frozen=True)
class Fact:
    """Something that happened at an instant; `day` where it sets a date."""

    at: datetime
    what: str
    day: date | None = None


@dataclass
class Story:
    """Everything that happened, in order."""

    facts: list[Fact] = field(default_factory=list)

    def add(self, at: datetime, what: str, day: date | None = None) -> None:
        """One thing more."""
        self.facts.append(Fact(at, what, day))

    def general(self, until: datetime) -> date:
        """The last day on time for everybody: the newest dispatch's, or the regulation's own."""
        orders = [fact.day for fact in self.facts if fact.what == "dispatch" and fact.at <= until]
        return (orders[-1] if orders else None) or BY_REGULATION

    def own(self, until: datetime) -> date:
        """The last day on time for this agency: an extension never leaves it worse off than the others."""
        given = [fact.day for fact in self.facts if fact.what == "extend" and fact.at <= until]
        return max([self.general(until), *given[-1:]])

    def paper(self) -> str | None:
        """Where the agency's live report stands; None: there is none."""
        for fact in reversed(self.facts):
            if fact.what in {"submit", "return", "accept"}:
                return {"submit": "submitted", "return": "returned", "accept": "accepted"}[fact.what]
            if fact.what == "withdraw":
                return None
        return None

    def waived(self) -> bool:
        """Whether a waiver stands."""
        ends = [fact.what for fact in self.facts if fact.what in {"waive", "reinstate"}]
        return ends[-1:] == ["waive"]

    def nil(self) -> bool:
        """Whether a nil return stands."""
        ends = [fact.what for fact in self.facts if fact.what in {"nil-return", "retract-nil-return"}]
        return ends[-1:] == ["nil-return"]

    def received(self) -> datetime | None:
        """The first valid submission or nil return: what was taken back since counts for nothing."""
        first = None
        for fact in self.facts:
            if fact.what in {"submit", "nil-return"}:
                first = first or fact.at
            elif fact.what in {"withdraw", "retract-nil-return"}:
                first = None
        return first

    def last_day(self, now: datetime) -> date:
        """The last day on time: the one it was judged by, or the one that holds now."""
        return self.own(self.received() or now)

    def late(self, now: datetime) -> bool | None:
        """Fixed by the first valid submission; None while there is none."""
        first = self.received()
        return None if first is None else first >= _midnight(self.last_day(now) + timedelta(days=1))

    def state(self, now: datetime) -> str:
        """Where the obligation stands."""
        if self.nil():
            return "nil_return"
        if self.paper() == "accepted":
            return "accepted"
        if self.paper():
            return "received_late" if self.late(now) else "received_on_time"
        if self.waived():
            return "waived"
        last = self.last_day(now)
        if now >= _midnight(last + timedelta(days=1)):
            return "overdue"
        return "due" if now >= _midnight(last - timedelta(days=SOON)) else "not_due"

    def may(self, what: str, now: datetime, day: date | None = None) -> bool:
        """Whether it can be done now."""
        open_now, paper = self.state(now) in {"not_due", "due", "overdue"}, self.paper()
        return {
            "submit": paper in {None, "returned"} and not self.nil(),
            "return": paper == "submitted",
            "accept": paper == "submitted",
            "withdraw": paper is not None,
            "nil-return": open_now,
            "retract-nil-return": self.nil(),
            "waive": open_now,
            "reinstate": self.state(now) == "waived",
            "extend": open_now and day is not None and day > self.last_day(now),
        }.get(what, True)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PROVINCE)
