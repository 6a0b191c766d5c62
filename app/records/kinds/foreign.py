"""What foreign affairs records of the press and of the world (QC.D9.K1, QC.D9.K3, QC.D9.K4, QC.D9.K5)."""

from collections.abc import Sequence
from enum import StrEnum

from app.law.citing import clause
from app.law.functions import F
from app.records.kind import OWNER, Activity, Facts, Kind, Named, Sensitivity, Words, step, stood
from app.records.kinds.foreign_details import (
    ForeignPressInvitation,
    InternationalBrief,
    InterviewPrep,
    SituationAnalysis,
)
from app.records.telling import telling

PREPARES, INVITES, GATHERS, ANALYSES = map(clause, ("QC.D9.K1", "QC.D9.K3", "QC.D9.K4", "QC.D9.K5"))
COMMITTEE = frozenset({F.UBND, F.VPUBND})
FOREIGN = frozenset({F.FOREIGN})


class InvitationState(StrEnum):
    """Where an invitation stands."""

    draft = "draft"
    proposed = "proposed"
    approved = "approved"
    declined = "declined"
    invited = "invited"
    completed = "completed"


class InterviewState(StrEnum):
    """Where an interview stands."""

    requested = "requested"
    prepared = "prepared"
    held = "held"
    cancelled = "cancelled"


class BriefState(StrEnum):
    """Whether news has gone out."""

    draft = "draft"
    published = "published"


class AnalysisState(StrEnum):
    """Where an analysis stands."""

    draft = "draft"
    published = "published"
    considered = "considered"


def _prepared(facts: Facts) -> None:
    stood(facts, "details.content")


def _proposing(facts: Facts) -> None:
    stood(facts, "details.proposal")


def _invitation_words(details: ForeignPressInvitation) -> Sequence[str]:
    return (details.occasion, *(one.name for one in details.press))


def _interview_words(details: InterviewPrep) -> Sequence[str]:
    return (details.press_body, *details.topics)


def _brief_words(details: InternationalBrief) -> Sequence[str]:
    return (details.source, details.text)


def _analysis_words(details: SituationAnalysis) -> Sequence[str]:
    return (details.situation, details.impact)


_I, _V, _A = InvitationState, InterviewState, AnalysisState
_invitation, _interview = telling("invitation", INVITES), telling("interview", PREPARES)
_brief, _analysis = telling("brief", GATHERS, ANALYSES), telling("analysis", ANALYSES)
PUBLISHED = _brief("published", "Tin, bản phân tích quốc tế được gửi đi", "News or an analysis of the world went out")

FOREIGN_PRESS_INVITATION = Kind(
    name="foreign_press_invitation",
    title=Words("Mời báo chí nước ngoài vào tỉnh", "Invitation of the foreign press"),
    provisions=(INVITES,),
    details=ForeignPressInvitation,
    sensitivity=Sensitivity.internal,
    writers=FOREIGN,
    readers=FOREIGN,
    contributors=frozenset({F.COORD}),
    opened=_invitation("drafted", "Soạn đề xuất mời báo chí nước ngoài", "An invitation of the press was drafted"),
    search=_invitation_words,
    initial=_I.draft,
    editable=frozenset({_I.draft}),
    activity=Activity({_I.completed}, {_I.approved, _I.invited}),
    deletable=frozenset({_I.draft}),
    example={
        "title": "Mời báo chí nước ngoài dự Lễ hội Cà phê năm 2027",
        "starts_on": "2027-03-09",
        "ends_on": "2027-03-13",
        "details": {
            "kind": "foreign_press_invitation",
            "year": 2027,
            "occasion": "Lễ hội Cà phê Buôn Ma Thuột",
            "press": [{"name": "Thông tấn xã Lào", "country": "LA", "resident": True}],
            "topics": ["Cà phê", "Văn hóa cồng chiêng"],
            "partners": ["Vụ Thông tin Báo chí", "Trung tâm hướng dẫn báo chí nước ngoài"],
        },
    },
    steps=(
        step(
            "propose", {_I.draft}, _I.proposed, OWNER, INVITES,
            _invitation("proposed", "Đề xuất mời báo chí nước ngoài", "The foreign press is proposed to be invited"),
            Words("Tham mưu Ủy ban nhân dân tỉnh", "Advise the People's Committee to invite them."),
            tells={F.UBND, F.VPUBND, F.COORD},
        ),
        step(
            "approve", {_I.proposed}, _I.approved, COMMITTEE, INVITES,
            _invitation("approved", "Đồng ý mời báo chí nước ngoài", "An invitation of the press was approved"),
            Words("Đồng ý mời", "Approve the invitation, with the document."),
            needs_document=True, tells={F.FOREIGN, F.COORD},
        ),
        step(
            "decline", {_I.proposed}, _I.declined, COMMITTEE, INVITES,
            _invitation("declined", "Không mời báo chí nước ngoài", "An invitation of the press was declined"),
            Words("Không mời", "Decline, and say why."), needs_note=True, tells={F.FOREIGN, F.COORD},
        ),
        step(
            "invite", {_I.approved}, _I.invited, OWNER, INVITES,
            _invitation("sent", "Đã gửi lời mời báo chí nước ngoài", "The foreign press was invited"),
            Words("Đã gửi lời mời", "Say that they were invited; delegations that come are linked."), tells={F.COORD},
        ),
        step(
            "complete", {_I.invited}, _I.completed, OWNER, INVITES,
            _invitation("completed", "Kết thúc việc mời báo chí", "An invitation of the foreign press was completed"),
            Words("Kết thúc", "Say that the visit is over."), tells={F.COORD, F.UBND},
        ),
    ),
)  # fmt: skip

INTERVIEW_PREP = Kind(
    name="interview_prep",
    title=Words("Chuẩn bị trả lời phỏng vấn", "Preparation of an interview"),
    provisions=(PREPARES,),
    details=InterviewPrep,
    sensitivity=Sensitivity.internal,
    writers=FOREIGN,
    readers=FOREIGN,
    contributors=frozenset({F.COORD}),
    named={"cooperating": Named(Words("Cơ quan phối hợp", "Cooperating"), contributes=True)},
    opened=_interview("requested", "Phóng viên nước ngoài đề nghị phỏng vấn", "An interview was asked for"),
    opened_tells=frozenset({F.COORD, "cooperating"}),
    search=_interview_words,
    initial=_V.requested,
    editable=frozenset({_V.requested, _V.prepared}),
    example={
        "title": "Phỏng vấn về liên kết vùng cà phê",
        "languages": ["en"],
        "starts_on": "2027-03-10",
        "details": {
            "kind": "interview_prep",
            "press_body": "Vientiane Times",
            "country": "LA",
            "leader_title": "Chủ tịch Ủy ban nhân dân tỉnh",
            "requested_on": "2027-02-22",
            "answer_by": "2027-03-08",
            "form": "in_person",
            "topics": ["Hợp tác với các tỉnh Nam Lào"],
            "content": "Quan hệ kết nghĩa và thương mại qua biên giới.",
            "published_url": None,
        },
    },
    steps=(
        step(
            "prepare", {_V.requested}, _V.prepared, OWNER, PREPARES,
            _interview("prepared", "Đã chuẩn bị nội dung trả lời phỏng vấn", "An interview was prepared"),
            Words("Đã chuẩn bị nội dung", "Say that what is to be said is prepared."),
            ready=_prepared, tells={F.COORD, F.UBND, "cooperating"},
        ),
        step(
            "hold", {_V.prepared}, _V.held, OWNER, PREPARES,
            _interview("held", "Đã trả lời phỏng vấn", "An interview was held"),
            Words("Đã trả lời phỏng vấn", "Say that the interview was given."), tells={F.COORD},
        ),
        step(
            "cancel", {_V.requested, _V.prepared}, _V.cancelled, OWNER, PREPARES,
            _interview("cancelled", "Không trả lời phỏng vấn", "An interview is not given"),
            Words("Không trả lời", "Say that it is not given, and why."), needs_note=True, tells={F.COORD},
        ),
    ),
)  # fmt: skip

INTERNATIONAL_BRIEF = Kind(
    name="international_brief",
    title=Words("Tin từ Bộ Ngoại giao", "News of the Ministry of Foreign Affairs"),
    provisions=(GATHERS,),
    details=InternationalBrief,
    sensitivity=Sensitivity.internal,
    writers=FOREIGN,
    readers=FOREIGN,
    opened=_brief("drafted", "Tổng hợp tin từ Bộ Ngoại giao", "News of the ministry is being put together"),
    search=_brief_words,
    initial=BriefState.draft,
    editable=frozenset({BriefState.draft}),
    deletable=frozenset({BriefState.draft}),
    shared_when=frozenset({BriefState.published}),
    # «lãnh đạo các sở, ban, ngành»: the districts are not among them.
    shared_with=frozenset({F.MEMBER}),
    shared_without=frozenset({F.DISTRICT}),
    example={
        "title": "Tin khu vực Tam giác phát triển, tuần 10",
        "starts_on": "2027-03-01",
        "ends_on": "2027-03-07",
        "details": {
            "kind": "international_brief",
            "received_on": "2027-03-05",
            "source": "Vụ Thông tin Báo chí, Bộ Ngoại giao",
            "countries": ["LA", "KH"],
            "text": "Hội nghị Ủy ban điều phối sẽ họp trong quý II.",
            "links": [],
        },
    },
    steps=(
        step(
            "publish", {BriefState.draft}, BriefState.published, OWNER, GATHERS, PUBLISHED,
            Words("Cung cấp", "Send it to the leaders of the province and of its departments."),
            tells={F.UBND, F.VPUBND, F.COORD, F.MEMBER},
        ),
    ),
)  # fmt: skip

SITUATION_ANALYSIS = Kind(
    name="situation_analysis",
    title=Words("Phân tích tình hình quốc tế và khu vực", "Analysis of the situation"),
    provisions=(ANALYSES,),
    details=SituationAnalysis,
    sensitivity=Sensitivity.restricted,
    writers=FOREIGN,
    readers=FOREIGN,
    opened=_analysis("drafted", "Soạn bản phân tích tình hình", "An analysis of the situation is being drafted"),
    search=_analysis_words,
    initial=_A.draft,
    editable=frozenset({_A.draft}),
    deletable=frozenset({_A.draft}),
    example={
        "title": "Thị trường cà phê thế giới quý I năm 2027",
        "starts_on": "2027-01-01",
        "ends_on": "2027-03-31",
        "details": {
            "kind": "situation_analysis",
            "fields": ["economy"],
            "countries": ["BR", "DE"],
            "situation": "Nguồn cung giảm, yêu cầu truy xuất nguồn gốc tăng.",
            "impact": "Nông hộ cần xác nhận vùng trồng.",
            "proposal": "Thông tin cho nhà nhập khẩu về vùng trồng của tỉnh.",
        },
    },
    steps=(
        step(
            "publish", {_A.draft}, _A.published, OWNER, ANALYSES, PUBLISHED,
            Words("Báo cáo lãnh đạo tỉnh", "Report it to the leaders of the province, with what is proposed."),
            ready=_proposing, tells={F.UBND, F.VPUBND, F.COORD},
        ),
        step(
            "consider", {_A.published}, _A.considered, COMMITTEE, ANALYSES,
            _analysis("considered", "Lãnh đạo tỉnh có ý kiến về đề xuất", "The leaders answered an analysis"),
            Words("Cho ý kiến", "Say what follows from it."), needs_note=True, tells={F.FOREIGN, F.COORD},
        ),
    ),
)  # fmt: skip

KINDS = (FOREIGN_PRESS_INVITATION, INTERVIEW_PREP, INTERNATIONAL_BRIEF, SITUATION_ANALYSIS)
