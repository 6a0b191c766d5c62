"""Where webhooks may not go, however it is written."""

import ipaddress

import pytest

from app.kit.problems import WebhookUrlForbidden
from app.webhooks import addresses
from app.webhooks.addresses import AddressRules
from tests import make

EVERYTHING = ["0.0.0.0/0", "::/0"]

# Ways to write 127.0.0.1, and addresses that lead to this machine.
LOOPBACK = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0x7f.1",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "2130706433",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "①②⑦.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    "ⓛocalhost",
]
# Never, whatever the operator lists: even "everything".
NEVER = [
    "0.0.0.0",
    "0",
    "0.0.0.1",
    "0x0",
    "[::]",
    "[::0.0.0.0]",
    "169.254.169.254",
    "169.254.0.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[fe80::1]",
    "[febf::1]",
    "[fe80::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "239.255.255.255",
    "[ff02::1]",
    "[ff05::2]",
    "[ff0e::1]",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:a00:1::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[::127.0.0.1]",
    "[::a9fe:a9fe]",
    "[::10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:a9fe:a9fe]",
    "[fec0::1]",
    "[feff::1]",
    "192.88.99.1",
    "[::ffff:0.0.0.0]",
    "[::ffff:224.0.0.1]",
]
# Forms that are no address of a receiver at all.
SHAPES = [
    "https://user@10.0.0.1/",
    "https://user:password@10.0.0.1/",
    "https://@10.0.0.1/",
    "https://:@10.0.0.1/",
    "https://10.0.0.1@169.254.169.254/",
    "https://10.0.0.1\\@169.254.169.254/",
    "https://169.254.169.254\\.10.0.0.1/",
    "https://10.0.0.1/#fragment",
    "https://10.0.0.1:0/",
    "https://10.0.0.1:65536/",
    "https://10.0.0.1:-1/",
    "https://10.0.0.1:443x/",
    "https://10.0.0.1:٤٤٣x/",
    "https:///path",
    "https://",
    "https://?",
    "https:10.0.0.1",
    "https://[",
    "https://[::1",
    "https://[10.0.0.1]/",
    "https://[v1.x]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%lo]/",
    "https://10.0.0.1 /",
    "https://10..0.1/",
    "https://.10.0.0.1/",
    "https://10.0.0.256/",
    "https://1.2.3.4.5/",
    "https://99999999999/",
    f"https://{'a' * 64}.vn/",
    f"https://{'a.' * 200}vn/",
    "https://xn--/",
    "https://10.0.0.1%2f@169.254.169.254/",
    "https://10.0.0.1%00.vn/",
    "https://no-such-name.invalid/",
    "ftp://10.0.0.1/",
    "file:///etc/passwd",
    "gopher://10.0.0.1/",
    "unix:///run/postgresql",
    "//10.0.0.1/",
    "10.0.0.1",
    "",
]
# Fit for development only, or not even that.
OUTSIDE_DEV = [
    "http://10.0.0.1/",
    "http://10.0.0.1:443/",
    "https://10.0.0.1:80/",
    "https://10.0.0.1:5432/",
    "https://10.0.0.1:22/",
    "https://10.0.0.1:8080/",
]


async def forbidden(url, *, dev, allow=EVERYTHING):
    try:
        await AddressRules.of(allow, dev=dev).vet(url)
    except (WebhookUrlForbidden, OSError):  # OSError: the name leads nowhere
        return True
    return False


@pytest.mark.parametrize("dev", [False, True])
@pytest.mark.parametrize("host", NEVER)
async def test_some_addresses_are_refused_whatever_is_listed(host, dev):
    assert await forbidden(f"https://{host}/", dev=dev)
    assert await forbidden(f"http://{host}/", dev=dev)


@pytest.mark.parametrize("host", LOOPBACK)
async def test_this_machine_is_refused_but_in_development(host):
    assert await forbidden(f"https://{host}/", dev=False)
    assert await forbidden(f"http://{host}:8080/", dev=False)


@pytest.mark.parametrize("dev", [False, True])
@pytest.mark.parametrize("url", SHAPES)
async def test_what_is_no_plain_url_of_a_host_is_refused(url, dev):
    assert await forbidden(url, dev=dev)


@pytest.mark.parametrize("url", OUTSIDE_DEV)
async def test_only_https_and_its_ports_are_allowed(url):
    assert await forbidden(url, dev=False)


@pytest.mark.parametrize("url", OUTSIDE_DEV[:2])
async def test_plain_http_goes_to_no_other_machine_even_in_development(url):
    assert await forbidden(url, dev=True)


async def test_nothing_is_allowed_that_is_not_listed():
    for host in ("10.0.0.1", "8.8.8.8", "192.168.1.1", "[2606:4700::1111]", "[fd00::1]", "100.64.0.1"):
        assert await forbidden(f"https://{host}/", dev=False, allow=[])
        assert await forbidden(f"https://{host}/", dev=True, allow=[])
        assert not await forbidden(f"https://{host}/", dev=False)
    assert await forbidden("https://10.1.0.1/", dev=False, allow=["10.0.0.0/16"])
    assert not await forbidden("https://10.0.255.1/", dev=False, allow=["10.0.0.0/16"])
    assert not await forbidden("https://[::ffff:10.0.0.1]/", dev=False, allow=["10.0.0.0/16"])


def answers(monkeypatch, *rounds):
    """Let the name server answer so, one round after another; count how often it is asked."""
    asked = []

    async def resolve(host, port):
        asked.append((host, port))
        return list(rounds[min(len(asked), len(rounds)) - 1])

    monkeypatch.setattr(addresses, "_resolve", resolve)
    return asked


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "169.254.169.254", "::1", "192.168.0.1", "64:ff9b::a00:1", "fe80::1%eth0"]
)
async def test_a_name_with_one_forbidden_address_among_allowed_ones_is_refused(monkeypatch, bad):
    for found in (["10.0.0.1", bad], [bad, "10.0.0.1"], ["10.0.0.1", "10.0.0.2", bad]):
        answers(monkeypatch, found)
        assert await forbidden("https://receiver.example/", dev=False, allow=["10.0.0.0/8"])


async def test_the_target_is_the_address_that_was_vetted(monkeypatch):
    asked = answers(monkeypatch, ["10.0.0.1", "10.0.0.2"], ["127.0.0.1"])
    rules = AddressRules.of(["10.0.0.0/8"], dev=False)
    target = await rules.vet("https://Receiver.example:8443/a/../b?c=d")
    assert (target.addresses, target.host, target.port) == (("10.0.0.1", "10.0.0.2"), "receiver.example", 8443)
    assert len(asked) == 1
    with pytest.raises(WebhookUrlForbidden):
        await rules.vet("https://receiver.example/")


async def test_a_vietnamese_name_is_asked_for_in_ascii(monkeypatch):
    asked = answers(monkeypatch, ["10.0.0.1"])
    target = await AddressRules.of(["10.0.0.0/8"], dev=False).vet("https://tiếpnhận.vn/")
    assert asked == [(target.host, 443)]
    assert target.host.encode().decode("idna") == "tiếpnhận.vn"
    assert target.host.isascii()


def test_no_listed_network_opens_an_address_that_is_never_allowed():
    rules = AddressRules.of([str(network) for network in addresses.NEVER], dev=True)
    for network in addresses.NEVER:
        for address in {network.network_address + 2, network.broadcast_address}:
            mapped = getattr(address, "ipv4_mapped", None)
            assert not rules.allows(str(mapped or ipaddress.ip_address(address)))


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/",
        "https://10.0.0.1/",
        "https://no-such-name.invalid/",
        "https://user@localhost/",
        "http://①⑥⑨.254.169.254/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
async def test_registering_a_forbidden_address_is_refused(world, url):
    caller = await world.as_(make.DISTRICT)
    answer = await caller.post("/v1/webhook-endpoints", {"url": url, "event_types": ["*"]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "webhook-url-forbidden"
    mine = await caller.post("/v1/webhook-endpoints", {"url": "http://127.0.0.1:9/", "event_types": ["*"]})
    changed = await caller.put(
        f"/v1/webhook-endpoints/{mine.json()['id']}", {"url": url, "event_types": ["*"]}, mine.json()["etag"]
    )
    assert changed.json()["code"] == "webhook-url-forbidden"
