"""The press events of every agency, with guests, series, guidance, supplies and products; and the looks at them."""

from app.flow.procedure import recorded
from app.flow.versions import keep
from app.kit.clock import now
from app.kit.etag import Expected
from app.press import (
    event_rules,
    event_service,
    guidance_rules,
    guidance_service,
    invitation_rules,
    materials,
    series_service,
    supply_rules,
    supply_service,
)
from app.press.event_models import PressEvent
from app.press.event_schemas import AnnounceEvent, MaterialsWrite, PressEventWrite
from app.press.guidance_models import PressGuidance
from app.press.guidance_schemas import GuidanceWrite
from app.press.invitation_models import PressInvitation
from app.press.series_schemas import SeriesWrite
from app.press.supply_models import InformationSupply, PressProduct
from tests import make
from tests.authorisation.expected import AGENCIES, COORDINATOR, OTHER, OWNER, READS_ALL

PRESS, FORMER, GUEST = "bao-dak-lak", "cuc-hai-quan", "so-noi-vu"
AHEAD = "2098-01-01T00:00:00+07:00"
MOVES = event_rules.PRESS_EVENT.moves
MATERIALS = [
    {"title": "Cho mọi người", "link": "https://a.example/1"},
    {"title": "Hết hạn", "link": "https://a.example/2", "embargo_until": "2020-01-01T00:00:00+07:00"},
    {"title": "Cấm đưa tin", "link": "https://a.example/3", "embargo_until": AHEAD},
    {"title": "Nội bộ", "link": "https://a.example/4", "internal": True},
]

# The shared events: whose, what they say, whether announced; and who knows of them beside their owner and those who
# read all. `host` names OTHER beside the owner, `guest` invites GUEST.
SHARED = {
    "a draft": ({}, False, ()),
    "a draft with a host": ({"host": True}, False, (OTHER,)),
    "a draft with a guest": ({"guest": True}, False, ()),
    "public": ({}, True, tuple(AGENCIES)),
    "public with a host": ({"host": True}, True, tuple(AGENCIES)),
    "press": ({"visibility": "press"}, True, (PRESS, FORMER)),
    "internal": ({"visibility": "internal"}, True, ()),
    "internal with a host": ({"visibility": "internal", "host": True}, True, (OTHER,)),
    "internal with a guest": ({"visibility": "internal", "guest": True}, True, (GUEST,)),
    "internal with both": ({"visibility": "internal", "host": True, "guest": True}, True, (OTHER, GUEST)),
    "embargoed": ({"embargo_until": AHEAD}, True, ()),
    "embargoed with a guest": ({"embargo_until": AHEAD, "guest": True}, True, (GUEST,)),
    "embargoed for the press": ({"visibility": "press", "embargo_until": AHEAD}, True, ()),
    "released": ({"embargo_until": "2020-01-01T00:00:00+07:00"}, True, tuple(AGENCIES)),
}


def row_of(table, ground, slug, state, **more):
    """A row that another verb than the agency's own would make."""
    return table(agency_id=ground.has[slug].agency, state=state, **more)


async def furnish(session, ground, slug):
    """What one agency has."""
    has = ground.has[slug]
    functions = frozenset({AGENCIES[slug][0]})
    actor = ground.actor(slug, functions)
    internal = PressEventWrite(**make.a_press_event(visibility="internal"))
    ids = [(await event_service.schedule(session, actor, internal)).id for _ in range(3)]
    has.press_event, has.announced_event, has.held_event = ids
    for id in ids[1:]:
        await event_service.move(session, actor, id, MOVES["announce"], Expected(None), AnnounceEvent(**make.SUBMIT))
    held = await session.get(PressEvent, has.held_event)
    held.state, held.held_at = "held", now()
    has.series = (await series_service.make(session, actor, SeriesWrite(**make.a_series(rule=ONCE)))).id
    guidance = row_of(
        PressGuidance, ground, slug, "issued", kind="orientation", title="Định hướng", text=f"Riêng của {slug}",
        addressee_ids=[await ground.world.agency_id("dai-ptth")],
    )  # fmt: skip
    supply = row_of(
        InformationSupply, ground, slug, "recorded", topic="Chủ đề", form="direct", supplied_on=now().date(),
        spokesperson=make.SPEAKER | {"document": None}, press_body_ids=[], other_press=[], audiences=[], links=[],
    )  # fmt: skip
    product = row_of(
        PressProduct, ground, slug, "published", kind="column", title="Chuyên mục", language="en",
        audience="foreign_press", first_date=now().date(),
    )  # fmt: skip
    for row, event in (
        (guidance, guidance_rules.ISSUED),
        (supply, supply_rules.RECORDED),
        (product, supply_rules.PUBLISHED),
    ):
        session.add(row)
        recorded(session, actor, row, event)
    keep(session, actor, supply_service.KIND, supply, {"topic": supply.topic})
    has.guidance, has.supply, has.product = guidance.id, supply.id, product.id


ONCE = {"from_day": "2097-01-01", "month_day": 5, "count": 1}


async def share(session, ground):
    """The shared events of the owner, an invitation of each agency, guidance and a supply to the press body."""
    actor = ground.actor(OWNER)
    ground.events, ground.guests = {}, {}
    for name, (more, announced, _) in SHARED.items():
        said = {member: value for member, value in more.items() if member not in {"host", "guest"}}
        guest = more.get("guest")
        body = make.a_press_event(host_ids=[str(ground.has[OTHER].agency)] if more.get("host") else [], **said)
        event = (await event_service.schedule(session, actor, PressEventWrite(**body))).id
        ground.events[name] = event
        if guest:
            ground.guests[name] = _invited(session, ground, GUEST, event)
        items = MaterialsWrite(items=MATERIALS)
        await materials.replace(session, actor, event, Expected(None), items)
        if announced:
            announce = AnnounceEvent(**make.SUBMIT)
            await event_service.move(session, actor, event, MOVES["announce"], Expected(None), announce)
    coordinator = ground.actor(COORDINATOR, frozenset({"COORD"}))
    internal = PressEventWrite(**make.a_press_event(visibility="internal"))
    ground.feast = (await event_service.schedule(session, coordinator, internal)).id
    announce = AnnounceEvent(**make.SUBMIT)
    await event_service.move(session, coordinator, ground.feast, MOVES["announce"], Expected(None), announce)
    for slug, has in ground.has.items():
        has.invitation = _invited(session, ground, slug, ground.feast)
    press = [ground.has[PRESS].agency]
    told = GuidanceWrite(**make.a_guidance(all_press=False, addressee_ids=[str(id) for id in press]))
    ground.told = (await guidance_service.issue(session, actor, told)).id
    given = row_of(
        InformationSupply, ground, OWNER, "recorded", topic="Cho báo", form="direct", supplied_on=now().date(),
        spokesperson=make.SPEAKER | {"document": None}, press_body_ids=press, other_press=[], audiences=[], links=[],
    )  # fmt: skip
    session.add(given)
    recorded(session, actor, given, supply_rules.RECORDED)
    ground.given = given.id
    ground.second = (await series_service.make(session, actor, SeriesWrite(**make.a_series(rule=ONCE)))).id
    gone = await event_service.schedule(session, actor, internal)
    await event_service.delete(session, actor, gone.id, Expected(None))


def _invited(session, ground, slug, event):
    row = row_of(
        PressInvitation, ground, slug, "invited", press_event_id=event, people=[],
        accredit_before=now().replace(year=2098),
    )  # fmt: skip
    session.add(row)
    recorded(session, ground.actor(OWNER), row, invitation_rules.INVITED)
    return row.id


def has_of(ground, slug):
    """Whose rows a caller sees as a matter of course."""
    return list(ground.has.values()) if slug in READS_ALL else [ground.has[slug]]


def events_of(ground, slug):
    """The press events an agency may know of, but for the occurrences of its series."""
    own = {id for has in has_of(ground, slug) for id in (has.press_event, has.announced_event, has.held_event)}
    shared = {
        ground.events[name]
        for name, (_, _, known) in SHARED.items()
        if slug in known or slug == OWNER or slug in READS_ALL
    }
    return {str(id) for id in own | shared | {ground.feast}}


def invitations_of(ground, slug):
    """The invitations an agency may know of: its own, and those to what it hosts."""
    if slug in READS_ALL:
        return {str(has.invitation) for has in ground.has.values()} | set(map(str, ground.guests.values()))
    found = {ground.has[slug].invitation} | (set(ground.guests.values()) if slug == OWNER else set())
    if slug == OTHER:
        found.add(ground.guests["internal with both"])
    if slug == GUEST:
        found |= {ground.guests[name] for name in ground.guests if name != "a draft with a guest"}
    return set(map(str, found))


def _opened(ground, slug):
    """The invitations to drafts, since announced, that an agency may know of."""
    opened = {str(id) for name, id in ground.guests.items() if SHARED[name][1]}
    return opened & invitations_of(ground, slug)


def guidance_of(ground, slug):
    found = {str(has.guidance) for has in has_of(ground, slug)}
    return found | ({str(ground.told)} if slug in {OWNER, PRESS, *READS_ALL} else set())


def supplies_of(ground, slug):
    found = {str(has.supply) for has in has_of(ground, slug)}
    return found | ({str(ground.given)} if slug in {OWNER, PRESS, *READS_ALL} else set())


def series_of(ground, slug):
    own = {has.series for has in has_of(ground, slug)}
    return set(map(str, own | ({ground.second} if slug == OWNER or slug in READS_ALL else set())))


def products_of(ground, _):
    return {str(has.product) for has in ground.has.values()}


LISTS = {
    "/v1/press-invitations": invitations_of,
    "/v1/press-guidance": guidance_of,
    "/v1/information-supplies": supplies_of,
    "/v1/press-series": series_of,
    "/v1/press-products": products_of,
}


def everything_of(ground, slug):
    """The ids of the whole room that an agency may know of, but for the occurrences of its series."""
    return events_of(ground, slug).union(*(of(ground, slug) for of in LISTS.values()))


async def lists(ground, unless, listed, callers):
    """What each caller sees of the press."""
    for slug, principal in callers.items():
        found = await listed(ground, principal, "/v1/press-events?limit=200&form=periodic_briefing&state=draft")
        found |= await listed(ground, principal, "/v1/press-events?limit=200&state=announced")
        found |= await listed(ground, principal, "/v1/press-events?limit=200&state=held")
        planned = await _planned(ground, slug, principal, listed)
        unless(f"{slug}'s press events", found - planned, events_of(ground, slug))
        for path, of in LISTS.items():
            unless(f"{slug}'s {path}", await listed(ground, principal, f"{path}?limit=200"), of(ground, slug))


async def _planned(ground, slug, principal, listed):
    """The occurrences of the series that a caller may know of."""
    found = set()
    for series in series_of(ground, slug):
        found |= await listed(ground, principal, f"/v1/press-events?series={series}")
    return found


def deeds(ground, owner, other, coordinator, outsider, press):
    """What each caller is refused of these, and what not; `outsider` is GUEST."""
    event = {name: {"id": id} for name, id in ground.events.items()}
    guest = {name: {"id": id} for name, id in ground.guests.items()}
    has = ground.has[OWNER]
    return [
        *(
            (f"{slug} and {name}", principal, "get_press_event", event[name],
             200 if slug in known or slug in {OWNER, COORDINATOR} else 404)
            for name, (_, _, known) in SHARED.items()
            for slug, principal in ((OWNER, owner), (OTHER, other), (COORDINATOR, coordinator), (GUEST, outsider),
                                    (PRESS, press))
        ),
        ("a host reads and does not write", other, "patch_press_event", event["a draft with a host"], 403),
        ("nor announces", other, "announce_press_event", event["a draft with a host"], 403),
        ("nor does the coordinator", coordinator, "announce_press_event", event["a draft"], 403),
        ("who reads does not cancel", outsider, "cancel_press_event", event["public"], 403),
        ("the owner cancels", owner, "cancel_press_event", event["public"], 200),
        ("another's series", outsider, "get_press_series", {"id": has.series}, 404),
        ("a host reads who is invited", owner, "get_press_invitation", guest["a draft with a guest"], 200),
        ("before it is announced the guest does not", outsider, "get_press_invitation",
         guest["a draft with a guest"], 404),
        ("a guest accepts", outsider, "accept_press_invitation", guest["embargoed with a guest"], 200),
        ("the host does not", owner, "accept_press_invitation", guest["embargoed with a guest"], 403),
        ("another guest's", press, "get_press_invitation", guest["embargoed with a guest"], 404),
        ("guidance of one's own", coordinator, "withdraw_press_guidance",
         {"id": ground.has[COORDINATOR].guidance}, 200),
        ("guidance of another's", coordinator, "withdraw_press_guidance", {"id": has.guidance}, 403),
        ("guidance to others", outsider, "get_press_guidance", {"id": ground.told}, 404),
        ("guidance to oneself", press, "get_press_guidance", {"id": ground.told}, 200),
        ("a host reads no history", other, "list_press_event_versions", event["public with a host"], 404),
        ("its history is its own", owner, "list_press_event_versions", event["public"], 200),
        ("and theirs who read all", coordinator, "list_press_event_versions", event["public"], 200),
        ("nor who was given something", press, "list_information_supply_versions", {"id": ground.given}, 404),
        ("but who gave it", owner, "list_information_supply_versions", {"id": ground.given}, 200),
        ("and who reads all", coordinator, "list_information_supply_versions", {"id": ground.given}, 200),
        ("what others were given", outsider, "get_information_supply", {"id": ground.given}, 404),
        ("what oneself was given", press, "get_information_supply", {"id": ground.given}, 200),
        ("it is not the press's to correct", press, "correct_information_supply", {"id": ground.given}, 403),
        ("one's own supply", owner, "correct_information_supply", {"id": ground.given}, 200),
        ("another's product", outsider, "change_press_product", {"id": has.product}, 403),
        ("one's own product", owner, "change_press_product", {"id": has.product}, 200),
        ("the press supplies nothing", press, "record_information_supply", {}, 403),
        ("a member publishes nothing", owner, "publish_press_product", {}, 403),
        ("the press publishes", press, "publish_press_product", {}, 201),
    ]  # fmt: skip


async def read(ground, unless, owner, other, coordinator, outsider, press):
    """The right ones are read, and of the materials only what each may have by now."""
    everything = [item["title"] for item in MATERIALS]
    for name, principal, wanted in (
        ("public", owner, everything),
        ("public", coordinator, everything),
        ("public", outsider, everything[:2]),
        ("internal with a host", other, everything),
        ("embargoed with a guest", outsider, everything[:2]),
        ("press", press, everything[:2]),
    ):
        found = (await ground.ask(principal, "list_press_materials", {"id": ground.events[name]})).json()
        unless(f"materials: {name}", [item["title"] for item in found.get("items", ())], wanted)
    stranger = await ground.ask(outsider, "list_press_materials", {"id": ground.events["internal"]})
    unless("materials of what is not known", stranger.status_code, 404)
    for operation, id in (
        ("get_press_event", ground.events["public"]),
        ("get_press_guidance", ground.told),
        ("get_information_supply", ground.given),
        ("get_press_invitation", ground.guests["internal with a guest"]),
        ("get_press_product", ground.has[OWNER].product),
    ):
        unless(operation, (await ground.ask(owner, operation, {"id": id})).json().get("id"), str(id))
    for name, state in (("public", "upcoming"), ("embargoed", "hidden"), ("press", "hidden"), ("a draft", "hidden"),
                        ("released", "upcoming")):  # fmt: skip
        shown = (await ground.ask(owner, "get_press_event", {"id": ground.events[name]})).json()
        unless(f"what the public sees of it: {name}", shown.get("public_state"), state)


async def edits(ground, unless, owner, coordinator):
    """An edit of a series reaches its own occurrences, and nobody else's."""
    mine = (await ground.ask(owner, "get_press_series", {"id": ground.has[OWNER].series})).json()["event_ids"]
    path = f"/v1/press-events/{mine[0]}?scope=all"
    media = "application/merge-patch+json"
    answer = await ground.send(owner, "PATCH", path, {"place": "Nơi mới"}, media, If_Match="*")
    unless("an edit of a series", answer.status_code, 200)
    found = (await ground.send(coordinator, "GET", "/v1/press-events?limit=200&state=draft")).json()["items"]
    unless("what it touched", {item["id"] for item in found if item["version"] > 1 and item["series_id"]}, set(mine))


def told(ground, callers):
    """How many events of these kinds each caller is told of."""
    number, counts = len(AGENCIES), {}
    for principal, slug in callers.items():
        every, mine = slug in READS_ALL, slug == OWNER
        announced = [name for name, (_, done, known) in SHARED.items() if done and (every or mine or slug in known)]
        found = {
            "press_event.announced": len(announced) + (number * 2 if every else 2) + 1,
            "press_event.deleted": int(every or mine),
            "press_guidance.issued": len(guidance_of(ground, slug)),
            "information_supply.recorded": len(supplies_of(ground, slug)),
            "press_product.published": number,
            "press_series.made": len(series_of(ground, slug)),
            # Who was invited to a draft is told once more when it is announced.
            "accreditation.invited": len(invitations_of(ground, slug)) + len(_opened(ground, slug)),
        }
        for type, count in found.items():
            counts.setdefault(type, {})[principal] = count
    return counts
