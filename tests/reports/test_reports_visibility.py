"""Whose reports an agency may know about: its own; all, for those who read all (QC.D7.K3, QC.D8.K8)."""

import pytest

from tests import make

MISSING = "01a00000-0000-7000-8000-000000000000"
READS_ALL = {"COORD", "UBND", "VPUBND"}


def without_instance(answer):
    return answer.status_code, answer.headers["content-type"], {**answer.json(), "instance": ""}


async def agencies_of(world):
    reader = await world.as_(make.COORDINATOR)
    found = (await reader.get("/v1/agencies?limit=200")).json()
    assert found["next_cursor"] is None
    return {agency["slug"]: {held["function"] for held in agency["functions"]} for agency in found["items"]}


async def test_every_agency_against_other_agencies_reports_in_every_state(world):
    owner, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    reports = {}
    for year, moves in enumerate(((), ("submit",), ("submit", "accept"), ("submit", "withdraw")), 2027):
        report = (await owner.post("/v1/reports", make.a_report(year=year))).json()
        for move in moves:
            mover = coordinator if move == "accept" else owner
            report = (await mover.move(report, move, make.BODIES[move], "reports")).json()
        reports[report["id"]] = report["state"]
    assert sorted(reports.values()) == ["accepted", "draft", "submitted", "withdrawn"]
    for slug, functions in (await agencies_of(world)).items():
        caller = await world.as_(slug)
        never = without_instance(await caller.get(f"/v1/reports/{MISSING}"))
        sees = slug == make.DISTRICT or bool(functions & READS_ALL)
        for id in reports:
            seen = await caller.get(f"/v1/reports/{id}")
            assert (seen.status_code == 200) if sees else (without_instance(seen) == never), slug
        listed = {report["id"] for report in (await caller.get("/v1/reports?limit=200")).json()["items"]}
        assert listed == (set(reports) if sees else set()), slug


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "submit", "withdraw", "versions", "remarks"])
async def test_what_is_asked_of_a_foreign_report_is_answered_like_one_that_never_existed(world, method):
    owner, stranger = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    report = (await owner.post("/v1/reports", make.a_report())).json()

    async def attempt(id):
        headers = {"If-Match": "*"}
        path = f"/v1/reports/{id}"
        if method in make.BODIES:
            return await stranger.request("POST", f"{path}/{method}", json=make.BODIES[method], headers=headers)
        if method in {"versions", "remarks"}:
            return await stranger.get(f"{path}/{method}")
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
            return await stranger.request("PATCH", path, content=b'{"title":"X"}', headers=headers)
        return await stranger.request(method, path, json=make.a_report() if method == "PUT" else None, headers=headers)

    refused = await attempt(report["id"])
    assert refused.status_code == 404
    assert without_instance(refused) == without_instance(await attempt(MISSING))
    assert (await owner.get(f"/v1/reports/{report['id']}")).json() == report


async def test_those_who_read_all_read_a_draft_and_may_not_write_it(world):
    owner = await world.as_(make.DISTRICT)
    report = (await owner.post("/v1/reports", make.a_report())).json()
    coordinator = await world.as_(make.COORDINATOR)
    refused = await coordinator.put(f"/v1/reports/{report['id']}", make.a_report(), report["etag"])
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    committee = await world.as_("ubnd-tinh")
    assert (await committee.get(f"/v1/reports/{report['id']}")).json()["allowed_moves"] == []


async def test_a_reader_s_system_reads_and_does_nothing_else(world):
    reader = await world.as_(make.DISTRICT, "reader")
    assert (await reader.get("/v1/reports")).status_code == 200
    refused = await reader.post("/v1/reports", make.a_report())
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")
