"""What time, extensions and taking back make of the answers to a report request (QC.D7.K3)."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import pytest
import time_machine
from sqlmodel import select

from app.kit.clock import now
from app.kit.db import transaction
from app.reports import request_service
from app.trail.models import Event
from tests import make
from tests.shape import assert_problem
from tests.trail.hands import Hands

ASKED = "2027-04-01T08:00:00+07:00"
LATER = {"last_on_time_date": "2099-05-10", "reason": "Mưa lũ"}
NIL = {"no_state_secret": True, "reason": "Không có đoàn nào"}
TAKEN_BACK = {"reason": "Có đoàn"}


@asynccontextmanager
async def at(world, moment):
    """The service at an instant; the tokens are of that instant too."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        await world.refresh()
        world._tokens.clear()
        yield


def answer(request, **changes):
    return make.a_report(kind="ad_hoc", request_id=request["id"]) | changes


async def answered(world, slug, request):
    caller = await world.as_(slug)
    report = await caller.post("/v1/reports", answer(request))
    sent = await caller.move(report.json(), "submit", make.SUBMIT, "reports")
    assert sent.status_code == 200, sent.text
    return sent.json()


async def owed(world, slug, request):
    mine = f"request={request['id']}&agency={await world.agency_id(slug)}"
    (item,) = (await (await world.as_(slug)).get(f"/v1/obligations?{mine}")).json()["items"]
    return item


async def moved(world, request, move, body):
    coordinator = await world.as_(make.COORDINATOR)
    path = f"/v1/report-requests/{request['id']}"
    done = await coordinator.post(f"{path}/{move}", body, (await coordinator.get(path)).json()["etag"])
    assert done.status_code == 200, done.text
    return done.json()


async def disposed(world, slug, request, move, body, by=None):
    """A move on what an agency owes for the request."""
    mine = await owed(world, slug, request)
    done = await (await world.as_(by or slug)).post(f"/v1/obligations/{mine['id']}/{move}", body, mine["etag"])
    assert done.status_code == 200, done.text
    return done.json()


async def told(sessions, id):
    async with sessions() as session:
        statement = select(Event.type).where(Event.resource_id == UUID(id)).order_by(Event.id)
        return [type.partition(".")[2] for type in await session.scalars(statement)]


@pytest.mark.parametrize(
    ("moment", "late"), [("2027-04-02T14:59:59.999999+07:00", False), ("2027-04-02T15:00:00+07:00", True)]
)
async def test_an_answer_at_the_hour_is_late_and_before_it_on_time(world, moment, late):
    async with at(world, ASKED):
        by = {"last_on_time_date": None, "due_before": "2027-04-02T08:00:00Z"}
        request = await make.asked(world, make.DISTRICT, **by)
        assert (request["due_before"], request["last_on_time_date"]) == ("2027-04-02T15:00:00+07:00", "2027-04-02")
    async with at(world, moment):
        report = await answered(world, make.DISTRICT, request)
        assert report["late"] is late
        assert (await owed(world, make.DISTRICT, request))["state"] == f"received_{'late' if late else 'on_time'}"
        seen = (await (await world.as_(make.COORDINATOR)).get(f"/v1/report-requests/{request['id']}")).json()
        assert (seen["progress"]["received"], seen["progress"]["late"]) == (1, int(late))
    assert await told(world.sessions, report["id"]) == ["created", "submitted", *(["late"] if late else [])]


async def test_the_instant_before_midnight_belongs_to_the_last_day_and_midnight_too_ends_it(world):
    for due, last in (("2099-04-11T00:00:00+07:00", "2099-04-10"), ("2099-04-11T00:00:01+07:00", "2099-04-11")):
        request = await make.asked(world, make.DISTRICT, last_on_time_date=None, due_before=due)
        assert (request["due_before"], request["last_on_time_date"]) == (due, last)


async def test_a_late_answer_stays_late_when_the_request_is_extended(world):
    async with at(world, ASKED):
        request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT, last_on_time_date="2027-04-10")
    async with at(world, "2027-04-11T00:00:00+07:00"):
        assert (await owed(world, make.OTHER_DISTRICT, request))["state"] == "overdue"
        report = await answered(world, make.DISTRICT, request)
        extended = await moved(world, request, "extend", {"last_on_time_date": "2027-04-20", "reason": "Mưa lũ"})
        assert (extended["state"], extended["due_before"]) == ("partially_answered", "2027-04-21T00:00:00+07:00")
        assert extended["progress"]["late"] == 1
        read = await (await world.as_(make.DISTRICT)).get(f"/v1/reports/{report['id']}")
        assert read.json()["late"] is True
        assert (await owed(world, make.DISTRICT, request))["state"] == "received_late"
        assert (await owed(world, make.OTHER_DISTRICT, request))["state"] == "due"


async def test_a_nil_return_answers_and_taken_back_it_is_owed_by_the_date_of_now(world):
    request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    await disposed(world, make.DISTRICT, request, "nil-return", NIL)
    extended = await moved(world, request, "extend", LATER)
    assert (extended["progress"]["nil_return"], extended["progress"]["received"]) == (1, 1)
    assert (await owed(world, make.DISTRICT, request))["deadline"]["last_on_time_date"] == "2099-04-10"
    open_again = await disposed(world, make.DISTRICT, request, "retract-nil-return", TAKEN_BACK)
    assert open_again["deadline"]["last_on_time_date"] == "2099-05-10"
    assert open_again["deadline"]["source"] == "request"


async def test_what_is_taken_back_or_stands_again_after_a_cancellation_is_not_owed(world):
    third = "so-noi-vu"
    request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT, third)
    report = await answered(world, make.DISTRICT, request)
    await disposed(world, make.OTHER_DISTRICT, request, "nil-return", NIL)
    await disposed(world, third, request, "waive", {"reason": "Mới thành lập"}, by=make.COORDINATOR)
    await moved(world, request, "cancel", {"reason": "Trùng"})
    withdrawn = await (await world.as_(make.DISTRICT)).move(report, "withdraw", make.WITHDRAW, "reports")
    assert withdrawn.status_code == 200
    await disposed(world, make.OTHER_DISTRICT, request, "retract-nil-return", TAKEN_BACK)
    await disposed(world, third, request, "reinstate", {"reason": "Nhầm"}, by=make.COORDINATOR)
    for slug in (make.DISTRICT, make.OTHER_DISTRICT, third):
        assert (await owed(world, slug, request))["state"] == "lapsed"
    seen = (await (await world.as_(make.COORDINATOR)).get(f"/v1/report-requests/{request['id']}")).json()
    assert (seen["progress"]["expected"], seen["progress"]["missing_agency_ids"]) == (0, [])


async def test_an_own_extension_outlasts_an_earlier_date_of_the_request_and_gives_way_to_a_later_one(world):
    request = await make.asked(world, make.DISTRICT)
    mine = await owed(world, make.DISTRICT, request)
    coordinator = await world.as_(make.COORDINATOR)
    own = {"last_on_time_date": "2099-04-30", "reason": "Thiếu người"}
    assert (await coordinator.post(f"/v1/obligations/{mine['id']}/extend", own, mine["etag"])).status_code == 200
    for date, source in (("2099-04-20", "extension"), ("2099-05-10", "request")):
        await moved(world, request, "extend", {"last_on_time_date": date, "reason": "Mưa lũ"})
        deadline = (await owed(world, make.DISTRICT, request))["deadline"]
        assert deadline["source"] == source
        assert deadline["last_on_time_date"] == (date if source == "request" else "2099-04-30")


async def test_a_request_with_a_secrecy_marking_is_refused_and_nothing_is_kept(world):
    coordinator, district = await world.as_(make.COORDINATOR), await world.agency_id(make.DISTRICT)
    for marked in ({"title": "TỐI MẬT"}, {"purpose": "Về việc đoàn ra\nMẬT\n"}):
        refused = await coordinator.post("/v1/report-requests", make.a_request(district, **marked))
        await assert_problem(world.api, refused, "state-secret-refused")
    assert (await coordinator.get("/v1/report-requests")).json()["items"] == []


async def test_the_same_key_asks_once_and_a_date_that_has_passed_is_refused(world):
    coordinator, district = await world.as_(make.COORDINATOR), await world.agency_id(make.DISTRICT)
    headers, body = {"Idempotency-Key": "yeu-cau-1"}, make.a_request(district)
    first, second = [
        await coordinator.request("POST", "/v1/report-requests", json=body, headers=headers) for _ in range(2)
    ]
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len((await (await world.as_(make.DISTRICT)).get("/v1/obligations")).json()["items"]) == 1
    past = make.a_request(district, last_on_time_date=None, due_before=now().isoformat())
    refused = await coordinator.post("/v1/report-requests", past)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/due_before", "not_in_the_future")]
    neither = make.a_request(district, last_on_time_date=None)
    assert (await coordinator.post("/v1/report-requests", neither)).json()["errors"][0]["code"] == "one_date"


async def test_the_list_is_narrowed_by_who_asks_year_and_state(world):
    both = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    one = await make.asked(world, make.OTHER_DISTRICT)
    await answered(world, make.DISTRICT, both)
    coordinator = await world.as_(make.COORDINATOR)
    asker, other = [await world.agency_id(slug) for slug in (make.COORDINATOR, make.DISTRICT)]
    year = both["number"].partition("/")[2]
    for query, wanted in (
        ("", [one, both]),
        (f"agency={asker}", [one, both]),
        (f"agency={other}", []),
        (f"year={year}", [one, both]),
        ("year=2013", []),
        ("state=open", [one]),
        ("state=partially_answered", [both]),
        ("state=completed", []),
    ):
        found = await coordinator.get(f"/v1/report-requests?{query}")
        assert found.status_code == 200, found.text
        assert [item["id"] for item in found.json()["items"]] == [item["id"] for item in wanted], query


@pytest.mark.real
async def test_two_workers_that_look_at_once_tell_once_that_everybody_has_answered(real_world):
    requests = [await make.asked(real_world, make.DISTRICT) for _ in range(3)]
    for request in requests:
        await answered(real_world, make.DISTRICT, request)
    hands = Hands(real_world.url)

    async def follow():
        async with transaction(hands.sessions()) as session:
            return await request_service.follow(session, now())

    assert sum(await asyncio.gather(*(follow() for _ in range(6)))) == len(requests)
    assert await follow() == 0
    for request in requests:
        assert await told(real_world.sessions, request["id"]) == ["issued", "completed"]
    await hands.close()


@pytest.mark.real
async def test_many_who_take_their_answers_back_at_once_do_not_stand_in_each_others_way(real_world):
    slugs = [make.DISTRICT, make.OTHER_DISTRICT, "so-noi-vu", "so-y-te", "so-gtvt", "so-khcn"]
    request = await make.asked(real_world, *slugs)
    reports = [(await real_world.as_(slug), await answered(real_world, slug, request)) for slug in slugs]
    taken = [caller.move(report, "withdraw", make.WITHDRAW, "reports") for caller, report in reports]
    assert [answer.status_code for answer in await asyncio.gather(*taken)] == [200] * len(slugs)
    coordinator = await real_world.as_(make.COORDINATOR)
    progress = (await coordinator.get(f"/v1/report-requests/{request['id']}")).json()["progress"]
    assert len(progress["missing_agency_ids"]) == len(slugs)
