"""A listener on this machine that nothing may ever reach, whatever the address is called and whatever DNS answers."""

import asyncio
from contextlib import aclosing
from unittest import mock

import pytest

from app.kit.db import servers
from app.webhooks import addresses
from app.webhooks.addresses import AddressRules
from app.webhooks.lines import Lines
from app.webhooks.sending import Letter, post
from app.webhooks.signing import new_secret
from tests import make
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_addresses import EVERYTHING, LOOPBACK, NEVER, forbidden

pytestmark = pytest.mark.real
SECRET = new_secret()


@pytest.fixture
async def canary():
    """A port of this machine, and every connection it saw."""
    seen = []

    async def met(reader, writer):
        seen.append(writer.get_extra_info("peername"))
        writer.close()

    servers = [await asyncio.start_server(met, "127.0.0.1", 0)]
    port = servers[0].sockets[0].getsockname()[1]
    for other in ("127.0.0.2", "::1"):
        try:
            servers.append(await asyncio.start_server(met, other, port))
        except OSError:
            continue  # a machine without IPv6
    yield port, seen
    for server in servers:
        server.close()


async def sent(url, rules, deadline=0.3):
    async with aclosing(Lines()) as lines:
        return (await post(Letter(url, [SECRET], "an-id", b"{}"), rules, lines, deadline)).outcome


async def test_no_spelling_reaches_this_machine(canary):
    port, seen = canary
    rules = AddressRules.of(EVERYTHING, dev=False, ports=[port])
    hosts = [*LOOPBACK, *NEVER]
    assert len(hosts) * 2 >= 80
    for host in hosts:
        for scheme in ("https", "http"):
            assert await sent(f"{scheme}://{host}:{port}/", rules, 30.0) in {"forbidden_address", "unreachable"}, host
    assert seen == []


@pytest.mark.parametrize(
    "script",
    [
        [["10.255.255.1"], ["127.0.0.1"]],
        [["127.0.0.1"], ["10.255.255.1"]],
        [["10.255.255.1", "127.0.0.1"]],
        [["127.0.0.2", "10.255.255.1"]],
        [["::1", "10.255.255.1"]],
        [["::ffff:127.0.0.1"]],
        [["10.255.255.1"], ["10.255.255.1", "::1"], ["127.0.0.1"]],
        [["0.0.0.0"]],
        [[]],
    ],
)
async def test_no_answer_of_dns_leads_to_this_machine(canary, monkeypatch, script):
    port, seen = canary
    answers = iter(script)
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(side_effect=lambda *_: next(answers, script[-1])))
    rules = AddressRules.of(EVERYTHING, dev=False, ports=[port], hosts=[f"https://receiver.example:{port}"])
    for _ in range(len(script) + 1):
        outcome = await sent(f"https://receiver.example:{port}/", rules)
        assert outcome in {"forbidden_address", "timeout", "unreachable"}
    assert seen == []


async def test_each_vetted_address_is_tried_in_turn(monkeypatch):
    with Receiver() as receiver:
        resolve = mock.AsyncMock(return_value=["127.0.0.3", "127.0.0.2", "127.0.0.1"])
        monkeypatch.setattr(addresses, "_resolve", resolve)
        rules = AddressRules.of([], dev=True)
        assert await sent(f"http://receiver.example:{receiver.port}/", rules, 3.0) == "delivered"
        assert len(receiver.got) == 1
        resolve.return_value = ["127.0.0.3", "127.0.0.2"]
        assert await sent(f"http://receiver.example:{receiver.port}/", rules, 3.0) == "unreachable"


async def test_what_was_sent_to_one_address_is_not_sent_to_the_next(monkeypatch):
    with Receiver(lambda handler, _: handler.connection.close()) as receiver:
        monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(return_value=["127.0.0.1", "127.0.0.1"]))
        outcome = await sent(f"http://receiver.example:{receiver.port}/", AddressRules.of([], dev=True), 3.0)
        assert (outcome, len(receiver.got)) == ("broken_connection", 1)


async def test_a_receiver_may_be_listed_by_name_port_and_scheme(monkeypatch):
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(return_value=["10.0.0.1"]))
    hosts = ["Tiepnhan.vn", "https://other.vn:9443", "http://plain.vn:8080", "https://tiếpnhận.vn"]
    rules = AddressRules.of([], dev=False, hosts=hosts)
    for url in ("https://tiepnhan.vn/", "https://other.vn:9443/x", "http://plain.vn:8080/", "https://tiếpnhận.vn/"):
        assert (await rules.vet(url)).addresses == ("10.0.0.1",)
    for url in (
        *("http://tiepnhan.vn/", "https://tiepnhan.vn:8443/", "https://other.vn/", "https://plain.vn:8080/"),
        *("http://plain.vn/", "https://sub.tiepnhan.vn/", "https://tiepnhan.vn.evil.vn/", "https://user@tiepnhan.vn/"),
    ):
        assert await forbidden(url, dev=False, allow=[])
        with pytest.raises(addresses.WebhookUrlForbidden):
            await rules.vet(url)
    for never in ("127.0.0.1", "169.254.169.254", "::1", "64:ff9b::a00:1"):
        addresses._resolve.return_value = ["10.0.0.1", never]
        with pytest.raises(addresses.WebhookUrlForbidden):
            await rules.vet("https://tiepnhan.vn/")


async def test_ports_may_be_added_and_the_usual_ones_stay(monkeypatch):
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(return_value=["10.0.0.1"]))
    rules = AddressRules.of(["10.0.0.0/8"], dev=False, ports=[9443])
    for port in (443, 8443, 9443):
        await rules.vet(f"https://receiver.vn:{port}/")
    with pytest.raises(addresses.WebhookUrlForbidden):
        await rules.vet("https://receiver.vn:5432/")


@pytest.mark.parametrize("dev", [False, True])
async def test_the_service_s_own_database_is_no_receiver_though_its_network_and_its_port_are_listed(monkeypatch, dev):
    found = {
        "db.vn": ["10.0.0.5", "::ffff:10.0.0.6"],
        "receiver.vn": ["10.0.0.7", "10.0.0.6"],
        "other.vn": ["10.0.0.8"],
    }
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(side_effect=lambda host, _: found.get(host, [host])))
    rules = AddressRules.of(["10.0.0.0/8"], dev=dev, ports=[6432], databases=[("db.vn", 6432), ("10.0.0.9", 6432)])
    for host in ("db.vn", "10.0.0.5", "10.0.0.6", "10.0.0.9", "[::ffff:10.0.0.5]", "receiver.vn"):
        with pytest.raises(addresses.WebhookUrlForbidden):
            await rules.vet(f"https://{host}:6432/")
        await rules.vet(f"https://{host}/")
    await rules.vet("https://other.vn:6432/")


async def test_the_rules_of_an_operator_name_the_database_of_the_service():
    rules = AddressRules.of_settings(make.settings("postgresql://ttdn:x@db.vn:6432/ttdn", webhook_ports="6432"))
    assert list(rules.databases) == [("db.vn", 6432)]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://u:p@db.vn/x", [("db.vn", 5432)]),
        ("postgresql://u:p@[::1]:7/x", [("::1", 7)]),
        ("postgresql://u:p@/x?host=a.vn:1&host=b.vn:2", [("a.vn", 1), ("b.vn", 2)]),
        ("postgresql://u@/x?host=/run/postgresql&port=5433", []),
    ],
)
def test_the_machines_of_a_database_are_read_as_the_driver_reads_them(url, named):
    assert servers(url) == named
