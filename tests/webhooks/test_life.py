"""The life of an endpoint: proven, active, degraded, disabled, and back; its secrets, its test, its figures."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from unittest import mock

import pytest
from standardwebhooks import Webhook

from app.access.actor import OPERATOR
from app.kit.clock import now
from app.webhooks.challenge import echoed
from tests import make
from tests.trail.hands import running, until
from tests.webhooks.posts import an_endpoint, deliveries, due_now, pending, plans, tries, turn
from tests.webhooks.receiver import Receiver, reply, verified

pytestmark = pytest.mark.real


async def tend(worker):
    """Ask who is due to be asked, and wait for the answers."""
    while await worker.tend_once():
        pass
    for task in list(worker._under_way):
        await task


async def state_of(caller, endpoint):
    shown = (await caller.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    return shown["state"], shown["challenge"]


async def probes_due(hands):
    await hands.sql("UPDATE webhook_endpoint SET probe_at = now() WHERE probe_at IS NOT NULL")


async def degraded(hands, caller, receiver, number=5):
    """An endpoint that has just failed five times in a row."""
    endpoint = await an_endpoint(hands, caller, receiver.url)
    worker = hands.worker(webhook_retry_seconds=[0, 5, 300])
    await plans(caller, number)
    for _ in range(5):
        await turn(worker)
        await due_now(hands)
    return endpoint, worker


async def test_nothing_is_sent_before_the_challenge_is_given_back_and_then_all_that_waited(hands, district):
    with Receiver() as receiver:
        endpoint = await pending(district, receiver.url)
        assert endpoint["state"] == "pending"
        await plans(district, 2)
        worker = hands.worker()
        assert await turn(worker) == 0
        (first, _) = (await district.get("/v1/webhook-deliveries")).json()["items"]
        assert (first["state"], first["next_at"]) == ("parked", None)
        assert len((await district.get("/v1/webhook-deliveries?state=parked")).json()["items"]) == 2
        assert (await district.get("/v1/webhook-deliveries?state=pending")).json()["items"] == []
        await tend(worker)
        assert (await state_of(district, endpoint))[0] == "active"
        assert await turn(worker) == 2
    (challenge,) = receiver.asked
    assert verified(endpoint["secret"], challenge)
    assert Webhook(endpoint["secret"]).verify(challenge.body, challenge.headers)["data"]["test"] is True
    told = (await district.get("/v1/events?type=webhook_endpoint.verified")).json()["items"]
    assert [(item["data"]["previous_state"], item["data"]["state"]) for item in told] == [("pending", "active")]


async def test_a_running_worker_asks_as_soon_as_an_endpoint_is_registered(hands, district):
    with Receiver() as receiver:
        async with running(hands.worker()):
            endpoint = await pending(district, receiver.url)
            await plans(district)
            await until(lambda: receiver.got)
        assert (await state_of(district, endpoint))[0] == "active"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (lambda _: "ok", "not_echoed"),
        (lambda _: "", "not_echoed"),
        (lambda text: text[:-1], "not_echoed"),
        (lambda text: json.dumps({"data": {"challenge": text}}), "not_echoed"),  # whoever repeats the whole body
        (lambda text: json.dumps([text]), "not_echoed"),
        (lambda _: '{"challenge": ' * 500, "not_echoed"),
        (lambda text: f" {text}\n", "echoed"),
    ],
)
async def test_only_the_very_text_proves(hands, district, answer, outcome):
    with Receiver(echo=answer) as receiver:
        endpoint = await pending(district, receiver.url)
        await tend(hands.worker())
        state, challenge = await state_of(district, endpoint)
    assert (state, challenge["outcome"], challenge["attempts"]) == (
        "active" if outcome == "echoed" else "pending", outcome, 1
    )  # fmt: skip


def test_what_is_no_text_proves_nothing():
    for answer in ("null", "{", '{"challenge": null}', '{"challenge": 1}', "\ud800", "đ"):
        assert not echoed(answer, "x")


async def test_a_receiver_that_is_not_up_yet_is_asked_again_by_the_schedule_and_on_demand(hands, district):
    worker = hands.worker(webhook_retry_seconds=[0, 5])
    endpoint = await pending(district, "http://127.0.0.1:9/")
    for attempts in (1, 2):
        await tend(worker)
        _, challenge = await state_of(district, endpoint)
        assert (challenge["attempts"], challenge["outcome"]) == (attempts, "unreachable")
        assert (challenge["next_at"] is None) == (attempts == 2)
        await hands.sql("UPDATE webhook_endpoint SET challenge_at = now() WHERE challenge_at IS NOT NULL")
    await tend(worker)
    assert (await state_of(district, endpoint))[1]["attempts"] == 2  # the schedule is used up
    place = f"/v1/webhook-endpoints/{endpoint['id']}"
    with Receiver() as receiver:
        shown = (await district.get(place)).json()
        moved = await district.request(
            "PATCH", place, content=json.dumps({"url": receiver.url}),
            headers={"If-Match": shown["etag"], "Content-Type": "application/merge-patch+json"},
        )  # fmt: skip
        assert (moved.status_code, moved.json()["challenge"]["attempts"]) == (200, 0)
        again = await district.post(f"{place}/verify")
        assert (again.status_code, again.json()["state"]) == (200, "pending")
        await tend(worker)
    assert (await state_of(district, endpoint))[0] == "active"
    assert (await district.post(f"{place}/verify")).json()["state"] == "active"


async def test_a_new_address_is_sent_nothing_before_it_is_proven_and_what_was_claimed_is_let_go(hands, district):
    worker = hands.worker()
    with Receiver() as old, Receiver() as new:
        endpoint = await an_endpoint(hands, district, old.url)
        await plans(district)
        while await worker.seal_once():
            pass
        (claimed,) = await worker._courier.claim(1)
        place = f"/v1/webhook-endpoints/{endpoint['id']}"
        moved = await district.put(place, {"url": new.url, "event_types": ["plan.*"]}, '"v1.0"')
        assert moved.json()["state"] == "pending"
        assert await worker._courier.desk.letters([claimed], await worker._snapshot.fresh()) == []
        assert (old.got, new.got, await deliveries(hands)) == ([], [], [("pending", 0)])
        await tend(worker)
        await turn(worker)
        assert (old.got, len(new.got), len(new.asked)) == ([], 1, 1)


async def test_five_failures_degrade_then_one_delivery_a_step_is_tried_and_the_first_success_brings_all(
    hands, district
):
    with Receiver(lambda to, number: reply(500 if number <= 6 else 204)(to, number)) as receiver:
        endpoint, worker = await degraded(hands, district, receiver)
        assert (await state_of(district, endpoint))[0] == "degraded"
        before = await deliveries(hands)
        count = len(receiver.got)
        await plans(district, 3, first=2040)
        assert await turn(worker) == 0
        await probes_due(hands)
        assert await turn(worker) == 1  # a probe, of the oldest, which fails
        assert len(receiver.got) == count + 1
        assert (await deliveries(hands))[:5] == before  # no attempt was spent
        shown = (await district.get(f"/v1/webhook-endpoints/{endpoint['id']}/stats")).json()
        assert (shown["state"], shown["failures_in_a_row"], shown["waiting"]) == ("degraded", 6, 8)
        assert shown["next_probe_at"] > shown["failing_since"]
        assert await turn(worker) == 0
        await probes_due(hands)
        assert await turn(worker) == 8
    assert {row[0] for row in await deliveries(hands)} == {"delivered"}
    assert (await state_of(district, endpoint))[0] == "active"
    await turn(worker)
    told = [(e["type"], e["data"]["state"]) for e in (await district.get("/v1/events?limit=200")).json()["items"]]
    assert [one for one in told if one[0] in {"webhook_endpoint.degraded", "webhook_endpoint.resumed"}] == [
        ("webhook_endpoint.degraded", "degraded"), ("webhook_endpoint.resumed", "active"),
    ]  # fmt: skip


async def test_after_days_of_failures_an_endpoint_is_disabled_and_a_person_brings_it_back(hands, district, real_world):
    with Receiver(reply(500)) as receiver:
        endpoint, worker = await degraded(hands, district, receiver)
        await worker.watch_once()
        assert (await state_of(district, endpoint))[0] == "degraded"
        await hands.sql("UPDATE webhook_endpoint SET failing_since = now() - interval '121 hours'")
        await worker.watch_once()
        assert (await state_of(district, endpoint))[0] == "disabled"
        ready = (await real_world.api.get("/readyz")).json()["attention"]
        assert ready == {"webhook_endpoints_disabled": 1}
        await probes_due(hands)
        assert await turn(worker) == 0
        receiver.answer = reply()
        place = f"/v1/webhook-endpoints/{endpoint['id']}"
        assert (await district.post(f"{place}/test")).json()["code"] == "endpoint-not-active"
        assert (await district.post(f"{place}/verify")).json()["code"] == "endpoint-not-active"
        assert (await district.post(f"{place}/enable")).json()["state"] == "active"
        await turn(worker)
    assert {row[0] for row in await deliveries(hands)} == {"delivered"}
    off = (await district.post(f"{place}/disable")).json()
    assert (off["state"], (await district.post(f"{place}/disable")).json()["version"]) == ("disabled", off["version"])


async def test_every_live_secret_signs_until_its_grace_is_over(hands, district):
    worker = hands.worker()
    with Receiver() as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url)
        place = f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret"
        secrets = [endpoint["secret"]]
        for days in (7, 3):
            made = await district.post(place, {"grace_days": days})
            assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
            secrets.append(made.json()["secret"])
        await plans(district)
        await turn(worker)
        assert [signs(secret, receiver.got[0]) for secret in secrets] == [True, True, True]
        for secret in secrets:
            Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
        later = now() + timedelta(days=4)
        with mock.patch("app.webhooks.secrets.now", return_value=later):
            await plans(district, first=2020)
            await turn(worker)
        assert [signs(secret, receiver.got[1]) for secret in secrets] == [False, False, True]  # three days for all
        secrets.append((await district.post(place, {"grace_days": 0})).json()["secret"])
        await plans(district, first=2030)
        await turn(worker)
        assert [signs(secret, receiver.got[2]) for secret in secrets] == [False, False, False, True]
    rows = str(await hands.sql("SELECT e::text FROM webhook_endpoint AS e"))
    assert not any(secret.removeprefix("whsec_") in rows for secret in secrets)
    for days in (8, -1, 1.5, "1"):
        assert (await district.post(place, {"grace_days": days})).status_code == 422
    codes = [(await district.post(place, {"grace_days": 7})).status_code for _ in range(11)]
    assert codes == [200] * 10 + [422]


def signs(secret, got):
    key = base64.b64decode(secret.split("_", 1)[1])
    told = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    signature = "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return signature in got.headers["webhook-signature"].split()


async def test_a_test_event_goes_to_its_endpoint_alone_by_the_way_of_all_others(hands, district):
    with Receiver() as one, Receiver() as another:
        endpoint = await an_endpoint(hands, district, one.url, ["plan.created"])
        await an_endpoint(hands, district, another.url, ["*"])
        worker = hands.worker()
        await turn(worker)
        another.got.clear()
        sent = await district.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
        assert sent.status_code == 200
        await turn(worker)
        (got,) = one.got
        assert another.got == []
    body = json.loads(got.body)
    assert got.id == sent.json()["event_id"] == body["data"]["event_id"]
    assert (body["type"], body["data"]["test"]) == ("webhook_endpoint.tested", True)
    (item,) = (await district.get("/v1/webhook-deliveries?type=webhook_endpoint.tested")).json()["items"]
    assert item["state"] == "delivered"


async def test_the_figures_of_an_endpoint(hands, district):
    with Receiver(lambda to, n: reply(500 if n == 1 else 204)(to, n)) as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url)
        await plans(district, 3)
        worker = hands.worker(webhook_retry_seconds=[0])
        await turn(worker)
        shown = (await district.get(f"/v1/webhook-endpoints/{endpoint['id']}/stats")).json()
    assert shown["outcomes"] == [{"outcome": "delivered", "attempts": 2}, {"outcome": "refused", "attempts": 1}]
    assert (shown["waiting"], shown["given_up"]) == (0, 1)
    assert shown["p99_ms"] >= shown["median_ms"] >= 0


async def test_a_delivery_ends_undelivered_only_by_a_person_and_the_log_says_so(hands, district):
    with Receiver(reply(500)) as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district)
        worker = hands.worker(webhook_retry_seconds=[0])
        await turn(worker)
        item = await tries(district)
        place = f"/v1/webhook-deliveries/{item['id']}"
        assert item["state"] == "parked"
        assert (await district.post(f"{place}/discard")).json()["state"] == "discarded"
        again = await district.post(f"{place}/discard")
        assert (again.status_code, again.json()["code"]) == (409, "wrong-state")
        await due_now(hands)
        assert await turn(worker) == 0
    (told,) = (await district.get("/v1/events?type=webhook_delivery.discarded")).json()["items"]
    me = (await district.get("/v1/me")).json()["agency_id"]
    assert (told["data"]["resource"]["id"], told["data"]["actor"]["id"]) == (item["id"], me)
    assert OPERATOR.agency_id is None


async def test_deliveries_are_found_by_type_and_time(hands, district):
    await an_endpoint(hands, district, "http://127.0.0.1:9/", ["*"])
    await plans(district, 2)
    while await hands.worker().seal_once():
        pass
    found = {}
    for query in ("type=plan.created", "type=plan.returned", "since=2020-01-01T00:00:00%2B07:00",
                  "until=2020-01-01T00:00:00%2B07:00"):  # fmt: skip
        answer = await district.get(f"/v1/webhook-deliveries?{query}")
        found[query] = {item["event_type"] for item in answer.json()["items"]}
    of_type, never, since, until = found.values()
    assert (of_type, never, until) == ({"plan.created"}, set(), set())
    assert since >= of_type


async def test_a_recovery_counts_then_queues_what_was_given_up_and_what_never_was(hands, district):
    await plans(district, 6)
    with Receiver() as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url, ["plan.*"])
        worker = hands.worker()
        await turn(worker)
        assert len(receiver.got) == 6  # sealed when the endpoint stood
        await plans(district, 4, first=2040)
        await turn(worker)
        await hands.sql("UPDATE webhook_delivery SET state = 'parked' WHERE sequence % 2 = 0")
        await hands.sql("DELETE FROM webhook_attempt")
        await hands.sql("DELETE FROM webhook_delivery WHERE sequence % 3 = 0")
        ((left, missing),) = await hands.sql(
            "SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'parked'),"
            " 10 - (SELECT count(*) FROM webhook_delivery)"
        )
        receiver.got.clear()
        place = f"/v1/webhook-endpoints/{endpoint['id']}/recoveries"
        whole = {"since": "2020-01-01T00:00:00+07:00", "until": "2099-01-01T00:00:00+07:00"}
        with mock.patch("app.webhooks.recovery.WINDOW", 3):
            counted = (await district.post(place, {**whole, "dry_run": True})).json()
            await tend(worker)
            shown = (await district.get(f"{place}/{counted['id']}")).json()
            assert (shown["state"], shown["counted"], shown["queued"]) == ("done", left + missing, 0)
            assert await turn(worker) == 0
            made = await district.post(place, whole)
            assert (made.status_code, made.json()["state"]) == (201, "counting")
            await tend(worker)
        shown = (await district.get(made.headers["location"].removeprefix("http://test"))).json()
        assert (shown["state"], shown["counted"], shown["queued"]) == ("done", left + missing, left + missing)
        assert shown["progress"] == 1.0
        await turn(worker)
        sequences = [json.loads(got.body)["data"]["sequence"] for got in receiver.got]
        assert len(set(sequences)) == left + missing
        only = {**whole, "event_types": ["plan.returned"], "states": ["delivered"]}
        nothing = (await district.post(place, only)).json()
        await tend(worker)
        assert (await district.get(f"{place}/{nothing['id']}")).json()["counted"] == 0
    assert {row[0] for row in await deliveries(hands)} == {"delivered"}
    for wrong in ({"since": whole["until"], "until": whole["since"]}, {**whole, "states": ["pending"]},
                  {**whole, "event_types": ["plan.invented"]}):  # fmt: skip
        assert (await district.post(place, wrong)).status_code == 422


async def test_a_recovery_waits_while_the_receiver_has_much_to_catch_up_with(hands, district):
    with Receiver() as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url)
        await plans(district, 5)
        worker = hands.worker()
        while await worker.seal_once():
            pass
        whole = {"since": "2020-01-01T00:00:00+07:00", "until": "2099-01-01T00:00:00+07:00"}
        place = f"/v1/webhook-endpoints/{endpoint['id']}/recoveries"
        with mock.patch("app.webhooks.recovery.AHEAD", 5):
            made = (await district.post(place, {**whole, "states": ["delivered"]})).json()
            await tend(worker)  # counted; five wait, so nothing is added
            assert (await district.get(f"{place}/{made['id']}")).json()["state"] == "queueing"
            await turn(worker)
            await tend(worker)
            shown = (await district.get(f"{place}/{made['id']}")).json()
        assert (shown["state"], shown["queued"]) == ("done", 5)


async def test_a_subscription_of_a_function_follows_the_function(hands, real_world):
    old, new = await real_world.as_(make.COORDINATOR), await real_world.as_(make.FINANCE)
    district, worker = await real_world.as_(make.DISTRICT), hands.worker()
    with Receiver() as olds, Receiver() as news:
        refused = await new.post("/v1/webhook-endpoints", {"url": news.url, "event_types": ["*"], "function": "COORD"})
        assert refused.json()["errors"][0]["code"] == "function_not_held"
        await an_endpoint(hands, old, olds.url, ["plan.submitted"], function="COORD")
        await sent(district, 2027)
        while await worker.seal_once():
            pass
        ids = {slug: await real_world.agency_id(slug) for slug in (make.COORDINATOR, make.FINANCE)}
        await hands.sql(
            "UPDATE function_held SET agency_id = :new WHERE function = 'COORD' AND agency_id = :old",
            old=ids[make.COORDINATOR], new=ids[make.FINANCE],
        )  # fmt: skip
        await real_world.refresh()
        assert await turn(worker) == 0  # held: its agency is the coordinator no more
        await sent(district, 2028)
        assert await turn(worker) == 0
        await worker.watch_once()
        assert len(await deliveries(hands)) == 2  # and nobody to go to yet
        await pending(new, news.url, ["plan.submitted"], function="COORD")
        await tend(worker)
        await worker.watch_once()
        await turn(worker)
        await sent(district, 2029)
        await turn(worker)
        years = [json.loads(got.body)["data"]["period"] for got in news.got]
    assert (sorted(years), olds.got) == (["2027", "2028", "2029"], [])
    assert [row[0] for row in await deliveries(hands)] == ["delivered"] * 3


async def sent(district, year):
    plan = (await district.post("/v1/plans", make.a_plan(year=year))).json()
    assert (await district.move(plan, "submit", make.SUBMIT)).status_code == 200


async def test_endpoints_that_fail_or_hang_leave_places_to_the_others_however_many_they_are(hands, district):
    for _ in range(10):
        await an_endpoint(hands, district, "http://127.0.0.1:9/", ["plan.created"])
    await plans(district, 3)
    worker = hands.worker()
    while await worker.seal_once():
        pass
    # Nine of them are being asked for three seconds already.
    await hands.sql(
        "UPDATE webhook_delivery SET leased_until = now() + interval '32 seconds'"
        " WHERE sequence = (SELECT min(sequence) FROM webhook_delivery)"
        " AND endpoint_id <> (SELECT max(id::text)::uuid FROM webhook_endpoint)"
    )
    courier = worker._courier
    claimed = await courier.claim(courier.places.reserve + 2)
    slow = [one for one in claimed if one.endpoint_id != max(c.endpoint_id for c in claimed)]
    assert (len(claimed), len(slow)) == (2 + 3, 2)


async def test_an_endpoint_is_sent_no_more_in_a_second_than_its_rate(hands, district):
    await an_endpoint(hands, district, "http://127.0.0.1:9/")
    await plans(district, 6)
    worker = hands.worker(webhook_in_flight=32, webhook_rate=4)
    while await worker.seal_once():
        pass
    assert len(await worker._courier.claim(32)) == 4
    assert await worker._courier.claim(32) == []
    await hands.sql("UPDATE webhook_pace SET spent_until = spent_until - interval '300 ms'")
    assert len(await worker._courier.claim(32)) == 1


async def test_an_endpoint_that_failed_last_has_one_place_until_it_answers(hands, district):
    await an_endpoint(hands, district, "http://127.0.0.1:9/")
    await plans(district, 6)
    worker = hands.worker()
    while await worker.seal_once():
        pass
    await hands.sql("UPDATE webhook_endpoint SET failures = 1")
    assert len(await worker._courier.claim(64)) == 1
    assert await worker._courier.claim(64) == []
