"""Connections kept between posts: for the same name at the same vetted addresses, and only while they are sound."""

import socket
from contextlib import aclosing
from unittest import mock

import pytest

from app.webhooks import addresses, lines
from app.webhooks.addresses import AddressRules
from app.webhooks.lines import Lines
from app.webhooks.sending import Letter, post
from app.webhooks.signing import new_secret
from tests.trail.hands import until
from tests.webhooks.receiver import Receiver, reply

pytestmark = pytest.mark.real
RULES = AddressRules.of([], dev=True)
SECRET = new_secret()


@pytest.fixture
async def kept():
    async with aclosing(Lines()) as found:
        yield found


async def sent(kept, url, **more):
    return (await post(Letter(url, [SECRET], "an-id", b"{}", **more), RULES, kept, 5.0)).outcome


async def test_posts_to_one_receiver_go_over_one_connection(kept):
    with Receiver(reply(200, b"taken"), keep=True) as receiver:
        assert [await sent(kept, receiver.url) for _ in range(3)] == ["delivered"] * 3
        assert await sent(kept, receiver.url.replace("/hook", "/another")) == "delivered"
        assert (len(receiver.got), receiver.connections) == (4, 1)
        await kept.aclose()


async def test_another_name_or_another_answer_of_dns_never_rides_on_a_connection_that_stands(kept, monkeypatch):
    resolve = mock.AsyncMock(return_value=["127.0.0.1"])
    monkeypatch.setattr(addresses, "_resolve", resolve)
    with Receiver(keep=True) as receiver:
        for name, found, connections in (
            ("one.example", ["127.0.0.1"], 1),
            ("one.example", ["127.0.0.1"], 1),
            ("two.example", ["127.0.0.1"], 2),
            ("one.example", ["127.0.0.1", "127.0.0.2"], 3),
        ):
            resolve.return_value = found
            assert await sent(kept, f"http://{name}:{receiver.port}/") == "delivered"
            assert receiver.connections == connections
        resolve.return_value = ["169.254.169.254"]
        assert await sent(kept, f"http://one.example:{receiver.port}/") == "forbidden_address"
        assert len(receiver.got) == 4
        await kept.aclose()


async def test_a_connection_that_the_receiver_has_closed_costs_no_attempt(kept):
    with Receiver() as receiver:  # it answers as if the connection stayed open, and closes it
        assert [await sent(kept, receiver.url) for _ in range(5)] == ["delivered"] * 5
        assert (len(receiver.got), receiver.connections) == (5, 5)


async def test_a_receiver_that_takes_and_says_nothing_is_asked_once_more_on_a_kept_connection_and_no_more(kept):
    def answer(handler, number):
        reply()(handler, number) if number == 1 else handler.connection.shutdown(socket.SHUT_RDWR)

    with Receiver(answer, keep=True) as receiver:
        assert [await sent(kept, receiver.url) for _ in range(2)] == ["delivered", "broken_connection"]
        assert len(receiver.got) == 3


@pytest.mark.parametrize("answer", [reply(200, b"x" * 5000), reply(200, Connection="close")])
async def test_an_answer_that_was_not_read_to_its_end_or_says_close_ends_its_connection(kept, answer):
    with Receiver(answer, keep=True) as receiver:
        assert [await sent(kept, receiver.url) for _ in range(2)] == ["delivered"] * 2
        assert receiver.connections == 2


async def test_what_stands_idle_is_closed(kept, monkeypatch):
    monkeypatch.setattr(lines, "KEPT_SECONDS", 0.05)
    with Receiver(keep=True) as receiver:
        assert await sent(kept, receiver.url) == "delivered"

        async def swept():
            await kept.sweep()
            return not kept._idle

        assert not await swept()
        await until(swept)
        assert await sent(kept, receiver.url) == "delivered"
        assert receiver.connections == 2
        await kept.aclose()
