"""Changes name the version they saw; lists are walked by a cursor that fits its own list only."""

import base64
import string
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from pydantic_core import to_json

from app.kit.etag import etag
from tests import make
from tests.shape import assert_problem

PLANS = "/v1/plans"


async def a_stored_plan(world, **changes):
    return (await (await world.as_(make.DISTRICT)).post(PLANS, make.a_plan(**changes))).json()


@pytest.mark.parametrize(
    "written", ["{}", "W/{}", '"v9.0", {}', "{} , W/{}", '"{version}"', '"{version}.0"', "*", " * ", "  {}  "]
)
async def test_a_change_passes_when_if_match_names_the_version(world, written):
    plan = await a_stored_plan(world)
    version = plan["etag"].strip('"').split(".")[0]
    tag = written.replace("{version}", version).replace("{}", plan["etag"])
    answer = await (await world.as_(make.DISTRICT)).put(f"{PLANS}/{plan['id']}", make.a_plan(title="Khác"), tag)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == answer.json()["etag"] != plan["etag"]


NO_TAGS = [
    "",
    " ",
    ",",
    '"',
    '""',
    "v1",
    '"1"',
    '"v"',
    '"v-1"',
    '"v1',
    'v1"',
    '"V1"',
    '"v1.zz"',
    '"v1.12345678901234567"',
    "W/",
    'w/"v1"',
    '"v1" "v1"',
    '"v1",',
    '"v1", x',
    "**",
    "*,",
    '"v1.0" *',
    '"v99999999999999999999"',
    "\xff",
]


async def test_an_if_match_that_is_not_one_is_an_invalid_parameter(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    for written in NO_TAGS:
        headers = {"If-Match": written.encode("latin-1")}
        answer = await caller.request("PUT", f"{PLANS}/{plan['id']}", json=make.a_plan(), headers=headers)
        document = await assert_problem(world.api, answer, "invalid-parameter")
        assert document["errors"][0]["header"] == "If-Match"
        assert document["errors"][0]["code"] == "malformed_etag"


async def test_every_change_of_a_plan_needs_its_version_and_refuses_a_stale_one(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    path = f"{PLANS}/{plan['id']}"
    patch = {"Content-Type": "application/merge-patch+json"}
    changes = [
        ("PUT", path, make.a_plan(), {}),
        ("PATCH", path, {"title": "Khác"}, patch),
        ("DELETE", path, None, {}),
        ("POST", f"{path}/submit", make.SUBMIT, {}),
    ]
    for method, where, body, headers in changes:
        missing = await caller.request(method, where, json=body, headers=headers)
        await assert_problem(world.api, missing, "precondition-required")
        stale = await caller.request(method, where, json=body, headers={**headers, "If-Match": '"v999.0"'})
        document = await assert_problem(world.api, stale, "precondition-failed")
        assert document["etag"] == stale.headers["ETag"] == plan["etag"]
    assert (await caller.get(path)).json() == plan


async def test_a_version_is_compared_whatever_was_derived_beside_it(world):
    plan = await a_stored_plan(world)
    sent = (await (await world.as_(make.DISTRICT)).move(plan, "submit", make.SUBMIT)).json()
    seen = (await (await world.as_(make.COORDINATOR)).get(f"{PLANS}/{plan['id']}")).json()
    assert sent["version"] == seen["version"]
    assert sent["etag"] != seen["etag"]  # what each may do next differs
    accepted = await (await world.as_(make.COORDINATOR)).move(sent, "accept", {})
    assert accepted.status_code == 200


def test_a_tag_differs_when_what_was_derived_does():
    assert etag(7, ["a"]) == etag(7, ["a"]) != etag(7, ["b"])
    assert etag(7, "x").startswith('"v7.')
    assert etag(7) != etag(8)


async def walk(caller, path, limit, between=None, **query):
    """The ids of every item, page by page, following `next_cursor` and checking the Link beside it."""
    found, cursor = [], None
    while True:
        answer = await caller.get(path, params={**query, "limit": limit} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            assert "Link" not in answer.headers
            return found
        assert len(page["items"]) == limit
        link = dict(parse_qsl(urlsplit(answer.headers["Link"][1:].partition(">")[0]).query))
        assert link == {**query, "limit": str(limit), "cursor": cursor}
        if between:
            await between()


@pytest.mark.parametrize("limit", range(1, 8))
async def test_a_walk_yields_every_agency_once_in_the_same_order(world, limit):
    caller = await world.as_(make.DISTRICT)
    whole = await walk(caller, "/v1/agencies", 200)
    narrowed = {"kind": "district"}
    assert len(whole) == len(set(whole)) > 20
    assert await walk(caller, "/v1/agencies", limit, **narrowed) == await walk(caller, "/v1/agencies", 200, **narrowed)
    if limit > 4:
        assert await walk(caller, "/v1/agencies", limit) == whole


@pytest.mark.parametrize("limit", range(1, 8))
async def test_a_walk_yields_every_plan_once_while_others_are_written(world, limit):
    district = await world.as_(make.DISTRICT)
    before = [(await a_stored_plan(world, year=2014 + n, tasks=[]))["id"] for n in range(9)]
    years = iter(range(2040, 2100))

    async def write():
        await a_stored_plan(world, year=next(years), tasks=[])

    found = await walk(district, PLANS, limit, between=write)
    assert len(found) == len(set(found))
    assert [id for id in found if id in before] == before[::-1]


async def test_a_page_may_be_of_another_size_than_the_one_before(world):
    caller = await world.as_(make.DISTRICT)
    first = (await caller.get("/v1/agencies", params={"limit": 3})).json()
    rest = (await caller.get("/v1/agencies", params={"limit": 200, "cursor": first["next_cursor"]})).json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == await walk(caller, "/v1/agencies", 200)


async def cursor_of(caller, path="/v1/agencies", **query):
    return (await caller.get(path, params={**query, "limit": 1})).json()["next_cursor"]


async def refused(world, path="/v1/agencies", **query):
    answer = await (await world.as_(make.DISTRICT)).get(path, params=query)
    await assert_problem(world.api, answer, "invalid-cursor")


async def test_a_cursor_altered_in_any_character_is_refused(world):
    cursor = await cursor_of(await world.as_(make.DISTRICT))
    alphabet = string.ascii_letters + string.digits + "-_"
    for at, was in enumerate(cursor):
        other = alphabet[(alphabet.index(was) + 1) % 64]
        await refused(world, cursor=cursor[:at] + other + cursor[at + 1 :])
    for spelled in (cursor + "=", cursor + "A", cursor[:-1], cursor[1:], cursor + "!", "\n" + cursor, cursor.upper()):
        await refused(world, cursor=spelled)


async def test_a_cursor_of_another_filter_or_path_is_refused(world):
    caller = await world.as_(make.DISTRICT)
    plain, narrowed = await cursor_of(caller), await cursor_of(caller, kind="district")
    await refused(world, cursor=plain, kind="district")
    await refused(world, cursor=plain, as_of="2020-01-01")
    await refused(world, cursor=narrowed)
    await refused(world, cursor=narrowed, kind="department")
    await refused(world, PLANS, cursor=plain)
    await refused(world, cursor=await cursor_of(caller, "/v1/responsibilities"))


GARBAGE = ["x", "=", "%", "a" * 2000, "AAAA", "A" * 22, "A" * 64, "😀", "null", "..", "\x00", "à"]


async def test_garbage_for_a_cursor_is_refused(world):
    for garbage in GARBAGE:
        await refused(world, cursor=garbage)


async def test_a_cursor_longer_than_any_of_ours_is_an_invalid_parameter(world):
    answer = await (await world.as_(make.DISTRICT)).get("/v1/agencies", params={"cursor": "a" * 2001})
    await assert_problem(world.api, answer, "invalid-parameter")


@pytest.mark.parametrize(
    "keys", [[], ["a"], ["a", "no uuid"], [1, 2], [None, None], [["a"], ["b"]], ["a", str(uuid4()), None]]
)
async def test_a_genuine_cursor_that_does_not_fit_the_order_is_refused(world, app, keys):
    bound = sha256(to_json(["/v1/agencies", []])).digest()
    payload = to_json(keys)
    raw = app.state.vault.mac("cursor", bound + payload) + payload
    await refused(world, cursor=base64.urlsafe_b64encode(raw).decode().rstrip("="))


NO_LIMITS = ["0", "-1", "201", "1e2", "x", "", "9" * 30, "1.5", "٣", "\x00"]


async def test_a_limit_out_of_its_bounds_is_an_invalid_parameter(world):
    for limit in NO_LIMITS:
        answer = await (await world.as_(make.DISTRICT)).get("/v1/agencies", params={"limit": limit})
        document = await assert_problem(world.api, answer, "invalid-parameter")
        assert document["errors"][0]["parameter"] == "limit"


async def test_a_cursor_shows_no_row_that_its_bearer_may_not_see(world):
    for year in (2020, 2021, 2022):
        await a_stored_plan(world, year=year, tasks=[])
    cursor = await cursor_of(await world.as_(make.DISTRICT), PLANS)
    stranger = await world.as_(make.OTHER_DISTRICT)
    assert (await stranger.get(PLANS, params={"cursor": cursor})).json()["items"] == []
