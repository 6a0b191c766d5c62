"""Activities that are planned, held or cancelled (QC.D9.K6, QC.D11.K1, QC.D14).

They have one procedure; each has its own holder, its own details and its own readers.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.law.citing import Clause, clause
from app.law.functions import F
from app.records.kind import OWNER, Activity, Details, Facts, Kind, Named, Sensitivity, Step, Words, step, stood
from app.records.kinds.culture_details import CulturalEvent
from app.records.kinds.foreign_details import OverseasCampaign, PeopleDiplomacy
from app.records.kinds.security_details import BorderInformation
from app.records.telling import Telling, telling

COORD = frozenset({F.COORD})


class ActivityState(StrEnum):
    """Where an activity stands."""

    planned = "planned"
    held = "held"
    cancelled = "cancelled"


def _dated(facts: Facts) -> None:
    stood(facts, "starts_on")


def _steps(provision: Clause, told: Telling, title: Words, tells: frozenset[str]) -> tuple[Step, ...]:
    """`title`: what it is, as the events name it."""
    planned, held, cancelled = ActivityState.planned, ActivityState.held, ActivityState.cancelled
    return (
        step(
            "hold", {planned}, held, OWNER, provision,
            told("held", f"{title.vi} đã diễn ra", f"{title.en} was held"),
            Words("Đã diễn ra", "Say that it has taken place."), ready=_dated, tells=tells,
        ),
        step(
            "cancel", {planned}, cancelled, OWNER, provision,
            told("cancelled", f"{title.vi} bị hủy", f"{title.en} was cancelled"),
            Words("Hủy", "Cancel it, and say why."), needs_note=True, tells=tells,
        ),
    )  # fmt: skip


def _activity(
    details: type[Details],
    provision: Clause,
    title: Words,
    writer: str,
    words: Sequence[str],
    example: Mapping[str, Any],
    named: Mapping[str, Named] | None = None,
) -> Kind:
    """One kind of activity; `words`: what of its details it is found by. Without `named` every agency reads it."""
    name = details.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
    told = telling(name, provision)
    planned = told("recorded", f"Ghi nhận {title.vi[0].lower()}{title.vi[1:]}", f"{title.en} was entered")
    return Kind(
        name=name,
        title=title,
        provisions=(provision,),
        details=details,
        sensitivity=Sensitivity.internal,
        writers=frozenset({writer}),
        readers=frozenset({writer}),
        contributors=COORD | (frozenset() if named else frozenset({F.MEMBER})),
        named=named or {},
        opened=planned,
        opened_tells=COORD | frozenset(named or ()),
        search=lambda details: _texts(details, words),
        initial=ActivityState.planned,
        # Where positions could be told, no running text is taken (QC.D14).
        summary=writer != F.BORDER,
        editable=frozenset({ActivityState.planned}),
        activity=Activity({ActivityState.held}, {ActivityState.planned}),
        shared_when=frozenset() if named else frozenset(ActivityState),
        steps=_steps(provision, told, title, COORD | frozenset(named or ())),
        example=example,
    )


def _texts(details: Details, members: Sequence[str]) -> Sequence[str]:
    found: list[str] = []
    for member in members:
        value = getattr(details, member)
        found.extend(value if isinstance(value, list) else [value] if value else [])
    return found


PEOPLE_DIPLOMACY = _activity(
    PeopleDiplomacy,
    clause("QC.D9.K6"),
    Words("Hoạt động đối ngoại nhân dân", "Activity of people's diplomacy"),
    F.FOREIGN,
    ("partners", "place"),
    {
        "title": "Giao lưu hữu nghị với thanh niên tỉnh Mondulkiri",
        "starts_on": "2027-07-20",
        "ends_on": "2027-07-22",
        "details": {
            "kind": "people_diplomacy",
            "form": "exchange",
            "partners": ["Liên hiệp các tổ chức hữu nghị tỉnh"],
            "countries": ["KH"],
            "place": "Buôn Đôn",
            "participants": 120,
            "result": None,
        },
    },
)
OVERSEAS_CAMPAIGN = _activity(
    OverseasCampaign,
    clause("QC.D9.K6"),
    Words("Đợt tuyên truyền Nghị quyết số 36-NQ/TW", "Campaign on Resolution 36-NQ/TW"),
    F.FOREIGN,
    ("channels", "content"),
    {
        "title": "Chính sách đối với người Việt Nam ở nước ngoài, quý III",
        "languages": ["vi", "en"],
        "starts_on": "2027-07-01",
        "ends_on": "2027-09-30",
        "details": {
            "kind": "overseas_campaign",
            "audiences": ["overseas_vietnamese"],
            "countries": ["LA", "US"],
            "channels": ["Cổng thông tin điện tử tỉnh"],
            "content": "Giới thiệu chính sách về nhà ở, đầu tư, giáo dục.",
            "reached": 15000,
        },
    },
)
CULTURAL_EVENT = _activity(
    CulturalEvent,
    clause("QC.D11.K1"),
    Words("Hoạt động văn hóa, nghệ thuật, thể thao, du lịch", "Activity of culture, art, sports or tourism"),
    F.CULTURE,
    ("place", "programme"),
    {
        "title": "Liên hoan cồng chiêng quốc tế",
        "title_en": "International gong festival",
        "languages": ["vi", "en"],
        "starts_on": "2027-03-10",
        "ends_on": "2027-03-12",
        "details": {
            "kind": "cultural_event",
            "form": "culture",
            "place": "Buôn Ma Thuột",
            "countries": ["LA", "KH"],
            "audiences": ["foreign_org_or_person"],
            "programme": "Trình diễn cồng chiêng của năm tỉnh.",
            "foreign_guests": 80,
            "result": None,
        },
    },
)
BORDER_INFORMATION = _activity(
    BorderInformation,
    clause("QC.D14"),
    Words("Thông tin đối ngoại khu vực biên giới", "External information in the border area"),
    F.BORDER,
    ("communes",),
    {
        "title": "Nói chuyện với nhân dân xã biên giới",
        "languages": ["vi"],
        "starts_on": "2027-04-06",
        "details": {
            "kind": "border_information",
            "communes": ["Xã Krông Na"],
            "topics": ["friendship", "law_and_policy"],
            "form": "talk",
            "audiences": ["provincial_public"],
            "reached": 140,
        },
    },
    named={"addressed": Named(Words("Huyện biên giới", "Border district"), contributes=True)},
)

KINDS = (PEOPLE_DIPLOMACY, OVERSEAS_CAMPAIGN, CULTURAL_EVENT, BORDER_INFORMATION)
