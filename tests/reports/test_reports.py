"""Reports through HTTP: what an agency's system and the coordinator's do with one (QC.D7.K3)."""

import pytest

from app.law.book import law
from tests import make
from tests.shape import assert_problem

REQUEST = "01a00000-0000-7000-8000-000000000001"
OTHER_REQUEST = "01a00000-0000-7000-8000-000000000002"
PERIOD = {"period_start": "2027-01-01", "period_end": "2027-06-30"}


def interim(**changes):
    return make.a_report(kind="interim", **PERIOD) | changes


def ad_hoc(**changes):
    return make.a_report(kind="ad_hoc", request_id=REQUEST) | changes


async def asked(world, *slugs):
    return (await make.asked(world, *slugs))["id"]


async def test_a_report_is_drafted_submitted_returned_corrected_and_accepted(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    created = await district.post("/v1/reports", make.a_report())
    assert created.status_code == 201, created.text
    report = created.json()
    assert created.headers["ETag"] == report["etag"]
    assert created.headers["Location"].endswith(f"/v1/reports/{report['id']}")
    assert report["provisions"] == ["QC.D7.K3"]
    submitted = await district.move(report, "submit", make.SUBMIT, "reports")
    assert submitted.status_code == 200, submitted.text
    path = f"/v1/reports/{report['id']}"
    seen = (await coordinator.get(path)).json()
    assert [m["move"] for m in seen["allowed_moves"]] == ["return", "accept"]
    returned = await coordinator.move(seen, "return", make.RETURN, "reports")
    assert returned.status_code == 200, returned.text
    mine = (await district.get(path)).json()
    assert mine["returned"]["reason"] == "missing_content"
    fixed = await district.put(path, make.a_report(title="Bản sửa"), mine["etag"])
    assert fixed.status_code == 200, fixed.text
    again = await district.move(fixed.json(), "submit", make.SUBMIT, "reports")
    assert again.json()["first_submitted_at"] == submitted.json()["first_submitted_at"]
    accepted = await coordinator.move(again.json(), "accept", {}, "reports")
    assert accepted.status_code == 200
    assert (accepted.json()["state"], accepted.json()["title"]) == ("accepted", "Bản sửa")


async def test_what_was_written_is_read_and_listed(world):
    district = await world.as_(make.DISTRICT)
    sections = [{"area": f"QC.D5.K{n}", "text": f"Mục {n}"} for n in (7, 1, 4)]
    indicators = [make.an_indicator(), make.an_indicator(code="KP", number="-0.500000", unit="triệu đồng")]
    difficulties = [
        {"kind": "legal", "provision": "QC.D14", "description": "Chưa rõ", "proposal": "Hướng dẫn"},
        {"kind": "other", "description": "Mưa lũ"},
    ]
    body = make.a_report(sections=sections, indicators=indicators, difficulties=difficulties)
    made = (await district.post("/v1/reports", body)).json()
    read = (await district.get(f"/v1/reports/{made['id']}")).json()
    assert read == made
    assert (read["sections"], read["indicators"]) == (sections, indicators)
    assert read["difficulties"] == [difficulties[0], {**difficulties[1], "provision": None, "proposal": None}]
    assert (read["period_start"], read["period_end"], read["late"]) == ("2027-01-01", "2027-12-31", None)
    (listed,) = (await district.get("/v1/reports")).json()["items"]
    assert listed == {name: read[name] for name in listed}


async def test_the_areas_are_the_seven_of_the_regulation():
    (instrument,) = law().instruments.values()
    areas = [area.id for area in law().children(instrument.management_areas)]
    assert areas == [f"QC.D5.K{n}" for n in range(1, 8)]


async def test_each_area_and_each_code_stands_once(world):
    district = await world.as_(make.DISTRICT)
    section = {"area": "QC.D5.K1", "text": "Một"}
    wrong = {
        "/sections": ("duplicate_area", {"sections": [section, {**section, "text": "Hai"}]}),
        "/indicators": ("duplicate_code", {"indicators": [make.an_indicator(), make.an_indicator(number="2")]}),
    }
    for pointer, (code, changes) in wrong.items():
        refused = await district.post("/v1/reports", make.a_report(**changes))
        document = await assert_problem(world.api, refused, "validation-failed")
        assert [(error["pointer"], error["code"]) for error in document["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("pointer", "code", "changes"),
    [
        ("/kind", "enum", {"kind": "tổng kết"}),
        ("/year", "less_than_equal", {"year": 2101}),
        ("/period_end", "period_reversed", {"period_start": "2027-06-30", "period_end": "2027-01-01"}),
        ("/period_end", "period_reversed", {"period_start": "2028-01-01"}),
        ("/period_start", "missing", {"kind": "interim", "period_end": "2027-06-30"}),
        ("/period_end", "missing", {"kind": "interim", "period_start": "2027-01-01"}),
        ("/request_id", "missing", {"kind": "ad_hoc"}),
        ("/request_id", "not_of_this_kind", {"request_id": REQUEST}),
        ("/request_id", "not_of_this_kind", interim(request_id=REQUEST)),
        ("/sections/0/area", "unknown_area", {"sections": [{"area": "QC.D5", "text": "X"}]}),
        ("/sections/0/area", "unknown_area", {"sections": [{"area": "QC.D7.K1", "text": "X"}]}),
        ("/sections/0/text", "missing", {"sections": [{"area": "QC.D5.K1"}]}),
        ("/indicators/0/number", "string_type", {"indicators": [make.an_indicator(number=12.5)]}),
        ("/indicators/0/number", "string_pattern_mismatch", {"indicators": [make.an_indicator(number="12,5")]}),
        ("/indicators/0/number", "string_pattern_mismatch", {"indicators": [make.an_indicator(number="1e3")]}),
        ("/indicators/0/number", "string_pattern_mismatch", {"indicators": [make.an_indicator(number="007")]}),
        ("/indicators/0/number", "string_pattern_mismatch", {"indicators": [make.an_indicator(number="1.0000001")]}),
        ("/indicators/0/number", "string_too_long", {"indicators": [make.an_indicator(number="1" * 24)]}),
        ("/indicators/0/unit", "missing", {"indicators": [{"code": "A", "title": "B", "number": "1"}]}),
        ("/difficulties/0/kind", "enum", {"difficulties": [{"kind": "khó", "description": "X"}]}),
        ("/difficulties/0/provision", "unknown_clause",
         {"difficulties": [{"kind": "legal", "provision": "QC.D99", "description": "X"}]}),
        ("/late", "extra_forbidden", {"late": False}),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_pointed_at(world, pointer, code, changes):
    district = await world.as_(make.DISTRICT)
    refused = await district.post("/v1/reports", make.a_report(**changes))
    document = await assert_problem(world.api, refused, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in document["errors"]] == [(pointer, code)]
    assert (await district.get("/v1/reports")).json()["items"] == []


@pytest.mark.parametrize("number", ["0", "-1", "0.5", "999999999999999.999999", "-999999999999999.999999"])
async def test_numbers_are_kept_to_the_last_digit(world, number):
    district = await world.as_(make.DISTRICT)
    made = await district.post("/v1/reports", make.a_report(indicators=[make.an_indicator(number=number)]))
    assert made.status_code == 201, made.text
    read = (await district.get(f"/v1/reports/{made.json()['id']}")).json()
    assert read["indicators"][0]["number"] == number


async def test_an_annual_report_is_not_sent_without_its_evaluation_of_effect(world):
    district = await world.as_(make.DISTRICT)
    report = (await district.post("/v1/reports", make.a_report(effect_evaluation=None))).json()
    refused = await district.move(report, "submit", make.SUBMIT, "reports")
    document = await assert_problem(world.api, refused, "validation-failed")
    (error,) = document["errors"]
    assert (error["pointer"], error["code"]) == ("/effect_evaluation", "no_effect_evaluation")
    assert (await district.get(f"/v1/reports/{report['id']}")).json()["state"] == "draft"
    answering = ad_hoc(request_id=await asked(world, make.DISTRICT), effect_evaluation=None)
    for body in (interim(effect_evaluation=None), answering):
        other = (await district.post("/v1/reports", body)).json()
        assert (await district.move(other, "submit", make.SUBMIT, "reports")).status_code == 200


async def test_submitting_needs_the_declaration(world):
    district = await world.as_(make.DISTRICT)
    report = (await district.post("/v1/reports", make.a_report())).json()
    for body in ({}, {"no_state_secret": False}):
        refused = await district.move(report, "submit", body, "reports")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/no_state_secret"


async def test_one_live_annual_report_a_year_and_one_live_answer_to_a_request(world):
    district = await world.as_(make.DISTRICT)
    one, two = [ad_hoc(request_id=await asked(world, make.DISTRICT)) for _ in range(2)]
    for body, another in (
        (make.a_report(), make.a_report(year=2028)),
        (one, two),
    ):
        report = (await district.post("/v1/reports", body)).json()
        second = await district.post("/v1/reports", body)
        await assert_problem(world.api, second, "conflict")
        assert (await district.post("/v1/reports", another)).status_code == 201
        sent = (await district.move(report, "submit", make.SUBMIT, "reports")).json()
        withdrawn = (await district.move(sent, "withdraw", make.WITHDRAW, "reports")).json()
        assert withdrawn["withdrawn"]["reason"] == make.WITHDRAW["reason"]
        assert (await district.post("/v1/reports", body)).status_code == 201
    for _ in range(2):
        assert (await district.post("/v1/reports", interim())).status_code == 201
    assert (await (await world.as_(make.OTHER_DISTRICT)).post("/v1/reports", make.a_report())).status_code == 201


async def test_a_merge_patch_changes_what_it_names_and_null_clears(world):
    district = await world.as_(make.DISTRICT)
    report = (await district.post("/v1/reports", make.a_report())).json()

    async def patch(body, etag):
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        return await district.request("PATCH", f"/v1/reports/{report['id']}", content=body, headers=headers)

    changed = await patch(b'{"sections": [], "effect_evaluation": null}', report["etag"])
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert (body["sections"], body["effect_evaluation"]) == ([], None)
    assert body["indicators"] == report["indicators"]
    unknown = await patch(b'{"state": "accepted"}', body["etag"])
    assert unknown.json()["errors"][0]["pointer"] == "/state"
    stale = await patch(b'{"title": "X"}', report["etag"])
    assert stale.status_code == 412


async def test_the_list_is_narrowed_by_agency_year_kind_state_and_request(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    other = await world.as_(make.OTHER_DISTRICT)
    made, request = {}, await asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    for name, caller, body in (
        ("annual", district, make.a_report()),
        ("next year's", district, make.a_report(year=2028)),
        ("interim", district, interim()),
        ("ad hoc", district, ad_hoc(request_id=request)),
        ("another's", other, ad_hoc(request_id=request)),
    ):
        made[name] = (await caller.post("/v1/reports", body)).json()
    await district.move(made["annual"], "submit", make.SUBMIT, "reports")
    agency = await world.agency_id(make.DISTRICT)
    for query, wanted in (
        ("", set(made)),
        (f"agency={agency}", set(made) - {"another's"}),
        ("year=2028", {"next year's"}),
        ("kind=interim", {"interim"}),
        ("state=submitted", {"annual"}),
        (f"request={request}", {"ad hoc", "another's"}),
        (f"request={request}&agency={agency}&kind=ad_hoc&year=2027&state=draft", {"ad hoc"}),
        (f"request={OTHER_REQUEST}", set()),
    ):
        found = {report["id"] for report in (await coordinator.get(f"/v1/reports?{query}")).json()["items"]}
        assert found == {made[name]["id"] for name in wanted}, query
    assert (await district.get("/v1/reports?kind=x")).status_code == 400


async def test_the_same_key_makes_one_report(world):
    district = await world.as_(make.DISTRICT)
    headers = {"Idempotency-Key": "bao-cao-2027"}
    first, second = [await district.request("POST", "/v1/reports", json=interim(), headers=headers) for _ in range(2)]
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len((await district.get("/v1/reports")).json()["items"]) == 1
    assert (await district.request("POST", "/v1/reports", json=interim())).status_code == 400
