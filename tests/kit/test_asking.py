"""What a caller accepts and prefers is heard; what the gateway before the service changes is not doubled."""

import json
from html import escape
from uuid import uuid4

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from app.kit.negotiation import best
from app.kit.problems import CATALOGUE
from app.main import OPEN_PATHS, create_app
from tests import make
from tests.shape import CANARY, assert_problem

PLANS = "/v1/plans"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


async def district(world):
    return await world.as_(make.DISTRICT)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/problem+json", "application/json"),
        ("application/vnd.api+json;q=0.1", "application/json"),
        ("text/html", "text/html"),
        (BROWSER, "text/html"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/html;q=0.5, */*;q=0.5", "application/json"),
        ("text/*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
        ("image/png", None),
        ("application/json;q=0", None),
        ("application/json;q=0.0, text/html;q=0", None),
        ("*/*;q=0", None),
        ("nonsense", "application/json"),
        (",,;;==", "application/json"),
        ("application/json;q=x", "application/json"),
        ("a/b," * 10_000, None),
    ],
)
def test_the_type_the_caller_likes_best_is_chosen(accept, chosen):
    assert best(accept, ["application/json", "text/html"]) == chosen


async def test_an_operation_refuses_who_accepts_nothing_it_has_after_the_gate_and_before_the_work(world):
    caller = await district(world)
    for accept in ("text/html", "image/*", "application/json;q=0", "application/xml, text/csv"):
        headers = {"Accept": accept, "Idempotency-Key": str(uuid4())}
        answer = await caller.request("POST", PLANS, json=make.a_plan(), headers=headers)
        document = await assert_problem(world.api, answer, "not-acceptable")
        assert document["offered"] == "application/json"
        await assert_problem(world.api, await world.api.get(PLANS, headers=headers), "invalid-token")
    assert (await caller.get(PLANS)).json()["items"] == []
    for accept in ("application/json", "application/*, */*;q=0.1", "application/problem+json", ""):
        assert (await caller.get(PLANS, headers={"Accept": accept})).status_code == 200


async def test_who_wants_little_back_gets_no_body_and_still_where_and_which_version_it_is(world):
    caller = await district(world)
    headers = {"Prefer": "return=minimal", "Idempotency-Key": str(uuid4())}
    made = await caller.request("POST", PLANS, json=make.a_plan(), headers=headers)
    assert (made.status_code, made.content) == (201, b"")
    assert made.headers["Preference-Applied"] == "return=minimal"
    assert made.headers["Content-Length"] == "0"
    plan = await caller.get(made.headers["Location"].removeprefix("http://test"))
    assert plan.headers["ETag"] == made.headers["ETag"]
    changed = await caller.request(
        "PUT",
        f"{PLANS}/{plan.json()['id']}",
        json=make.a_plan(title="Khác"),
        headers={"Prefer": 'respond-async, Return="minimal"; x=y', "If-Match": made.headers["ETag"]},
    )
    assert (changed.status_code, changed.content) == (204, b"")
    assert "content-type" not in changed.headers
    assert "content-length" not in changed.headers
    now = (await caller.get(f"{PLANS}/{plan.json()['id']}")).json()
    assert (now["title"], now["etag"]) == ("Khác", changed.headers["ETag"])


async def test_a_repeat_that_wants_the_whole_answer_gets_what_the_first_one_did_without(world):
    caller, key = await district(world), str(uuid4())
    first = await caller.request(
        "POST", PLANS, json=make.a_plan(), headers={"Prefer": "return=minimal", "Idempotency-Key": key}
    )
    again = await caller.request("POST", PLANS, json=make.a_plan(), headers={"Idempotency-Key": key})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.json()["title"] == make.a_plan()["title"]


async def test_a_refusal_and_a_reading_are_never_shortened(world):
    caller = await district(world)
    headers = {"Prefer": "return=minimal", "Idempotency-Key": str(uuid4())}
    refused = await caller.request("POST", PLANS, json={"year": 1}, headers=headers)
    await assert_problem(world.api, refused, "validation-failed")
    read = await caller.get(PLANS, headers=headers)
    assert read.json()["items"] == []
    assert "preference-applied" not in read.headers


async def test_an_unknown_query_parameter_is_passed_over_unless_the_caller_wants_it_refused(world):
    caller, strict = await district(world), {"Prefer": "handling=strict"}
    assert (await caller.get(PLANS, params={"sate": "draft"})).status_code == 200
    answer = await caller.get(PLANS, params={"sate": "draft", "year": 2027, f"{CANARY} ": 1}, headers=strict)
    document = await assert_problem(world.api, answer, "invalid-parameter")
    assert [(e["parameter"], e["code"]) for e in document["errors"]] == [
        ("sate", "unknown_parameter"),
        ("?", "unknown_parameter"),
    ]
    for known in ({"year": 2027, "state": "draft"}, {"limit": 3}, {}):
        answer = await caller.get(PLANS, params=known, headers=strict)
        assert answer.status_code == 200
        assert answer.headers["Preference-Applied"] == "handling=strict"
    assert (await caller.get("/v1/provisions", params={"x": 1}, headers=strict)).status_code == 400


async def test_every_operation_with_data_hears_what_is_accepted_and_preferred(world, app):
    caller = await world.as_(make.COORDINATOR, "administrator")
    for path, operations in app.openapi()["paths"].items():
        if "get" not in operations or "{" in path or not path.startswith("/v1/"):
            continue
        assert (await caller.get(path, headers={"Accept": "image/png"})).status_code in {403, 406}, path
        answer = await caller.get(path, params={"nobody": 1}, headers={"Prefer": "handling=strict"})
        assert answer.status_code in {400, 403}, path


async def test_what_is_answered_as_json_is_answered_to_whoever_accepts_json_alone(world, app):
    caller = await world.as_(make.COORDINATOR)
    for path, operations in app.openapi()["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" in content:
            answer = await caller.get(path, params={"year": 2027}, headers={"Accept": "application/json"})
            assert answer.status_code != 406, path


async def test_only_what_is_public_may_be_fetched_by_pages_of_other_sites(world, app):
    caller = await district(world)
    origin = {"Origin": "https://elsewhere.example"}
    for path, operations in app.openapi()["paths"].items():
        if "get" in operations:
            where = path.replace("{id}", "QC.D7").replace("{code}", "conflict")
            allowed = (await caller.get(where, headers=origin)).headers.get("Access-Control-Allow-Origin")
            assert allowed == ("*" if path.startswith(OPEN_PATHS) else None), path
    assert (await world.api.get("/openapi.json")).headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/v1/provisionsx", "/problem", "/docs", "/livez"):
        assert "access-control-allow-origin" not in (await world.api.get(path)).headers
    for method in ("POST", "PUT"):
        answer = await world.api.request(method, "/v1/provisions", headers=origin)
        assert "access-control-allow-origin" not in answer.headers
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "If-None-Match"}
    preflight = await world.api.request("OPTIONS", "/v1/provisions", headers=origin | asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "If-None-Match" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    preflight = await world.api.request("OPTIONS", "/v1/plans", headers=origin | asked)
    assert "access-control-allow-origin" not in preflight.headers


async def test_a_problem_page_is_a_page_for_people_and_a_document_for_systems(api):
    for language in ("vi", "en"):
        for code, entry in CATALOGUE.items():
            headers = {"Accept": BROWSER, "Accept-Language": language}
            page = await api.get(f"/problems/{code}", headers=headers)
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Content-Language"] == language
            assert page.headers["Vary"] == "Accept, Accept-Language"
            assert f'<html lang="{language}">' in page.text
            assert escape(entry.title[language]) in page.text
            csp = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in csp
            assert "unsafe" not in csp
        everything = (await api.get("/problems", headers={"Accept": BROWSER, "Accept-Language": language})).text
        assert all(f'href="/problems/{code}"' in everything for code in CATALOGUE)
    assert (await api.get("/assets/own/problems.css")).headers["Content-Type"].startswith("text/css")
    document = await api.get("/problems/conflict")
    assert document.headers["Content-Type"] == "application/json"
    assert document.json()["code"] == "conflict"
    await assert_problem(api, await api.get("/problems/conflict", headers={"Accept": "image/png"}), "not-acceptable")


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        (f"00-{CANARY}-00f067aa0ba902b7-01", None),
        ("", None),
    ],
)
async def test_the_trace_a_request_belongs_to_stands_in_its_line_of_the_log(app, given, trace):
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
            assert (await api.get("/livez", headers={"traceparent": given})).status_code == 200
    [line] = [line for line in logs if line["event"] == "request"]
    assert line.get("trace_id") == trace
    assert CANARY not in str(line)


def gateway(sessions, settings, **changes):
    app = create_app(settings.model_copy(update=changes), make.vault(), sessions=sessions)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return app, httpx.AsyncClient(transport=transport, base_url="http://inside")


@pytest.mark.parametrize(
    "base_url", ["https://cong.example", "https://cong.example/ttdn", "https://cong.example/ttdn/"]
)
@pytest.mark.parametrize("cut_off", [True, False])
async def test_behind_a_gateway_every_link_has_the_base_path_once(sessions, settings, base_url, cut_off):
    app, api = gateway(sessions, settings, root_path="/ttdn", base_url=base_url)
    world, outside = make.World(sessions, api, app), "https://cong.example/ttdn"
    before = "" if cut_off else "/ttdn"

    async def ask(method, path, **more):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())} | more.pop("headers", {})
        return await api.request(method, before + path, headers=headers, **more)

    async with api:
        token = await world.token(make.DISTRICT)
        made = await ask("POST", PLANS, json=make.a_plan())
        assert made.headers["Location"] == f"{outside}/v1/plans/{made.json()['id']}"
        await ask("POST", PLANS, json=make.a_plan(year=2028))
        page = await ask("GET", PLANS, params={"limit": 1})
        assert page.headers["Link"].startswith(f"<{outside}/v1/plans?")
        following = page.headers["Link"].partition(">")[0].removeprefix(f"<{outside}")
        assert len((await ask("GET", following)).json()["items"]) == 1
        missing = await ask("GET", "/v1/nothing")
        assert missing.json()["type"] == f"{outside}/problems/not-found"
        wrong = await ask("DELETE", PLANS)
        assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
        assert (await ask("OPTIONS", "/assets/own/docs.js")).headers["Allow"] == "GET, HEAD, OPTIONS"
        assert (await ask("GET", "/assets/own/docs.js")).status_code == 200
        assert 'href="/ttdn/openapi.json"' in (await ask("GET", "/docs")).text
        shown = (await ask("GET", "/problems/conflict", headers={"Accept": "text/html"})).text
        assert 'href="/ttdn/assets/own/problems.css"' in shown
        document = (await ask("GET", "/openapi.json")).json()
        assert [server["url"] for server in document["servers"]] == ["/ttdn"]
        flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
        assert flow["tokenUrl"] == "/ttdn/oauth/token"
        assert "Access-Control-Allow-Origin" in (await ask("GET", "/v1/provisions")).headers
        assert json.dumps(document).count("/ttdn/ttdn") == 0


async def test_browsers_are_told_to_stay_with_tls_where_the_service_is_behind_it(sessions, settings, api):
    assert "strict-transport-security" not in (await api.get("/livez")).headers
    _, other = gateway(sessions, settings, base_url="https://cong.example")
    async with other:
        for path in ("/livez", "/v1/nothing", "/docs", "/v1/plans"):
            assert (await other.get(path)).headers["Strict-Transport-Security"] == "max-age=31536000"
