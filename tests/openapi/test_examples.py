"""What the document shows works: each example is sent, each answer is what was promised."""

import json

import pytest
from cryptography.fernet import Fernet
from jsonschema import Draft202012Validator, FormatChecker

from app.kit.vault import Vault
from app.main import create_app
from app.openapi.answers import HEADERS
from app.settings import Settings
from tests import make
from tests.openapi.stage import Stage, operations
from tests.trail.hands import seal_here
from tests.webhooks.posts import an_endpoint, turn
from tests.webhooks.receiver import Receiver

DOCUMENT = create_app(Settings(_env_file=None), Vault(Fernet.generate_key().decode())).openapi()
OPERATIONS = operations(DOCUMENT)
# Answered 2xx only after a real delivery, or by a whole process; each has a test of its own below or elsewhere.
DELIVERED = {"get_webhook_delivery", "redeliver_webhook_delivery"}
DISCARDED = {"discard_webhook_delivery"}
ELSEWHERE = {"readyz", "export_audit"}


def resolved(node):
    while "$ref" in node:
        found = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def errors(value, schema):
    """What does not fit a schema of the document."""
    whole = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    checker = Draft202012Validator({**whole, "components": DOCUMENT["components"]}, format_checker=FormatChecker())
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in checker.iter_errors(value)]


def check(operation, answer):
    """The answer has a status, a body and headers that the document promises."""
    responses = OPERATIONS[operation][2]["responses"]
    assert str(answer.status_code) in responses, (operation, answer.status_code, answer.text)
    promised = resolved(responses[str(answer.status_code)])
    headers = {name: resolved(header) for name, header in promised.get("headers", {}).items()}
    for name, header in headers.items():
        if header.get("required"):
            assert name in answer.headers, (operation, name)
    assert {name for name in HEADERS if name in answer.headers} <= set(headers), operation
    content = promised.get("content")
    if not content:
        assert answer.content == b"", operation
        return
    kind = answer.headers["Content-Type"].removesuffix("; charset=utf-8")
    assert kind in content, (operation, kind)
    said = answer.json() if "json" in kind else answer.text
    assert errors(said, content[kind]["schema"]) == [], operation


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - DELIVERED - DISCARDED - ELSEWHERE))
async def test_the_example_of_an_operation_is_served_as_promised(stage, operation):
    values, etag, query = await stage.arranged(operation)
    answer = await stage.send(operation, values, etag, query)
    assert answer.is_success, (answer.status_code, answer.text)
    check(operation, answer)
    tag = answer.headers.get("ETag")
    if "304" in OPERATIONS[operation][2]["responses"]:
        assert tag, operation
        method, path, _ = OPERATIONS[operation]
        caller = await stage.world.as_(stage.maker(operation))
        where = answer.request.url
        again = await caller.request(method, str(where), headers={"If-None-Match": tag})
        assert again.status_code == 304, path
        check(operation, again)
    elif OPERATIONS[operation][0] == "GET":
        assert tag is None, operation


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_a_refusal_for_want_of_a_token_is_as_promised(api, operation):
    method, path, said = OPERATIONS[operation]
    if said["security"] == [{"client": []}]:
        check(operation, await api.request(method, path, data={"grant_type": "client_credentials"}))
    elif said["security"]:
        answer = await api.request(method, path.replace("{version}", "1"))
        assert answer.status_code == 401
        check(operation, answer)


@pytest.mark.parametrize(
    "operation", ["create_plan", "create_webhook_endpoint", "submit_plan", "nil_return_obligation"]
)
async def test_a_request_that_is_repeated_says_so(stage, operation):
    values, etag, _ = await stage.arranged(operation)
    method, path, _ = OPERATIONS[operation]
    body, _ = stage.example(operation)
    caller = await stage.world.as_(make.DISTRICT)
    headers = {"Idempotency-Key": "once"} | ({"If-Match": etag} if etag else {})
    for expected in (None, "true"):
        answer = await caller.request(method, path.format(**values), json=body, headers=headers)
        check(operation, answer)
        assert answer.headers.get("Idempotency-Replayed") == expected


async def test_a_change_may_be_answered_without_a_body(stage):
    plan = await stage.submission("plan")
    body, _ = stage.example("replace_plan")
    caller = await stage.world.as_(make.DISTRICT)
    headers = {"If-Match": plan["etag"], "Prefer": "return=minimal"}
    answer = await caller.request("PUT", f"/v1/plans/{plan['id']}", json=body, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["Preference-Applied"] == "return=minimal"
    check("replace_plan", answer)


@pytest.mark.real
async def test_deliveries_and_events_are_as_promised(hands, real_world):
    stage = Stage(real_world, DOCUMENT)
    caller = await real_world.as_(make.DISTRICT)
    with Receiver() as receiver:
        await an_endpoint(hands, caller, receiver.url, ["*"])
        await stage.submission("plan", "submit", "return")
        await turn(hands.worker())
    page = await caller.get("/v1/webhook-deliveries")
    check("list_webhook_deliveries", page)
    delivery = page.json()["items"][0]
    for operation in [*sorted(DELIVERED), *DISCARDED]:
        check(operation, await stage.send(operation, {"id": delivery["id"]}))
    feed = await caller.get("/v1/events?limit=200")
    check("list_events", feed)
    schemas = {item["name"]: item["json_schema"] for item in (await caller.get("/v1/event-types")).json()["items"]}
    told = {event["type"] for event in feed.json()["items"]}
    assert {"plan.created", "plan.submitted", "plan.returned"} <= told
    for event in feed.json()["items"]:
        body = DOCUMENT["webhooks"][event["type"]]["post"]["requestBody"]
        assert errors(event, body["content"]["application/json"]["schema"]) == []
        assert list(Draft202012Validator(schemas[event["type"]]).iter_errors(event)) == []


async def test_a_sealed_move_names_the_states_that_its_schema_allows(stage, sessions):
    plan = await stage.submission("plan", "submit", "withdraw")
    await seal_here(sessions)
    caller = await stage.world.as_(make.DISTRICT)
    feed = (await caller.get("/v1/events?limit=200")).json()["items"]
    events = [event for event in feed if event["data"]["resource"]["id"] == plan["id"]]
    assert [event["data"]["state"] for event in events] == ["draft", "submitted", "withdrawn"]
    for event in events:
        name = f"Plan{event['type'].removeprefix('plan.').title()}Event"
        assert errors(event, name) == []
        assert errors(json.loads(json.dumps(event).replace('"plan"', '"report"')), name)
        event["data"]["state"] = "returned"
        assert bool(errors(event, name)) == (event["type"] != "plan.created")


def examples(node):
    """Every example of a body in the document, with its schema."""
    for place, content in node.get("content", {}).items():
        for name, example in content.get("examples", {}).items():
            yield f"{place} {name}", resolved(example)["value"], content["schema"]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_example_fits_its_schema(operation):
    _, _, said = OPERATIONS[operation]
    nodes = [said.get("requestBody", {}), *map(resolved, said["responses"].values())]
    for node in nodes:
        if node.get("content"):
            assert list(examples(node)), operation
        for place, value, schema in examples(node):
            assert errors(value, schema) == [], place
    for parameter in said.get("parameters", []):
        if "example" in parameter:
            assert errors(parameter["example"], parameter["schema"]) == []


@pytest.mark.parametrize("event", sorted(DOCUMENT["webhooks"]))
def test_every_example_of_a_webhook_fits_its_schema(event):
    for place, value, schema in examples(DOCUMENT["webhooks"][event]["post"]["requestBody"]):
        assert errors(value, schema) == [], place
        assert value["type"] == event
