"""From a change to its receivers: the same bytes, again and again until one arrives, and to nobody who may not see."""

import asyncio
import email.utils
import json
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.kit.clock import now
from app.kit.roles import Role
from app.webhooks.claims import Places
from app.webhooks.delivery import LONGEST_WAIT, Courier, _asked_to_wait
from app.webhooks.sending import Attempt
from tests import make
from tests.trail.hands import running, until
from tests.webhooks.posts import an_endpoint, deliveries, due_now, plans, tries, turn
from tests.webhooks.receiver import Receiver, reply, verified

pytestmark = pytest.mark.real
SCHEDULE = [0, 5, 300]


async def test_a_receiver_gets_the_very_bytes_of_the_ledger_signed(hands, district):
    with Receiver() as receiver:
        secret = (await an_endpoint(hands, district, receiver.url))["secret"]
        async with running(hands.worker()):
            await plans(district, 3)
            await until(lambda: len(receiver.got) == 3)
            await until(lambda: all_in(hands, "delivered"))
    ledger = await hands.sql("SELECT event_id, body FROM ledger WHERE body LIKE '%plan.created%' ORDER BY sequence")
    assert {UUID(got.id): got.body for got in receiver.got} == {row[0]: row[1].encode() for row in ledger}
    for got in receiver.got:
        assert verified(secret, got)
        assert Webhook(secret).verify(got.body, got.headers) == json.loads(got.body)
        assert not verified("whsec_" + "A" * 43 + "=", got)
    feed = (await district.get("/v1/events?type=plan.created")).json()["items"]
    assert [item["data"]["event_id"] for item in feed] == [str(row[0]) for row in ledger]
    assert feed == [json.loads(row[1]) for row in ledger]


async def all_in(hands, state):
    return {row[0] for row in await deliveries(hands)} == {state}


async def test_a_failing_delivery_is_repeated_as_planned_with_the_same_id_and_a_fresh_timestamp_then_parked(
    hands, district
):
    worker = hands.worker(webhook_retry_seconds=SCHEDULE)
    with Receiver(reply(500, b"no\0t now")) as receiver:
        secret = (await an_endpoint(hands, district, receiver.url))["secret"]
        await plans(district)
        for number, wait in enumerate([*SCHEDULE[1:], None], 1):
            assert await turn(worker) == 1
            assert await turn(worker) == 0  # not before it is due
            ((state, attempts, ahead),) = await deliveries(
                hands, "state, attempts, extract(epoch FROM next_at - now())"
            )
            assert attempts == number
            assert state == ("parked" if wait is None else "pending")
            if wait is not None:
                assert wait * 0.8 - 3 <= ahead <= wait * 1.2
            await due_now(hands)
            await asyncio.sleep(1.01)  # timestamps are whole seconds
        assert await turn(worker) == 0
    assert len({got.id for got in receiver.got}) == len({got.body for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == len(receiver.got) == 3
    assert all(verified(secret, got) for got in receiver.got)
    shown = await tries(district)
    assert (shown["state"], shown["next_at"], shown["attempts"]) == ("parked", None, 3)
    assert [(t["number"], t["outcome"], t["status_code"], t["answer"]) for t in shown["tries"]] == [
        (n, "refused", 500, "not now") for n in (1, 2, 3)
    ]


async def test_a_parked_delivery_is_sent_again_on_demand_with_the_same_id_and_a_whole_schedule(hands, district):
    worker = hands.worker(webhook_retry_seconds=[0, 5])
    with Receiver(lambda to, number: reply(500 if number <= 3 else 204)(to, number)) as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district)
        for _ in range(2):
            await turn(worker)
            await due_now(hands)
        assert await all_in(hands, "parked")
        again = await district.post(f"/v1/webhook-deliveries/{(await tries(district))['id']}/redeliver")
        assert (again.status_code, again.json()["state"]) == (200, "pending")
        await turn(worker)
        assert await deliveries(hands) == [("pending", 1)]
        await due_now(hands)
        await turn(worker)
    assert await deliveries(hands) == [("delivered", 2)]
    assert len({got.id for got in receiver.got}) == 1
    assert len((await tries(district))["tries"]) == 4


async def test_410_disables_the_endpoint_and_what_is_due_waits_until_it_is_active_again(hands, district):
    worker = hands.worker()
    with Receiver(lambda to, number: reply(410 if number == 1 else 204)(to, number)) as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url)
        await plans(district)
        await turn(worker)
        shown = (await district.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
        assert (shown["state"], shown["version"]) == ("disabled", 2)
        await plans(district, 2, first=2020)
        await due_now(hands)
        assert await turn(worker) == 0
        # Kept, without spending attempts; those of the time it was off as well.
        assert await deliveries(hands) == [("pending", 1), ("pending", 0), ("pending", 0)]
        body = {"url": receiver.url, "event_types": ["plan.*"], "active": True}
        assert (await district.put(f"/v1/webhook-endpoints/{endpoint['id']}", body, shown["etag"])).status_code == 200
        assert await turn(worker) == 3
        assert await deliveries(hands) == [("delivered", 2), ("delivered", 1), ("delivered", 1)]
    told = (await district.get("/v1/events?type=webhook_endpoint.disabled")).json()["items"]
    assert [(item["data"]["state"], item["data"]["previous_state"]) for item in told] == [("disabled", "active")]
    assert told[0]["data"]["actor"] is None


async def test_what_may_no_longer_be_seen_is_withheld(hands, real_world, district):
    other, worker = await real_world.as_(make.OTHER_DISTRICT), hands.worker()
    asked = str(await real_world.agency_id(make.OTHER_DISTRICT))
    with Receiver() as receiver:
        await an_endpoint(hands, other, receiver.url)
        body = make.a_plan(tasks=[make.a_task(cooperating_agency_ids=[asked])])
        plan = (await district.post("/v1/plans", body)).json()
        await turn(worker)
        assert await deliveries(hands) == []  # a draft is nobody else's
        sent = await district.move(plan, "submit", make.SUBMIT)
        while await worker.seal_once():
            pass
        assert await deliveries(hands) == [("pending", 0)]
        await hands.sql("UPDATE plan_task SET cooperating_agency_ids = '{}'")
        assert sent.status_code == 200
        assert await turn(worker) == 1
        assert receiver.got == []
    assert await deliveries(hands) == [("withheld", 1)]
    assert await hands.sql("SELECT 1 FROM webhook_attempt") == []


async def test_an_endpoint_gets_only_the_types_it_asked_for(hands, district):
    with Receiver() as every, Receiver() as family, Receiver() as one, Receiver() as none:
        for receiver, types in ((every, ["*"]), (family, ["plan.*"]), (one, ["plan.submitted"]),
                                (none, ["plan.accepted"])):  # fmt: skip
            await an_endpoint(hands, district, receiver.url, types)
        await hands.seal()
        plan = (await district.post("/v1/plans", make.a_plan())).json()
        await district.move(plan, "submit", make.SUBMIT)
        await turn(hands.worker())
    got = [[json.loads(g.body)["type"] for g in receiver.got] for receiver in (every, family, one, none)]
    assert [sorted(types) for types in got] == [["plan.created", "plan.submitted"]] * 2 + [["plan.submitted"], []]


async def test_an_agency_that_has_just_been_given_a_function_is_told_at_once(hands, real_world, district):
    """The snapshot of functions may be a second old: a fan-out that used it would leave the new holder out for ever."""
    newcomer, worker = await real_world.as_(make.OTHER_DISTRICT), hands.worker()
    with Receiver() as receiver:
        await an_endpoint(hands, newcomer, receiver.url)
        await turn(worker)  # the snapshot is fresh now
        await hands.sql(
            "INSERT INTO function_held (id, function, agency_id, valid_from, singleton) "
            "VALUES (gen_random_uuid(), 'VPUBND', :id, '2020-01-01', false)",
            id=await real_world.agency_id(make.OTHER_DISTRICT),
        )
        await plans(district)
        while await worker.seal_once():
            pass
    assert len(await deliveries(hands)) == 1


def courier(schedule):
    return Courier(None, None, None, None, None, schedule, 1.0, timedelta(seconds=1), Places(4, 200, 0))


@given(st.integers(1, 4), st.sampled_from([429, 503, 500, None]), st.one_of(st.none(), st.text(max_size=40)))
def test_the_wait_stays_within_the_jitter_or_what_was_asked_for_and_never_raises(number, status, header):
    found = courier([0, 5, 300, 1800, 100_000]).wait(number, Attempt("refused", 1, status, None, header))
    planned = timedelta(seconds=[0, 5, 300, 1800, 100_000][number])
    asked = _asked_to_wait(header) if status in {429, 503} else None
    assert found >= planned * 0.8
    assert found <= max(planned * 1.2, min(asked or timedelta(0), LONGEST_WAIT))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 5),
        ("99999999999999999999999999", 86400),
        ("-5", 5),
        ("²", 5),
        ("٣٤٥٦", 5),
        ("1e9", 5),
        ("12.5", 5),
        ("0x7f", 5),
        ("", 5),
        ("soon", 5),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 5),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86400),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 5),
        ("Mon, 01 Jan 99999 00:00:00 GMT", 5),
        ("Mon, 01 Jan 2030 00:00:00 +99999999999999", 5),
        ("Mon, 99 Jan 2030 99:99:99 GMT", 5),
    ],
)
def test_retry_after_is_honoured_and_clamped(header, seconds):
    check_wait(header, seconds)


def test_retry_after_may_be_a_date():
    # Told when the test runs: a whole run may take longer than the ten minutes.
    check_wait(email.utils.format_datetime(now() + timedelta(seconds=600)), 600)


def check_wait(header, seconds):
    for status in (429, 503):
        found = courier([0, 5]).wait(1, Attempt("refused", 1, status, None, header)).total_seconds()
        assert seconds * 0.8 - 2 <= found <= seconds * 1.2
    assert courier([0, 5]).wait(1, Attempt("refused", 1, 500, None, header)).total_seconds() <= 6


def test_the_jitter_is_spread_over_a_fifth_either_way():
    waits = [courier([0, 100]).wait(1, Attempt("timeout", 1)).total_seconds() for _ in range(500)]
    assert min(waits) >= 80
    assert max(waits) <= 120
    assert max(waits) - min(waits) > 30


@pytest.mark.parametrize("header", ["²", "99999999999999999999", "-1", "Mon, 01 Jan 99999 00:00:00 GMT"])
async def test_a_hostile_retry_after_is_recorded_like_any_other_answer(hands, district, header):
    with Receiver(reply(503, Retry_After=header)) as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district)
        assert await turn(hands.worker()) == 1
    shown = await tries(district)
    assert (shown["state"], shown["attempts"], shown["tries"][0]["status_code"]) == ("pending", 1, 503)
    assert len(await hands.sql("SELECT 1 FROM webhook_delivery WHERE next_at < now() + interval '25 hours'")) == 1


async def test_the_secret_is_shown_once_and_stored_encrypted(hands, district):
    made = await an_endpoint(hands, district, "http://127.0.0.1:9/")
    secret = made["secret"]
    for path in ("/v1/webhook-endpoints", f"/v1/webhook-endpoints/{made['id']}", "/v1/events?limit=200"):
        assert secret not in (await district.get(path)).text
    await hands.seal()
    for (table,) in await hands.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = str(await hands.sql(f"SELECT t::text FROM {table} AS t"))
        assert secret not in rows
        assert secret.removeprefix("whsec_") not in rows
    ((locked,),) = await hands.sql("SELECT secret_locked FROM webhook_endpoint")
    assert make.vault().unlock(locked) == secret
    assert await hands.sql("SELECT 1", Role.app) == [(1,)]
