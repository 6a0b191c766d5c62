"""What foreign affairs records of friendship abroad, and translations (QC.D9.K6, QC.D9.K7)."""

from collections.abc import Sequence
from enum import StrEnum

from app.kit.failures import BadField
from app.law.citing import clause
from app.law.functions import F
from app.records.kind import OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.foreign_details import Partnership, Translation
from app.records.telling import telling

BEFRIENDS, TRANSLATES = clause("QC.D9.K6"), clause("QC.D9.K7")
FOREIGN = frozenset({F.FOREIGN})


class PartnershipState(StrEnum):
    """Where a partnership stands."""

    exploring = "exploring"
    negotiating = "negotiating"
    signed = "signed"
    ended = "ended"
    dropped = "dropped"


class TranslationState(StrEnum):
    """Where a translation stands."""

    requested = "requested"
    in_progress = "in_progress"
    completed = "completed"
    declined = "declined"


def _agreed(facts: Facts) -> None:
    stood(facts, "details.agreement")


def _translated(facts: Facts) -> None:
    stood(facts, "details.output")
    if facts.details.output.language != facts.details.target_language:
        raise BadField("other_language", "details", "output", "language")


def _partnership_words(details: Partnership) -> Sequence[str]:
    return (details.local_unit, details.foreign_unit, *details.areas)


def _translation_words(details: Translation) -> Sequence[str]:
    return (details.source_title,)


_P, _T = PartnershipState, TranslationState
_partnership, _translation = telling("partnership", BEFRIENDS), telling("translation", TRANSLATES)

PARTNERSHIP = Kind(
    name="partnership",
    title=Words("Quan hệ hữu nghị hợp tác", "Partnership abroad"),
    provisions=(BEFRIENDS,),
    details=Partnership,
    sensitivity=Sensitivity.public,
    writers=FOREIGN,
    readers=FOREIGN,
    contributors=frozenset({F.COORD}),
    named={"subject": Named(Words("Đơn vị, địa phương của tỉnh", "Unit of the province"), contributes=True)},
    opened=_partnership("explored", "Tìm hiểu quan hệ hợp tác", "A partnership is being explored"),
    opened_tells=frozenset({F.COORD, "subject"}),
    search=_partnership_words,
    initial=_P.exploring,
    editable=frozenset({_P.exploring, _P.negotiating}),
    public_when=frozenset({_P.signed, _P.ended}),
    activity=Activity({_P.signed, _P.ended}, {_P.exploring, _P.negotiating}),
    example={
        "title": "Buôn Ma Thuột và Pakse kết nghĩa",
        "title_en": "Buôn Ma Thuột and Pakse become sister cities",
        "languages": ["vi", "en"],
        "starts_on": "2027-06-01",
        "details": {
            "kind": "partnership",
            "level": "district",
            "local_unit": "Thành phố Buôn Ma Thuột",
            "foreign_unit": "Pakse",
            "country": "LA",
            "areas": ["Du lịch", "Cà phê"],
            "agreement": {"number": "02/TTHT", "issued_on": "2027-06-01", "issuer": "UBND tỉnh", "sha256": None},
            "valid_until": "2032-05-31",
            "result": None,
        },
    },
    steps=(
        step(
            "negotiate", {_P.exploring}, _P.negotiating, OWNER, BEFRIENDS,
            _partnership("negotiated", "Bắt đầu trao đổi để ký kết", "A partnership is being negotiated"),
            Words("Trao đổi để ký kết", "Say that it is being negotiated."), tells={F.COORD, "subject"},
        ),
        step(
            "sign", {_P.negotiating}, _P.signed, OWNER, BEFRIENDS,
            _partnership("signed", "Ký kết quan hệ hợp tác", "A partnership was signed"),
            Words("Đã ký kết", "Say that it was signed; the agreement must be entered. Public from then on."),
            ready=_agreed, tells={F.COORD, "subject"},
        ),
        step(
            "end", {_P.signed}, _P.ended, OWNER, BEFRIENDS,
            _partnership("ended", "Kết thúc quan hệ hợp tác", "A partnership has ended"),
            Words("Kết thúc", "Say that it has ended."), tells={F.COORD, "subject"},
        ),
        step(
            "drop", {_P.exploring, _P.negotiating}, _P.dropped, OWNER, BEFRIENDS,
            _partnership("dropped", "Không tiếp tục trao đổi", "A partnership is pursued no further"),
            Words("Không tiếp tục", "Pursue it no further, and say why."), needs_note=True, tells={"subject"},
        ),
    ),
)  # fmt: skip

TRANSLATION = Kind(
    name="translation",
    title=Words("Biên dịch ấn phẩm, tài liệu", "Translation"),
    provisions=(TRANSLATES,),
    details=Translation,
    sensitivity=Sensitivity.internal,
    writers=FOREIGN,
    readers=FOREIGN,
    contributors=frozenset({F.COORD}),
    named={"requester": Named(Words("Cơ quan đề nghị", "Requester"), contributes=True)},
    opened=_translation("requested", "Đề nghị biên dịch", "A translation was asked for"),
    opened_tells=frozenset({F.COORD, "requester"}),
    search=_translation_words,
    initial=_T.requested,
    editable=frozenset({_T.requested, _T.in_progress}),
    shared_when=frozenset({_T.completed}),
    activity=Activity({_T.completed}, {_T.requested, _T.in_progress}),
    example={
        "title": "Biên dịch sách giới thiệu Buôn Đôn sang tiếng Lào",
        "languages": ["lo"],
        "details": {
            "kind": "translation",
            "source_title": "Buôn Đôn – đất và người",
            "source_language": "vi",
            "target_language": "lo",
            "source_url": None,
            "purpose": "Tặng đoàn Champasak",
            "pages": 48,
            "needed_by": "2027-05-30",
            "reviewer": "Trường Đại học Tây Nguyên",
            "output": {"language": "lo", "title": "ບວນດອນ", "url": "https://daklak.example/lo.pdf", "sha256": None},
        },
    },
    steps=(
        step(
            "start", {_T.requested}, _T.in_progress, OWNER, TRANSLATES,
            _translation("started", "Bắt đầu biên dịch", "A translation was begun"),
            Words("Bắt đầu biên dịch", "Begin the translation."), tells={"requester"},
        ),
        step(
            "complete", {_T.in_progress}, _T.completed, OWNER, TRANSLATES,
            _translation("completed", "Hoàn thành biên dịch", "A translation was completed"),
            Words("Hoàn thành", "Say that it is done; what came of it must be entered, in the language asked for."),
            ready=_translated, tells={F.COORD, "requester"},
        ),
        step(
            "decline", {_T.requested}, _T.declined, OWNER, TRANSLATES,
            _translation("declined", "Không biên dịch", "A translation was declined"),
            Words("Không biên dịch", "Decline, and say why."), needs_note=True, tells={F.COORD, "requester"},
        ),
    ),
)  # fmt: skip

KINDS = (PARTNERSHIP, TRANSLATION)
