"""Every operation that takes a body, each with a body that fills every member, so that each can carry a marking."""

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests import make
from tests.provincial import hands as provincial
from tests.records import hands as records
from tests.tasks import hands as tasks

DOCUMENT = {"number": "15/KH-UBND", "issued_on": "2027-01-15", "issuer": "UBND huyện", "sha256": "0" * 64}
REMARK = {"pointer": "/title", "text": "Nêu rõ hơn."}
ENDPOINT = {
    "url": "http://127.0.0.1:9/ttdn",
    "description": "Máy nhận",
    "event_types": ["plan.*"],
    "function": "DISTRICT",
}
RECOVERY = {
    "since": "2026-01-01T00:00:00+07:00",
    "until": "2027-01-01T00:00:00+07:00",
    "event_types": ["plan.created"],
    "states": ["parked"],
    "dry_run": True,
}
YEARS = range(2030, 2037)
COMMITTEE, PRESS, FOREIGN = "ubnd-tinh", "bao-dak-lak", "so-ngoai-vu"
CALLERS = (make.DISTRICT, make.COORDINATOR, COMMITTEE, make.FINANCE, PRESS, FOREIGN)
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


def whole_plan(year):
    task = make.a_task(
        direction="outward",
        channel="Cổng thông tin",
        expected_output="12 bài",
        provision="QC.D14",
        cooperating_agency_ids=[],
    )
    return make.a_plan(
        year=year,
        no_budget_reason="Không phát sinh",
        kind="agency_annual",
        shareable=False,
        objectives="Giới thiệu huyện.",
        tasks=[task],
    )


def whole_report(year, request_id):
    difficulty = {"kind": "budget", "provision": "QC.D14", "description": "Thiếu kinh phí.", "proposal": "Bổ sung."}
    period = {"period_start": f"{year}-01-01", "period_end": f"{year}-12-31"}
    answering = {"kind": "ad_hoc", "request_id": request_id}
    return make.a_report(year=year, difficulties=[difficulty], **period, **answering)


@dataclass(frozen=True)
class Asked:
    """One request of one operation: who asks, where, and with which body that the service would take."""

    operation: str
    who: str
    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    def with_body(self, body):
        return Asked(self.operation, self.who, self.method, self.path, body, self.headers)


async def requests(district, coordinator, committee, press, foreign):
    """Requests that would all succeed, one after the other, and what they need beforehand."""
    d, any_version = make.DISTRICT, {"If-Match": "*"}
    me = (await district.get("/v1/me")).json()["agency_id"]
    on_plans = await submissions(district, coordinator, "plan", make.a_plan, whole_plan)
    copied = await made(district, "/v1/plans", make.a_plan(year=2041))
    # Each of the five has a request of its own to answer.
    asking = {
        year: (await made(coordinator, "/v1/report-requests", make.a_request(me)))["id"]
        for year in (2027, 2028, 2030, 2031, 2040)
    }
    on_reports = await submissions(
        district, coordinator, "report", make.a_report, lambda year: whole_report(year, asking[year])
    )
    endpoint = await made(district, "/v1/webhook-endpoints", ENDPOINT)
    place = f"/v1/webhook-endpoints/{endpoint['id']}"
    focal = {"kind": "person", "name": "Y Demo Niê", "position": "Trưởng phòng", "phone": "0262 3800000"}
    focal |= {"email": "a@buondon.example", "document": DOCUMENT, "no_state_secret": True}
    change = {**ENDPOINT, "active": True}
    return [
        *on_plans,
        Asked("copy_plan", d, "POST", f"/v1/plans/{copied['id']}/copy", {"year": 2042}, {}),
        *on_reports,
        *await on_obligations(district, coordinator),
        *await on_requests(coordinator, me),
        *await on_consolidated(district, coordinator),
        *await on_provincial(district, coordinator, committee),
        *await on_estimates(district, coordinator),
        *await on_budgets(coordinator),
        *await on_tasks(district, coordinator, committee),
        *await on_press_events(district),
        *await on_the_press(district, coordinator, press),
        *await on_records(foreign),
        Asked("assign_focal_point", d, "PUT", f"/v1/agencies/{me}/focal-point", focal, any_version),
        Asked("create_webhook_endpoint", d, "POST", "/v1/webhook-endpoints", ENDPOINT, {}),
        Asked("patch_webhook_endpoint", d, "PATCH", place, change, any_version | MERGE_PATCH),
        Asked("rotate_webhook_secret", d, "POST", f"{place}/rotate-secret", {"grace_days": 1}, {}),
        Asked("start_webhook_recovery", d, "POST", f"{place}/recoveries", RECOVERY, {}),
        Asked("replace_webhook_endpoint", d, "PUT", f"/v1/webhook-endpoints/{endpoint['id']}", change, any_version),
    ]


async def on_records(foreign):
    """Every operation with a body on records, of a kind that names agencies."""
    f, any_version, at = FOREIGN, {"If-Match": "*"}, "/v1/records"
    a_body = partial(records.a_body, "foreign_press_delegation")
    replaced, patched, moved, added = [f"{at}/{(await made(foreign, at, a_body()))['id']}" for _ in range(4)]
    visited = (await foreign.get("/v1/agencies?q=cu kuin")).json()["items"][0]["id"]
    whole = a_body(title_en="Kyodo", summary="Làm phim.", languages=["vi"], on_behalf_of=None)
    whole |= {"named": [{"role": "visited", "agency_id": visited}]}
    move = {"reason": "other", "note": "Lý do khác.", "document": DOCUMENT, "into_id": None, "on_behalf_of": None}
    link = {"type": "record", "id": added.rpartition("/")[2], "relation": "about"}
    add = {"no_state_secret": True, "kind": "link", "text": "Cùng việc.", "link": link}
    return [
        Asked("create_record", f, "POST", at, whole, {}),
        Asked("upsert_record", f, "PUT", f"{at}/by-external-id/qlvb/c4n4ry", whole, {}),
        Asked("replace_record", f, "PUT", replaced, whole, any_version),
        Asked("patch_record", f, "PATCH", patched, whole, any_version | MERGE_PATCH),
        Asked("move_record", f, "POST", f"{moved}/moves/decline", move, any_version),
        Asked("contribute_to_record", f, "POST", f"{added}/contributions", add, {}),
    ]


async def submissions(district, coordinator, kind, a_draft, whole):
    """Every operation with a body on a plan or a report."""
    d, c, any_version, at = make.DISTRICT, make.COORDINATOR, {"If-Match": "*"}, f"/v1/{kind}s"
    edited, patched, unsent, *sent = [f"{at}/{(await made(district, at, a_draft(year=year)))['id']}" for year in YEARS]
    for path in sent:
        assert (await district.post(f"{path}/submit", make.SUBMIT, "*")).status_code == 200
    returned, accepted, withdrawn, remarked = sent
    remark = await made(coordinator, f"{remarked}/remarks", REMARK)
    signatory = {"name": "Y Demo Niê", "title": "Phó Chủ tịch", "capacity": "KT."}
    submission = {"no_state_secret": True, "signatory": signatory, "document": DOCUMENT}
    refusal = {"reason": "other", "note": "Bổ sung.", "remarks": [REMARK]}
    one_of_many = {"source": "qlvb", "external_id": "mot"}
    own_key, answer = f"{at}/by-external-id/qlvb/c4n4ry", f"{remarked}/remarks/{remark['id']}/answer"
    return [
        Asked(f"create_{kind}", d, "POST", at, whole(2027), {}),
        Asked(f"upsert_{kind}", d, "PUT", own_key, whole(2028), {}),
        Asked(f"bulk_{kind}s", d, "POST", f"{at}/bulk", {"items": [one_of_many | {"body": whole(2040)}]}, {}),
        Asked(f"replace_{kind}", d, "PUT", edited, whole(2030), any_version),
        Asked(f"patch_{kind}", d, "PATCH", patched, whole(2031), any_version | MERGE_PATCH),
        Asked(f"submit_{kind}", d, "POST", f"{unsent}/submit", submission, any_version),
        Asked(f"return_{kind}", c, "POST", f"{returned}/return", refusal, any_version),
        Asked(f"accept_{kind}", c, "POST", f"{accepted}/accept", {}, any_version),
        Asked(f"withdraw_{kind}", d, "POST", f"{withdrawn}/withdraw", {"reason": "Lập lại"}, any_version),
        Asked(f"remark_on_{kind}", c, "POST", f"{remarked}/remarks", REMARK, {}),
        Asked(f"answer_{kind}_remark", d, "POST", answer, {"text": "Đã sửa."}, any_version),
    ]


async def on_obligations(district, coordinator):
    """Every operation with a body on obligations, years, the calendar and reminders."""
    d, c, any_version = make.DISTRICT, make.COORDINATOR, {"If-Match": "*"}
    answer = await coordinator.put("/v1/obligation-years/2091", {})
    assert answer.status_code == 201, answer.text
    owed = (await district.get("/v1/obligations?year=2091")).json()["items"]
    ids = [item["id"] for item in owed if item["duty"] == "QC.D7.K3-a"]
    (report,) = [f"/v1/obligations/{id}" for id in ids]
    reminders = [(await made(coordinator, "/v1/reminders", {"obligation_ids": ids}))["sent"][0]["id"] for _ in range(2)]
    nil = {"no_state_secret": True, "reason": "Không phát sinh"}
    later = {"last_on_time_date": "2092-01-31", "reason": "Bão lũ", "document": DOCUMENT}
    deadline = {"duty": "QC.D7.K1-a", "last_on_time_date": "2092-07-15", "data_cutoff": "2092-06-30"}
    year = {"document": DOCUMENT, "weekend_policy": "none", "due_soon_days": 30, "reminder_days": [-3, 1]}
    year |= {"escalate_after_days": 21, "deadlines": [deadline | {"locks_on": "2092-08-15"}]}
    day = {"kind": "holiday", "title": "Quốc khánh", "document": "Thông báo nghỉ lễ"}
    remind = {"duty": "QC.D7.K3-a", "period": "2091", "note": "Sắp đến hạn", "document": DOCUMENT, "obligation_ids": []}
    because = {"reason": "Nhầm"}
    return [
        Asked("extend_obligation", c, "POST", f"{report}/extend", later, any_version),
        Asked("waive_obligation", c, "POST", f"{report}/waive", because, any_version),
        Asked("reinstate_obligation", c, "POST", f"{report}/reinstate", because, any_version),
        Asked("nil_return_obligation", d, "POST", f"{report}/nil-return", nil, any_version),
        Asked("retract_nil_return_obligation", d, "POST", f"{report}/retract-nil-return", because, any_version),
        Asked("open_obligation_year", c, "PUT", "/v1/obligation-years/2092", year, {}),
        Asked("set_calendar_day", c, "PUT", "/v1/calendar-days/2091-09-03", day, {}),
        Asked("send_reminders", c, "POST", "/v1/reminders", remind, {}),
        Asked(
            "acknowledge_reminder",
            d,
            "POST",
            f"/v1/reminders/{reminders[0]}/acknowledge",
            {"answer": "Sẽ gửi."},
            any_version,
        ),
        Asked("escalate_reminder", c, "POST", f"/v1/reminders/{reminders[1]}/escalate", because, any_version),
    ]


async def on_requests(coordinator, me):
    """Every operation with a body on report requests."""
    c, any_version, at = make.COORDINATOR, {"If-Match": "*"}, "/v1/report-requests"
    one, two = [f"{at}/{(await made(coordinator, at, make.a_request(me)))['id']}" for _ in range(2)]
    figure = {"code": "doan", "title": "Đoàn phóng viên", "unit": "đoàn"}
    template = {"sections": ["QC.D5.K5"], "indicators": [figure]}
    targets = {"all": False, "functions": ["DISTRICT"], "kinds": ["department"], "agency_ids": [me]}
    whole = make.a_request(me, purpose="Họp giao ban.", template=template, targets=targets, document=DOCUMENT)
    whole |= {"last_on_time_date": None, "due_before": "2099-04-10T17:00:00+07:00"}
    later = {"last_on_time_date": "2099-05-10", "due_before": None, "reason": "Mưa lũ"}
    return [
        Asked("issue_report_request", c, "POST", at, whole, {}),
        Asked("extend_report_request", c, "POST", f"{one}/extend", later, any_version),
        Asked("close_report_request", c, "POST", f"{one}/close", {"reason": "Đủ"}, any_version),
        Asked("cancel_report_request", c, "POST", f"{two}/cancel", {"reason": "Trùng"}, any_version),
    ]


async def on_consolidated(district, coordinator):
    """Every operation with a body on consolidated reports."""
    c, u, any_version, at = make.COORDINATOR, COMMITTEE, {"If-Match": "*"}, "/v1/consolidated-reports"
    whole = {}
    for year in (2093, 2094):
        report = await made(district, "/v1/reports", make.a_report(year=year))
        path = f"/v1/reports/{report['id']}"
        assert (await district.post(f"{path}/submit", make.SUBMIT, "*")).status_code == 200
        assert (await coordinator.post(f"{path}/accept", {}, "*")).status_code == 200
        excluded = [{"report_id": report["id"], "reason": "Số liệu chưa thống nhất"}]
        whole[year] = {"title": "Tổng hợp", "summary": "Tốt.", "proposals": "Thêm kinh phí.", "excluded": excluded}
    standing = [f"{at}/{(await made(coordinator, at, {'title': 'x', 'year': year}))['id']}" for year in (2094, 2095)]
    one, two = standing
    assert (await coordinator.post(f"{two}/submit", make.SUBMIT, "*")).status_code == 200
    signatory = {"name": "Trần Thị Mai", "title": "Giám đốc", "capacity": "direct"}
    submission = {"no_state_secret": True, "signatory": signatory, "document": DOCUMENT}
    return [
        Asked("build_consolidated_report", c, "POST", at, whole[2093] | {"year": 2093}, {}),
        Asked("rebuild_consolidated_report", c, "PUT", one, whole[2094], any_version),
        Asked("submit_consolidated_report", c, "POST", f"{one}/submit", submission, any_version),
        Asked("return_consolidated_report", u, "POST", f"{one}/return", {"reason": "Bổ sung."}, any_version),
        Asked("acknowledge_consolidated_report", u, "POST", f"{two}/acknowledge", {"note": "Đã xem."}, any_version),
        Asked(
            "direct_consolidated_report",
            u,
            "POST",
            f"{two}/direct",
            {"direction": "Tháo gỡ.", "document": DOCUMENT},
            any_version,
        ),
    ]


async def on_provincial(district, coordinator, committee):
    """Every operation with a body on plans of the province."""
    c, u, any_version, at = make.COORDINATOR, COMMITTEE, {"If-Match": "*"}, provincial.PATH
    me = (await district.get("/v1/me")).json()["agency_id"]
    plans = {year: await accepted_plan(district, coordinator, year) for year in (2096, 2097)}
    excluded = {year: [{"plan_id": plan["id"], "reason": "Chờ số liệu"}] for year, plan in plans.items()}
    annual = await made(coordinator, at, {"year": 2097, "title": "x"})
    task = whole_plan(2097)["tasks"][0] | {"lead_agency_id": me, "sources": []}
    words = {"title": "Kế hoạch", "objectives": "Quảng bá.", "priorities": ["Cà phê"]}
    dropped = [{"task_id": annual["tasks"][0]["sources"][0], "reason": "Trùng"}]
    whole = words | {"term": "annual", "until_year": 2097, "tasks": [task], "dropped": dropped}
    steps = {"submit": coordinator, "approve": committee, "issue": committee}
    programme = {"kind": "programme", "year": 2097, "term": "medium_term", "until_year": 2099}
    paths = []
    for moves in ((), ("submit",), ("submit",), ("submit", "approve"), *[tuple(steps)] * 4):
        row = await made(coordinator, at, {**programme, "title": "x"})
        paths.append(f"{at}/{row['id']}")
        drafted = {"title": "x", "term": "medium_term", "until_year": 2099, "tasks": [task]}
        assert (await coordinator.put(paths[-1], drafted, "*")).status_code == 200
        for move in moves:
            answer = await steps[move].post(f"{paths[-1]}/{move}", provincial.BODIES[move], "*")
            assert answer.status_code == 200, answer.text
    unsent, returned, approved, issued, superseded, closed, amended, other = paths
    signatory = {"name": "Trần Thị Mai", "title": "Giám đốc", "capacity": "direct"}
    submission = {"no_state_secret": True, "signatory": signatory, "document": DOCUMENT}
    by = {"by_plan_id": other.rpartition("/")[2], "reason": "Gộp"}
    decision = {"document": DOCUMENT, "signatory": signatory}
    first = words | {"kind": "provincial_annual", "term": "annual", "year": 2096, "until_year": 2096}
    name, path = "provincial_plan", f"{at}/{annual['id']}"
    return [
        Asked(f"draft_{name}", c, "POST", at, first | {"excluded": excluded[2096]}, {}),
        Asked(f"replace_{name}", c, "PUT", path, whole, any_version),
        Asked(f"patch_{name}", c, "PATCH", path, whole, any_version | MERGE_PATCH),
        Asked(f"gather_{name}", c, "POST", f"{path}/gather", {"excluded": excluded[2097]}, any_version),
        Asked(f"submit_{name}", c, "POST", f"{unsent}/submit", submission, any_version),
        Asked(f"return_{name}", u, "POST", f"{returned}/return", {"reason": "Bổ sung."}, any_version),
        Asked(f"approve_{name}", u, "POST", f"{approved}/approve", decision, any_version),
        Asked(f"issue_{name}", u, "POST", f"{issued}/issue", provincial.BODIES["issue"], any_version),
        Asked(f"supersede_{name}", u, "POST", f"{superseded}/supersede", by, any_version),
        Asked(f"close_{name}", c, "POST", f"{closed}/close", {"summary": "Xong."}, any_version),
        Asked(f"amend_{name}", c, "POST", f"{amended}/amend", {"reason": "Bổ sung."}, {}),
    ]


async def on_tasks(district, coordinator, committee):
    """Every operation with a body on assigned tasks and on cooperation."""
    d, c, any_version = make.DISTRICT, make.COORDINATOR, {"If-Match": "*"}
    me = (await district.get("/v1/me")).json()["agency_id"]
    other = (await coordinator.get("/v1/me")).json()["agency_id"]
    bare = whole_plan(2097)["tasks"][0] | {"sources": [], "cooperating_agency_ids": []}
    asked = [bare | {"code": f"PH-{n}", "lead_agency_id": other, "cooperating_agency_ids": [me]} for n in range(3)]
    own = [bare | {"code": f"NV-{n}", "lead_agency_id": me} for n in range(2)]
    words = {"title": "x", "term": "medium_term", "until_year": 2099}
    plan = await made(coordinator, provincial.PATH, words | {"kind": "programme", "year": 2097})
    path = f"{provincial.PATH}/{plan['id']}"
    assert (await coordinator.put(path, words | {"tasks": own + asked}, "*")).status_code == 200
    for move, caller in (("submit", coordinator), ("approve", committee), ("issue", committee)):
        assert (await caller.post(f"{path}/{move}", provincial.BODIES[move], "*")).status_code == 200
    found = (await district.get(f"/v1/plan-tasks?plan={plan['id']}")).json()["items"]
    mine = {row["code"]: f"/v1/plan-tasks/{row['id']}" for row in found}
    asks = (await district.get("/v1/cooperations?year=2097")).json()["items"]
    accept, decline, contribute = (f"/v1/cooperations/{row['id']}" for row in asks)
    evidence = [{"title": "Danh mục", "url": "https://buondon.daklak.gov.vn/1", "sha256": "0" * 64}]
    output = {"title": "Phóng sự", "quantity": 1, "unit": "bài"}
    done = tasks.COMPLETE | {"outputs": [output], "evidence": evidence}
    check = tasks.CHECK | {"note": "Đủ.", "document": DOCUMENT}
    press = (await coordinator.get("/v1/agencies?q=bao dak lak")).json()["items"][0]["id"]
    ask = {"partner_agency_id": press, "request": "Đưa tin."}
    return [
        Asked("progress_plan_task", d, "POST", f"{mine['NV-0']}/progress", tasks.PROGRESS | done, any_version),
        Asked("request_cooperation", d, "POST", f"{mine['NV-0']}/cooperations", ask, any_version),
        Asked("complete_plan_task", d, "POST", f"{mine['NV-1']}/complete", done, any_version),
        Asked("check_plan_task", c, "POST", f"{mine['NV-1']}/checks", check, any_version),
        Asked("accept_cooperation", d, "POST", f"{accept}/accept", {"answer": "Được."}, any_version),
        Asked("decline_cooperation", d, "POST", f"{decline}/decline", {"answer": "Không có người."}, any_version),
        Asked(
            "contribute_cooperation",
            d,
            "POST",
            f"{contribute}/contribute",
            {"no_state_secret": True, "text": "Bản dịch.", "evidence": evidence},
            any_version,
        ),
    ]


async def accepted_plan(district, coordinator, year):
    """The district's accepted plan of a year."""
    plan = await made(district, "/v1/plans", make.a_plan(year=year))
    path = f"/v1/plans/{plan['id']}"
    assert (await district.post(f"{path}/submit", make.SUBMIT, "*")).status_code == 200
    assert (await coordinator.post(f"{path}/accept", {}, "*")).status_code == 200
    return plan


async def on_estimates(district, coordinator):
    """Every operation with a body on estimates but settling, which needs a budget."""
    d, c, any_version, at = make.DISTRICT, make.COORDINATOR, {"If-Match": "*"}, "/v1/budget-estimates"
    plans = [await made(district, "/v1/plans", make.a_plan(year=y, no_budget_reason=None)) for y in range(2050, 2056)]
    new, own_key, *rest = [plan["id"] for plan in plans]
    edited, patched, remarked, _ = [f"{at}/{(await made(district, at, make.an_estimate(id)))['id']}" for id in rest]
    assert (await district.post(f"/v1/plans/{rest[2]}/submit", make.SUBMIT, "*")).status_code == 200
    remark = await made(coordinator, f"{remarked}/remarks", REMARK)
    answer, by_key = f"{remarked}/remarks/{remark['id']}/answer", f"{at}/by-external-id/qlns/c4n4ry"
    return [
        Asked("create_budget_estimate", d, "POST", at, make.an_estimate(new), {}),
        Asked("upsert_budget_estimate", d, "PUT", by_key, make.an_estimate(own_key), {}),
        Asked("replace_budget_estimate", d, "PUT", edited, make.an_estimate(rest[0], title="Mới"), any_version),
        Asked(
            "patch_budget_estimate",
            d,
            "PATCH",
            patched,
            make.an_estimate(rest[1], title="x"),
            any_version | MERGE_PATCH,
        ),
        Asked("remark_on_budget_estimate", c, "POST", f"{remarked}/remarks", REMARK, {}),
        Asked("answer_budget_estimate_remark", d, "POST", answer, {"text": "Đã sửa."}, any_version),
    ]


async def on_budgets(coordinator):
    """Every operation with a body on the province's budgets, along the way of one."""
    c, f, u, any_version, at = make.COORDINATOR, make.FINANCE, COMMITTEE, {"If-Match": "*"}, "/v1/provincial-budgets"
    plan = await made(coordinator, "/v1/plans", make.a_plan(year=2047, no_budget_reason=None))
    estimate = await made(coordinator, "/v1/budget-estimates", make.an_estimate(plan["id"]))
    assert (await coordinator.post(f"/v1/plans/{plan['id']}/submit", make.SUBMIT, "*")).status_code == 200
    left = {}
    for year in (2046, 2049):
        out = await made(coordinator, "/v1/plans", make.a_plan(year=year, no_budget_reason=None))
        left[year] = (await made(coordinator, "/v1/budget-estimates", make.an_estimate(out["id"])))["id"]
        assert (await coordinator.post(f"/v1/plans/{out['id']}/submit", make.SUBMIT, "*")).status_code == 200
    own = {"code": "DP-01", "content": "Hội nghị", "category": "programme", "funding_source": "other"}
    own |= {"requested_vnd": 5}
    whole = {"title": "Dự toán của tỉnh", "own_lines": [own]}
    built, again = ({**whole, "excluded": [{"estimate_id": id, "reason": "Thiếu"}]} for id in left.values())
    budget = await made(coordinator, at, {"year": 2047, "title": "Nháp", "own_lines": [own]})
    path = f"{at}/{budget['id']}"
    lines = (await coordinator.get(f"{path}/lines")).json()["items"]
    asked, (mine,) = [line["id"] for line in lines], [line["id"] for line in lines if line["estimate_id"] is None]
    signatory = {"name": "Trần Thị Mai", "title": "Giám đốc", "capacity": "direct"}
    submission = {"no_state_secret": True, "signatory": signatory, "document": DOCUMENT}
    found = [{"line_id": id, "appraised_vnd": 4, "opinion": "Cắt giảm"} for id in asked]
    excepted = [{"line_id": mine, "decided_vnd": 6, "reason": "Bổ sung"}]
    adjusted = [{"line_id": mine, "change_vnd": 1, "reason": "Bổ sung"}]
    given = [{"category": "programme", "funding_source": "other", "amount_vnd": 1}]
    because, appraisal = {"reason": "Thuyết minh thêm."}, {"lines": found, "document": DOCUMENT}
    decision = {"document": DOCUMENT, "signatory": signatory, "exceptions": excepted}
    adjustment = {"document": DOCUMENT, "signatory": signatory, "lines": adjusted}
    own_line = (await coordinator.get(f"/v1/budget-estimates/{estimate['id']}")).json()["lines"][0]["id"]
    spent = {"no_state_secret": True, "document": DOCUMENT, "lines": [{"line_id": mine, "spent_vnd": 1}]}
    settled = spent | {"lines": [{"line_id": own_line, "spent_vnd": 1}]}
    back = {"year": 2048, "title": "Trả lại", "own_lines": [own]}
    returned, edited = [f"{at}/{(await made(coordinator, at, back | {'year': y}))['id']}" for y in (2048, 2049)]
    assert (await coordinator.post(f"{returned}/submit", make.SUBMIT, "*")).status_code == 200
    moves = [
        ("submit", c, submission),
        ("appraise", f, appraisal),
        ("return-to-finance", u, because),
        ("appraise", f, appraisal),
        ("decide", u, decision),
        ("allocate", f, {"allocations": given}),
        ("adjustments", u, adjustment),
        ("settle", c, spent),
    ]
    called = {"return-to-finance": "return_to_finance", "adjustments": "adjust"}
    on_the_way = [
        Asked(f"{called.get(move, move)}_provincial_budget", who, "POST", f"{path}/{move}", body, any_version)
        for move, who, body in moves
    ]
    settle = f"/v1/budget-estimates/{estimate['id']}/settle"
    closing = {"note": "Hết niên độ.", "unsettled": []}
    return [
        Asked("build_provincial_budget", c, "POST", at, built | {"year": 2046}, {}),
        Asked("rebuild_provincial_budget", c, "PUT", edited, again, any_version),
        Asked("return_provincial_budget", f, "POST", f"{returned}/return", because, any_version),
        *on_the_way,
        Asked("settle_budget_estimate", c, "POST", settle, settled, any_version),
        Asked("close_provincial_budget", f, "POST", f"{path}/close", closing, any_version),
    ]


SPEAKER = make.SPEAKER | {"authorisation": "ad_hoc_written", "document": DOCUMENT}
CAME = {
    "attendance": [{"kind": "domestic_press", "bodies": 9, "people": 14}],
    "questions": [{"asked_by": "Báo Đắk Lắk", "question": "Khi nào?", "answer": "Quý II."}],
    "minutes": "Biên bản.",
    "minutes_document": DOCUMENT,
}


def whole_event():
    return make.a_press_event(
        title_en="Press briefing",
        summary="Tình hình tháng 2.",
        host_ids=[],
        extraordinary=False,
        online_link="https://hop.daklak.example/1",
        languages=["vi"],
        spokesperson=SPEAKER,
        content_categories=["image_promotion"],
        audiences=["domestic_press"],
        directions=["outward"],
        agenda=["Mở đầu"],
        embargo_until="2099-03-01T00:00:00+07:00",
    )


async def on_press_events(district):
    """Every operation with a body on press events and series."""
    d, any_version, at = make.DISTRICT, {"If-Match": "*"}, "/v1/press-events"
    period = {"period_from": "2099-02-01", "period_to": "2099-02-28"}
    paths = [f"{at}/{(await made(district, at, make.a_press_event()))['id']}" for _ in range(4)]
    edited, unannounced, announced, held = paths
    for path, moves in ((announced, ["announce"]), (held, ["announce", "hold"])):
        for move in moves:
            answer = await district.post(f"{path}/{move}", make.SUBMIT if move == "announce" else {}, "*")
            assert answer.status_code == 200, answer.text
    because = {"reason": "Trùng lịch"}
    later = because | {
        "starts_at": "2099-04-01T08:00:00+07:00",
        "ends_at": "2099-04-01T09:00:00+07:00",
        "scope": "this",
    }
    guests = {"agency_ids": [], "all_press": True, "other_press": ["Báo Nhân Dân"]}
    guests |= {"accredit_before": "2099-03-09T17:00:00+07:00"}
    material = {"title": "Thông cáo", "link": "https://daklak.example/1", "sha256": "0" * 64, "internal": False}
    material |= {"embargo_until": "2099-03-10T10:00:00+07:00"}
    rule = {"from_day": "2099-01-01", "weekday": "TU", "week": 2, "month_day": None, "count": 2, "until": None}
    rule |= {"at": "08:30", "minutes": 120}
    shared = {name: value for name, value in whole_event().items() if not name.endswith("_at")}
    return [
        Asked("schedule_press_event", d, "POST", at, whole_event() | period, {}),
        Asked("patch_press_event", d, "PATCH", edited, whole_event() | period, any_version | MERGE_PATCH),
        Asked("announce_press_event", d, "POST", f"{unannounced}/announce", make.SUBMIT, any_version),
        Asked("invite_to_press_event", d, "POST", f"{announced}/invitations", guests, any_version),
        Asked("replace_press_materials", d, "PUT", f"{announced}/materials", {"items": [material]}, any_version),
        Asked("postpone_press_event", d, "POST", f"{announced}/postpone", because, any_version),
        Asked("reschedule_press_event", d, "POST", f"{announced}/reschedule", later, any_version),
        Asked("hold_press_event", d, "POST", f"{announced}/hold", {}, any_version),
        Asked("cancel_press_event", d, "POST", f"{unannounced}/cancel", because, any_version),
        Asked("conclude_press_event", d, "POST", f"{held}/conclude", CAME, any_version),
        Asked("replace_press_proceedings", d, "PUT", f"{held}/proceedings", CAME, any_version),
        Asked("make_press_series", d, "POST", "/v1/press-series", shared | {"rule": rule, "covers": "none"}, {}),
    ]


async def on_the_press(district, coordinator, press):
    """Every operation with a body on invitations, guidance, supplied information and press products."""
    d, c, p, any_version = make.DISTRICT, make.COORDINATOR, PRESS, {"If-Match": "*"}
    event = await made(district, "/v1/press-events", make.a_press_event())
    path = f"/v1/press-events/{event['id']}"
    guests = {"all_press": True, "accredit_before": "2099-03-09T17:00:00+07:00"}
    for verb, body in (("announce", make.SUBMIT), ("invitations", guests)):
        answer = await district.post(f"{path}/{verb}", body, "*")
        assert answer.status_code == 200, answer.text
    found = (await press.get(f"/v1/press-invitations?event={event['id']}")).json()["items"]
    (invitation,) = [f"/v1/press-invitations/{item['id']}" for item in found]
    guidance = make.a_guidance(kind="briefing", press_event_id=event["id"], addressee_ids=[], document=DOCUMENT)
    supply = make.a_supply(
        spokesperson=SPEAKER,
        press_body_ids=[],
        other_press=["Báo Thanh Niên"],
        audiences=["domestic_press"],
        links=["https://buondon.example/1"],
        note="Đã đăng.",
    )
    product = make.a_product(frequency="hằng tuần", url="https://baodaklak.example/en")
    standing = f"/v1/press-guidance/{(await made(coordinator, '/v1/press-guidance', make.a_guidance()))['id']}"
    supplied = f"/v1/information-supplies/{(await made(district, '/v1/information-supplies', supply))['id']}"
    published = f"/v1/press-products/{(await made(press, '/v1/press-products', product))['id']}"
    people = {"people": [{"name": "H'Linh Niê", "position": "phóng viên"}]}
    return [
        Asked("accept_press_invitation", p, "POST", f"{invitation}/accept", people, any_version),
        Asked("decline_press_invitation", p, "POST", f"{invitation}/decline", {"reason": "Trùng lịch"}, any_version),
        Asked("issue_press_guidance", c, "POST", "/v1/press-guidance", guidance, {}),
        Asked("withdraw_press_guidance", c, "POST", f"{standing}/withdraw", {"reason": "Sai"}, any_version),
        Asked("record_information_supply", d, "POST", "/v1/information-supplies", supply, {}),
        Asked("correct_information_supply", d, "PUT", supplied, supply, any_version),
        Asked("create_press_feed", p, "POST", "/v1/press-feeds", {"name": "Lịch", "language": "en"}, {}),
        Asked("publish_press_product", p, "POST", "/v1/press-products", product, {}),
        Asked("change_press_product", p, "PUT", published, product, any_version),
    ]


async def made(caller, path, body):
    answer = await caller.post(path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def places(body, at=()):
    """The way to every string of a body."""
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in items:
        if isinstance(value, str):
            yield (*at, key)
        yield from places(value, (*at, key))


def put(body, at, value):
    """The body with another value in one place."""
    changed = copy.deepcopy(body)
    inside = changed
    for key in at[:-1]:
        inside = inside[key]
    inside[at[-1]] = value
    return changed


def ways(schema, schemas, at=()):
    """The way to every member that a schema of the OpenAPI document takes; into lists, to their first place.

    A schema by name is a place, too: `("details", "#Souvenir")` is where one of several may stand (`oneOf`).
    """
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        yield from ways(part, schemas, at)
    for part in schema.get("oneOf", ()):
        yield (*at, "#" + part["$ref"].rpartition("/")[2])
    if "items" in schema:
        yield (*at, 0)
        yield from ways(schema["items"], schemas, (*at, 0))
    for name, below in schema.get("properties", {}).items():
        yield (*at, name)
        yield from ways(below, schemas, (*at, name))


def members(schema, schemas):
    """The names of every member that a schema takes, whatever lies below; of several (`oneOf`) that is asked apart."""
    return {way[-1] for way in ways(schema, schemas) if not str(way[-1]).startswith(("0", "#"))}


def leading(way, value):
    """An object in which this way leads to the value."""
    for key in reversed(way):
        value = [value] if key == 0 else {key: value}
    return value


def names(body):
    """The names of every member of a body."""
    if isinstance(body, dict):
        return set(body) | set().union(*(names(value) for value in body.values()), set())
    return set().union(*(names(value) for value in body), set()) if isinstance(body, list) else set()
