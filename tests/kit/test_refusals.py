"""Every way of failing answers with one shape, in two languages, and says nothing back of what was sent."""

import asyncio
import re
from string import Formatter
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.kit import heads
from app.kit.db import SessionDep, make_engine, make_sessions, open_session
from app.kit.failures import FIELDS
from app.kit.problems import CATALOGUE, MEDIA_TYPE, Problem
from app.main import create_app
from tests import make
from tests.shape import CANARY, assert_problem

pytestmark = pytest.mark.own_app

JSON = {"Content-Type": "application/json"}
PLANS = "/v1/plans"


async def district(world):
    return await world.as_(make.DISTRICT)


async def raw(world, body, headers=JSON):
    headers = {"Idempotency-Key": str(uuid4()), **headers}
    return await (await district(world)).request("POST", PLANS, content=body, headers=headers)


async def a_stored_plan(world, **changes):
    made = await (await district(world)).post(PLANS, make.a_plan(**changes))
    assert made.status_code == 201, made.text
    return made.json()


async def stream(size):
    for _ in range(size // 65536 + 1):
        yield CANARY.encode() + b" " * (65536 - len(CANARY))


async def malformed_json(world):
    return await raw(world, f'{{"title": {CANARY}')


async def garbage_cursor(world):
    return await (await district(world)).get(PLANS, params={"cursor": CANARY})


async def bad_query(world):
    return await (await district(world)).get(PLANS, params={"year": CANARY})


async def bad_if_match(world):
    plan = await a_stored_plan(world)
    return await (await district(world)).put(f"{PLANS}/{plan['id']}", make.a_plan(), f'"{CANARY}"')


async def no_token(world):
    return await world.api.get(PLANS)


async def garbage_token(world):
    return await world.api.get(PLANS, headers={"Authorization": f"Bearer {CANARY}"})


async def two_tokens(world):
    token = (await district(world)).token
    headers = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    return await world.api.get(PLANS, headers=headers)


async def no_scope(world):
    return await (await world.as_(make.DISTRICT, "reader")).post(PLANS, make.a_plan(title=CANARY))


async def not_its_business(world):
    plan = await a_stored_plan(world)
    sent = await (await district(world)).move(plan, "submit", make.SUBMIT)
    return await (await world.as_(make.COORDINATOR)).put(f"{PLANS}/{plan['id']}", make.a_plan(), sent.json()["etag"])


async def unknown_path(world):
    return await world.api.get(f"/v1/{CANARY}")


async def unknown_id(world):
    return await (await district(world)).get(f"{PLANS}/{uuid4()}")


async def no_uuid(world):
    return await (await district(world)).get(f"{PLANS}/{CANARY}")


async def wrong_method(world):
    return await world.api.post("/v1/provisions", content=CANARY)


async def conflict(world):
    await a_stored_plan(world)
    return await (await district(world)).post(PLANS, make.a_plan(title=CANARY))


async def wrong_state(world):
    plan = await a_stored_plan(world)
    sent = (await (await district(world)).move(plan, "submit", make.SUBMIT)).json()
    return await (await district(world)).move(sent, "submit", make.SUBMIT)


async def stale(world):
    plan = await a_stored_plan(world)
    await (await district(world)).put(f"{PLANS}/{plan['id']}", make.a_plan(title="Khác"), plan["etag"])
    return await (await district(world)).put(f"{PLANS}/{plan['id']}", make.a_plan(title=CANARY), plan["etag"])


async def announced_too_large(world):
    return await raw(world, CANARY * 400_000)


async def found_too_large(world):
    return await raw(world, stream(2_200_000))


async def token_request_too_large(world):
    return await world.api.post("/oauth/token", data={"scope": CANARY * 400_000})


async def no_content_type(world):
    return await raw(world, f'{{"title": "{CANARY}"}}', headers={})


async def wrong_content_type(world):
    return await raw(world, CANARY, headers={"Content-Type": "text/plain"})


async def text_pretending_json(world):
    return await raw(world, f'{{"title": "{CANARY}"}}', headers={"Content-Type": "text/x+json"})


async def json_for_merge_patch(world):
    plan = await a_stored_plan(world)
    return await (await district(world)).request(
        "PATCH", f"{PLANS}/{plan['id']}", json={"title": CANARY}, headers={"If-Match": plan["etag"]}
    )


async def invalid(world):
    return await (await district(world)).post(PLANS, {"year": CANARY, "title": 5, "tasks": [{"code": f"{CANARY} !"}]})


async def invalid_by_the_data(world):
    task = make.a_task(cooperating_agency_ids=[str(uuid4())])
    return await (await district(world)).post(PLANS, make.a_plan(tasks=[task]))


async def secret(world):
    return await (await district(world)).post(PLANS, make.a_plan(objectives=f"{CANARY}\nTỐI MẬT"))


async def no_json_accepted(world):
    return await (await district(world)).request("GET", PLANS, headers={"Accept": f"text/html, image/{CANARY}"})


async def unknown_parameter(world):
    headers = {"Prefer": "handling=strict"}
    return await (await district(world)).request("GET", PLANS, params={CANARY + " x": 1}, headers=headers)


async def member_twice(world):
    return await raw(world, f'{{"title": "{CANARY}", "title": "{CANARY}"}}')


async def no_precondition(world):
    plan = await a_stored_plan(world)
    return await (await district(world)).put(f"{PLANS}/{plan['id']}", make.a_plan(title=CANARY))


async def broken(world):
    async def break_down():
        raise RuntimeError(CANARY)

    world.app.add_api_route("/broken", break_down)
    return await world.api.get("/broken")


async def broken_statement(world):
    async def ask(session: SessionDep):
        await session.execute(text(f"SELECT '{CANARY}'::int"))

    world.app.add_api_route("/broken-statement", ask)
    return await world.api.get("/broken-statement")


async def broken_answer(world):
    async def answer() -> int:
        return CANARY

    world.app.add_api_route("/broken-answer", answer)
    return await world.api.get("/broken-answer")


async def unknown_asset(world):
    return await world.api.get(f"/assets/ui/{CANARY}")


async def unknown_problem(world):
    return await world.api.get(f"/problems/{CANARY}")


async def unknown_provision(world):
    return await world.api.get(f"/v1/provisions/{CANARY}")


async def unknown_code(world):
    return await (await district(world)).get(f"/v1/agencies/by-code/{CANARY}")


WAYS = [
    (malformed_json, "malformed-json"),
    (garbage_cursor, "invalid-cursor"),
    (bad_query, "invalid-parameter"),
    (bad_if_match, "invalid-parameter"),
    (no_token, "invalid-token"),
    (garbage_token, "invalid-token"),
    (two_tokens, "invalid-token"),
    (no_scope, "insufficient-scope"),
    (not_its_business, "not-permitted"),
    (unknown_path, "not-found"),
    (unknown_id, "not-found"),
    (no_uuid, "not-found"),
    (unknown_asset, "not-found"),
    (unknown_problem, "not-found"),
    (unknown_provision, "not-found"),
    (unknown_code, "not-found"),
    (wrong_method, "method-not-allowed"),
    (conflict, "conflict"),
    (wrong_state, "wrong-state"),
    (stale, "precondition-failed"),
    (announced_too_large, "content-too-large"),
    (found_too_large, "content-too-large"),
    (token_request_too_large, "content-too-large"),
    (no_content_type, "unsupported-media-type"),
    (wrong_content_type, "unsupported-media-type"),
    (text_pretending_json, "unsupported-media-type"),
    (json_for_merge_patch, "unsupported-media-type"),
    (invalid, "validation-failed"),
    (invalid_by_the_data, "validation-failed"),
    (secret, "state-secret-refused"),
    (no_precondition, "precondition-required"),
    (no_json_accepted, "not-acceptable"),
    (unknown_parameter, "invalid-parameter"),
    (member_twice, "malformed-json"),
    (broken, "internal"),
    (broken_statement, "internal"),
    (broken_answer, "internal"),
]


# One language each: what a text says in the other is the catalogue's business, below.
SPOKEN = [(way, code, ("vi", "en")[number % 2]) for number, (way, code) in enumerate(WAYS)]


@pytest.mark.parametrize(("way", "code", "language"), SPOKEN, ids=[way.__name__ for way, _ in WAYS])
async def test_every_way_of_failing_has_the_one_shape(world, way, code, language):
    await district(world)  # its token first: the language below is for the failing request
    world.api.headers["Accept-Language"] = language
    await assert_problem(world.api, await way(world), code, language)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "vi"),
        ("vi", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.4, vi;q=0.5", "vi"),
        ("fr, de;q=0.9", "vi"),
        ("fr, en;q=0.1", "en"),
        ("*, vi;q=0", "en"),
        ("en;q=nan", "vi"),
        ("en;q=1e999, vi", "en"),
        ("en;q=\xff;;;=,,,", "vi"),
        ("en;q=0", "vi"),
    ],
)
async def test_a_refusal_speaks_vietnamese_unless_english_is_preferred(api, accepted, language):
    answer = await api.get("/v1/nothing", headers=[(b"Accept-Language", accepted.encode("latin-1"))])
    await assert_problem(api, answer, "not-found", language)


async def test_a_wrong_method_is_told_every_method_there_is(world):
    plan = await a_stored_plan(world)
    caller = await district(world)
    for method, path, allow in [
        ("POST", f"{PLANS}/{plan['id']}", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("TRACE", PLANS, "GET, HEAD, OPTIONS, POST"),
        ("BREW", "/v1/provisions", "GET, HEAD, OPTIONS"),
        ("GET", f"{PLANS}/{plan['id']}/submit", "OPTIONS, POST"),
        ("HEAD", f"{PLANS}/{plan['id']}/submit", "OPTIONS, POST"),
        ("GET", "/oauth/token", "OPTIONS, POST"),
        ("DELETE", "/assets/ui/swagger-ui.css", "GET, HEAD, OPTIONS"),
    ]:
        answer = await caller.request(method, path)
        assert answer.status_code == 405, path
        assert answer.headers["Allow"] == allow
        if method != "HEAD":
            await assert_problem(world.api, answer, "method-not-allowed")


async def test_a_stale_version_is_told_the_present_one(world):
    answer = await stale(world)
    plan_id = (await (await district(world)).get(PLANS)).json()["items"][0]["id"]
    present = await (await district(world)).get(f"{PLANS}/{plan_id}")
    assert answer.headers["ETag"] == answer.json()["etag"] == present.headers["ETag"]


async def test_a_patch_in_another_type_is_told_which_one_is_read(world):
    assert (await json_for_merge_patch(world)).headers["Accept-Patch"] == "application/merge-patch+json"


async def test_a_missing_scope_is_named(world):
    answer = await no_scope(world)
    assert answer.json()["scope"] == "plans:write"
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="plans:write"'


async def test_a_challenge_names_an_error_only_where_a_token_was_sent(world):
    assert (await no_token(world)).headers["WWW-Authenticate"] == "Bearer"
    assert (await garbage_token(world)).headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.fixture
async def dead_app(settings):
    """The app of a process whose database is away."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none", role=None)
    yield create_app(settings, make.vault(), sessions=make_sessions(engine))
    await engine.dispose()


async def test_without_a_database_every_request_is_refused_for_the_moment(dead_app, world):
    token = await world.token(make.DISTRICT)
    transport = httpx.ASGITransport(dead_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
        for answer in [
            await api.get(PLANS, headers={"Authorization": f"Bearer {token}"}),
            await api.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("a", "b")),
            await api.get("/oauth/jwks.json"),
            await api.get("/readyz"),
        ]:
            await assert_problem(api, answer, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        assert (await api.get("/readyz")).json()["database"] == "away"
        assert (await api.get("/livez")).status_code == 200
        assert (await api.get("/v1/provisions")).status_code == 200


@pytest.mark.real
async def test_a_lock_or_a_statement_that_takes_too_long_is_refused_for_the_moment(real_world):
    async def sleep(session: SessionDep):
        await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        await session.execute(text("SELECT pg_sleep(5)"))

    async def wait(session: SessionDep):
        await session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        await session.execute(text("LOCK TABLE plan IN ACCESS SHARE MODE"))

    real_world.app.add_api_route("/sleep", sleep)
    real_world.app.add_api_route("/wait", wait)
    await assert_problem(real_world.api, await real_world.api.get("/sleep"), "unavailable")
    async with real_world.sessions() as other:
        await other.execute(text("LOCK TABLE plan IN ACCESS EXCLUSIVE MODE"))
        await assert_problem(real_world.api, await real_world.api.get("/wait"), "unavailable")


@pytest.mark.real
async def test_a_request_that_finds_no_free_connection_is_refused_for_the_moment(own_database, settings):
    engine = make_engine(own_database, role=None, pool_size=1)
    engine.sync_engine.pool._timeout = 0.05
    app = create_app(settings, make.vault(), sessions=make_sessions(engine))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api, engine.connect():
        await assert_problem(api, await api.get("/oauth/jwks.json"), "unavailable")
    await engine.dispose()


@pytest.mark.real
async def test_a_connection_that_dies_under_a_request_is_refused_for_the_moment(real_world):
    async def die(session: SessionDep):
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    real_world.app.add_api_route("/die", die)
    for _ in range(3):
        answer = await real_world.api.get("/die")
        await assert_problem(real_world.api, answer, "unavailable")
        assert (await real_world.api.get("/readyz")).status_code == 200


def kinds(of=Problem):
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_code_has_one_class_and_every_class_a_code():
    assert heads.MalformedRequest in kinds()
    assert sorted(kind.code for kind in kinds()) == sorted(CATALOGUE)


# What is given at the raise, for every text that has a word in braces.
FACTS = {
    "insufficient-scope": {"scope"},
    "wrong-state": {"state"},
    "content-too-large": {"limit"},
    "unsupported-media-type": {"expected"},
    "not-acceptable": {"offered"},
    "uri-too-long": {"limit"},
    "headers-too-large": {"limit", "count"},
}


def words(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_is_told_in_vietnamese_and_english_with_the_same_facts(code):
    entry = CATALOGUE[code]
    assert set(entry.title) == set(entry.detail) == {"vi", "en"}
    if code == "conflict":  # its texts come from the room whose rule it is
        assert words(entry.detail["vi"]) == {"reason_vi"}
        assert words(entry.detail["en"]) == {"reason_en"}
        return
    assert words(entry.detail["vi"]) == words(entry.detail["en"]) == FACTS.get(code, set())
    assert not words(entry.title["vi"]) | words(entry.title["en"])


@pytest.mark.parametrize("code", FIELDS)
def test_every_field_error_is_told_in_vietnamese_and_english_with_the_same_facts(code):
    texts = FIELDS[code]
    assert set(texts) == {"vi", "en"}
    assert words(texts["vi"]) == words(texts["en"])


def test_the_catalogue_declares_real_error_statuses_and_plain_codes():
    for entry in CATALOGUE.values():
        assert 400 <= entry.status <= 599
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.code)


def test_every_refusal_in_the_documentation_is_a_problem_document(app):
    document = app.openapi()
    for path, operations in document["paths"].items():
        if path in {"/oauth/token", "/oauth/revoke", "/oauth/introspect"}:
            continue  # RFC 6749 has its own
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    if "$ref" in response:
                        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]  # noqa: PLW2901
                    assert list(response["content"]) == [MEDIA_TYPE], (method, path, status)
                    codes = re.findall(r"`([a-z-]+)`", response["description"])
                    assert codes, (method, path, status)
                    assert {CATALOGUE[code].status for code in codes} == {int(status)}


async def test_the_problem_pages_list_every_code_in_both_languages(api):
    for language in ("vi", "en"):
        answer = await api.get("/problems", headers={"Accept-Language": language})
        assert answer.headers["Content-Language"] == language
        assert {item["code"]: item["title"] for item in answer.json()["items"]} == {
            code: entry.title[language] for code, entry in CATALOGUE.items()
        }


def test_the_session_of_a_request_ends_before_the_answer_is_sent():
    assert SessionDep.__metadata__[0].scope == "function"
    assert SessionDep.__metadata__[0].dependency is open_session


async def test_a_problem_raised_twice_at_once_speaks_to_each_caller_in_its_language(api):
    answers = await asyncio.gather(
        *(api.get("/v1/plans?limit=x", headers={"Accept-Language": ("vi", "en")[n % 2]}) for n in range(10))
    )
    assert {a.headers["Content-Language"] for a in answers} == {"vi", "en"}
