"""What is found in publications and cultural products that cross the border, told at once (QC.D8.K6, QC.D11.K3)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.kit.clock import Day
from app.kit.text import Language, Line, Prose
from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, TELL_OWNER, Details, Kind, Sensitivity, Words, event, step
from app.records.words import Count, Country
from app.trail.record import EventType


class S(StrEnum):
    """How far it has come."""

    reported = "reported"
    acknowledged = "acknowledged"
    merged = "merged"
    forwarded = "forwarded"
    resolved = "resolved"
    closed = "closed"
    withdrawn = "withdrawn"


class ImportExportFinding(Details):
    """Something that harms the image of the province or the country, in what crosses the border."""

    kind: Literal["import_export_finding"]
    direction: Literal["import", "export"]
    medium: Literal["book", "newspaper", "magazine", "disc_tape", "cultural_product", "other"]
    concerns: Literal["province", "country", "both"] = Field(description="What its content is about.")
    publication: Line = Field(description="The title of what was found.")
    publisher: Line | None = None
    origin: Country | None = None
    language: Language | None = None
    copies: Count | None = None
    found_on: Day
    place: Line | None = Field(None, description="Where it was found.")
    finding: Prose = Field(description="What is untrue or harmful in it.")
    proposed_measure: Prose | None = None


def _searched(details: ImportExportFinding) -> tuple[str | None, ...]:
    return (details.publication, details.publisher, details.place)


_PROVISIONS = clauses("QC.D8.K6", "QC.D11.K3")
_LAW = clause("QC.D8.K6")
HOLDERS = frozenset({F.COORD, F.CULTURE, F.POLICE, F.CUSTOMS, F.FOREIGN})
OPEN = frozenset({S.reported, S.acknowledged, S.forwarded})


def _event(name: str, vi: str, en: str) -> EventType:
    return event(f"finding.{name}", Words(vi, en), *_PROVISIONS)


IMPORT_EXPORT_FINDING = Kind(
    name="import_export_finding",
    title=Words("Phát hiện về xuất, nhập khẩu xuất bản phẩm, văn hóa phẩm", "Finding in what is imported or exported"),
    provisions=_PROVISIONS,
    details=ImportExportFinding,
    sensitivity=Sensitivity.restricted,
    writers=HOLDERS,
    readers=HOLDERS,
    contributors=HOLDERS,
    opened=_event("reported", "Báo cáo phát hiện", "A finding was reported"),
    opened_tells=frozenset({F.UBND, F.COORD}),
    search=_searched,
    initial=S.reported,
    editable=frozenset({S.reported, S.acknowledged}),
    example={
        "title": "Bản đồ du lịch in sai địa giới",
        "starts_on": "2027-04-05",
        "details": {
            "kind": "import_export_finding",
            "direction": "import",
            "medium": "book",
            "concerns": "both",
            "publication": "Central Highlands Travel Map",
            "publisher": "Globe Maps",
            "origin": "TH",
            "language": "en",
            "copies": 120,
            "found_on": "2027-04-05",
            "place": "Buôn Ma Thuột",
            "finding": "Thể hiện sai địa giới tỉnh và chủ quyền biển đảo.",
            "proposed_measure": "Tạm dừng thông quan, thu hồi số đã bán.",
        },
    },
    steps=(
        step(
            "acknowledge", {S.reported}, S.acknowledged, {F.COORD, F.UBND, F.VPUBND}, _LAW,
            _event("acknowledged", "Phát hiện được tiếp nhận", "A finding was acknowledged"),
            Words("Tiếp nhận", "Take note of it."), tells={TELL_OWNER},
        ),
        step(
            "merge", OPEN, S.merged, {F.COORD}, _LAW,
            _event("merged", "Phát hiện được gộp", "A finding was merged into another"),
            Words("Gộp phát hiện trùng", "Merge it into another that two have reported."),
            tells={TELL_OWNER}, merges=True,
        ),
        step(
            "forward", {S.reported, S.acknowledged}, S.forwarded, {F.COORD}, _LAW,
            _event("forwarded", "Phát hiện được trình", "A finding was sent up"),
            Words("Trình Ủy ban nhân dân tỉnh", "Send it up to the People's Committee, with the coordinator's view."),
            tells={F.UBND, F.VPUBND, TELL_OWNER},
        ),
        step(
            "resolve", OPEN, S.resolved, {F.UBND, F.VPUBND}, _LAW,
            _event("resolved", "Có biện pháp xử lý", "What is to be done about a finding was decided"),
            Words("Quyết định biện pháp", "Decide what is to be done about it."),
            tells={F.COORD, TELL_OWNER}, needs_note=True, carries=True,
        ),
        step(
            "close", {S.resolved}, S.closed, {F.COORD}, _LAW,
            _event("closed", "Khép lại phát hiện", "A finding was closed"),
            Words("Khép lại", "Say that the measure was carried out."), tells={F.UBND, TELL_OWNER},
        ),
        step(
            "withdraw", {S.reported}, S.withdrawn, OWNER, _LAW,
            _event("withdrawn", "Rút lại phát hiện", "A finding was withdrawn"),
            Words("Rút lại", "Take it back: it was none."), tells={F.COORD, F.UBND},
        ),
    ),
)  # fmt: skip
KINDS = (IMPORT_EXPORT_FINDING,)
