"""What the coordinator records besides: legal documents, training, movements of publications (QC.D8)."""

from collections.abc import Sequence
from enum import StrEnum

from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.guidance_details import LegalDocument, PublicationMovement, TrainingCourse
from app.records.telling import telling

DRAFTS, TRAINS, WATCHES = clause("QC.D8.K2"), clause("QC.D8.K5"), clause("QC.D8.K6")
COMMITTEE = frozenset({F.UBND, F.VPUBND})
TRAINERS = frozenset({F.COORD, F.FOREIGN, F.BORDER})
AT_THE_GATES = frozenset({F.COORD, F.CULTURE, F.POLICE, F.CUSTOMS, F.FOREIGN})


class LawState(StrEnum):
    """Where a legal document stands."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    issued = "issued"
    repealed = "repealed"


class CourseState(StrEnum):
    """Where a course stands."""

    planned = "planned"
    announced = "announced"
    held = "held"
    cancelled = "cancelled"


class LogState(StrEnum):
    """Whether an entry of a log holds."""

    logged = "logged"
    void = "void"


def _dated(facts: Facts) -> None:
    stood(facts, "starts_on")


def _attended(facts: Facts) -> None:
    stood(facts, "details.attendance")


def _law_words(details: LegalDocument) -> Sequence[str]:
    return (details.summary,)


def _course_words(details: TrainingCourse) -> Sequence[str]:
    return (details.organiser, *details.topics)


def _movement_words(details: PublicationMovement) -> Sequence[str]:
    return (details.work,)


_law = telling("legal_document", *clauses("QC.D8.K2", "QC.D5.K1"))
_course = telling("training_course", TRAINS)
_movement = telling("publication_movement", *clauses("QC.D8.K6", "QC.D11.K3"))

LEGAL_DOCUMENT = Kind(
    name="legal_document",
    title=Words("Văn bản, cơ chế, chính sách", "Legal document"),
    provisions=clauses("QC.D8.K2", "QC.D5.K1", "QC.D5.K3"),
    details=LegalDocument,
    sensitivity=Sensitivity.public,
    writers=frozenset({F.COORD}),
    named={"cooperating": Named(Words("Cơ quan phối hợp", "Cooperating"), contributes=True)},
    opened=_law("drafted", "Bắt đầu soạn văn bản", "A legal document is being drafted"),
    search=_law_words,
    initial=LawState.draft,
    editable=frozenset({LawState.draft, LawState.returned}),
    public_when=frozenset({LawState.issued, LawState.repealed}),
    # What was issued is public, the draft of it is not.
    kept=frozenset({"draft_url", "sha256"}),
    example={
        "title": "Chính sách hỗ trợ sản phẩm thông tin đối ngoại bằng tiếng nước ngoài",
        "details": {
            "kind": "legal_document",
            "type": "policy",
            "summary": "Mức hỗ trợ biên dịch và xuất bản.",
            "draft_url": "https://daklak.example/du-thao/chinh-sach.pdf",
            "sha256": None,
            "planned_for": "2027-09-30",
            "effective_from": "2028-01-01",
        },
    },
    steps=(
        step(
            "submit", {LawState.draft, LawState.returned}, LawState.submitted, OWNER, DRAFTS,
            _law("submitted", "Trình ban hành văn bản", "A legal document was put before the People's Committee"),
            Words("Trình Ủy ban nhân dân tỉnh ban hành", "Put it before the People's Committee to be issued."),
            tells={F.UBND, F.VPUBND},
        ),
        step(
            "return", {LawState.submitted}, LawState.returned, COMMITTEE, DRAFTS,
            _law("returned", "Trả lại văn bản trình", "A legal document was returned"),
            Words("Trả lại", "Return it, and say what is to change."), needs_note=True, tells={F.COORD},
        ),
        step(
            "issue", {LawState.submitted}, LawState.issued, COMMITTEE, DRAFTS,
            _law("issued", "Ban hành văn bản", "A legal document was issued"),
            Words("Ban hành", "Say that it was issued, with its number and date."),
            needs_document=True, tells={F.COORD, F.MEMBER},
        ),
        step(
            "repeal", {LawState.issued}, LawState.repealed, COMMITTEE, DRAFTS,
            _law("repealed", "Bãi bỏ văn bản", "A legal document was repealed"),
            Words("Bãi bỏ", "Say that it was repealed, and by what."),
            needs_document=True, tells={F.COORD, F.MEMBER},
        ),
    ),
)  # fmt: skip

TRAINING_COURSE = Kind(
    name="training_course",
    title=Words("Lớp đào tạo, tập huấn, bồi dưỡng", "Training course"),
    provisions=(TRAINS,),
    details=TrainingCourse,
    sensitivity=Sensitivity.internal,
    writers=TRAINERS,
    readers=TRAINERS,
    contributors=TRAINERS | {F.MEMBER},
    opened=_course("planned", "Dự kiến mở lớp", "A training course was planned"),
    search=_course_words,
    initial=CourseState.planned,
    editable=frozenset({CourseState.planned, CourseState.announced}),
    activity=Activity({CourseState.held}, {CourseState.planned, CourseState.announced}),
    shared_when=frozenset({CourseState.announced, CourseState.held, CourseState.cancelled}),
    example={
        "title": "Tập huấn nghiệp vụ thông tin đối ngoại năm 2027",
        "starts_on": "2027-05-11",
        "ends_on": "2027-05-12",
        "details": {
            "kind": "training_course",
            "form": "training",
            "organiser": "Sở Thông tin và Truyền thông",
            "trainers": ["Bộ Thông tin và Truyền thông"],
            "place": "Buôn Ma Thuột",
            "online": False,
            "topics": ["Cung cấp thông tin cho báo chí nước ngoài"],
            "seats": 60,
            "register_by": "2027-05-04",
            "attendance": [{"agency": "UBND huyện Buôn Đôn", "people": 3}, {"agency": "Sở Ngoại vụ", "people": 5}],
        },
    },
    steps=(
        step(
            "announce", {CourseState.planned}, CourseState.announced, OWNER, TRAINS,
            _course("announced", "Thông báo mở lớp tập huấn", "A training course was announced"),
            Words("Thông báo", "Announce it; agencies contribute how many they send."),
            ready=_dated, tells={F.MEMBER},
        ),
        step(
            "hold", {CourseState.announced}, CourseState.held, OWNER, TRAINS,
            _course("held", "Lớp tập huấn đã tổ chức", "A training course was held"),
            Words("Đã tổ chức", "Say that it was held; how many came is entered before."),
            ready=_attended, tells={F.COORD},
        ),
        step(
            "cancel", {CourseState.planned, CourseState.announced}, CourseState.cancelled, OWNER, TRAINS,
            _course("cancelled", "Hủy lớp tập huấn", "A training course was cancelled"),
            Words("Hủy", "Cancel it, and say why."), needs_note=True, tells={F.MEMBER},
        ),
    ),
)  # fmt: skip

PUBLICATION_MOVEMENT = Kind(
    name="publication_movement",
    title=Words("Xuất, nhập khẩu xuất bản phẩm", "Movement of a publication"),
    provisions=clauses("QC.D8.K6", "QC.D11.K3"),
    details=PublicationMovement,
    sensitivity=Sensitivity.internal,
    writers=AT_THE_GATES,
    readers=AT_THE_GATES,
    contributors=AT_THE_GATES,
    opened=_movement("logged", "Ghi nhận xuất, nhập khẩu xuất bản phẩm", "The movement of a publication was logged"),
    opened_tells=frozenset({F.COORD}),
    search=_movement_words,
    initial=LogState.logged,
    editable=frozenset({LogState.logged}),
    example={
        "title": "Nhập khẩu sách ảnh về Tây Nguyên",
        "languages": ["fr"],
        "starts_on": "2027-04-20",
        "details": {
            "kind": "publication_movement",
            "direction": "import",
            "medium": "book",
            "work": "Les hauts plateaux",
            "country": "FR",
            "quantity": 40,
            "moved_on": "2027-04-20",
            "gate": "Chi cục Hải quan Buôn Ma Thuột",
            "declaration": "105512345670",
        },
    },
    steps=(
        step(
            "void", {LogState.logged}, LogState.void, OWNER, WATCHES,
            _movement("voided", "Hủy mục đã ghi nhận", "The entry of a movement was voided"),
            Words("Hủy mục này", "Say that the entry was a mistake, and why."), needs_note=True, tells={F.COORD},
        ),
    ),
)  # fmt: skip

KINDS = (LEGAL_DOCUMENT, TRAINING_COURSE, PUBLICATION_MOVEMENT)
