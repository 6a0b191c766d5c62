"""A press body's own calendar: an address nobody guesses, that shows what the body may know of, and ends for good."""

from hashlib import sha256

import pytest
import structlog
from sqlalchemy import text

from tests import make
from tests.authorisation.ground import told
from tests.portal.hands import a_private_calendar, announced, at, fresh, invited, look, subscribed
from tests.press.hands import OTHER_PRESS, OWNER, PRESS, an_event, done

MISSING = "/v1/press-calendars/" + "A" * 43 + ".ics"


async def test_it_shows_what_the_press_body_may_know_of_and_nothing_else(world):
    public = await announced(world)
    press = await announced(world, visibility="press", form="other")
    internal = await announced(world, make.OTHER_DISTRICT, visibility="internal")
    await invited(world, internal, PRESS, make.OTHER_DISTRICT)
    await an_event(world)
    _, path = await a_private_calendar(world, PRESS, language="en")
    answer = await look(world, path)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Last-Modified" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    found = await subscribed(world, path)
    assert set(found) == {public["uid"], press["uid"], internal["uid"]}
    assert found[internal["uid"]].url.value == f"http://test/v1/press-events/{internal['id']}"
    assert found[press["uid"]].categories.value == ["Other form"]
    _, theirs = await a_private_calendar(world, OTHER_PRESS)
    assert set(await subscribed(world, theirs)) == {public["uid"], press["uid"]}
    assert (await world.api.get(path, headers={"If-None-Match": answer.headers["ETag"]})).status_code == 304


async def test_an_invitation_is_seen_at_the_next_poll(world):
    event = await announced(world, visibility="internal")
    _, path = await a_private_calendar(world, PRESS)
    assert await subscribed(world, path) == {}
    await invited(world, event, PRESS)
    assert set(await subscribed(world, path)) == {event["uid"]}


async def test_its_address_is_shown_once_and_kept_as_a_digest_alone(world):
    made, path = await a_private_calendar(world, PRESS)
    secret = path.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) == 43
    caller = await world.as_(PRESS)
    for shown in (f"/v1/press-feeds/{made['id']}", "/v1/press-feeds"):
        assert secret not in (await caller.get(shown)).text
    async with world.sessions() as session:
        (digest,) = await session.scalars(text("SELECT digest FROM press_feed"))
    assert digest == sha256(secret.encode()).digest()


async def test_revoked_it_looks_like_what_never_was(world):
    made, path = await a_private_calendar(world, PRESS)
    await look(world, path)
    gone = await (await world.as_(PRESS)).request(
        "DELETE", f"/v1/press-feeds/{made['id']}", headers={"If-Match": made["etag"]}
    )
    assert gone.status_code == 204
    answers = [told(await world.api.get(at)) for at in (path, MISSING, "/v1/press-calendars/x.ics")]
    assert answers[0][0] == 404
    assert answers[0] == answers[1] == answers[2]


async def test_a_body_that_is_no_press_body_any_more_reads_nothing(world):
    _, path = await a_private_calendar(world, PRESS)
    held = "UPDATE function_held SET valid_to = '2027-01-01' WHERE function = 'PRESS' AND agency_id = :agency"
    await world.operator(held, agency=await world.agency_id(PRESS))
    await look(world, path)
    with at("2027-01-01T00:00:00+07:00"):
        await fresh(world)
        assert told(await world.api.get(path)) == told(await world.api.get(MISSING))


async def test_only_press_bodies_make_one_and_each_sees_its_own(world):
    made, _ = await a_private_calendar(world, PRESS)
    for slug, status in ((OWNER, 403), (make.COORDINATOR, 403)):
        refused = await (await world.as_(slug)).post("/v1/press-feeds", {"name": "Lịch"})
        assert refused.status_code == status, slug
    for slug in (OTHER_PRESS, make.COORDINATOR):
        caller = await world.as_(slug)
        assert (await caller.get(f"/v1/press-feeds/{made['id']}")).status_code == 404
        assert (await done(caller.get("/v1/press-feeds")))["items"] == []


async def test_no_agency_has_more_than_it_can_look_after(world):
    for _ in range(20):
        await a_private_calendar(world, PRESS)
    refused = await (await world.as_(PRESS)).post("/v1/press-feeds", {"name": "Lịch"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


@pytest.fixture
def limited(app):
    app.state.limiter._limit = 2
    app.state.limiter._portion = 1


async def test_one_address_is_polled_no_oftener_than_a_client_may_ask(world, limited):
    _, path = await a_private_calendar(world, PRESS)
    answers = [(await world.api.get(path)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


async def test_its_secret_is_in_no_log_no_problem_and_no_event(world):
    _, path = await a_private_calendar(world, PRESS)
    secret = path.rpartition("/")[2].removesuffix(".ics")
    with structlog.testing.capture_logs() as logs:
        await look(world, path)
        missing = await world.api.get(MISSING)
        wrong = await world.api.post(path)
        turned_away = await world.api.get(path, headers={"Accept": "image/png"})
        world.app.state.editions._build = None  # a fault of ours, while it is served
        world.app.state.editions._kept.clear()
        broken = await world.api.get(path)
    assert (wrong.status_code, turned_away.status_code, broken.status_code) == (405, 406, 500)
    assert logs
    for said in (str(logs), missing.text, wrong.text, turned_away.text, broken.text):
        assert secret not in said
        assert "A" * 43 not in said
    async with world.sessions() as session:
        for table in ("event", "press_feed", "idempotency_key"):
            assert secret not in str((await session.execute(text(f"SELECT t::text FROM {table} AS t"))).all())
