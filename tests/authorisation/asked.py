"""Requests that ask several agencies, and the consolidated report that everybody may read; and the looks at them."""

from sqlmodel import select

from app.kit.etag import Expected
from app.obligations.models import Obligation
from app.reports import consolidated_rules, consolidated_service, request_service
from app.reports.consolidated_schemas import AcknowledgeConsolidated, ConsolidateWrite, SubmitConsolidated
from app.reports.request_schemas import RequestWrite
from tests import make
from tests.authorisation.expected import AGENCIES, COORDINATOR, OTHER, OWNER, READS_ALL

MISSING = "01a00000-0000-7000-8000-000000000000"
BOTH = (OWNER, OTHER)


async def share(session, ground):
    """A request to two agencies, one whose issuer has lost its function since, and one report that all may read."""
    coordinator = ground.actor(COORDINATOR, frozenset({"COORD"}))
    ground.asked_of_both = await _issued(session, ground, coordinator, BOTH)
    issuer = ground.actor(OTHER, frozenset({"UBND"}))
    ground.issued_by_other = await _issued(session, ground, issuer, [COORDINATOR])
    made = await consolidated_service.build(session, coordinator, ConsolidateWrite(year=2054, title="Của mọi cơ quan"))
    ground.acknowledged = made.id
    moves = consolidated_rules.CONSOLIDATED.moves
    for name, body in (("submit", SubmitConsolidated(**make.SUBMIT)), ("acknowledge", AcknowledgeConsolidated())):
        await consolidated_service.move(session, coordinator, made.id, moves[name], Expected(None), body)


async def _issued(session, ground, actor, slugs):
    body = RequestWrite(**make.a_request(*(ground.has[slug].agency for slug in slugs)))
    id = (await request_service.issue(session, actor, body)).id
    for row in await session.scalars(select(Obligation).where(Obligation.request_id == id)):
        has = next(has for has in ground.has.values() if has.agency == row.agency_id)
        has.owes[str(id)] = row.id
    return id


def requests_of(ground, slug):
    """The requests an agency may know of: to itself, and those it issued."""
    if slug in READS_ALL:
        everybody = {str(has.request) for has in ground.has.values()}
        return everybody | {str(ground.asked_of_both), str(ground.issued_by_other)}
    found = {str(ground.has[slug].request)} | ({str(ground.asked_of_both)} if slug in BOTH else set())
    return found | ({str(ground.issued_by_other)} if slug == OTHER else set())


def consolidated_of(ground, slug):
    """The consolidated reports an agency may know of: its own, and what the committee has taken note of."""
    of = ground.has.values() if slug in READS_ALL else [ground.has[slug]]
    return {str(id) for has in of for id in (has.consolidated, has.sent_consolidated)} | {str(ground.acknowledged)}


async def lists(ground, unless, listed, callers):
    """Whose requests and consolidated reports each caller sees."""
    for slug, principal in callers.items():
        found = await listed(ground, principal, "/v1/report-requests?limit=200")
        unless(f"{slug}'s requests", found, requests_of(ground, slug))
        found = await listed(ground, principal, "/v1/consolidated-reports?limit=200")
        unless(f"{slug}'s consolidated reports", found, consolidated_of(ground, slug))


def deeds(ground, owner, other, coordinator, outsider, manager):
    """What each caller is refused of these, and what not."""
    has, both = ground.has[OWNER], {"id": ground.asked_of_both}
    draft, sent, everybodys = has.path("consolidated"), has.path("sent consolidated"), {"id": ground.acknowledged}
    return [
        ("a request to others", outsider, "get_report_request", both, 404),
        ("a request to oneself", owner, "get_report_request", both, 200),
        ("a request one issued", other, "get_report_request", {"id": ground.issued_by_other}, 200),
        ("nobody closes what it is asked", owner, "close_report_request", both, 403),
        ("who asks closes", coordinator, "close_report_request", both, 200),
        ("the committee cancels", manager, "cancel_report_request", both, 200),
        ("another's draft", outsider, "get_consolidated_report", draft, 404),
        ("what was sent up", outsider, "get_consolidated_report", sent, 404),
        ("what was taken note of", outsider, "get_consolidated_report", everybodys, 200),
        ("one's own draft", owner, "get_consolidated_report", draft, 200),
        ("another's, to build again", coordinator, "rebuild_consolidated_report", draft, 403),
        ("another's, to send up", coordinator, "submit_consolidated_report", draft, 403),
        ("the coordinator takes no note", coordinator, "acknowledge_consolidated_report", sent, 403),
        ("the committee does", manager, "acknowledge_consolidated_report", sent, 200),
        ("nor of a draft", manager, "acknowledge_consolidated_report", draft, 409),
        ("the committee directs", manager, "direct_consolidated_report", everybodys, 200),
        ("the committee builds none", manager, "build_consolidated_report", {}, 403),
    ]


async def read(ground, unless, owner, coordinator):
    """The right ones are read, and only those who read all see who has not answered."""
    has, both = ground.has[OWNER], str(ground.asked_of_both)
    missing = sorted(str(ground.has[slug].agency) for slug in BOTH)
    for principal, wanted in ((owner, None), (coordinator, missing)):
        shown = (await ground.ask(principal, "get_report_request", {"id": both})).json()
        unless("the right request", shown.get("id"), both)
        unless("who is missing", shown["progress"] and sorted(shown["progress"]["missing_agency_ids"]), wanted)
    shown = (await ground.ask(owner, "get_consolidated_report", has.path("consolidated"))).json()
    unless("the right consolidated report", shown.get("id"), str(has.consolidated))


async def answers(ground, unless, owner, outsider):
    """Only who is asked may answer, and only what is asked."""
    for question, principal, request, status in (
        ("one's own request", owner, ground.asked_of_both, 201),
        ("a request to others", outsider, ground.asked_of_both, 422),
        ("no request", owner, MISSING, 422),
    ):
        body = make.a_report(kind="ad_hoc", year=2098, request_id=str(request))
        async with ground.undone():
            answer = await ground.send(principal, "POST", "/v1/reports", body, Idempotency_Key="answer")
        unless(f"an answer to {question}", answer.status_code, status)


def told(owner, other, outsider, reads_all):
    """How many events of these kinds each caller is told of; to `owed.told` come those of the requests above."""
    number = len(AGENCIES)
    return {
        "report_request.issued": {owner: 2, other: 3, outsider: 1} | dict.fromkeys(reads_all, number + 2),
        "consolidated_report.built": dict.fromkeys((owner, other, outsider), 3)
        | dict.fromkeys(reads_all, number * 2 + 1),
        "consolidated_report.acknowledged": dict.fromkeys((owner, other, outsider, *reads_all), 1),
    }
