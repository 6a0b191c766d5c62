"""Copies of press events, of what hangs on them, and of budgets follow whatever gives a row to sight or takes it."""

from datetime import timedelta
from itertools import product

import pytest
import time_machine

from app.kit.clock import now
from app.press import circle, event_queries, event_watch, invitation_queries
from app.press.event_models import PressEvent
from app.press.invitation_models import PressInvitation
from app.rooms import RESOURCES
from app.sync import queries
from tests import make
from tests.budgets import hands as budgets
from tests.press.hands import (
    HOST,
    OTHER_PRESS,
    OUTSIDER,
    OWNER,
    PRESS,
    done,
    guided,
    moved,
    patched,
    scheduled,
    watched,
)
from tests.sync.copying import Copy
from tests.wire.server import ROOT

PRESS_PATHS = {
    "press_event": "/v1/press-events",
    "press_invitation": "/v1/press-invitations",
    "press_series": "/v1/press-series",
    "press_guidance": "/v1/press-guidance",
    "information_supply": "/v1/information-supplies",
    "press_product": "/v1/press-products",
}
BUDGET_PATHS = {"budget_estimate": "/v1/budget-estimates", "provincial_budget": "/v1/provincial-budgets"}
LEFT_OUT = {"agency", "focal_point", "press_feed", "webhook_endpoint", "webhook_delivery"}
EVERYBODY = (OWNER, HOST, PRESS, OTHER_PRESS, OUTSIDER, make.COORDINATOR)
AHEAD = "2099-01-01T00:00:00+07:00"
HIDDEN, DELETED = "no_longer_visible", "deleted"


class Copies:
    """A copy of each agency, held against the lists after every step."""

    def __init__(self, copies, paths):
        self.copies, self.paths = copies, paths

    @classmethod
    async def of(cls, world, slugs, paths):
        types = ",".join(paths)
        found = {slug: Copy(await world.as_(slug), world, types=types, limit=2) for slug in slugs}
        return await cls(found, paths).pulled()

    async def pulled(self):
        for copy in self.copies.values():
            await copy.pull()
            await copy.check(self.paths)
            assert len({id for _, id, _ in copy.told}) == len(copy.told), "each once"
        return self

    def lost(self, row, kind="press_event"):
        """Whom it was taken from at the last pull, and why."""
        told = ((slug, item) for slug, copy in self.copies.items() for item in copy.told)
        return {slug: reason for slug, (of, id, reason) in told if reason and (of, id) == (kind, row["id"])}

    def having(self, row):
        return {slug for slug, copy in self.copies.items() if row["id"] in copy.has}


@pytest.fixture
def short_looks(monkeypatch):
    """A look goes through so little that it often finds nothing."""
    monkeypatch.setattr(queries, "SCANNED", 4)


async def invited(world, event, *slugs):
    body = {
        "agency_ids": [str(await world.agency_id(slug)) for slug in slugs],
        "accredit_before": "2099-03-09T17:00:00+07:00",
    }
    await done((await world.as_(OWNER)).post(f"/v1/press-events/{event['id']}/invitations", body, "*"))
    page = await done((await world.as_(OWNER)).get(f"/v1/press-invitations?event={event['id']}"))
    return page["items"]


async def hosting(world, *slugs):
    return {"host_ids": [str(await world.agency_id(slug)) for slug in slugs]}


@pytest.mark.usefixtures("short_looks")
async def test_copies_of_press_events_follow_hosts_guests_visibility_and_embargoes(world):
    copies = await Copies.of(world, EVERYBODY, PRESS_PATHS)
    behind = {OWNER, HOST, make.COORDINATOR}
    event = await scheduled(world, visibility="public", **await hosting(world, HOST))
    (guest,) = await invited(world, event, PRESS)
    await copies.pulled()
    assert (copies.having(event), copies.having(guest)) == (behind, behind)
    await done(moved(world, event, "announce"))
    await copies.pulled()
    assert (copies.having(event), copies.having(guest)) == (set(EVERYBODY), behind | {PRESS})

    await done(patched(world, event, {"visibility": "press"}))
    await copies.pulled()
    assert copies.lost(event) == {OUTSIDER: HIDDEN}
    until = now() + timedelta(minutes=2)
    await done(patched(world, event, {"embargo_until": until.isoformat()}))
    await copies.pulled()
    assert copies.lost(event) == {OTHER_PRESS: HIDDEN}
    assert copies.having(event) == behind | {PRESS}

    with time_machine.travel(until):
        assert await watched(world, event_watch.release, now()) == 1
        await copies.pulled()
        assert copies.having(event) == behind | {PRESS, OTHER_PRESS}
        await done(patched(world, event, await hosting(world, OUTSIDER)))
        await copies.pulled()
        assert copies.lost(event) == {HOST: HIDDEN}
        assert copies.lost(guest, "press_invitation") == {HOST: HIDDEN}
        assert copies.having(guest) == {OWNER, OUTSIDER, PRESS, make.COORDINATOR}
        await done(patched(world, event, {"visibility": "internal"}))
        await done(moved(world, event, "cancel"))
        await copies.pulled()
        assert copies.lost(event) == {OTHER_PRESS: HIDDEN}
        assert copies.having(event) == {OWNER, OUTSIDER, PRESS, make.COORDINATOR}


async def test_a_draft_that_is_deleted_takes_its_invitations_along_and_no_guest_hears_of_it(world):
    event = await scheduled(world, **await hosting(world, HOST))
    guests = await invited(world, event, PRESS, OTHER_PRESS)
    copies = await Copies.of(world, EVERYBODY, PRESS_PATHS)
    answer = await (await world.as_(OWNER)).request(
        "DELETE", f"/v1/press-events/{event['id']}", headers={"If-Match": "*"}
    )
    assert answer.status_code == 204, answer.text
    await copies.pulled()
    gone = dict.fromkeys((OWNER, HOST, make.COORDINATOR), DELETED)
    assert copies.lost(event) == gone
    assert [copies.lost(guest, "press_invitation") for guest in guests] == [gone] * 2
    assert {slug for slug, copy in copies.copies.items() if copy.told} == set(gone)


@pytest.mark.usefixtures("short_looks")
async def test_copies_follow_what_else_the_press_is_told(world):
    copies = await Copies.of(world, EVERYBODY, PRESS_PATHS)
    owner = await world.as_(OWNER)
    press, other = [str(await world.agency_id(slug)) for slug in (PRESS, OTHER_PRESS)]
    supply = await done(owner.post("/v1/information-supplies", make.a_supply(press_body_ids=[press])), 201)
    event = await scheduled(world, slug=make.COORDINATOR)
    guidance = await guided(world, event, addressee_ids=[press])
    await done(owner.post("/v1/press-series", make.a_series()), 201)
    await done((await world.as_(PRESS)).post("/v1/press-products", make.a_product()), 201)
    await copies.pulled()
    assert copies.having(supply) == {OWNER, PRESS, make.COORDINATOR}
    path = f"/v1/information-supplies/{supply['id']}"
    await done(owner.put(path, make.a_supply(press_body_ids=[other]), "*"))
    coordinator = await world.as_(make.COORDINATOR)
    await done(coordinator.post(f"/v1/press-guidance/{guidance['id']}/withdraw", {"reason": "Nhầm"}, "*"))
    await copies.pulled()
    assert copies.lost(supply, "information_supply") == {PRESS: HIDDEN}
    assert copies.having(supply) == {OWNER, OTHER_PRESS, make.COORDINATOR}
    assert copies.having(guidance) == {PRESS, make.COORDINATOR}


@pytest.mark.usefixtures("short_looks")
async def test_copies_of_estimates_and_budgets_follow_what_finance_may_read(world):
    slugs = (make.DISTRICT, make.OTHER_DISTRICT, make.FINANCE, make.COORDINATOR)
    copies = await Copies.of(world, slugs, BUDGET_PATHS)
    plan, estimate = await budgets.accepted(world)
    mine = {"id": estimate}
    await copies.pulled()
    assert copies.having(mine) == {make.DISTRICT, make.FINANCE, make.COORDINATOR}
    district = await world.as_(make.DISTRICT)
    await budgets.moved(district, "plans", plan, "withdraw", make.WITHDRAW)
    await copies.pulled()
    assert copies.lost(mine, "budget_estimate") == {make.FINANCE: HIDDEN}

    _, draft = await budgets.drafted(world, year=2028)
    answer = await district.request("DELETE", f"/v1/budget-estimates/{draft['id']}", headers={"If-Match": "*"})
    assert answer.status_code == 204, answer.text
    await copies.pulled()
    assert not any(draft["id"] in {id for _, id, _ in copies.copies[slug].told} for slug in slugs[1:3])

    budget = await budgets.a_budget_in(world, "draft")
    await copies.pulled()
    assert copies.having(budget) == {make.COORDINATOR}
    await budgets.to(world, budget["id"], "returned")
    await copies.pulled()
    assert copies.having(budget) == {make.COORDINATOR, make.FINANCE}
    await budgets.to(world, budget["id"], "decided")
    await copies.pulled()


def test_every_resource_that_is_read_is_among_the_changes_or_left_out_for_a_reason():
    page = (ROOT / "docs" / "sync" / "README.md").read_text()
    summed = {name for name, resource in RESOURCES.items() if resource.summary}
    assert {name for name, resource in RESOURCES.items() if resource.path} - summed == LEFT_OUT
    assert [name for name in summed | LEFT_OUT if f"`{name}`" not in page] == []


async def actor_of(world, slug):
    return await world.app.state.snapshot.authenticate((await world.as_(slug)).token, "http://test")


async def test_who_may_read_an_event_and_its_invitations_is_said_alike_for_a_row_and_for_a_statement(world):
    ways = product(((), ("announce",), ("announce", "cancel")), ("public", "press", "internal"), (None, AHEAD))
    ids = {slug: await world.agency_id(slug) for slug in EVERYBODY}
    actors = {slug: await actor_of(world, slug) for slug in EVERYBODY}
    for moves, visibility, embargo in ways:
        event = await scheduled(world, visibility=visibility, embargo_until=embargo, **await hosting(world, HOST))
        (guest,) = await invited(world, event, PRESS)
        for move in moves:
            await done(moved(world, event, move))
        async with world.sessions() as session:
            row = await session.get_one(PressEvent, event["id"])
            invitation = await session.get_one(PressInvitation, guest["id"])
            readers = (await circle.around(session, actors[OWNER], [row])).readers(row)
            for slug, actor in actors.items():
                sees = (await session.scalars(event_queries.one(actor, row.id))).one_or_none() is not None
                known = readers.event
                said = slug in {OWNER, make.COORDINATOR} or known.everybody or ids[slug] in known.agencies
                assert sees == said, (slug, moves, visibility, embargo)
                found = await session.scalars(invitation_queries.one(actor, invitation.id))
                said = slug in {OWNER, make.COORDINATOR} or ids[slug] in readers.invitations.agencies
                assert (found.one_or_none() is not None) == (said or (slug == PRESS and bool(moves))), (slug, moves)
