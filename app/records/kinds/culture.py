"""What culture, sports and tourism records: programmes abroad, foreign film crews (QC.D11.K1, QC.D11.K4)."""

from collections.abc import Sequence
from enum import StrEnum

from app.law.citing import clause
from app.law.functions import F
from app.records.kind import OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.culture_details import CulturalProgramme, ForeignFilmCrew
from app.records.telling import telling

SHOWS, GUIDES = clause("QC.D11.K1"), clause("QC.D11.K4")
CULTURE = frozenset({F.CULTURE})


class ProgrammeState(StrEnum):
    """Where a programme stands."""

    planned = "planned"
    scheduled = "scheduled"
    completed = "completed"
    cancelled = "cancelled"


class CrewState(StrEnum):
    """Where the work of a film crew stands."""

    registered = "registered"
    guided = "guided"
    active = "active"
    completed = "completed"
    cancelled = "cancelled"


def _dated(facts: Facts) -> None:
    stood(facts, "starts_on")


def _came_of_it(facts: Facts) -> None:
    stood(facts, "details.result")


def _conditions(facts: Facts) -> None:
    stood(facts, "details.conditions")


def _programme_words(details: CulturalProgramme) -> Sequence[str]:
    return (details.partner, *details.items)


def _crew_words(details: ForeignFilmCrew) -> Sequence[str]:
    return (details.producer, details.film_title, *details.places)


_P, _C = ProgrammeState, CrewState
_programme, _crew = telling("cultural_programme", SHOWS), telling("film_crew", GUIDES)

CULTURAL_PROGRAMME = Kind(
    name="cultural_programme",
    title=Words("Chương trình văn hóa, nghệ thuật ở nước ngoài", "Cultural programme abroad"),
    provisions=(SHOWS,),
    details=CulturalProgramme,
    sensitivity=Sensitivity.internal,
    writers=CULTURE,
    readers=frozenset({F.CULTURE, F.FOREIGN}),
    contributors=frozenset({F.COORD, F.FOREIGN}),
    opened=_programme("planned", "Dự kiến đưa chương trình ra nước ngoài", "A cultural programme abroad was planned"),
    opened_tells=frozenset({F.COORD}),
    search=_programme_words,
    initial=_P.planned,
    editable=frozenset({_P.planned, _P.scheduled}),
    activity=Activity({_P.completed}, {_P.planned, _P.scheduled}),
    example={
        "title": "Cồng chiêng Tây Nguyên tại Champasak",
        "starts_on": "2027-11-02",
        "ends_on": "2027-11-06",
        "details": {
            "kind": "cultural_programme",
            "form": "performance",
            "countries": ["LA"],
            "partner": "Sở Thông tin, Văn hóa và Du lịch Champasak",
            "twin_locality": "Tỉnh Champasak",
            "troupe_size": 24,
            "items": ["Hòa tấu cồng chiêng"],
            "result": "Ba buổi diễn, 2.400 người xem.",
        },
    },
    steps=(
        step(
            "schedule", {_P.planned}, _P.scheduled, OWNER, SHOWS,
            _programme("scheduled", "Chương trình đã có lịch", "A cultural programme abroad was scheduled"),
            Words("Ấn định thời gian", "Say that its dates are fixed; a delegation that goes is linked."),
            ready=_dated, tells={F.COORD, F.FOREIGN},
        ),
        step(
            "complete", {_P.scheduled}, _P.completed, OWNER, SHOWS,
            _programme("completed", "Chương trình ở nước ngoài kết thúc", "A cultural programme abroad was completed"),
            Words("Kết thúc", "Say that it is over; what came of it is entered before."),
            ready=_came_of_it, tells={F.COORD, F.FOREIGN},
        ),
        step(
            "cancel", {_P.planned, _P.scheduled}, _P.cancelled, OWNER, SHOWS,
            _programme("cancelled", "Hủy chương trình ở nước ngoài", "A cultural programme abroad was cancelled"),
            Words("Hủy", "Cancel it, and say why."), needs_note=True, tells={F.COORD, F.FOREIGN},
        ),
    ),
)  # fmt: skip

FOREIGN_FILM_CREW = Kind(
    name="foreign_film_crew",
    title=Words("Đoàn làm phim nước ngoài", "Foreign film crew"),
    provisions=(GUIDES,),
    details=ForeignFilmCrew,
    sensitivity=Sensitivity.restricted,
    writers=CULTURE,
    readers=frozenset({F.CULTURE, F.POLICE}),
    contributors=frozenset({F.COORD, F.POLICE}),
    named={"visited": Named(Words("Nơi đoàn đến", "Visited"), contributes=True)},
    opened=_crew("registered", "Đăng ký đoàn làm phim nước ngoài", "A foreign film crew was registered"),
    opened_tells=frozenset({F.POLICE, F.COORD, "visited"}),
    search=_crew_words,
    initial=_C.registered,
    editable=frozenset({_C.registered, _C.guided, _C.active}),
    example={
        "title": "Đoàn làm phim tài liệu về voi Buôn Đôn",
        "starts_on": "2027-02-15",
        "ends_on": "2027-02-28",
        "details": {
            "kind": "foreign_film_crew",
            "permit": {"number": "31/GP-BVHTTDL", "issued_on": "2027-01-28", "issuer": "Bộ VHTTDL", "sha256": None},
            "producer": "Arte",
            "country": "FR",
            "film_title": "Les éléphants du Tây Nguyên",
            "size": 7,
            "places": ["Huyện Buôn Đôn"],
            "guide": "Sở Văn hóa, Thể thao và Du lịch",
            "conditions": "Chỉ ghi hình tại địa điểm đã ghi trong giấy phép.",
        },
    },
    steps=(
        step(
            "guide", {_C.registered}, _C.guided, OWNER, GUIDES,
            _crew("guided", "Hướng dẫn đoàn làm phim nước ngoài", "A foreign film crew was guided"),
            Words("Hướng dẫn", "Say that it was told the conditions of its work; they must be entered."),
            ready=_conditions, tells={F.POLICE, F.COORD, "visited"},
        ),
        step(
            "begin", {_C.guided}, _C.active, OWNER, GUIDES,
            _crew("began", "Đoàn làm phim nước ngoài bắt đầu làm việc", "A foreign film crew began its work"),
            Words("Bắt đầu làm việc", "Say that it works in the province."), tells={F.POLICE, F.COORD, "visited"},
        ),
        step(
            "complete", {_C.active}, _C.completed, OWNER, GUIDES,
            _crew("completed", "Đoàn làm phim nước ngoài kết thúc", "A foreign film crew has left"),
            Words("Kết thúc", "Say that it has left."), tells={F.POLICE, F.COORD},
        ),
        step(
            "cancel", {_C.registered, _C.guided}, _C.cancelled, OWNER, GUIDES,
            _crew("cancelled", "Đoàn làm phim nước ngoài không đến", "A foreign film crew will not come"),
            Words("Không đến", "Say that it will not come."), tells={F.POLICE, F.COORD, "visited"},
        ),
    ),
)  # fmt: skip

KINDS = (CULTURAL_PROGRAMME, FOREIGN_FILM_CREW)
