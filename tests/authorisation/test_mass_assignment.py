"""Nobody writes what is not theirs to write: every member that a client may not set is refused, wherever it is put."""

import copy

import pytest

from tests import make
from tests.authorisation.expected import ANSWER, ASK, CAME, LATER, OFFICE, OWNER, REMARK, REMIND, TABLE

# What clients may never say, for any kind of resource.
FORBIDDEN = (
    "id", "agency_id", "state", "version", "created_by", "created_at", "updated_at", "first_submitted_at",
    "submitted_at", "submitted_by", "accepted_at", "returned_at", "withdrawn_at", "source", "external_id", "external",
    "actor", "provisions", "etag", "allowed_moves", "client_id", "role", "scopes", "secret", "secret_locked",
    "amends_id", "carried_from", "superseded_by", "edition", "in_force",
    "position_", "made_by_agency", "assigned_by", "__class__", "_sa_instance_state", "late",
    "first_received_at", "resource_id", "due_source", "closed_at", "obligation_id", "number_", "mode", "sent_by_agency",
    "granted_by", "decided_at", "content", "content_sha256",
)  # fmt: skip
# What has one of these names where it is the client's to say.
OWN = {
    "EstimateWrite": {"plan_id"},
    "EstimatePatch": {"plan_id"},
    "EstimateLineWrite": {"content"},
    "OwnLineWrite": {"content"},
    "LinkWrite": {"id"},
    "NamedAgency": {"role", "agency_id"},
    # Details of records: where a text or a figure comes from, and what it says.
    **{name: {"source"} for name in ("MediaItem", "InternationalBrief", "InvestmentStatistic")},
    **{name: {"content"} for name in ("Dossier", "InterviewPrep", "OverseasCampaign")},
}
MADE_ANEW = {"etag", "updated_at", "next_at", "event_id"}
VALUES = ("01a00000-0000-7000-8000-000000000000", None, {}, [])

SIGNED = {
    "signatory": {"name": "Y Thanh Êban", "title": "Phó Chủ tịch"},
    "document": {"number": "15/KH-UBND", "issued_on": "2026-12-01", "issuer": "UBND huyện Buôn Đôn"},
}
SPOKEN = make.SPEAKER | {"document": SIGNED["document"]}
ASKED = {"question": "Khi nào?", "answer": "Quý II."}
WHAT_CAME = CAME | {"questions": [ASKED], "minutes_document": SIGNED["document"]}
# Bodies that use every object their schema knows, so that each is tried.
FULL = {
    "assign_focal_point": OFFICE | {"document": SIGNED["document"]},
    "submit_plan": make.SUBMIT | SIGNED,
    "return_plan": make.RETURN | {"remarks": [REMARK]},
    "answer_plan_remark": ANSWER,
    "extend_obligation": LATER | {"document": SIGNED["document"]},
    "open_obligation_year": {
        "document": SIGNED["document"],
        "weekend_policy": "none",
        "deadlines": [{"duty": "QC.D7.K1-a", "last_on_time_date": "2098-07-15"}],
    },
    "issue_report_request": ASK
    | {
        "template": {
            "sections": ["QC.D5.K5"],
            "indicators": [{"code": "doan", "title": "Đoàn phóng viên", "unit": "đoàn"}],
        },
        "document": SIGNED["document"],
    },
    "submit_consolidated_report": make.SUBMIT | SIGNED,
    "direct_consolidated_report": {"direction": "Thực hiện", "document": SIGNED["document"]},
    "draft_provincial_plan": TABLE["draft_provincial_plan"].body | {"priorities": ["Cà phê"], "excluded": []},
    "submit_provincial_plan": make.SUBMIT | SIGNED,
    "schedule_press_event": make.a_press_event(spokesperson=SPOKEN),
    "patch_press_event": {"place": "Hội trường", "spokesperson": SPOKEN},
    "make_press_series": make.a_series(spokesperson=SPOKEN),
    "conclude_press_event": WHAT_CAME,
    "replace_press_proceedings": WHAT_CAME,
    "issue_press_guidance": make.a_guidance(document=SIGNED["document"]),
    "record_information_supply": make.a_supply(spokesperson=SPOKEN),
    "correct_information_supply": make.a_supply(topic="Khác", spokesperson=SPOKEN),
    "move_record": {"document": SIGNED["document"]},
    "send_reminders": REMIND | {"note": "Đề nghị gửi.", "document": SIGNED["document"]},
}
# RFC 6749 §3.2: parameters that the endpoints of OAuth do not know are ignored; what they cannot do is tested below.
IGNORES = {"issue_token", "revoke_token", "introspect_token"}


def places(value, at=()):
    """Every object in a body, by its path."""
    if isinstance(value, dict):
        yield at
        for name, item in value.items():
            yield from places(item, (*at, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*at, number))


def object_at(body, at):
    for step in at:
        body = body[step]
    return body


def with_member(body, at, name, value):
    changed = copy.deepcopy(body)
    place = changed
    for step in at:
        place = place[step]
    place[name] = value
    return changed


def schemas_of(document, schema):
    """Every object schema that a body may hold, by name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found = document["components"]["schemas"][name]
        yield name, found
        yield from schemas_of(document, found)
    below = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("properties", {}).values()]
    for part in below + ([schema["items"]] if "items" in schema else []):
        yield from schemas_of(document, part)


def may_ask(row, principal):
    return row.scope in principal.scopes and (row.by is None or principal.slug in row.by)


def with_bodies(ground):
    for name, (_, _, operation) in ground.operations.items():
        if "requestBody" in operation and name not in IGNORES:
            yield name, operation


def test_every_schema_of_a_body_refuses_members_it_does_not_know(ground):
    document, seen = ground.app.openapi(), set()
    for name, operation in with_bodies(ground):
        for content in operation["requestBody"]["content"].values():
            for called, schema in schemas_of(document, content["schema"]):
                if schema["type"] == "object":
                    assert schema.get("additionalProperties") is False, (name, called)
                    assert not set(FORBIDDEN) & set(schema.get("properties", ())) - OWN.get(called, set()), called
                    seen.add(called)
    assert len(seen) >= 13, seen


def refusals(answer):
    """Of the call, or of every item of it."""
    said = answer.json()
    problems = [item["problem"] for item in said["items"]] if answer.status_code == 207 else [said]
    return {problem and (problem["status"], problem["code"]) for problem in problems}


async def test_every_member_that_is_not_the_client_s_to_write_is_refused_in_every_place_of_every_body(ground):
    owner, coordinator = ground.principals[f"DISTRICT {OWNER}"], ground.principals["COORD so-tttt"]
    committee, finance = ground.principals["UBND ubnd-tinh"], ground.principals["FINANCE so-tai-chinh"]
    press = ground.principals["PRESS bao-dak-lak"]
    before, count = await ground.fingerprint(), 0
    for name, _ in with_bodies(ground):
        row = TABLE[name]
        principal = next(p for p in (owner, coordinator, committee, finance, press) if may_ask(row, p))
        parameters = ground.parameters(row, principal, "own") if row.on else {}
        (method, path, body, media), headers = ground.request(name, parameters, principal.slug)
        body = FULL.get(name, body)
        if name.startswith("bulk_"):
            del headers["Idempotency_Key"]  # such a call is answered, and its key kept, whatever became of each
        async with ground.undone():
            allowed = await ground.send(principal, method, path, body, media, **headers)
            assert allowed.is_success, (name, allowed.text)  # or nothing below would prove anything
        for at in places(body):
            here = set(object_at(body, at))
            for number, member in enumerate(name for name in FORBIDDEN if name not in here):
                value = VALUES[number % len(VALUES)]
                if media == "application/merge-patch+json" and value is None:
                    value = VALUES[0]  # there null means: remove it; nothing is not a member
                changed = with_member(body, at, member, value)
                answer = await ground.send(principal, method, path, changed, media, **headers)
                assert refusals(answer) == {(422, "validation-failed")}, (name, at, member, answer.text)
                count += 1
        assert await ground.fingerprint() == before, name
    print(f"\n{count} bodies")
    assert count >= 400


@pytest.mark.parametrize("member", ["agency", "agency_id", "client_id", "role", "functions"])
async def test_a_token_request_cannot_say_who_it_is_for(ground, member):
    made = await ground.world.credentials(OWNER, "reader")
    form = {"grant_type": "client_credentials", "scope": "plans:read plans:review", member: "so-tttt"}
    basic = (str(made.client_id), made.client_secret)
    answer = await ground.api.post("/oauth/token", data=form, auth=basic)
    assert answer.status_code == 200
    assert answer.json()["scope"] == "plans:read"
    me = await ground.api.get("/v1/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.status_code == 403  # registry:read was not asked for


async def test_a_body_where_none_is_taken_changes_nothing_of_the_answer(ground):
    callers = ground.principals[f"DISTRICT {OWNER}"], ground.principals["COORD so-tttt"]
    for name, (method, path, operation) in ground.operations.items():
        if method == "GET" or "requestBody" in operation or "{id}" not in path or TABLE[name].rule == "reviews":
            continue
        owner = next(p for p in callers if TABLE[name].scope in p.scopes)
        shown = []
        for body in (None, {"state": "accepted", "agency_id": "x", "attempts": 99}):
            async with ground.undone():
                (_, address, _, _), headers = ground.request(name, ground.parameters(TABLE[name], owner, "own"))
                answer = await ground.send(owner, method, address, body, **headers)
                assert answer.is_success, (name, answer.text)
                said = answer.json() if answer.content else {}
                shown.append({member: value for member, value in said.items() if member not in MADE_ANEW})
        assert shown[0] == shown[1], name
