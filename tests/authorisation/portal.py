"""The private feeds of every agency, and what is read without a token; and the looks at both."""

from app.flow.procedure import recorded
from app.portal import holding_rules
from app.portal.editions import Editions
from app.portal.holders import digest_of
from app.portal.models import ACTIVE, PressFeed
from tests.authorisation.expected import OTHER
from tests.authorisation.press import MATERIALS, SHARED
from tests.authorisation.records import OUT
from tests.portal.hands import EVENTS, ICS, calendar, entries

PUBLIC = {"public", "public with a host", "released"}
"""Of the shared events, those that everybody may know of."""


def secret(slug):
    """The secret part of an agency's private address."""
    return f"secret of {slug}".replace(" ", "-")


def furnish(session, ground, slug):
    """A private feed of one agency."""
    has = ground.has[slug]
    row = PressFeed(
        agency_id=has.agency, state=ACTIVE, name=f"Lịch của {slug}", language="vi", digest=digest_of(secret(slug))
    )
    session.add(row)
    recorded(session, ground.actor(slug), row, holding_rules.CREATED)
    has.press_feed = row.id


async def looks(ground, unless, owner, press):
    """What anybody is shown, what the holder of a private address is, and whose feeds are whose."""
    # What was built by a service without mistakes would hide them.
    ground.app.state.editions = Editions(ground.app.state.reader)
    shown = {str(ground.events[name]) for name in PUBLIC}
    listed = (await ground.api.get(f"{EVENTS}?limit=200")).json()["items"]
    unless("the public's list", {item["id"] for item in listed}, shown)
    names = {str(id): name for name, id in ground.events.items()}
    for id, name in names.items():
        answer = await ground.api.get(f"{EVENTS}/{id}")
        unless(f"the public reads {name}", answer.status_code, 200 if id in shown else 404)
        if id in shown:
            titles = [item["title"] for item in answer.json()["materials"]]
            unless("the public's materials", titles, [item["title"] for item in MATERIALS[:2]])
    unless("the public's calendar", await _in_calendar(ground, ICS), shown)
    unless("the public's feed", set(await entries(ground.world)), shown)
    hosted = {str(ground.events["public with a host"])}
    for slug, wanted in ((owner.slug, shown), (OTHER, hosted), (press.slug, set())):
        host = ground.has[slug].agency
        unless("the calendar of one host", await _in_calendar(ground, f"{ICS}?agency={host}"), wanted)
    plans = {item["state"] for item in (await ground.api.get("/v1/public/plans?limit=200")).json()["items"]}
    unless("plans that were not issued", plans - {"issued", "amended", "superseded", "closed"}, set())
    unless("the public's plans", "issued" in plans, 1)
    await _records(ground, unless)
    private = await _in_calendar(ground, f"/v1/press-calendars/{secret(press.slug)}.ics")
    known = {str(ground.events[name]) for name, (_, done, who) in SHARED.items() if done and press.slug in who}
    invited = {str(ground.feast)}
    own = {str(id) for id in (ground.has[press.slug].announced_event, ground.has[press.slug].held_event)}
    unless("a press body's calendar", private, known | invited | own)
    theirs = {"id": ground.has[owner.slug].press_feed}
    for principal, status in ((press, 404), (owner, 200)):
        answer = await ground.ask(principal, "get_press_feed", theirs)
        unless(f"{principal.name} and a private feed", answer.status_code, status)


async def _records(ground, unless):
    """Of the records the one that is out; of press products every one."""
    for path, shown in (
        ("/v1/public/records", {str(ground.records[OUT])}),
        ("/v1/public/press-products", {str(has.product) for has in ground.has.values()}),
    ):
        listed = (await ground.api.get(f"{path}?limit=200")).json()["items"]
        unless(f"the public's list: {path}", {item["id"] for item in listed}, shown)
    for name, id in ground.records.items():
        answer = await ground.api.get(f"/v1/public/records/{id}")
        unless(f"the public reads {name}", answer.status_code, 200 if name == OUT else 404)


async def _in_calendar(ground, path):
    """The uids in a calendar; what it says where it is none."""
    answer = await ground.api.get(path)
    return set(calendar(answer)) if answer.is_success else answer.text
