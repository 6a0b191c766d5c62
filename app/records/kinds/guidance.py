"""Guidance: on costs by finance, on secrecy by the police (QC.D12.K2, QC.D13.K1); for every agency once issued."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.kit.failures import BadField
from app.law.citing import Clause, clause
from app.law.functions import F
from app.records.kind import OWNER, Facts, Kind, Sensitivity, Words, step
from app.records.kinds.guidance_details import CostGuidance, Guidance, SecrecyGuidance
from app.records.telling import telling


class GuidanceState(StrEnum):
    """Whether guidance holds."""

    draft = "draft"
    issued = "issued"
    withdrawn = "withdrawn"


def _says_something(facts: Facts) -> None:
    if facts.details.text is None and facts.details.document is None:
        raise BadField("needed_first", "details", "text")


def _words(details: Guidance) -> Sequence[str]:
    return (details.subject, details.text or "")


_S = GuidanceState


def _kind(details: type[Guidance], provision: Clause, title: Words, writer: str, example: Mapping[str, Any]) -> Kind:
    """Guidance by the holder of one function, with the coordinator («phối hợp»)."""
    name = example["details"]["kind"]
    told = telling("guidance", provision)
    return Kind(
        name=name,
        title=title,
        provisions=(provision,),
        details=details,
        sensitivity=Sensitivity.internal,
        writers=frozenset({writer}),
        readers=frozenset({writer}),
        contributors=frozenset({F.COORD}),
        opened=telling(name, provision)("drafted", f"Soạn thảo: {title.vi}", f"{title.en}: being drafted"),
        opened_tells=frozenset({F.COORD}),
        search=_words,
        initial=_S.draft,
        editable=frozenset({_S.draft}),
        deletable=frozenset({_S.draft}),
        shared_when=frozenset({_S.issued, _S.withdrawn}),
        example=example,
        steps=(
            step(
                "issue", {_S.draft}, _S.issued, OWNER, provision,
                told("issued", "Ban hành hướng dẫn", "Guidance was issued"),
                Words("Ban hành", "Issue it to every agency; its text or its document must be entered."),
                ready=_says_something, tells={F.MEMBER, F.COORD},
            ),
            step(
                "withdraw", {_S.issued}, _S.withdrawn, OWNER, provision,
                told("withdrawn", "Thu hồi hướng dẫn", "Guidance was withdrawn"),
                Words("Thu hồi", "Withdraw it, and say why."), needs_note=True, tells={F.MEMBER, F.COORD},
            ),
        ),
    )  # fmt: skip


COST_GUIDANCE = _kind(
    CostGuidance,
    clause("QC.D12.K2"),
    Words("Hướng dẫn định mức, sử dụng, quyết toán kinh phí", "Guidance on costs"),
    F.FINANCE,
    {
        "title": "Hướng dẫn định mức chi biên dịch năm 2027",
        "details": {
            "kind": "cost_guidance",
            "type": "cost_norm",
            "subject": "Định mức chi biên dịch tài liệu đối ngoại",
            "text": "Áp dụng mức chi hiện hành cho mỗi trang 350 từ.",
            "document": {"number": "412/STC-HCSN", "issued_on": "2027-01-20", "issuer": "Sở Tài chính", "sha256": None},
            "valid_from": "2027-02-01",
            "year": 2027,
        },
    },
)
SECRECY_GUIDANCE = _kind(
    SecrecyGuidance,
    clause("QC.D13.K1"),
    Words("Hướng dẫn bảo mật thông tin", "Guidance on secrecy"),
    F.POLICE,
    {
        "title": "Hướng dẫn bảo mật khi cung cấp thông tin cho báo chí nước ngoài",
        "details": {
            "kind": "secrecy_guidance",
            "type": "press_work",
            "subject": "Cung cấp thông tin cho báo chí nước ngoài",
            "text": "Kiểm tra nội dung trước khi cung cấp; không dùng thiết bị cá nhân.",
            "document": None,
            "valid_from": "2027-01-15",
        },
    },
)

KINDS = (COST_GUIDANCE, SECRECY_GUIDANCE)
