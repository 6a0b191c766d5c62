"""What the press says of the province, and what is answered (QC.D8.K4, QC.D9.K1, QC.D13.K2)."""

from collections.abc import Sequence
from enum import StrEnum

from app.kit.failures import BadField
from app.law.citing import clause, clauses
from app.law.functions import F
from app.records.kind import NAMED, OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.media_details import MediaItem, Rebuttal
from app.records.telling import telling

FOLLOWS, PROPOSES = clause("QC.D8.K4"), clause("QC.D13.K2")
WATCHERS = frozenset({F.COORD, F.FOREIGN, F.POLICE, F.PROPAGANDA})
AFFECTED = Named(Words("Cơ quan liên quan", "Affected"), contributes=True, acts=True)
DOSSIER = ("content", "impact", "nature", "grounds", "proposal")


class ItemState(StrEnum):
    """Where a media item stands."""

    logged = "logged"
    assessed = "assessed"
    action_assigned = "action_assigned"
    answered = "answered"
    closed = "closed"


class RebuttalState(StrEnum):
    """Where a rebuttal stands."""

    proposed = "proposed"
    drafted = "drafted"
    approved = "approved"
    published = "published"
    declined = "declined"


def _assessed(facts: Facts) -> None:
    stood(facts, "details.accuracy", "details.tone")


def _assigned(facts: Facts) -> None:
    if not facts.named.get("affected"):
        raise BadField("needed_first", "named")


def _drafted(facts: Facts) -> None:
    stood(facts, *(f"details.dossier.{part}" for part in DOSSIER), "details.text")


def _item_words(details: MediaItem) -> Sequence[str]:
    return (details.source, details.summary)


def _rebuttal_words(details: Rebuttal) -> Sequence[str]:
    return (details.text or "",)


_I, _R = ItemState, RebuttalState
_item = telling("media_item", *clauses("QC.D8.K4", "QC.D9.K1", "QC.D13.K2"))
_rebuttal = telling("rebuttal", *clauses("QC.D8.K4", "QC.D13.K2"))

MEDIA_ITEM = Kind(
    name="media_item",
    title=Words("Tin, bài của báo chí", "Media item"),
    provisions=clauses("QC.D8.K4", "QC.D9.K1", "QC.D13.K2"),
    details=MediaItem,
    sensitivity=Sensitivity.restricted,
    writers=WATCHERS,
    readers=WATCHERS,
    contributors=WATCHERS,
    named={"affected": AFFECTED},
    opened=_item("logged", "Ghi nhận tin, bài của báo chí", "A media item was logged"),
    opened_tells=frozenset({F.COORD}),
    search=_item_words,
    initial=_I.logged,
    editable=frozenset({_I.logged, _I.assessed}),
    example={
        "title": "Bài viết sai về quy hoạch vùng trồng cà phê",
        "languages": ["en"],
        "starts_on": "2027-03-02",
        "details": {
            "kind": "media_item",
            "origin": "foreign",
            "medium": "online",
            "source": "Coffee Daily",
            "country": "SG",
            "published_on": "2027-03-02",
            "url": "https://coffee-daily.example/dak-lak",
            "summary": "Bài viết nói tỉnh thu hồi vườn cà phê của người dân không bồi thường.",
            "tone": "negative",
            "accuracy": "distorted",
            "assessment": "Trích dẫn sai văn bản quy hoạch.",
            "urgent": True,
        },
    },
    steps=(
        step(
            "assess", {_I.logged}, _I.assessed, OWNER, FOLLOWS,
            _item("assessed", "Tin, bài đã được đánh giá", "A media item was assessed"),
            Words("Đánh giá", "Say how it stands; its tone and accuracy must be entered."),
            ready=_assessed, tells={F.COORD},
        ),
        step(
            "flag", {_I.assessed}, _I.action_assigned, {F.COORD}, FOLLOWS,
            _item("flagged", "Tin, bài cần cơ quan liên quan xử lý", "A media item needs an answer"),
            Words("Giao cơ quan liên quan trả lời", "Ask the agencies affected for an answer."),
            ready=_assigned, tells={F.COORD, "affected"},
        ),
        step(
            "answer", {_I.action_assigned}, _I.answered, NAMED, FOLLOWS,
            _item("answered", "Cơ quan liên quan đã trả lời", "An agency affected by a media item has answered"),
            Words("Trả lời", "Say, for an agency affected, how the matter stands."),
            needs_note=True, tells={F.COORD},
        ),
        step(
            "close", {_I.assessed, _I.answered}, _I.closed, {F.COORD}, FOLLOWS,
            _item("closed", "Kết thúc theo dõi tin, bài", "A media item was closed"),
            Words("Kết thúc theo dõi", "Close it; a rebuttal is linked, where one followed."),
        ),
    ),
)  # fmt: skip

REBUTTAL = Kind(
    name="rebuttal",
    title=Words("Đính chính, làm rõ, phản bác", "Rebuttal"),
    provisions=clauses("QC.D8.K4", "QC.D13.K2"),
    details=Rebuttal,
    sensitivity=Sensitivity.public,
    writers=WATCHERS,
    readers=WATCHERS,
    contributors=WATCHERS,
    named={"affected": Named(Words("Cơ quan liên quan", "Affected"), contributes=True)},
    opened=_rebuttal("proposed", "Đề xuất phản bác", "A rebuttal was proposed"),
    opened_tells=frozenset({F.COORD, F.UBND}),
    search=_rebuttal_words,
    initial=_R.proposed,
    editable=frozenset({_R.proposed, _R.drafted}),
    public_when=frozenset({_R.published}),
    activity=Activity({_R.published}, {_R.approved}),
    kept=frozenset({"dossier"}),
    example={
        "title": "Thông tin chính thức về quy hoạch vùng trồng cà phê",
        "title_en": "The facts about the planning of coffee areas",
        "languages": ["vi", "en"],
        "details": {
            "kind": "rebuttal",
            "type": "rebuttal",
            "dossier": {
                "content": "Bài viết ngày 02/3/2027 nói tỉnh thu hồi vườn cà phê không bồi thường.",
                "impact": "Được dẫn lại ở nhiều trang của người Việt Nam ở nước ngoài.",
                "nature": "Trích dẫn cắt xén văn bản quy hoạch.",
                "grounds": "Luật Đất đai; việc tương tự đã được đính chính.",
                "proposal": "Đăng thông tin chính thức bằng hai thứ tiếng.",
            },
            "text": "Quy hoạch vùng trồng cà phê không thu hồi đất của người dân.",
            "outlet": "Cổng thông tin điện tử tỉnh",
            "url": "https://daklak.example/en/coffee-areas",
        },
    },
    steps=(
        step(
            "draft", {_R.proposed}, _R.drafted, OWNER, FOLLOWS,
            _rebuttal("drafted", "Đã soạn nội dung phản bác", "A rebuttal was drafted"),
            Words("Trình nội dung", "Lay it before the coordinator: all five parts of the dossier, and the text."),
            ready=_drafted, tells={F.COORD},
        ),
        step(
            "approve", {_R.drafted}, _R.approved, {F.COORD}, FOLLOWS,
            _rebuttal("approved", "Đồng ý nội dung phản bác", "A rebuttal was approved"),
            Words("Đồng ý nội dung", "Approve its text."), tells={F.UBND, "affected"},
        ),
        step(
            "decline", {_R.proposed, _R.drafted}, _R.declined, {F.COORD}, FOLLOWS,
            _rebuttal("declined", "Không phản bác", "A rebuttal was declined"),
            Words("Không phản bác", "Decide that nothing is answered, and say why."), needs_note=True,
        ),
        step(
            "publish", {_R.approved}, _R.published, {F.COORD}, FOLLOWS,
            _rebuttal("published", "Đã công bố nội dung phản bác", "A rebuttal was published"),
            Words("Công bố", "Say that it was published; its text is public from then on, its dossier never."),
            tells={F.COORD, F.PORTAL, F.PRESS},
        ),
    ),
)  # fmt: skip

KINDS = (MEDIA_ITEM, REBUTTAL)
