"""What culture, sports and tourism publishes: photo books in two languages, gifts (QC.D11.K2)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.law.citing import clause
from app.law.functions import F
from app.records.kind import OWNER, Activity, Details, Facts, Kind, Sensitivity, Words, in_languages, step, stood
from app.records.kinds.culture_details import PhotoBook, Souvenir
from app.records.telling import telling

PUBLISHES = clause("QC.D11.K2")
CULTURE = frozenset({F.CULTURE})


class PublicationState(StrEnum):
    """Where a publication stands."""

    draft = "draft"
    released = "released"
    withdrawn = "withdrawn"


def _bilingual(facts: Facts) -> None:
    """«song ngữ Anh-Việt»."""
    in_languages(facts, "vi", "en")
    stood(facts, "title_en", "details.publisher")


def _made(facts: Facts) -> None:
    stood(facts, "details.quantity")


def _book_words(details: PhotoBook) -> Sequence[str]:
    return (details.publisher or "", details.isbn or "")


def _gift_words(details: Souvenir) -> Sequence[str]:
    return (details.emblem, details.maker or "")


_S = PublicationState
_publication = telling("publication", PUBLISHES)
_RELEASED = _publication("released", "Phát hành ấn phẩm", "A publication was released")
_WITHDRAWN = _publication("withdrawn", "Thu hồi ấn phẩm", "A publication was withdrawn")


def _kind(
    details: type[Details],
    title: Words,
    words: Callable[[Any], Sequence[str]],
    ready: Callable[[Facts], None],
    example: Mapping[str, Any],
) -> Kind:
    """A publication of the department: drafted, released to everybody, withdrawn."""
    name = example["details"]["kind"]
    return Kind(
        name=name,
        title=title,
        provisions=(PUBLISHES,),
        details=details,
        sensitivity=Sensitivity.public,
        writers=CULTURE,
        readers=CULTURE,
        contributors=frozenset({F.COORD}),
        opened=telling(name, PUBLISHES)("drafted", f"Biên soạn: {title.vi}", f"{title.en}: being made"),
        search=words,
        initial=_S.draft,
        editable=frozenset({_S.draft}),
        deletable=frozenset({_S.draft}),
        public_when=frozenset({_S.released}),
        activity=Activity({_S.released}),
        example=example,
        steps=(
            step(
                "release", {_S.draft}, _S.released, OWNER, PUBLISHES, _RELEASED,
                Words("Phát hành", "Release it; it is public from then on."), ready=ready, tells={F.COORD},
            ),
            step(
                "withdraw", {_S.released}, _S.withdrawn, OWNER, PUBLISHES, _WITHDRAWN,
                Words("Thu hồi", "Withdraw it, and say why."), needs_note=True, tells={F.COORD},
            ),
        ),
    )  # fmt: skip


PHOTO_BOOK = _kind(
    PhotoBook,
    Words("Sách ảnh song ngữ", "Photo book"),
    _book_words,
    _bilingual,
    {
        "title": "Đắk Lắk – sắc màu cao nguyên",
        "title_en": "Đắk Lắk: colours of the highlands",
        "languages": ["vi", "en"],
        "details": {
            "kind": "photo_book",
            "topics": ["history_culture", "cuisine"],
            "url": "https://daklak.example/sach-anh",
            "publisher": "Nhà xuất bản Thông tấn",
            "publishing_licence": {
                "number": "812/QĐ-TT",
                "issued_on": "2027-05-04",
                "issuer": "Nhà xuất bản Thông tấn",
                "sha256": None,
            },
            "isbn": "9786040000002",
            "copies": 1500,
        },
    },
)
SOUVENIR = _kind(
    Souvenir,
    Words("Sản phẩm quà tặng có biểu tượng của tỉnh", "Gift with the province's emblem"),
    _gift_words,
    _made,
    {
        "title": "Hộp cà phê có biểu tượng tỉnh",
        "title_en": "Coffee box with the emblem of the province",
        "languages": ["vi", "en"],
        "details": {
            "kind": "souvenir",
            "topics": ["cuisine"],
            "emblem": "In biểu tượng tỉnh trên nắp hộp",
            "material": "Gỗ",
            "maker": "Hợp tác xã Buôn Ma Thuột",
            "quantity": 500,
        },
    },
)

KINDS = (PHOTO_BOOK, SOUVENIR)
