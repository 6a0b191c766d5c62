"""Every operation that takes a body, each with a body that fills every member, so that each can carry a marking."""

import copy
from dataclasses import dataclass
from typing import Any

from tests import make

DOCUMENT = {"number": "15/KH-UBND", "issued_on": "2027-01-15", "issuer": "UBND huyện", "sha256": "0" * 64}
REMARK = {"pointer": "/title", "text": "Nêu rõ hơn."}
ENDPOINT = {"url": "http://127.0.0.1:9/ttdn", "description": "Máy nhận", "event_types": ["plan.*"]}
YEARS = range(2030, 2037)
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


def whole_plan(year):
    task = make.a_task(
        direction="outward",
        channel="Cổng thông tin",
        expected_output="12 bài",
        provision="QC.D14",
        cooperating_agency_ids=[],
    )
    return make.a_plan(year=year, kind="agency_annual", shareable=False, objectives="Giới thiệu huyện.", tasks=[task])


def whole_report(year):
    difficulty = {"kind": "budget", "provision": "QC.D14", "description": "Thiếu kinh phí.", "proposal": "Bổ sung."}
    period = {"period_start": f"{year}-01-01", "period_end": f"{year}-12-31"}
    answering = {"kind": "ad_hoc", "request_id": f"01a00000-0000-7000-8000-{year:012}"}
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


async def requests(district, coordinator):
    """Requests that would all succeed, one after the other, and what they need beforehand."""
    d, any_version = make.DISTRICT, {"If-Match": "*"}
    me = (await district.get("/v1/me")).json()["agency_id"]
    on_plans = await submissions(district, coordinator, "plan", make.a_plan, whole_plan)
    on_reports = await submissions(district, coordinator, "report", make.a_report, whole_report)
    endpoint = await made(district, "/v1/webhook-endpoints", ENDPOINT)
    focal = {"kind": "person", "name": "Y Demo Niê", "position": "Trưởng phòng", "phone": "0262 3800000"}
    focal |= {"email": "a@buondon.example", "document": DOCUMENT, "no_state_secret": True}
    change = {**ENDPOINT, "active": True}
    return [
        *on_plans,
        *on_reports,
        Asked("assign_focal_point", d, "PUT", f"/v1/agencies/{me}/focal-point", focal, any_version),
        Asked("create_webhook_endpoint", d, "POST", "/v1/webhook-endpoints", ENDPOINT, {}),
        Asked("replace_webhook_endpoint", d, "PUT", f"/v1/webhook-endpoints/{endpoint['id']}", change, any_version),
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
    own_key, answer = f"{at}/by-external-id/qlvb/c4n4ry", f"{remarked}/remarks/{remark['id']}/answer"
    return [
        Asked(f"create_{kind}", d, "POST", at, whole(2027), {}),
        Asked(f"upsert_{kind}", d, "PUT", own_key, whole(2028), {}),
        Asked(f"replace_{kind}", d, "PUT", edited, whole(2030), any_version),
        Asked(f"patch_{kind}", d, "PATCH", patched, whole(2031), any_version | MERGE_PATCH),
        Asked(f"submit_{kind}", d, "POST", f"{unsent}/submit", submission, any_version),
        Asked(f"return_{kind}", c, "POST", f"{returned}/return", refusal, any_version),
        Asked(f"accept_{kind}", c, "POST", f"{accepted}/accept", {}, any_version),
        Asked(f"withdraw_{kind}", d, "POST", f"{withdrawn}/withdraw", {"reason": "Lập lại"}, any_version),
        Asked(f"remark_on_{kind}", c, "POST", f"{remarked}/remarks", REMARK, {}),
        Asked(f"answer_{kind}_remark", d, "POST", answer, {"text": "Đã sửa."}, any_version),
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


def members(schema, schemas):
    """The names of every member that a schema of the OpenAPI document takes, whatever lies below."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for part in (*schema.get("anyOf", ()), schema.get("items", {})):
        yield from members(part, schemas) if part else ()
    for name, below in schema.get("properties", {}).items():
        yield name
        yield from members(below, schemas)


def names(body):
    """The names of every member of a body."""
    if isinstance(body, dict):
        return set(body) | set().union(*(names(value) for value in body.values()), set())
    return set().union(*(names(value) for value in body), set()) if isinstance(body, list) else set()
