"""What planning and investment records: figures of foreign capital, what the portals show (QC.D10.K2, QC.D10.K3)."""

from collections.abc import Sequence
from enum import StrEnum

from app.kit.failures import BadField
from app.law.citing import clause
from app.law.functions import F
from app.records.kind import NAMED, OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, in_languages, step, stood
from app.records.kinds.investment_details import InvestmentStatistic, PortalItem
from app.records.telling import telling

COUNTS, SHOWS = clause("QC.D10.K2"), clause("QC.D10.K3")
INVEST = frozenset({F.INVEST})


class StatisticState(StrEnum):
    """Whether figures are out."""

    draft = "draft"
    released = "released"
    withdrawn = "withdrawn"


class ItemState(StrEnum):
    """Where an item of a portal stands."""

    draft = "draft"
    ready = "ready"
    published = "published"
    withdrawn = "withdrawn"


def _of_a_period(facts: Facts) -> None:
    stood(facts, "starts_on", "ends_on")


def _in_english_too(facts: Facts) -> None:
    """It is for foreigners and for Vietnamese abroad."""
    in_languages(facts, "vi", "en")
    stood(facts, "title_en", "details.text_en")
    if not facts.named.get("portal"):
        raise BadField("needed_first", "named")


def _statistic_words(details: InvestmentStatistic) -> Sequence[str]:
    return (details.capital_type, details.area or "", details.source)


def _item_words(details: PortalItem) -> Sequence[str]:
    return (details.text_vi, details.text_en or "")


_S, _I = StatisticState, ItemState
_HANDED = frozenset({_I.ready, _I.published, _I.withdrawn})
_statistic, _item = telling("investment_statistic", COUNTS), telling("portal_item", SHOWS)
UPDATED = _statistic("updated", "Cập nhật số liệu vốn nước ngoài", "Figures of foreign capital were updated")

INVESTMENT_STATISTIC = Kind(
    name="investment_statistic",
    title=Words("Số liệu vốn nước ngoài", "Figures of foreign capital"),
    provisions=(COUNTS,),
    details=InvestmentStatistic,
    sensitivity=Sensitivity.public,
    writers=INVEST,
    readers=INVEST,
    contributors=frozenset({F.MEMBER}),
    opened=_statistic("collected", "Thu thập số liệu vốn nước ngoài", "Figures of foreign capital are being collected"),
    opened_tells=frozenset({F.COORD, F.MEMBER}),
    search=_statistic_words,
    initial=_S.draft,
    # What is out is corrected in place: each edit is a revision that is kept, and told.
    editable=frozenset({_S.draft, _S.released}),
    edited=UPDATED,
    whole=_of_a_period,
    shared_when=frozenset({_S.draft, _S.withdrawn}),
    public_when=frozenset({_S.released}),
    example={
        "title": "Vốn đầu tư trực tiếp nước ngoài quý I năm 2027",
        "title_en": "Foreign direct investment, first quarter of 2027",
        "languages": ["vi", "en"],
        "starts_on": "2027-01-01",
        "ends_on": "2027-03-31",
        "details": {
            "kind": "investment_statistic",
            "capital_type": "fdi",
            "frequency": "quarter",
            "area": None,
            "projects": 3,
            "registered": {"amount": "41250000.00", "currency": "USD"},
            "disbursed": {"amount": "9800000.50", "currency": "USD"},
            "by_country": [
                {"country": "KR", "projects": 2, "registered": {"amount": "40000000.00", "currency": "USD"}}
            ],
            "source": "Sở Kế hoạch và Đầu tư",
            "as_of": "2027-03-31",
        },
    },
    steps=(
        step(
            "release", {_S.draft}, _S.released, OWNER, COUNTS, UPDATED,
            Words("Công bố", "Make the figures public; their first and last day must be entered."),
            ready=_of_a_period, tells={F.COORD, F.PORTAL},
        ),
        step(
            "withdraw", {_S.released}, _S.withdrawn, OWNER, COUNTS,
            _statistic("withdrawn", "Thu hồi số liệu", "Figures of foreign capital were withdrawn"),
            Words("Thu hồi", "Withdraw the figures, and say why."), needs_note=True, tells={F.COORD, F.PORTAL},
        ),
    ),
)  # fmt: skip

PORTAL_ITEM = Kind(
    name="portal_item",
    title=Words("Tin cho cổng thông tin điện tử", "Item for the portals"),
    provisions=(SHOWS,),
    details=PortalItem,
    sensitivity=Sensitivity.public,
    writers=frozenset({F.INVEST, F.COORD}),
    readers=INVEST,
    contributors=frozenset({F.COORD}),
    # «trên cổng thông tin điện tử của tỉnh Đắk Lắk, của các ngành»: any of them, and each publishes for itself.
    named={"portal": Named(Words("Cổng đăng tin", "Portal"), _HANDED, acts=True)},
    opened=_item("drafted", "Soạn tin cho cổng thông tin", "An item for the portals is being drafted"),
    search=_item_words,
    initial=_I.draft,
    editable=frozenset({_I.draft}),
    deletable=frozenset({_I.draft}),
    public_when=frozenset({_I.published}),
    activity=Activity({_I.published}, {_I.ready}),
    example={
        "title": "Năm dự án kêu gọi đầu tư vào công nghệ cao",
        "title_en": "Five projects open to investors in high technology",
        "languages": ["vi", "en"],
        "details": {
            "kind": "portal_item",
            "category": "image_promotion",
            "audiences": ["foreign_org_or_person", "overseas_vietnamese"],
            "text_vi": "Danh mục dự án và ưu đãi.",
            "text_en": "The projects, and what is offered.",
            "url": "https://daklak.example/en/invest",
        },
    },
    steps=(
        step(
            "ready", {_I.draft}, _I.ready, OWNER, SHOWS,
            _item("ready", "Tin đã sẵn sàng để đăng", "An item is ready for the portals"),
            Words("Sẵn sàng đăng", "Hand it to the portals named, in Vietnamese and in English."),
            ready=_in_english_too, tells={"portal"},
        ),
        step(
            "publish", {_I.ready}, _I.published, NAMED, SHOWS,
            _item("published", "Tin đã đăng trên cổng", "An item was published on a portal"),
            Words("Đã đăng", "Say, for a portal, that it stands there."), tells={F.COORD, F.INVEST},
        ),
        step(
            "withdraw", {_I.ready, _I.published}, _I.withdrawn, OWNER, SHOWS,
            _item("withdrawn", "Gỡ tin khỏi cổng", "An item is to be taken off the portals"),
            Words("Gỡ tin", "Take it off, and say why."), needs_note=True, tells={"portal"},
        ),
    ),
)  # fmt: skip

KINDS = (INVESTMENT_STATISTIC, PORTAL_ITEM)
