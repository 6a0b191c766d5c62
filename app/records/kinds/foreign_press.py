"""Foreign press delegations: licensed by the authorities, received or declined, guided (QC.D9.K2, QC.D13.K3)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.kit.clock import Day
from app.kit.text import Line, Prose, Url
from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import (
    OWNER,
    Details,
    Facts,
    Kind,
    Named,
    Sensitivity,
    Words,
    event,
    step,
    stood,
)
from app.records.words import Country

LICENCE = ("licence_number", "licensed_on", "licence_issuer")


class S(StrEnum):
    """Where the reception of a delegation stands."""

    registered = "registered"
    received = "received"
    declined = "declined"
    active = "active"
    completed = "completed"
    cancelled = "cancelled"


class DeclineReason(StrEnum):
    """Why a delegation is not received."""

    not_licensed = "not_licensed"
    outside_licence = "outside_licence"
    at_another_time = "at_another_time"
    other = "other"


class ForeignPressDelegation(Details):
    """A delegation of foreign reporters; no passports, no names of its members."""

    kind: Literal["foreign_press_delegation"]
    press_body: Line = Field(examples=["Kyodo News"])
    country: Country
    size: int = Field(ge=1, le=500, strict=True, description="How many people come.")
    licence_number: Line | None = Field(None, description="Needed before it is received, with its date and issuer.")
    licensed_on: Day | None = None
    licence_issuer: Line | None = None
    programme: Prose | None = None
    places: list[Line] = Field(default_factory=list, max_length=50)
    guide_agency: Line | None = Field(None, description="Who accompanies it.")
    outputs: list[Url] = Field(default_factory=list, max_length=200, description="What it published.")


def _searched(details: ForeignPressDelegation) -> tuple[str, ...]:
    return (details.press_body, *details.places)


def _licensed(facts: Facts) -> None:
    stood(facts, *(f"details.{name}" for name in LICENCE))


_PROVISIONS = clauses("QC.D9.K2", "QC.D13.K3")
DECIDES, MANAGES = clause("QC.D9.K2"), clause("QC.D13.K3")
_DECIDED = event(
    "foreign_press.reception_decided",
    Words("Quyết định việc đón đoàn phóng viên nước ngoài", "The reception of a foreign press delegation was decided"),
    *_PROVISIONS,
)

FOREIGN_PRESS_DELEGATION = Kind(
    name="foreign_press_delegation",
    title=Words("Đoàn phóng viên nước ngoài", "Foreign press delegation"),
    provisions=_PROVISIONS,
    details=ForeignPressDelegation,
    sensitivity=Sensitivity.restricted,
    writers=frozenset({F.FOREIGN}),
    readers=frozenset({F.FOREIGN, F.POLICE}),
    contributors=frozenset({F.COORD, F.POLICE}),
    named={"visited": Named(Words("Nơi đoàn đến", "Visited"), contributes=True)},
    opened=event(
        "foreign_press.registered",
        Words("Đăng ký đoàn phóng viên nước ngoài", "A foreign press delegation was registered"),
        *_PROVISIONS,
    ),
    search=_searched,
    initial=S.registered,
    editable=frozenset({S.registered, S.received, S.active}),
    example={
        "title": "Đoàn phóng viên Kyodo News làm phim về cà phê Buôn Ma Thuột",
        "starts_on": "2027-03-08",
        "ends_on": "2027-03-12",
        "details": {
            "kind": "foreign_press_delegation",
            "press_body": "Kyodo News",
            "country": "JP",
            "size": 4,
            "licence_number": "117/GP-BNG",
            "licensed_on": "2027-02-20",
            "licence_issuer": "Bộ Ngoại giao",
            "programme": "Phỏng vấn hộ trồng cà phê, ghi hình Lễ hội Cà phê.",
            "places": ["Thành phố Buôn Ma Thuột", "Huyện Cư M'gar"],
            "guide_agency": "Sở Ngoại vụ",
            "outputs": [],
        },
    },
    steps=(
        step(
            "receive", {S.registered}, S.received, OWNER, DECIDES, _DECIDED,
            Words("Quyết định đón", "Decide to receive it; its licence must be known."),
            ready=_licensed, tells={F.COORD, F.POLICE, "visited"},
        ),
        step(
            "decline", {S.registered}, S.declined, OWNER, DECIDES, _DECIDED,
            Words("Quyết định không đón", "Decide not to receive it, with a reason."),
            reasons=DeclineReason, tells={F.COORD, F.POLICE},
        ),
        step(
            "acknowledge", {S.received, S.declined, S.active}, None, {F.COORD}, DECIDES,
            event(
                "foreign_press.acknowledged",
                Words("Đã nhận thông báo về đoàn", "The notice of a foreign press delegation was acknowledged"),
                *_PROVISIONS,
            ),
            Words("Xác nhận đã nhận thông báo", "Acknowledge the notice of the decision."), tells={F.FOREIGN},
        ),
        step(
            "guide", {S.received, S.active}, None, {F.COORD}, DECIDES,
            event(
                "foreign_press.guided",
                Words("Hướng dẫn quản lý hoạt động của đoàn", "Guidance on a foreign press delegation was given"),
                *_PROVISIONS,
            ),
            Words("Hướng dẫn quản lý hoạt động của đoàn", "Guide how its work in the province is managed."),
            needs_note=True, tells={F.FOREIGN, F.POLICE, "visited"},
        ),
        step(
            "arrive", {S.received}, S.active, OWNER, MANAGES,
            event(
                "foreign_press.arrived",
                Words("Đoàn phóng viên nước ngoài đã đến", "A foreign press delegation arrived"),
                *_PROVISIONS,
            ),
            Words("Đoàn đã đến", "Say that it has arrived."), tells={F.COORD, F.POLICE, "visited"},
        ),
        step(
            "complete", {S.active}, S.completed, OWNER, DECIDES,
            event(
                "foreign_press.completed",
                Words("Đoàn phóng viên nước ngoài kết thúc hoạt động", "A foreign press delegation has left"),
                *_PROVISIONS,
            ),
            Words("Đoàn kết thúc hoạt động", "Say that it has left; what it published is entered before."),
            tells={F.COORD, F.POLICE},
        ),
        step(
            "cancel", {S.registered, S.received}, S.cancelled, OWNER, DECIDES,
            event(
                "foreign_press.cancelled",
                Words("Đoàn phóng viên nước ngoài không đến", "A foreign press delegation will not come"),
                *_PROVISIONS,
            ),
            Words("Đoàn không đến", "Say that it will not come."), tells={F.COORD, F.POLICE, "visited"},
        ),
    ),
)  # fmt: skip
KINDS = (FOREIGN_PRESS_DELEGATION,)
