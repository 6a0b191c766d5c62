"""Reminders by hand: who is reminded and who is left in peace, what is answered, what goes up, and the books kept."""

import pytest

from tests import make
from tests.obligations.hands import BECAUSE, DISPATCH, NIL, PLAN, REPORT, all_of, at, looked, moved, opened, owed, sent
from tests.obligations.recount import read_csv, read_xlsx

OPENED, AFTER = "2027-01-04T08:00:00", "2027-12-16T08:00:00"
NOTE = {"note": "Khẩn trương gửi báo cáo", "document": DISPATCH | {"number": "90/STTTT"}}
DISTRICTS = ("ubnd-buon-don", "ubnd-cu-kuin", "ubnd-ea-kar", "ubnd-ea-sup", "ubnd-lak")


@pytest.fixture
async def owing(world):
    """16 December: of five districts one reported, one said it has nothing, one is waived, one was sent back."""
    sender, nil, waived, returned, _ = DISTRICTS
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator, deadlines={PLAN: "2027-03-31"})
    async with at(world, "2027-12-10T08:00:00", make.COORDINATOR, *DISTRICTS[:4]) as (coordinator, one, two, _, four):
        await sent(one)
        await moved(two, await owed(coordinator, await world.agency_id(nil)), "nil-return", NIL)
        await moved(coordinator, await owed(coordinator, await world.agency_id(waived)), "waive", BECAUSE)
        await coordinator.move(await sent(four), "return", make.RETURN, "reports")
        ids = [await world.agency_id(slug) for slug in (sender, nil, waived, returned, DISTRICTS[4])]
        return [(await owed(coordinator, id))["id"] for id in ids]


async def reminded(coordinator, body):
    answer = await coordinator.post("/v1/reminders", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_by_name_only_who_owes_something_is_reminded_and_the_others_are_named(world, owing):
    async with at(world, AFTER, make.COORDINATOR) as (coordinator,):
        batch = await reminded(coordinator, {"obligation_ids": owing} | NOTE)
        assert {one["obligation_id"] for one in batch["sent"]} == set(owing[3:])
        assert {(one["obligation_id"], one["state"]) for one in batch["skipped"]} == {
            (owing[0], "received_on_time"), (owing[1], "nil_return"), (owing[2], "waived"),
        }  # fmt: skip
        assert [one["number"] for one in batch["sent"]] == ["1/2027", "2/2027"]
        for one in batch["sent"]:
            assert (one["mode"], one["state"], one["day"], one["note"]) == ("manual", "sent", None, NOTE["note"])
            assert one["document"]["number"] == "90/STTTT"
            assert one["sent_by_agency"] == str(await world.agency_id(make.COORDINATOR))
            assert one["due_before"] == "2027-12-15T00:00:00+07:00"
            assert (await coordinator.get(f"/v1/reminders/{one['id']}")).json() == one
        again = await reminded(coordinator, {"obligation_ids": [owing[4]] * 3})
        assert [one["number"] for one in again["sent"]] == ["3/2027"]


async def test_by_duty_and_period_everybody_who_owes_it_is_reminded_once(world, owing):
    async with at(world, AFTER, make.COORDINATOR) as (coordinator,):
        overdue = await all_of(coordinator, f"/v1/obligations?duty={REPORT}&period=2027&state=overdue")
        batch = await reminded(coordinator, {"duty": REPORT, "period": "2027"})
        assert sorted(one["obligation_id"] for one in batch["sent"]) == sorted(one["id"] for one in overdue)
        assert not set(owing[:4]) & {one["obligation_id"] for one in batch["sent"]}
        numbers = [int(one["number"].partition("/")[0]) for one in batch["sent"]]
        assert sorted(numbers) == list(range(1, len(overdue) + 1))
        assert batch["skipped"] == []
        for nothing in ({"duty": REPORT, "period": "2030"}, {"duty": "QC.D99", "period": "2027"}):
            assert await reminded(coordinator, nothing) == {"sent": [], "skipped": []}
        # A batch that sent nothing took no number.
        following = await reminded(coordinator, {"obligation_ids": [owing[3]]})
        assert following["sent"][0]["number"] == f"{len(overdue) + 1}/2027"


@pytest.mark.parametrize(
    "body",
    [{}, {"duty": REPORT}, {"period": "2027"}, {"obligation_ids": ["x"]}, {"obligation_ids": [], "duty": ""}],
)
async def test_a_reminder_needs_obligations_or_a_duty_and_a_period(world, body):
    async with at(world, AFTER, make.COORDINATOR) as (coordinator,):
        assert (await coordinator.post("/v1/reminders", body)).status_code == 422


async def test_an_unknown_obligation_is_pointed_at_and_nobody_is_reminded(world, owing):
    async with at(world, AFTER, make.COORDINATOR) as (coordinator,):
        body = {"obligation_ids": [owing[4], "01a00000-0000-7000-8000-000000000001"]}
        refused = await coordinator.post("/v1/reminders", body)
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
            ("/obligation_ids/1", "unknown_obligation")
        ]
        assert await all_of(coordinator, "/v1/reminders") == []


@pytest.mark.provision("QD.D2", "QC.D8.K2")
async def test_an_agency_acknowledges_its_own_and_the_coordinator_escalates(world, owing):
    async with at(world, AFTER, make.COORDINATOR, *DISTRICTS[3:]) as (coordinator, other, district):
        batch = await reminded(coordinator, {"obligation_ids": owing[3:]})
        (mine,) = (await district.get("/v1/reminders")).json()["items"]
        assert mine["obligation_id"] == owing[4]
        assert [move["move"] for move in mine["allowed_moves"]] == ["acknowledge"]
        answer = {"answer": "Đang hoàn thiện"}
        assert (await other.move(mine, "acknowledge", answer, "reminders")).status_code == 404
        assert (await coordinator.move(mine, "acknowledge", answer, "reminders")).status_code == 403
        seen = (await district.move(mine, "acknowledge", answer, "reminders")).json()
        assert (seen["state"], seen["answer"]) == ("acknowledged", answer["answer"])
        assert seen["acknowledged_at"] == "2027-12-16T08:00:00+07:00"
        assert (await district.move(seen, "acknowledge", answer, "reminders")).status_code == 409
        assert (await district.move(seen, "escalate", BECAUSE, "reminders")).status_code == 403
        raised = (await coordinator.move(seen, "escalate", BECAUSE, "reminders")).json()
        assert (raised["state"], raised["escalation_reason"]) == ("escalated", BECAUSE["reason"])
        assert (raised["escalated_at"], raised["allowed_moves"]) == ("2027-12-16T08:00:00+07:00", [])
        # What nobody acknowledged goes up as well.
        (silent,) = [one for one in batch["sent"] if one["obligation_id"] == owing[3]]
        assert (await coordinator.move(silent, "escalate", BECAUSE, "reminders")).status_code == 200


async def test_what_has_arrived_since_does_not_go_up(world, owing):
    async with at(world, AFTER, make.COORDINATOR, DISTRICTS[4]) as (coordinator, district):
        (reminder,) = (await reminded(coordinator, {"obligation_ids": owing[4:]}))["sent"]
        row = await sent(district)
        refused = await coordinator.move(reminder, "escalate", BECAUSE, "reminders")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert (await coordinator.get(f"/v1/reminders/{reminder['id']}")).json() == reminder
        # What is sent back is missing again.
        await coordinator.move(row, "return", make.RETURN, "reports")
        assert (await coordinator.move(reminder, "escalate", BECAUSE, "reminders")).status_code == 200


async def test_the_ledger_and_the_chase_list_tell_the_same_as_the_lists(world, owing):
    async with at(world, AFTER, make.COORDINATOR, DISTRICTS[4]) as (coordinator, district):
        await reminded(coordinator, {"duty": REPORT, "period": "2027"})
        await reminded(coordinator, {"obligation_ids": [owing[4]]})
        newest, _ = (await district.get("/v1/reminders")).json()["items"]
        await district.move(newest, "acknowledge", {"answer": "Sẽ gửi"}, "reminders")
    async with at(world, "2027-12-18T08:00:00", make.COORDINATOR, DISTRICTS[4]) as (coordinator, district):
        await sent(district)
        reminders = await all_of(coordinator, "/v1/reminders")
        ledger = (await coordinator.get("/v1/reminders/ledger?year=2027")).json()["items"]
        assert [row["number"] for row in ledger] == [f"{place}/2027" for place in range(1, len(reminders) + 1)]
        assert {row["number"]: row["sent_at"] for row in ledger} == {r["number"]: r["created_at"] for r in reminders}
        last = ledger[-1]
        assert (last["state"], last["answer"], last["received_at"], last["late"]) == (
            "acknowledged", "Sẽ gửi", "2027-12-18T08:00:00+07:00", True,
        )  # fmt: skip
        assert {row["received_at"] for row in ledger if row["agency"] != last["agency"]} == {None}
        chase = (await coordinator.get("/v1/obligations/chase-list")).json()["items"]
        owed_now = [
            one for state in ("due", "overdue") for one in await all_of(coordinator, f"/v1/obligations?state={state}")
        ]
        assert {row["obligation_id"] for row in chase} == {one["id"] for one in owed_now}
        counts = {id: sum(r["obligation_id"] == id for r in reminders) for id in (one["id"] for one in owed_now)}
        assert {row["obligation_id"]: row["reminders"] for row in chase} == counts
        overdue = {row["days_overdue"] for row in chase if row["duty"] == REPORT}
        assert overdue == {4}
        for path, shown in (("/v1/reminders/ledger?year=2027", ledger), ("/v1/obligations/chase-list?x=", chase)):
            as_csv = read_csv((await coordinator.get(f"{path}&format=csv")).content)
            as_xlsx = read_xlsx((await coordinator.get(f"{path}&format=xlsx")).content)
            assert [row["Cơ quan"] for row in as_csv] == [row["agency"] for row in shown]
            assert as_csv == [{title: str(value) for title, value in row.items()} for row in as_xlsx]


async def test_a_district_reads_only_what_it_was_reminded_of(world, owing):
    async with at(world, AFTER, make.COORDINATOR, DISTRICTS[4]) as (coordinator, district):
        await reminded(coordinator, {"duty": REPORT, "period": "2027"})
        ledger = (await district.get("/v1/reminders/ledger?year=2027")).json()["items"]
        chase = (await district.get("/v1/obligations/chase-list")).json()["items"]
        assert [row["duty"] for row in ledger] == [REPORT]
        assert {row["agency"] for row in chase} == {ledger[0]["agency"]}
        assert owing[4] in {row["obligation_id"] for row in chase}


@pytest.mark.parametrize("answer", ["=1+1", "+84 262 3855", "-2", "@SUM(A1)", '=HYPERLINK("http://x.example")', "{=1}"])
async def test_an_answer_that_looks_like_a_formula_stays_a_text_in_every_file(world, owing, answer):
    async with at(world, AFTER, make.COORDINATOR, DISTRICTS[4]) as (coordinator, district):
        (reminder,) = (await reminded(coordinator, {"obligation_ids": [owing[4]]}))["sent"]
        (mine,) = (await district.get(f"/v1/reminders?obligation={owing[4]}")).json()["items"]
        assert mine["id"] == reminder["id"]
        said = await district.move(mine, "acknowledge", {"answer": answer}, "reminders")
        assert said.status_code == 200, said.text
        path = "/v1/reminders/ledger?year=2027"
        assert (await coordinator.get(path)).json()["items"][0]["answer"] == answer
        (row,) = read_csv((await coordinator.get(f"{path}&format=csv")).content)
        assert row["Trả lời"] == (answer if answer.startswith("{") else f"'{answer}")
        (row,) = read_xlsx((await coordinator.get(f"{path}&format=xlsx")).content)
        assert row["Trả lời"] == answer


async def test_numbers_begin_anew_with_the_year_of_the_province(world, owing):
    async with at(world, "2027-12-31T23:59:59", make.COORDINATOR) as (coordinator,):
        last = await reminded(coordinator, {"obligation_ids": [owing[4]]})
    async with at(world, "2027-12-31T17:00:00+00:00", make.COORDINATOR) as (coordinator,):
        first = await reminded(coordinator, {"obligation_ids": [owing[4]]})
    assert [batch["sent"][0]["number"] for batch in (last, first)] == ["1/2027", "1/2028"]


async def test_an_automatic_reminder_is_acknowledged_like_any_other(world, owing):
    await looked(world, AFTER)
    async with at(world, AFTER, DISTRICTS[4]) as (district,):
        (mine,) = (await district.get(f"/v1/reminders?obligation={owing[4]}")).json()["items"]
        assert (mine["mode"], mine["day"], mine["sent_by_agency"]) == ("automatic", 1, None)
        assert (await district.move(mine, "acknowledge", {}, "reminders")).json()["state"] == "acknowledged"
