"""Who may do what, written by hand from the regulation's matrix: one row for every operation of the document.

Nothing here is read off the code: whoever adds an operation says here what each kind of caller must get.
"""

from dataclasses import dataclass, field
from typing import Any

from tests import make
from tests.records import hands

READS = {
    "registry:read", "plans:read", "tasks:read", "budgets:read", "obligations:read", "reports:read",
    "press:read", "records:read", "events:read",
}  # fmt: skip
EVERYBODY = READS | {"records:write", "audit:read", "webhooks:manage"}
AS_SENDER = {
    "plans:write", "plans:submit", "tasks:write", "budgets:write", "reports:write", "reports:submit",
    "obligations:write",
}  # fmt: skip
AS_HOST = AS_SENDER | {"press:write"}
AS_MEMBER = AS_HOST | {"focal_points:write"}
AS_COORD = {
    "plans:review", "plans:consolidate", "tasks:check", "budgets:consolidate",
    "obligations:manage", "reports:review", "reports:request", "reports:consolidate",
    "press:write", "press:guide", "records:review", "records:audit",
}  # fmt: skip
AS_FOREIGN = {"press:guide", "records:review"}
AS_UBND = {"plans:decide", "budgets:decide", "reports:request", "reports:decide", "press:write", "records:review"}
AS_FINANCE = {"budgets:appraise", "records:review"}
AS_REVIEWER = {"records:review"}

# One agency for each function of 2013 that an agency of the register holds: its function, and what that gives it.
AGENCIES: dict[str, tuple[str, set[str]]] = {
    "ubnd-tinh": ("UBND", EVERYBODY | AS_UBND),
    "vp-ubnd": ("VPUBND", EVERYBODY | AS_UBND),
    "so-tttt": ("COORD", EVERYBODY | AS_MEMBER | AS_COORD),
    "so-ngoai-vu": ("FOREIGN", EVERYBODY | AS_MEMBER | AS_FOREIGN),
    "so-khdt": ("INVEST", EVERYBODY | AS_MEMBER | AS_REVIEWER),
    "so-vhttdl": ("CULTURE", EVERYBODY | AS_MEMBER | AS_REVIEWER),
    "so-tai-chinh": ("FINANCE", EVERYBODY | AS_MEMBER | AS_FINANCE),
    "cong-an-tinh": ("POLICE", EVERYBODY | AS_MEMBER | AS_REVIEWER | {"records:audit"}),
    "bch-bdbp": ("BORDER", EVERYBODY | AS_MEMBER | AS_REVIEWER),
    "cuc-hai-quan": ("CUSTOMS", EVERYBODY | AS_HOST),  # on the ground it holds PRESS as well, until a day to come
    "ban-tuyen-giao": ("PROPAGANDA", EVERYBODY | AS_HOST | AS_REVIEWER),
    "bao-dak-lak": ("PRESS", EVERYBODY | AS_HOST),
    "tt-cong-ttdt": ("PORTAL", EVERYBODY | AS_REVIEWER),
    "ubnd-cu-kuin": ("DISTRICT", EVERYBODY | AS_MEMBER),
    "vhtt-buon-don": ("DIST_CULT", EVERYBODY),
    "so-noi-vu": ("MEMBER", EVERYBODY | AS_MEMBER),
    "ubnd-buon-don": ("DISTRICT", EVERYBODY | AS_MEMBER),
}
READS_ALL = {"ubnd-tinh", "vp-ubnd", "so-tttt"}
# What was accepted and sent to be appraised, its appraiser reads like those who read all.
APPRAISER = make.FINANCE
APPRAISED = {"sent budget", "appraised budget", "decided budget", "decided estimate"}
OWNER, OTHER, COORDINATOR = make.DISTRICT, make.OTHER_DISTRICT, make.COORDINATOR

# What a client of a member agency may do in each role.
ROLES = {
    "reader": READS,
    "drafter": READS | {"plans:write", "budgets:write", "reports:write"},
    "submitter": READS | AS_MEMBER | {"records:write"},
    "administrator": EVERYBODY | AS_MEMBER,
}

# How a rule treats the caller who has the scope: its own resource, another agency's, that for those who read all.
RULES = {
    "public": None,  # everybody, with or without a token
    "credentials": None,  # its own: a client id and a secret, never a token
    "collection": None,  # no resource is named: whoever has the scope
    "register": ("ok", "ok", "ok"),  # every client reads the whole register
    "own of the register": ("ok", "not-permitted", "not-permitted"),  # seen by all, changed by its agency
    "reads": ("ok", "not-found", "ok"),
    "writes": ("ok", "not-found", "not-permitted"),  # those who read all see it, and may not write it
    "reviews": ("ok", "not-found", "ok"),
    "own": ("ok", "not-found", "not-found"),  # nobody else's business, whoever asks
}


@dataclass(frozen=True)
class Row:
    """What an operation needs and how it treats whom; `on`: the kind of resource; the rest makes a request it takes."""

    rule: str
    scope: str | None = None
    on: str = ""
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    by: frozenset[str] | None = None
    """Only by these agencies, for the functions they hold, whatever their scope."""
    status: int = 200


ENDPOINT = {"url": "http://127.0.0.1:9/hook", "event_types": ["plan.created"]}
RECOVERY = {"since": "2026-01-01T00:00:00+07:00", "until": "2027-01-01T00:00:00+07:00"}
OFFICE = {"no_state_secret": True, "kind": "organisation", "name": "Phòng Văn hóa và Thông tin"}
REMARK = {"pointer": "/title", "text": "Nêu rõ hơn."}
ANSWER = {"text": "Đã bổ sung."}
TOKEN = {"grant_type": "client_credentials"}
NIL = {"no_state_secret": True, "reason": "Trong kỳ không phát sinh"}
REASON = {"reason": "Khắc phục hậu quả bão lũ"}
LATER = REASON | {"last_on_time_date": "2099-01-31"}
ASK = make.a_request(targets={"functions": ["DISTRICT"]})
# What stands in braces is the id of something that the caller, or whose resource it is, really has.
ESTIMATE = make.an_estimate("{plan_id}")
OWN_LINE = {
    "code": "DP-01", "content": "Hội nghị", "category": "programme", "funding_source": "other", "requested_vnd": 5,
}  # fmt: skip
BUDGET = {"title": "Dự toán của tỉnh", "own_lines": [OWN_LINE]}
PAPER = {"number": "1/QĐ", "issued_on": "2027-01-15", "issuer": "UBND tỉnh"}
SIGNER = {"name": "Y Thanh Êban", "title": "Phó Chủ tịch"}
APPRAISAL = {"lines": [{"line_id": "{line_id}", "appraised_vnd": 5}], "document": PAPER}
DECISION = {
    "document": PAPER,
    "signatory": SIGNER,
    "exceptions": [{"line_id": "{line_id}", "decided_vnd": 4, "reason": "Cắt giảm"}],
}
ALLOCATION = {"allocations": [{"category": "programme", "funding_source": "other", "amount_vnd": 1}]}
SPENT = make.SUBMIT | {"lines": [{"line_id": "{line_id}", "spent_vnd": 1}]}
ADJUSTMENT = {"document": PAPER, "lines": [{"line_id": "{line_id}", "change_vnd": 1, "reason": "Bổ sung"}]}
REMIND = {"duty": "QC.D7.K3-a", "period": "2020"}
PAPER = {"number": "12/TTr-STTTT", "issued_on": "2026-12-10", "issuer": "Sở", "sha256": "0" * 64}
PROVINCE_BODIES: dict[str, dict[str, Any]] = {
    "submit": make.SUBMIT | {"document": PAPER},
    "approve": {"document": PAPER, "signatory": {"name": "Nguyễn Văn Hòa", "title": "Chủ tịch"}},
    "issue": {"effective_from": "2027-01-01"},
}
DONE = {"no_state_secret": True, "done": "Đã dựng hai phóng sự."}
# The ground says who may be asked, and which plan is issued.
ASK_TO_HELP = {"partner_agency_id": "", "request": "Cùng làm."}
SUPERSEDE = REASON | {"by_plan_id": ""}


def province_task(lead: Any, **changes: Any) -> dict[str, Any]:
    """A task of a plan of the province."""
    return make.a_task(**{"code": "CT-01", "lead_agency_id": str(lead), **changes})


def many(body: dict[str, Any]) -> dict[str, Any]:
    """A call with one item."""
    return {"items": [{"source": "hscv", "external_id": "KH-9", "body": body}]}


PRESS = frozenset({"bao-dak-lak", "cuc-hai-quan"})
MEMBERS = frozenset(slug for slug, (_, scopes) in AGENCIES.items() if scopes >= AS_MEMBER)
INVITE = {"other_press": ["Báo Nhân Dân"], "accredit_before": "2099-03-09T17:00:00+07:00"}
LATER_EVENT = REASON | {"starts_at": "2099-03-17T08:30:00+07:00"}
CAME = {"attendance": [{"kind": "domestic_press", "bodies": 9, "people": 14}]}
HANDED_OUT = {"items": [{"title": "Thông cáo", "link": "https://daklak.example/1"}]}
SENDS = {"people": [{"name": "H'Linh Niê", "position": "phóng viên"}]}

COMMENT = {"no_state_secret": True, "kind": "comment", "text": "Đồng ý."}

TABLE: dict[str, Row] = {
    "list_regulations": Row("public"),
    "get_regulation": Row("public", on="regulation"),
    "list_provisions": Row("public"),
    "get_provision": Row("public", on="provision"),
    "list_problems": Row("public"),
    "get_problem": Row("public", on="problem"),
    "livez": Row("public"),
    "readyz": Row("public"),
    "get_keys": Row("public"),
    "issue_token": Row("credentials", body=TOKEN),
    "revoke_token": Row("credentials", body={"token": "x"}),
    "introspect_token": Row("credentials", body={"token": "x"}),
    "get_server_metadata": Row("public"),
    "get_api_catalog": Row("public"),
    "get_me": Row("collection", "registry:read"),
    "list_agencies": Row("collection", "registry:read"),
    "list_functions": Row("collection", "registry:read"),
    "list_responsibilities": Row("collection", "registry:read"),
    "get_agency_by_code": Row("register", "registry:read", "code"),
    "get_agency": Row("register", "registry:read", "agency"),
    "get_focal_point": Row("register", "registry:read", "agency"),
    "list_focal_points": Row("register", "registry:read", "agency"),
    "assign_focal_point": Row("own of the register", "focal_points:write", "agency", OFFICE),
    "list_obligations": Row("collection", "obligations:read"),
    "get_obligation_matrix": Row("collection", "obligations:read", query={"year": 2020}),
    "get_chase_list": Row("collection", "obligations:read"),
    "get_obligation": Row("reads", "obligations:read", "owed"),
    "nil_return_obligation": Row("writes", "obligations:write", "owed", NIL),
    "retract_nil_return_obligation": Row("writes", "obligations:write", "nil", REASON),
    "extend_obligation": Row("reviews", "obligations:manage", "owed", LATER),
    "waive_obligation": Row("reviews", "obligations:manage", "owed", REASON),
    "reinstate_obligation": Row("reviews", "obligations:manage", "waived", REASON),
    "get_obligation_year": Row("collection", "obligations:read"),
    "open_obligation_year": Row("collection", "obligations:manage", body={}, status=201),
    "list_calendar_days": Row("collection", "obligations:read", query={"year": 2099}),
    "set_calendar_day": Row("collection", "obligations:manage", body={"kind": "holiday", "title": "Quốc khánh"}),
    "clear_calendar_day": Row("collection", "obligations:manage", status=204),
    "list_reminders": Row("collection", "obligations:read"),
    "send_reminders": Row("collection", "obligations:manage", body=REMIND, status=201),
    "get_chase_ledger": Row("collection", "obligations:read", query={"year": 2020}),
    "get_reminder": Row("reads", "obligations:read", "reminder"),
    "acknowledge_reminder": Row("writes", "obligations:write", "reminder", {}),
    "escalate_reminder": Row("reviews", "obligations:manage", "reminder", REASON),
    "list_report_requests": Row("collection", "reports:read"),
    "issue_report_request": Row("collection", "reports:request", body=ASK, status=201),
    "get_report_request": Row("reads", "reports:read", "request"),
    "extend_report_request": Row("reviews", "reports:request", "request", LATER),
    "close_report_request": Row("reviews", "reports:request", "request", {}),
    "cancel_report_request": Row("reviews", "reports:request", "request", REASON),
    "list_consolidated_reports": Row("collection", "reports:read"),
    "build_consolidated_report": Row(
        "collection", "reports:consolidate", body={"year": 2055, "title": "Tổng hợp"}, status=201
    ),
    "get_consolidated_report": Row("reads", "reports:read", "consolidated"),
    "rebuild_consolidated_report": Row("writes", "reports:consolidate", "consolidated", {"title": "Tên mới"}),
    "submit_consolidated_report": Row("writes", "reports:consolidate", "consolidated", make.SUBMIT),
    "return_consolidated_report": Row("reviews", "reports:decide", "sent consolidated", REASON),
    "acknowledge_consolidated_report": Row("reviews", "reports:decide", "sent consolidated", {}),
    "direct_consolidated_report": Row("reviews", "reports:decide", "sent consolidated", {"direction": "Tháo gỡ."}),
    "list_plans": Row("collection", "plans:read"),
    "create_plan": Row("collection", "plans:write", body=make.a_plan(year=2099), status=201),
    "upsert_plan": Row("collection", "plans:write", body=make.a_plan(year=2098), status=201),
    "bulk_plans": Row("collection", "plans:write", body=many(make.a_plan(year=2097)), status=207),
    "copy_plan": Row("writes", "plans:write", "draft", {"year": 2096}, status=201),
    "get_plan": Row("reads", "plans:read", "draft"),
    "replace_plan": Row("writes", "plans:write", "draft", make.a_plan(title="Tên mới")),
    "patch_plan": Row("writes", "plans:write", "draft", {"title": "Tên mới"}),
    "delete_plan": Row("writes", "plans:write", "draft", status=204),
    "submit_plan": Row("writes", "plans:submit", "draft", make.SUBMIT),
    "withdraw_plan": Row("writes", "plans:submit", "sent", make.WITHDRAW),
    "return_plan": Row("reviews", "plans:review", "sent", make.RETURN),
    "accept_plan": Row("reviews", "plans:review", "sent", {}),
    "list_plan_versions": Row("reads", "plans:read", "draft"),
    "get_plan_version": Row("reads", "plans:read", "draft"),
    "compare_plan_versions": Row("reads", "plans:read", "draft", query={"from": 1, "to": 1}),
    "list_plan_remarks": Row("reads", "plans:read", "sent"),
    "remark_on_plan": Row("reviews", "plans:review", "sent", REMARK, status=201),
    "resolve_plan_remark": Row("reviews", "plans:review", "sent"),
    "answer_plan_remark": Row("writes", "plans:write", "sent", ANSWER),
    "list_provincial_plans": Row("collection", "plans:read"),
    "draft_provincial_plan": Row(
        "collection", "plans:consolidate", body={"year": 2055, "title": "Kế hoạch của tỉnh"}, status=201
    ),
    "get_provincial_plan": Row("reads", "plans:read", "provincial"),
    "list_provincial_plan_sources": Row("reads", "plans:read", "provincial"),
    "replace_provincial_plan": Row("writes", "plans:consolidate", "provincial", {"title": "Tên mới"}),
    "patch_provincial_plan": Row("writes", "plans:consolidate", "provincial", {"title": "Tên mới"}),
    "delete_provincial_plan": Row("writes", "plans:consolidate", "provincial", status=204),
    "gather_provincial_plan": Row("writes", "plans:consolidate", "provincial", {}),
    "submit_provincial_plan": Row("writes", "plans:consolidate", "provincial", PROVINCE_BODIES["submit"]),
    "return_provincial_plan": Row("reviews", "plans:decide", "sent provincial", REASON),
    "approve_provincial_plan": Row("reviews", "plans:decide", "sent provincial", PROVINCE_BODIES["approve"]),
    "issue_provincial_plan": Row("reviews", "plans:decide", "approved provincial", PROVINCE_BODIES["issue"]),
    "amend_provincial_plan": Row("writes", "plans:consolidate", "issued provincial", REASON, status=201),
    "supersede_provincial_plan": Row("reviews", "plans:decide", "issued provincial", SUPERSEDE),
    "close_provincial_plan": Row("writes", "plans:consolidate", "issued provincial", {"summary": "Xong."}),
    "list_budget_estimates": Row("collection", "budgets:read"),
    "create_budget_estimate": Row("collection", "budgets:write", body=ESTIMATE, status=201),
    "upsert_budget_estimate": Row("collection", "budgets:write", body=ESTIMATE, status=201),
    "get_budget_estimate": Row("reads", "budgets:read", "drafted estimate"),
    "replace_budget_estimate": Row("writes", "budgets:write", "drafted estimate", ESTIMATE),
    "patch_budget_estimate": Row("writes", "budgets:write", "drafted estimate", {"title": "Tên mới"}),
    "delete_budget_estimate": Row("writes", "budgets:write", "drafted estimate", status=204),
    "settle_budget_estimate": Row("writes", "budgets:write", "decided estimate", SPENT),
    "list_budget_estimate_versions": Row("reads", "budgets:read", "drafted estimate"),
    "get_budget_estimate_version": Row("reads", "budgets:read", "drafted estimate"),
    "compare_budget_estimate_versions": Row("reads", "budgets:read", "drafted estimate", query={"from": 1, "to": 1}),
    "list_budget_estimate_remarks": Row("reads", "budgets:read", "sent estimate"),
    "remark_on_budget_estimate": Row("reviews", "plans:review", "sent estimate", REMARK, status=201),
    "resolve_budget_estimate_remark": Row("reviews", "plans:review", "sent estimate"),
    "answer_budget_estimate_remark": Row("writes", "budgets:write", "sent estimate", ANSWER),
    "list_provincial_budgets": Row("collection", "budgets:read"),
    "build_provincial_budget": Row("collection", "budgets:consolidate", body=BUDGET | {"year": 2100}, status=201),
    "get_provincial_budget": Row("reads", "budgets:read", "budget"),
    "rebuild_provincial_budget": Row("writes", "budgets:consolidate", "budget", BUDGET),
    "list_budget_lines": Row("reads", "budgets:read", "budget"),
    "submit_provincial_budget": Row("writes", "budgets:consolidate", "budget", make.SUBMIT),
    "return_provincial_budget": Row("reviews", "budgets:appraise", "sent budget", REASON),
    "appraise_provincial_budget": Row("reviews", "budgets:appraise", "sent budget", APPRAISAL),
    "return_to_finance_provincial_budget": Row("reviews", "budgets:decide", "appraised budget", REASON),
    "decide_provincial_budget": Row("reviews", "budgets:decide", "appraised budget", DECISION),
    "allocate_provincial_budget": Row("reviews", "budgets:appraise", "decided budget", ALLOCATION),
    "settle_provincial_budget": Row("writes", "budgets:consolidate", "decided budget", SPENT),
    "close_provincial_budget": Row("reviews", "budgets:appraise", "decided budget", {"unsettled": ["{agency_id}"]}),
    "adjust_provincial_budget": Row("reviews", "budgets:decide", "decided budget", ADJUSTMENT, status=201),
    "list_plan_tasks": Row("collection", "tasks:read"),
    "get_plan_execution": Row("collection", "tasks:read", query={"year": 2027}),
    "get_statistics": Row("collection", "reports:read", query={"year": 2099}),
    "get_plan_task": Row("reads", "tasks:read", "task"),
    "progress_plan_task": Row("writes", "tasks:write", "task", DONE | {"percent": 40, "pace": "on_track"}),
    "complete_plan_task": Row("writes", "tasks:write", "task", DONE),
    "check_plan_task": Row(
        "reviews", "tasks:check", "task", {"checked_on": "2026-01-05", "finding": "satisfactory"}, status=201
    ),
    "request_cooperation": Row("writes", "tasks:write", "task", ASK_TO_HELP, status=201),
    "list_cooperations": Row("collection", "tasks:read"),
    "get_cooperation": Row("reads", "tasks:read", "cooperation"),
    "accept_cooperation": Row("writes", "tasks:write", "cooperation", {}),
    "decline_cooperation": Row("writes", "tasks:write", "cooperation", {"answer": "Không có người."}),
    "contribute_cooperation": Row(
        "writes", "tasks:write", "cooperation", {"no_state_secret": True, "text": "Bản dịch."}
    ),
    "list_reports": Row("collection", "reports:read"),
    "create_report": Row("collection", "reports:write", body=make.a_report(year=2099), status=201),
    "upsert_report": Row("collection", "reports:write", body=make.a_report(year=2098), status=201),
    "bulk_reports": Row("collection", "reports:write", body=many(make.a_report(year=2097)), status=207),
    "get_report": Row("reads", "reports:read", "drafted report"),
    "replace_report": Row("writes", "reports:write", "drafted report", make.a_report(title="Tên mới")),
    "patch_report": Row("writes", "reports:write", "drafted report", {"title": "Tên mới"}),
    "delete_report": Row("writes", "reports:write", "drafted report", status=204),
    "submit_report": Row("writes", "reports:submit", "drafted report", make.SUBMIT),
    "withdraw_report": Row("writes", "reports:submit", "sent report", make.WITHDRAW),
    "return_report": Row("reviews", "reports:review", "sent report", make.RETURN),
    "accept_report": Row("reviews", "reports:review", "sent report", {}),
    "list_report_versions": Row("reads", "reports:read", "drafted report"),
    "get_report_version": Row("reads", "reports:read", "drafted report"),
    "compare_report_versions": Row("reads", "reports:read", "drafted report", query={"from": 1, "to": 1}),
    "list_report_remarks": Row("reads", "reports:read", "sent report"),
    "remark_on_report": Row("reviews", "reports:review", "sent report", REMARK, status=201),
    "resolve_report_remark": Row("reviews", "reports:review", "sent report"),
    "answer_report_remark": Row("writes", "reports:write", "sent report", ANSWER),
    "list_changes": Row("collection", "registry:read"),
    "list_press_events": Row("collection", "press:read"),
    "schedule_press_event": Row("collection", "press:write", body=make.a_press_event(), status=201),
    "get_press_event": Row("reads", "press:read", "press event"),
    "list_press_event_versions": Row("reads", "press:read", "press event"),
    "get_press_event_version": Row("reads", "press:read", "press event"),
    "compare_press_event_versions": Row("reads", "press:read", "press event", query={"from": 1, "to": 1}),
    "patch_press_event": Row("writes", "press:write", "press event", {"place": "Hội trường"}),
    "delete_press_event": Row("writes", "press:write", "press event", status=204),
    "announce_press_event": Row("writes", "press:write", "press event", make.SUBMIT),
    "postpone_press_event": Row("writes", "press:write", "announced event", REASON),
    "reschedule_press_event": Row("writes", "press:write", "announced event", LATER_EVENT),
    "cancel_press_event": Row("writes", "press:write", "announced event", REASON),
    "hold_press_event": Row("writes", "press:write", "announced event", {}),
    "conclude_press_event": Row("writes", "press:write", "held event", CAME),
    "invite_to_press_event": Row("writes", "press:write", "announced event", INVITE),
    "list_press_materials": Row("reads", "press:read", "announced event"),
    "replace_press_materials": Row("writes", "press:write", "announced event", HANDED_OUT),
    "replace_press_proceedings": Row("writes", "press:write", "held event", CAME),
    "list_press_invitations": Row("collection", "press:read"),
    "get_press_invitation": Row("reads", "press:read", "invitation"),
    "accept_press_invitation": Row("writes", "press:write", "invitation", SENDS),
    "decline_press_invitation": Row("writes", "press:write", "invitation", {}),
    "list_press_series": Row("collection", "press:read"),
    "make_press_series": Row("collection", "press:write", body=make.a_series(), status=201),
    "get_press_series": Row("reads", "press:read", "series"),
    "list_press_guidance": Row("collection", "press:read"),
    "issue_press_guidance": Row("collection", "press:guide", body=make.a_guidance(), status=201),
    "get_press_guidance": Row("reads", "press:read", "guidance"),
    "withdraw_press_guidance": Row("writes", "press:guide", "guidance", REASON),
    "list_information_supplies": Row("collection", "press:read"),
    "record_information_supply": Row("collection", "press:write", body=make.a_supply(), status=201, by=MEMBERS),
    "get_information_supply": Row("reads", "press:read", "supply"),
    "list_information_supply_versions": Row("reads", "press:read", "supply"),
    "get_information_supply_version": Row("reads", "press:read", "supply"),
    "compare_information_supply_versions": Row("reads", "press:read", "supply", query={"from": 1, "to": 1}),
    "correct_information_supply": Row("writes", "press:write", "supply", make.a_supply(topic="Khác")),
    "list_press_products": Row("collection", "press:read"),
    "list_records": Row("collection", "records:read"),
    "create_record": Row("collection", "records:write", body=hands.a_body("difficulty"), status=201),
    "upsert_record": Row("collection", "records:write", body=hands.a_body("difficulty"), status=201),
    "get_record": Row("reads", "records:read", "record"),
    "replace_record": Row("writes", "records:write", "record", hands.a_body("difficulty", title="Khác")),
    "patch_record": Row("writes", "records:write", "record", {"no_state_secret": True, "title_en": "Other"}),
    "delete_record": Row("writes", "records:write", "draft record", status=204),
    "move_record": Row("writes", "records:write", "record", {}),
    "list_record_versions": Row("reads", "records:read", "record"),
    "get_record_version": Row("reads", "records:read", "record"),
    "compare_record_versions": Row("reads", "records:read", "record", query={"from": 1, "to": 1}),
    "list_record_contributions": Row("reads", "records:read", "record"),
    "contribute_to_record": Row("reviews", "records:write", "record", COMMENT, status=201),
    "list_record_accesses": Row("collection", "records:audit"),
    "list_record_kinds": Row("public"),
    "get_record_kind": Row("public", on="record kind"),
    "publish_press_product": Row("collection", "press:write", body=make.a_product(), status=201, by=PRESS),
    "get_press_product": Row("register", "press:read", "product"),
    "list_public_press_events": Row("public"),
    "get_public_press_event": Row("public", on="public event"),
    "get_public_press_calendar": Row("public"),
    "get_public_press_feed": Row("public"),
    "list_public_plans": Row("public"),
    "get_public_plan": Row("public", on="public plan"),
    "list_public_records": Row("public"),
    "get_public_record": Row("public", on="public record"),
    "list_public_investment_statistics": Row("public"),
    "list_public_press_products": Row("public"),
    "get_public_press_product": Row("public", on="public product"),
    "list_press_feeds": Row("collection", "press:read"),
    "create_press_feed": Row("collection", "press:write", body={"name": "Lịch"}, status=201, by=PRESS),
    "get_press_feed": Row("own", "press:read", "press feed"),
    "revoke_press_feed": Row("own", "press:write", "press feed", status=204),
    "get_private_press_calendar": Row("public", on="private calendar"),
    "change_press_product": Row("own of the register", "press:write", "product", make.a_product(title="Khác")),
    "list_audit": Row("collection", "audit:read"),
    "export_audit": Row("collection", "audit:read"),
    "list_events": Row("collection", "events:read"),
    "list_event_types": Row("public"),
    "get_event_type": Row("public", on="event type"),
    "list_webhook_endpoints": Row("collection", "webhooks:manage"),
    "create_webhook_endpoint": Row("collection", "webhooks:manage", body=ENDPOINT, status=201),
    "get_webhook_endpoint": Row("own", "webhooks:manage", "endpoint"),
    "replace_webhook_endpoint": Row("own", "webhooks:manage", "endpoint", ENDPOINT),
    "delete_webhook_endpoint": Row("own", "webhooks:manage", "endpoint", status=204),
    "patch_webhook_endpoint": Row("own", "webhooks:manage", "endpoint", {"description": "Khác"}),
    "verify_webhook_endpoint": Row("own", "webhooks:manage", "endpoint"),
    "enable_webhook_endpoint": Row("own", "webhooks:manage", "endpoint"),
    "disable_webhook_endpoint": Row("own", "webhooks:manage", "endpoint"),
    "rotate_webhook_secret": Row("own", "webhooks:manage", "endpoint", {"grace_days": 1}),
    "test_webhook_endpoint": Row("own", "webhooks:manage", "endpoint"),
    "get_webhook_endpoint_stats": Row("own", "webhooks:manage", "endpoint"),
    "start_webhook_recovery": Row("own", "webhooks:manage", "endpoint", RECOVERY, status=201),
    "get_webhook_recovery": Row("own", "webhooks:manage", "recovery"),
    "list_webhook_deliveries": Row("collection", "webhooks:manage"),
    "get_webhook_delivery": Row("own", "webhooks:manage", "delivery"),
    "redeliver_webhook_delivery": Row("own", "webhooks:manage", "delivery"),
    "discard_webhook_delivery": Row("own", "webhooks:manage", "waiting delivery"),
}
