"""Every kind of record, by its own declaration: its example, its moves, who is told, the catalogue."""

import pytest

from app.records.kinds import KINDS
from tests.records import hands
from tests.records.furnished import on_stage

EVERY = pytest.mark.parametrize("name", KINDS)


@pytest.fixture(scope="module")
async def world(engine, built, server_url):
    """One for all of these tests: each looks at records of its own."""
    async with on_stage(engine, built, server_url) as found:
        yield found.world


@EVERY
async def test_the_example_of_a_kind_is_accepted_and_comes_back_the_same(world, name):
    body = hands.a_body(name, named=await hands.named(world, name))
    caller = await world.as_(hands.writer(name))
    made = await hands.done(caller.post("/v1/records", body), 201)
    answer = await caller.get(f"/v1/records/{made['id']}")
    shown = answer.json()
    assert shown == made
    assert answer.headers["ETag"] == made["etag"]
    assert list(shown["details"]) == list(KINDS[name].details.model_fields)
    for member in body.keys() - {"no_state_secret"}:
        assert shown[member] == body[member], member
    assert shown["state"] == KINDS[name].initial
    assert shown["provisions"] == [str(cited) for cited in KINDS[name].provisions]
    again = await caller.request("PUT", f"/v1/records/{made['id']}", json=body, headers={"If-Match": made["etag"]})
    assert again.json()["version"] == 1
    assert await hands.read(world, hands.OUTSIDER, made) == (200 if KINDS[name].initial in KINDS[name].sharing else 404)
    assert await hands.fed(world, hands.writer(name), made) == [KINDS[name].opened.name]


@EVERY
async def test_every_move_of_a_kind_leads_where_its_declaration_says_and_tells_whom_it_names(world, name):
    kind, walked = KINDS[name], set()
    for step in kind.steps:
        if step.name in walked:
            continue
        way = [*hands.way_to(kind, min(step.sources, key=lambda s: len(hands.way_to(kind, s)))), step.name]
        record = await hands.recorded(world, name)
        for move in way:
            one, before = kind.step(move), record["state"]
            allowed = await hands.done((await world.as_(hands.mover(name, one))).get(f"/v1/records/{record['id']}"))
            assert move in [m["move"] for m in allowed["allowed_moves"]]
            record = await hands.moved(world, record, move, **await hands.target(world, record, move))
            assert record["state"] == one.leads(before)
            assert record["steps"][-1]["move"] == move
            walked.add(move)
        for told in step.tells:
            slug = hands.HOLDERS.get(told) or (hands.writer(name) if told == "owner" else hands.VISITED)
            if told == "MEMBER" and kind.shared_without:
                slug = hands.OUTSIDER  # a member that is no district
            assert step.event.name in await hands.fed(world, slug, record), told


@EVERY
async def test_a_move_is_refused_to_others_and_in_other_states(world, name):
    kind = KINDS[name]
    record = await hands.recorded(world, name)
    for step in kind.steps:
        if kind.initial not in step.sources:
            answer = await hands.move(world, record, step.name, **({"into_id": record["id"]} if step.merges else {}))
            hidden = await hands.read(world, hands.mover(name, step), record) == 404
            assert answer.json()["code"] == ("not-found" if hidden else "wrong-state"), step.name
        other = next(s for s in hands.reads_by_function(name) if s != hands.mover(name, step))
        makes = step.holders & {f for f, slug in hands.HOLDERS.items() if slug == other}
        if not makes and other != hands.writer(name):
            assert (await hands.move(world, record, step.name, other)).status_code == 403, step.name
    stranger = await world.as_(hands.OUTSIDER)
    moves = f"/v1/records/{record['id']}/moves"
    assert (await stranger.post(f"{moves}/{kind.steps[0].name}", {}, "*")).status_code == (
        403 if kind.initial in kind.sharing else 404
    )
    mine = await world.as_(hands.writer(name))
    assert (await mine.post(f"{moves}/no_such_move", {}, "*")).status_code == 404


async def test_the_catalogue_says_what_the_declarations_say(world):
    found = (await world.api.get("/v1/record-kinds")).json()["items"]
    assert [kind["name"] for kind in found] == list(KINDS)
    for kind in found:
        one = await world.api.get(f"/v1/record-kinds/{kind['name']}")
        assert one.json() == kind
        assert [move["name"] for move in kind["moves"]] == [step.name for step in KINDS[kind["name"]].steps]
        assert kind["details"]["properties"]["kind"]["const"] == kind["name"]
    assert (await world.api.get("/v1/record-kinds/nothing")).status_code == 404
