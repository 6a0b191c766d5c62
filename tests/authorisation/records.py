"""The records of every agency, those of the owner that others see by function, by name or by state; and the looks."""

from app.kit.etag import Expected
from app.kit.ids import new_id
from app.records import contributing, moving, service
from app.records.contributing import ContributionWrite
from app.records.kind import MoveWrite
from app.records.models import RecordAccess
from app.records.schemas import RecordWrite
from tests.authorisation.expected import AGENCIES, COORDINATOR, OTHER, OWNER, READS_ALL
from tests.records import hands

POLICE, CUSTOMS, INVESTOR = "cong-an-tinh", "cuc-hai-quan", "so-khdt"
# The owner's: kind, the function it had then, whom it names in every role, moves, and who else knows of it.
SHARED = {
    "a case": ("complaint_case", "MEMBER", None, (), ()),
    "a case shared with one": ("complaint_case", "MEMBER", OTHER, (), (OTHER,)),
    "a delegation": ("foreign_press_delegation", "FOREIGN", OTHER, (), (OTHER, POLICE, "so-ngoai-vu")),
    "a finding": ("import_export_finding", "COORD", None, (), (POLICE, CUSTOMS, "so-ngoai-vu", "so-vhttdl")),
    "a media item": ("media_item", "COORD", OTHER, (), (OTHER, POLICE, "so-ngoai-vu", "ban-tuyen-giao")),
    "a profile that is drafted": ("investment_profile", "INVEST", None, (), ()),
    "a profile that is out": ("investment_profile", "INVEST", None, ("release",), tuple(AGENCIES)),
    "a profile that was taken back": ("investment_profile", "INVEST", None, ("release", "withdraw"), ()),
}
# What hangs on the delegation: links to what only some of those within it may know of.
LINKED, OUT = "a delegation", "a profile that is out"
LINKS = {"a case": (), "a case shared with one": (OTHER,), "a profile that is out": tuple(AGENCIES)}


async def furnish(session, ground, slug):
    """A difficulty of the agency, and a profile that is a draft; it read a restricted record once."""
    has = ground.has[slug]
    has.record = (await _made(session, ground, slug, "difficulty")).id
    has.draft_record = (await _made(session, ground, slug, "investment_profile", "INVEST")).id
    session.add(RecordAccess(agency_id=has.agency, record_ids=[new_id()]))


async def _made(session, ground, slug, kind, function="MEMBER", **more):
    actor = ground.actor(slug, frozenset({function}))
    return await service.create(session, actor, RecordWrite(**hands.a_body(kind, **more)))


async def share(session, ground):
    """The owner's records of several kinds, and their links."""
    ground.records = {}
    for name, (kind, function, named, moves, _) in SHARED.items():
        roles = hands.KINDS[kind].named if named else ()
        naming = [{"role": role, "agency_id": str(ground.has[named].agency)} for role in roles]
        made = await _made(session, ground, OWNER, kind, function, named=naming)
        actor = ground.actor(OWNER, frozenset({function}))
        for move in moves:
            made = await moving.move(session, actor, made.id, move, Expected(None), MoveWrite())
        ground.records[name] = made.id
    for name in LINKS:
        link = {"type": "record", "id": str(ground.records[name]), "relation": "about"}
        body = ContributionWrite(no_state_secret=True, kind="link", link=link)
        owner = ground.actor(OWNER, frozenset({"MEMBER"}))
        await contributing.contribute(session, owner, ground.records[LINKED], body)
    for name in (LINKED, OUT):
        comment = ContributionWrite(no_state_secret=True, kind="comment", text="Riêng của những cơ quan liên quan")
        await contributing.contribute(session, owner, ground.records[name], comment)
    gone = await _made(session, ground, OWNER, "investment_profile", "INVEST")
    await service.delete(session, owner, gone.id, Expected(None))


def records_of(ground, slug):
    """The records an agency may know of, by hand."""
    own = ground.has.values() if slug in READS_ALL else [ground.has[slug]]
    found = {id for has in own for id in (has.record, has.draft_record)}
    for name, (*_, known) in SHARED.items():
        if slug in known or slug == OWNER or slug in READS_ALL:
            found.add(ground.records[name])
    return set(map(str, found))


async def lists(ground, unless, listed, callers):
    """What each caller sees of the records."""
    for slug, principal in callers.items():
        found = await listed(ground, principal, "/v1/records?limit=200")
        unless(f"{slug}'s records", found, records_of(ground, slug))
        path = f"/v1/records/{ground.records[LINKED]}/contributions"
        added = (await ground.send(principal, "GET", path)).json().get("items", ())
        links = [one for one in added if one["link"]]
        if slug not in {*SHARED[LINKED][-1], OWNER, *READS_ALL}:
            continue
        known = {n for n, some in LINKS.items() if slug in some or slug == OWNER or slug in READS_ALL}
        unless(f"{slug}'s links", {link["link"]["id"] for link in links}, {str(ground.records[n]) for n in known})
        unless(f"{slug}'s comments", len(added) - len(links), 1)


async def readings(ground, unless, police, owner):
    """Who follows up secrecy sees every reading; by record only those of it."""
    found = (await ground.send(police, "GET", "/v1/record-accesses?limit=200")).json().get("items", ())
    of = {item["agency_id"] for item in found}
    unless("readings not shown", {str(has.agency) for has in ground.has.values()} - of, set())
    path = f"/v1/records/{ground.records[OUT]}"
    for principal, number in ((owner, 1), (police, 0)):
        shown = (await ground.send(principal, "GET", path)).json()
        unless("the steps of what is only shared", len(shown.get("steps", ())), number)
        added = (await ground.send(principal, "GET", f"{path}/contributions")).json().get("items", ())
        unless("what was added to what is only shared", len(added), number)
    refused = await ground.send(owner, "GET", "/v1/record-accesses")
    unless("readings, for others", refused.status_code, 403)


def deeds(ground, owner, other, coordinator, police, outsider):
    """What each caller is refused of these, and what not."""
    record = {name: {"id": id, "version": 1, "move": "withdraw"} for name, id in ground.records.items()}
    has = ground.has[OWNER].path("record")
    return [
        *(
            (f"{slug} and {name}", principal, "get_record", record[name],
             200 if slug in known or slug in {OWNER, COORDINATOR} else 404)
            for name, (*_, known) in SHARED.items()
            for slug, principal in ((OWNER, owner), (OTHER, other), (COORDINATOR, coordinator), (POLICE, police))
        ),
        ("who reads it does not edit it", other, "patch_record", record["a case shared with one"], 403),
        ("its history is its own", other, "list_record_versions", record[OUT], 404),
        ("and theirs who read all", coordinator, "list_record_versions", record[OUT], 200),
        ("an outsider does not add", outsider, "contribute_to_record", record[OUT], 403),
        ("the owner adds", owner, "contribute_to_record", record[OUT], 201),
        ("what was added is for those within", outsider, "list_record_contributions", record[LINKED], 404),
        ("or empty", outsider, "list_record_contributions", record[OUT], 200),
        ("an outsider takes nothing back", outsider, "move_record", record[OUT], 403),
        ("the owner takes it back", owner, "move_record", record[OUT], 200),
        # In a state that has no such move: whose it would be to make is asked first.
        *(
            (f"{slug} and the move {move}", principal, "move_record", record["a media item"] | {"move": move}, status)
            for move, slug, principal, status in (
                ("answer", OTHER, other, 409),
                ("answer", POLICE, police, 403),
                ("answer", COORDINATOR, coordinator, 403),
                ("flag", COORDINATOR, coordinator, 409),
                ("flag", POLICE, police, 403),
            )
        ),
        ("another's difficulty", outsider, "move_record", has, 404),
        ("one's own", owner, "move_record", has, 200),
    ]  # fmt: skip


async def edits(ground, unless, owner, coordinator):
    """An upsert finds one's own; a link leads nowhere that one may not know of."""
    path = "/v1/records/by-external-id/hscv/HS-1"

    async def sync(principal, status, at=path):
        answer = await ground.send(principal, "PUT", at, hands.a_body("difficulty"))
        unless("an upsert", answer.status_code, status)
        return answer.json()["id"]

    first = await sync(owner, 201)
    await sync(coordinator, 201)
    await sync(owner, 201, path.replace("HS-1", "HS-2"))
    await sync(owner, 201, path.replace("hscv", "khac"))
    unless("an upsert finds its own", await sync(owner, 200), first)
    taken = await ground.send(owner, "POST", f"/v1/records/{first}/moves/withdraw", {}, If_Match="*")
    unless("it is taken back", taken.status_code, 200)
    await sync(owner, 201)
    for name, id, status in (
        ("own", ground.has[OWNER].draft_record, 201),
        ("another's", ground.has[OTHER].record, 422),
    ):
        body = {"no_state_secret": True, "kind": "link", "link": {"type": "record", "id": str(id), "relation": "about"}}
        at = f"/v1/records/{ground.has[OWNER].record}/contributions"
        answer = await ground.send(owner, "POST", at, body, Idempotency_Key=str(new_id()))
        unless(f"a link to {name}", answer.status_code, status)


def told(ground, callers):
    """How many events of these kinds each caller is told of."""
    number, counts = len(AGENCIES), {}
    for principal, slug in callers.items():
        every, mine = slug in READS_ALL, slug == OWNER
        knows = {name for name, (*_, known) in SHARED.items() if every or mine or slug in known}
        profiles = sum(name.startswith("a profile") for name in knows)
        found = {
            "difficulty.reported": number if every else 1,
            "publication.drafted": profiles + (number if every else 1) + int(every or mine),
            "record.deleted": int(every or mine),
            "complaint_case.opened": len(knows & {"a case", "a case shared with one"}),
            "foreign_press.registered": int("a delegation" in knows),
            "finding.reported": int("a finding" in knows),
            "record.contributed": (len(LINKS) + 1 if LINKED in knows else 0) + 1,
        }
        for type, count in found.items():
            counts.setdefault(type, {})[principal] = count
    return counts
