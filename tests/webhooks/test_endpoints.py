"""Endpoints and deliveries through HTTP: each agency's own, and nobody else's."""

from uuid import uuid4

import pytest

from tests import make
from tests.webhooks.posts import an_endpoint, plans, turn
from tests.webhooks.receiver import Receiver

URL = "http://127.0.0.1:9/hook"
WRITE = {"url": URL, "event_types": ["*"]}
OPERATIONS = [
    ("GET", "/v1/webhook-endpoints/{endpoint}", None),
    ("PUT", "/v1/webhook-endpoints/{endpoint}", WRITE),
    ("DELETE", "/v1/webhook-endpoints/{endpoint}", None),
    ("GET", "/v1/webhook-deliveries/{delivery}", None),
    ("POST", "/v1/webhook-deliveries/{delivery}/redeliver", None),
]


@pytest.mark.real
@pytest.mark.parametrize("slug", [make.OTHER_DISTRICT, make.COORDINATOR])
async def test_another_agency_s_endpoints_and_deliveries_do_not_exist(hands, real_world, slug):
    owner, stranger = await real_world.as_(make.DISTRICT), await real_world.as_(slug)
    with Receiver() as receiver:
        endpoint = await an_endpoint(hands, owner, receiver.url)
        await plans(owner)
        await turn(hands.worker())
    (delivery,) = (await owner.get("/v1/webhook-deliveries")).json()["items"]
    before = (await owner.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    real = {"endpoint": endpoint["id"], "delivery": delivery["id"]}
    absent = {"endpoint": uuid4(), "delivery": uuid4()}
    for method, path, body in OPERATIONS:
        answers = [
            await stranger.request(method, path.format(**ids), json=body, headers={"If-Match": endpoint["etag"]})
            for ids in (real, absent)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], (method, path)
        theirs, nobodys = [answer.json() | {"instance": ""} for answer in answers]
        assert theirs == nobodys
    assert (await stranger.get("/v1/webhook-endpoints")).json()["items"] == []
    assert (await stranger.get("/v1/webhook-deliveries")).json()["items"] == []
    assert (await stranger.get(f"/v1/webhook-deliveries?endpoint={endpoint['id']}")).json()["items"] == []
    assert (await owner.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json() == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *OPERATIONS,
        ("GET", "/v1/webhook-endpoints", None),
        ("POST", "/v1/webhook-endpoints", WRITE),
        ("GET", "/v1/webhook-deliveries", None),
    ],
)
async def test_every_operation_takes_its_scope(world, method, path, body):
    path = path.format(endpoint=uuid4(), delivery=uuid4())
    assert (await world.api.request(method, path, json=body)).status_code == 401
    reader = await world.as_(make.DISTRICT, "reader")
    answer = await reader.request(method, path, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 403, answer.text


async def test_an_endpoint_is_made_read_changed_switched_off_and_deleted(world):
    caller = await world.as_(make.DISTRICT)
    made = await caller.post("/v1/webhook-endpoints", {**WRITE, "description": "Tiếp nhận"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    place = made.headers["location"].removeprefix("http://test")
    shown = await caller.get(place)
    assert shown.json() == {k: v for k, v in made.json().items() if k != "secret"}
    assert shown.headers["etag"] == shown.json()["etag"]
    assert (await caller.put(place, WRITE)).status_code == 428
    assert (await caller.put(place, WRITE, '"v9"')).status_code == 412
    changed = await caller.put(place, {**WRITE, "event_types": ["plan.accepted"], "active": False}, made.json()["etag"])
    assert changed.status_code == 200, changed.text
    assert (changed.json()["state"], changed.json()["event_types"]) == ("disabled", ["plan.accepted"])
    assert [item["id"] for item in (await caller.get("/v1/webhook-endpoints")).json()["items"]] == [made.json()["id"]]
    gone = await caller.request("DELETE", place, headers={"If-Match": changed.json()["etag"]})
    assert gone.status_code == 204
    assert (await caller.get(place)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"event_types": []},
        {"event_types": ["plan.invented"]},
        {"event_types": ["invented.*"]},
        {"event_types": ["plan"]},
        {"event_types": ["*.*"]},
        {"event_types": ["plan.created"] * 101},
        {"event_types": "plan.created"},
        {"url": None},
        {"url": "http://127.0.0.1:9/" + "a" * 2000},
        {"url": "http://127.0.0.1:9/\x00"},
        {"url": "http://127.0.0.1:9/\u202e"},
        {"url": "ftp://127.0.0.1/"},
        {"secret": "whsec_mine"},
        {"agency_id": str(uuid4())},
        {"state": "active"},
        {"description": "x" * 301},
    ],
)
async def test_what_is_not_an_endpoint_is_refused(world, changes):
    answer = await (await world.as_(make.DISTRICT)).post("/v1/webhook-endpoints", WRITE | changes)
    assert answer.status_code == 422, answer.text


@pytest.mark.real
async def test_nothing_is_redelivered_to_an_endpoint_that_is_off(hands, real_world):
    caller = await real_world.as_(make.DISTRICT)
    with Receiver() as receiver:
        endpoint = await an_endpoint(hands, caller, receiver.url)
        await plans(caller)
        await turn(hands.worker())
        off = {"url": receiver.url, "event_types": ["plan.*"], "active": False}
        await caller.put(f"/v1/webhook-endpoints/{endpoint['id']}", off, endpoint["etag"])
        (delivery,) = (await caller.get("/v1/webhook-deliveries?state=delivered")).json()["items"]
        answer = await caller.post(f"/v1/webhook-deliveries/{delivery['id']}/redeliver")
    assert (answer.status_code, answer.json()["code"]) == (409, "endpoint-not-active")
    assert (await caller.get("/v1/webhook-deliveries?state=pending")).json()["items"] == []


async def test_a_secret_that_is_shown_once_is_shown_although_a_short_answer_is_preferred(world):
    district = await world.as_(make.DISTRICT)
    body = {"url": "http://127.0.0.1:9/x", "event_types": ["plan.submitted"]}
    headers = {"Prefer": "return=minimal", "Idempotency-Key": "k-1"}
    created = await district.request("POST", "/v1/webhook-endpoints", json=body, headers=headers)
    assert created.status_code == 201
    assert created.json()["secret"].startswith("whsec_")
    assert "Preference-Applied" not in created.headers
