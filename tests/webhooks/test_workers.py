"""Several workers, workers that die, and receivers that hold them up."""

import asyncio
import json
import signal
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.kit.db import transaction
from app.webhooks.recording import Taken
from app.webhooks.sending import Attempt
from tests import make
from tests.trail.hands import running, until
from tests.webhooks.posts import an_endpoint, deliveries, leases_over, plans, tries, turn
from tests.webhooks.receiver import Receiver, reply

pytestmark = pytest.mark.real
IN_FLIGHT = make.settings("postgresql://").webhook_in_flight


async def all_delivered(hands, number):
    return [row[0] for row in await deliveries(hands)] == ["delivered"] * number


async def sealed(worker):
    while await worker.seal_once():
        pass


@asynccontextmanager
async def process(hands):
    """A worker in a process of its own."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.webhooks.worker_process", hands.url, make.MASTER_KEY),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def test_a_worker_killed_between_sending_and_recording_is_followed_by_one_that_sends_the_same_again(
    hands, district
):
    def answer(handler, number):
        if number == 1:
            receiver.hang()  # it has the event; the worker waits for the answer and dies
        else:
            reply()(handler, number)

    with Receiver(answer) as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district)
        async with process(hands) as first:
            await until(lambda: receiver.got)
            first.send_signal(signal.SIGKILL)
            await first.wait()
        assert await deliveries(hands) == [("pending", 1)]
        assert await hands.sql("SELECT 1 FROM webhook_attempt") == []
        async with process(hands) as second:
            await until(lambda: len(receiver.got) == 2)
            await until(lambda: all_delivered(hands, 1))
            second.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(second.wait(), 30) == 0
        first, again = receiver.got
    assert (first.id, first.body) == (again.id, again.body)
    assert int(again.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 1
    assert await deliveries(hands) == [("delivered", 2)]


async def test_a_worker_told_to_stop_finishes_what_is_under_way_and_logs_no_secret(hands, district):
    with Receiver(lambda *a: (time.sleep(0.5), reply(200, b"the-answer")(*a))) as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url + "?unguessable")
        await plans(district)
        async with process(hands) as worker:
            await until(lambda: receiver.got)
            worker.send_signal(signal.SIGTERM)
            _, logged = await asyncio.wait_for(worker.communicate(), 30)
            assert worker.returncode == 0
    assert await deliveries(hands) == [("delivered", 1)]
    events = [json.loads(line)["event"] for line in logged.decode().splitlines()]
    assert {"worker.started", "sealed", "webhook.attempt", "worker.stopped"} <= set(events)
    for secret in (endpoint["secret"].removeprefix("whsec_"), "unguessable", "the-answer", make.MASTER_KEY):
        assert secret not in logged.decode()


async def test_two_workers_send_each_delivery_once(hands, district):
    with Receiver() as receiver:
        for _ in range(3):
            await an_endpoint(hands, district, receiver.url)
        async with running(hands.worker(), hands.worker(), hands.worker()):
            await plans(district, 20)
            await until(lambda: all_delivered(hands, 60))
    assert set(Counter(got.id for got in receiver.got).values()) == {3}
    assert {row[1] for row in await deliveries(hands)} == {1}


async def test_an_endpoint_never_has_more_than_four_under_way_however_many_workers_there_are(hands, district):
    with Receiver(lambda *a: (time.sleep(0.1), reply()(*a))) as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district, 24)
        workers = [hands.worker() for _ in range(4)]
        await sealed(workers[0])
        # All claim at the same moment, again and again.
        async with running(*workers):
            await until(lambda: all_delivered(hands, 24))
    assert receiver.most == IN_FLIGHT


async def test_claims_made_at_once_take_no_row_twice_and_no_more_than_the_endpoint_may_have(hands, district):
    await an_endpoint(hands, district, "http://127.0.0.1:9/")
    await plans(district, 12)
    await hands.seal(hands.worker()._sealing)
    for _ in range(5):
        claims = await asyncio.gather(*(hands.worker()._courier.claim(32) for _ in range(6)))
        taken = [claimed.id for claim in claims for claimed in claim]
        assert len(taken) == len(set(taken)) == IN_FLIGHT
        await leases_over(hands)


async def test_endpoints_that_hang_and_drip_do_not_hold_up_the_others(hands, district):
    with (
        Receiver(lambda *_: hanging.hang()) as hanging,
        Receiver(lambda handler, _: dripping.drip(handler)) as dripping,
        Receiver() as healthy,
    ):
        bad = (hanging, dripping)
        for receiver in bad:
            await an_endpoint(hands, district, receiver.url)
        await plans(district, 15)
        async with running(hands.worker(webhook_timeout_seconds=60)):
            await until(lambda: [len(receiver.got) for receiver in bad] == [IN_FLIGHT] * 2)
            await an_endpoint(hands, district, healthy.url)
            await plans(district, 15, first=2040)
            # All the others arrive while the first of the bad ones are still under way.
            await until(lambda: len(healthy.got) == 15)
            assert [(len(receiver.got), receiver.under_way) for receiver in bad] == [(IN_FLIGHT, IN_FLIGHT)] * 2
            for receiver in bad:
                receiver.closing.set()


async def test_endpoints_with_much_to_send_leave_places_for_those_with_little(hands, district):
    """Eight endpoints at four each would fill the 32 places of a worker, over and over."""
    for _ in range(12):
        await an_endpoint(hands, district, "http://127.0.0.1:9/", ["plan.created"])
    await plans(district, 10)
    worker = hands.worker()
    await sealed(worker)
    late = await an_endpoint(hands, district, "http://127.0.0.1:9/", ["plan.created"])
    await plans(district, 1, first=2050)
    await sealed(worker)
    first = await worker._courier.claim(13)
    assert len({claimed.endpoint_id for claimed in first}) == 13
    assert late["id"] in {str(claimed.endpoint_id) for claimed in first}
    more = await worker._courier.claim(100)
    assert Counter(claimed.endpoint_id for claimed in more + first).most_common(1)[0][1] == IN_FLIGHT
    assert len(more) == 12 * 3


async def test_the_oldest_of_an_endpoint_go_first(hands, district):
    await an_endpoint(hands, district, "http://127.0.0.1:9/")
    await plans(district, 10)
    worker = hands.worker()
    await sealed(worker)
    order = [row[0] for row in await hands.sql("SELECT id FROM webhook_delivery ORDER BY sequence")]
    assert {claimed.id for claimed in await worker._courier.claim(3)} == set(order[:3])
    assert {claimed.id for claimed in await worker._courier.claim(3)} == {order[3]}


async def late(hands, district, receiver, meanwhile):
    """A worker whose answer comes after its lease was over, and after something else happened to the delivery."""
    worker = hands.worker()
    await an_endpoint(hands, district, receiver.url)
    await plans(district)
    await sealed(worker)
    (claimed,) = await worker._courier.claim(1)
    await leases_over(hands)
    await meanwhile()
    before = await hands.sql("SELECT d::text FROM webhook_delivery AS d")
    async with transaction(hands.sessions()) as session:
        await worker._courier._failed(session, claimed, Attempt("refused", 1, 500), claimed.lease)
    await worker._courier.recorder.write([Taken(claimed, Attempt("delivered", 1, 204), claimed.lease)])
    assert await hands.sql("SELECT d::text FROM webhook_delivery AS d") == before


async def test_the_answer_of_a_late_worker_does_not_undo_what_another_has_done(hands, district):
    with Receiver() as receiver:
        await late(hands, district, receiver, lambda: turn(hands.worker()))
    assert await deliveries(hands) == [("delivered", 2)]


async def test_the_answer_of_a_late_worker_does_not_free_what_another_is_sending(hands, district):
    with Receiver() as receiver:
        await late(hands, district, receiver, lambda: hands.worker()._courier.claim(1))
    assert await hands.sql("SELECT state FROM webhook_delivery WHERE leased_until > now()") == [("pending",)]


async def test_the_answer_of_a_late_worker_does_not_count_for_a_delivery_that_was_set_anew(hands, district):
    """Attempts are counted anew then: the late worker's first must not pass for the new first."""

    async def again():
        shown = await district.post(f"/v1/webhook-deliveries/{(await tries(district))['id']}/redeliver")
        assert shown.status_code == 200
        assert len(await hands.worker()._courier.claim(1)) == 1

    with Receiver() as receiver:
        await late(hands, district, receiver, again)
    assert await deliveries(hands) == [("pending", 1)]


async def test_a_lease_outlasts_the_longest_attempt(hands):
    for seconds in (0.1, 15, 60):
        courier = hands.worker(webhook_timeout_seconds=seconds)._courier
        assert courier.lease >= timedelta(seconds=seconds + 20)


async def test_an_answer_that_cannot_be_recorded_is_asked_for_again_and_the_worker_goes_on(hands, district):
    with Receiver() as receiver:
        await an_endpoint(hands, district, receiver.url)
        await plans(district)
        worker = hands.worker()
        with mock.patch("app.webhooks.recording.Recorder.write", side_effect=RuntimeError("a fault of ours")):
            await turn(worker)
        assert await deliveries(hands) == [("pending", 1)]
        await leases_over(hands)
        await turn(worker)
        assert await deliveries(hands) == [("delivered", 2)]
        assert receiver.got[0].id == receiver.got[1].id


@pytest.mark.parametrize("error", [SQLAlchemyError(), OSError(), KeyError()])
async def test_no_error_of_one_round_ends_the_worker(hands, district, error):
    with Receiver() as receiver, mock.patch("app.worker.PAUSE_SECONDS", 0.01):
        await an_endpoint(hands, district, receiver.url)
        worker = hands.worker()
        courier, rounds = worker._courier, iter([error, error])

        def broken(*_):
            for found in rounds:
                raise found
            return mock.DEFAULT

        with mock.patch("app.webhooks.delivery.Courier.claim", side_effect=broken, wraps=courier.claim):
            async with running(worker):
                await plans(district)
                await until(lambda: all_delivered(hands, 1))


async def test_a_secret_that_does_not_open_holds_up_no_other_endpoint(hands, district):
    with Receiver() as receiver:
        broken = await an_endpoint(hands, district, "http://127.0.0.1:9/")
        await an_endpoint(hands, district, receiver.url)
        await hands.sql("UPDATE webhook_endpoint SET secret_locked = 'x' WHERE id = CAST(:id AS uuid)", id=broken["id"])
        await plans(district)
        await turn(hands.worker())
        assert len(receiver.got) == 1
    assert sorted(await deliveries(hands)) == [("delivered", 1), ("pending", 1)]


async def test_an_endpoint_deleted_while_it_is_sent_to_takes_its_deliveries_along(hands, district):
    with Receiver(lambda *_: receiver.closing.wait(0.4)) as receiver:
        endpoint = await an_endpoint(hands, district, receiver.url)
        await plans(district, 2)
        worker = hands.worker()
        await sealed(worker)
        await worker.deliver_once()
        await until(lambda: len(receiver.got) == 2)
        gone = await district.request(
            "DELETE", f"/v1/webhook-endpoints/{endpoint['id']}", headers={"If-Match": endpoint["etag"]}
        )
        assert gone.status_code == 204
        await asyncio.gather(*worker._under_way)
    assert await deliveries(hands) == []
    assert await turn(worker) == 0


async def test_sealing_goes_on_while_endpoints_come_and_go(hands, district):
    """An endpoint deleted between the fan-out's look and its INSERT breaks one round of sealing, not the log."""

    async def come_and_go():
        for _ in range(10):
            made = await an_endpoint(hands, district, "http://127.0.0.1:9/")
            gone = await district.request(
                "DELETE", f"/v1/webhook-endpoints/{made['id']}", headers={"If-Match": made["etag"]}
            )
            assert gone.status_code == 204, gone.text

    with mock.patch("app.worker.PAUSE_SECONDS", 0.01), Receiver() as receiver:
        await an_endpoint(hands, district, receiver.url)
        async with running(hands.worker(), hands.worker()):
            await asyncio.gather(come_and_go(), come_and_go(), plans(district, 20))
            await until(lambda: all_delivered(hands, 20))
    assert len({got.id for got in receiver.got}) == 20
