"""Who stands before the server is believed only where the operator says so."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.wire.server import answers

FORGED = "203.0.113.9"


def seen(server, forwarded):
    """The address that the log holds of a failed proof of identity."""
    who = str(uuid4())
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{server.base}/oauth/token", data=form, auth=(who, "x"), headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert "evil.example" not in answer.text + str(answer.headers)
    return next(line["address"] for line in map(json.loads, server.said().splitlines()) if line.get("client") == who)


def test_forwarded_addresses_are_believed_of_trusted_gateways_alone(server, own_server):
    assert seen(server, FORGED) == "127.0.0.1"
    trusting = own_server(trusted_proxies="10.0.0.0/8,127.0.0.1")
    assert seen(trusting, FORGED) == FORGED
    assert seen(trusting, f"{FORGED}, 198.51.100.7, 10.1.2.3") == "198.51.100.7"  # what the gateways themselves added
    assert trusting.stop() == 0


@pytest.mark.parametrize("path", ["/v1/provisions", "/ttdn/v1/provisions"])
def test_a_base_path_is_served_whether_or_not_the_gateway_cuts_it_off(own_server, path):
    server = own_server(root_path="/ttdn", base_url="https://cong.example")
    request = f"GET {path} HTTP/1.1\r\nHost: cong.example\r\nConnection: close\r\n\r\n".encode()
    assert [answer.status for answer in server.ask(request)] == [200]
    refused = server.ask(b"GET / HTTP/1.1\r\n\r\n")
    assert json.loads(refused[0].body)["type"] == "https://cong.example/ttdn/problems/malformed-request"


def test_a_gateway_may_keep_its_connection(server):
    with server.connect() as connection:
        for _ in range(50):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n")
            [answer] = answers(connection, at_most=1)
            assert answer.status == 200
            assert "connection" not in answer.headers
