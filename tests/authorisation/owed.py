"""What each agency of the ground owes, an obligation in every state and two reminders; and the looks at it."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from uuid import uuid4

from openpyxl import load_workbook
from sqlalchemy import text
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.agencies.models import AgencyName
from app.flow.procedure import recorded
from app.kit.clock import today
from app.law.book import law
from app.obligations import rules
from app.obligations.deadlines import after
from app.obligations.models import CalendarDay, Obligation, ObligationYear, Reminder
from app.trail.record import Subject, record
from tests.authorisation.expected import AGENCIES, COORDINATOR, OTHER, OWNER, READS_ALL

REPORT, PLAN, ESTIMATE, PRESS, GUIDANCE = "QC.D7.K3-a", "QC.D7.K1-a", "QC.D7.K1-b", "QC.D9.K3", "QC.D8.K7"
CONSOLIDATED, STANDING = "QC.D8.K8", "QC.D7.K4-a"
RECEIVED = {"first_received_at": datetime(2020, 6, 1, tzinfo=UTC)}
CLOSED = {"closed_at": datetime(2020, 6, 1, tzinfo=UTC), "closed_reason": "Lý do riêng"}
ROWS = {
    "owed": (REPORT, "2020", "open", {}),
    "older": (REPORT, "2019", "open", {}),
    "not due": (REPORT, "2099", "open", {}),
    "consolidated": (CONSOLIDATED, "2020", "open", {}),
    "nil": (PLAN, "2020", "nil_return", RECEIVED | CLOSED | {"late": False}),
    "waived": (ESTIMATE, "2020", "waived", CLOSED),
    "lapsed": (PRESS, "2020", "lapsed", {}),
    "late": (GUIDANCE, "2020-01", "received", RECEIVED | {"late": True}),
    "accepted": (GUIDANCE, "2020-02", "accepted", RECEIVED | {"late": False}),
    "standing": (STANDING, "standing", "watched", {}),
}
COUNTED = ("expected", "received", "on_time", "late", "nil_return", "missing", "accepted", "waived")
CELLS = {
    REPORT: (1, 0, 0, 0, 0, 1, 0, 0),
    CONSOLIDATED: (1, 0, 0, 0, 0, 1, 0, 0),
    PLAN: (1, 1, 1, 0, 1, 0, 0, 0),
    ESTIMATE: (0, 0, 0, 0, 0, 0, 0, 1),
    GUIDANCE: (2, 2, 1, 1, 0, 0, 1, 0),
    STANDING: (1, 1, 1, 0, 0, 0, 0, 0),
}
CHASED = ("owed", "older", "consolidated")
FIRST, SECOND = 2020, 2021
CALENDAR_DAY = date(2099, 9, 2)


def furnish(session, has, number):
    """One agency's obligations and reminders; `number`: its own, for numbering."""
    for name, (duty, period, state, more) in ROWS.items():
        year = int(period[:4]) if period != "standing" else None
        last = date(year, 12, 14) if year and state == "open" else None
        dated = {"due_source": "dispatch", "last_on_time_date": last, "due_before": after(last)} if last else {}
        row = Obligation(
            agency_id=has.agency, state=state, duty=duty, period_key=period, year=year, due_rule="x",
            kind=law().duties[duty].produces[0], **dated, **more,
        )  # fmt: skip
        session.add(row)
        has.owes[name] = row.id
        recorded(session, OPERATOR, row, rules.CREATED)
    for year, about in ((FIRST, "owed"), (SECOND, "not due")):
        reminder = Reminder(
            agency_id=has.agency, state="sent", obligation_id=has.owes[about], year=year, number=number,
            mode="manual", note=f"Đôn đốc riêng {number}", created_at=datetime(year, 12, 20, tzinfo=UTC),
        )  # fmt: skip
        session.add(reminder)
        has.reminders[year] = reminder.id
        recorded(session, OPERATOR, reminder, rules.SENT)


def share(session):
    """A year and a day of the calendar, which every client may know of."""
    year = ObligationYear(year=2097, weekend_policy="none", due_soon_days=30, reminder_days=[1])
    day = CalendarDay(day=CALENDAR_DAY, kind="holiday", title="Ngày nghỉ")
    session.add_all([year, day])
    for row, type, period in ((year, rules.YEAR_OPENED, "2097"), (day, rules.DAY_SET, CALENDAR_DAY.isoformat())):
        record(session, OPERATOR, type, Subject(row.id, row.version, None, period))


async def rename(session, agency):
    """Several names of one agency, one after the other: tables show the one of their day."""
    first = (await session.scalars(select(AgencyName).where(col(AgencyName.agency_id) == agency))).one()
    future, began = today() + timedelta(days=400), first.valid_from
    first.valid_from, first.valid_to = date(2016, 1, 1), date(2022, 1, 1)
    await session.flush()
    facts = first.model_dump(exclude={"id", "valid_from", "valid_to", "name_vi"})
    times = ((began, first.valid_from), (first.valid_to, future), (future, None))
    for place, (start, end) in enumerate(times):
        name = f"{first.name_vi}, tên thứ {place + 1}"
        session.add(AgencyName(**facts, name_vi=name, valid_from=start, valid_to=end))


def may_see(slug):
    """The agencies whose obligations this one may know of."""
    return set(AGENCIES) if slug in READS_ALL else {slug}


async def names(ground, day):
    """The name of each agency of the ground on a day."""
    asked = text(
        "SELECT agency_id, name_vi FROM agency_name WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
    )
    found = dict((await ground.connection.execute(asked, {"day": day})).all())
    return {slug: found[has.agency] for slug, has in ground.has.items()}


async def items(ground, principal, path):
    """Everything that a list or a table has, page by page."""
    found, more = [], ""
    while more is not None:
        answer = await ground.send(principal, "GET", f"{path}{more}")
        if not answer.is_success:
            return [{"answer": answer.text}]
        shown = answer.json()
        found += shown["items"]
        more = f"&cursor={shown['next_cursor']}" if shown.get("next_cursor") else None
    return found


async def lists(ground, principal):
    """The obligations and the reminders that a caller finds in lists."""
    found = {}
    for kind in ("obligations", "reminders"):
        pages = await items(ground, principal, f"/v1/{kind}?limit=200")
        found[kind] = sorted(str(item.get("id")) for item in pages)
    return found


def lists_expected(ground, slug):
    has = [ground.has[of] for of in may_see(slug)]
    return {
        "obligations": sorted(str(id) for h in has for id in h.owes.values()),
        "reminders": sorted(str(id) for h in has for id in h.reminders.values()),
    }


async def matrix(ground, principal):
    """The matrix of a year: by agency and duty, by agency, by duty, over all."""
    answer = await ground.send(principal, "GET", f"/v1/obligations/matrix?year={FIRST}")
    if not answer.is_success:
        return answer.text
    shown = answer.json()
    cells = [
        (row["agency"]["id"], row["agency"]["name_vi"], c["duty"], c) for row in shown["items"] for c in row["cells"]
    ]
    cells += [(row["agency"]["id"], row["agency"]["name_vi"], "", row["total"]) for row in shown["items"]]
    cells += [("", "", duty["duty"], duty["total"]) for duty in shown["duties"]]
    cells += [("", "", "", shown["total"])]
    return sorted((id, name, duty, *(counts[n] for n in COUNTED)) for id, name, duty, counts in cells)


async def matrix_expected(ground, slug):
    named, seen = await names(ground, today()), may_see(slug)
    whole = {**CELLS, "": tuple(map(sum, zip(*CELLS.values(), strict=True)))}
    found = [(str(ground.has[of].agency), named[of], duty, *counts) for of in seen for duty, counts in whole.items()]
    return sorted(found + [("", "", duty, *(n * len(seen) for n in counts)) for duty, counts in whole.items()])


async def chased(ground, principal):
    """Who is due or overdue, and how often each was reminded."""
    found = await items(ground, principal, "/v1/obligations/chase-list")
    return sorted((i.get("obligation_id"), i.get("agency"), i.get("reminders")) for i in found)


async def chased_expected(ground, slug):
    named = await names(ground, today())
    return sorted(
        (str(ground.has[of].owes[name]), named[of], int(name == "owed")) for of in may_see(slug) for name in CHASED
    )


async def ledger(ground, principal):
    """The reminders of a year, as the ledger has them."""
    found = await items(ground, principal, f"/v1/reminders/ledger?year={FIRST}")
    return [(i.get("number"), i.get("agency"), i.get("duty"), i.get("period")) for i in found]


async def ledger_expected(ground, slug):
    named = await names(ground, date(FIRST, 12, 20))
    return [
        (f"{number}/{FIRST}", named[of], REPORT, "2020")
        for number, of in enumerate(ground.has, 1)
        if of in may_see(slug)
    ]


async def table(ground, principal, path, format):
    """A table as a spreadsheet program reads it, without its titles."""
    sign = "&" if "?" in path else "?"
    answer = await ground.send(principal, "GET", f"{path}{sign}format={format}")
    assert answer.status_code == 200, answer.text
    if format == "csv":
        found = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(BytesIO(answer.content)).active
        found = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return found[1:]


async def rows(ground, unless, who):
    """Whose obligations and reminders each caller sees, one by one and counted."""
    for slug, principal in zip((OWNER, COORDINATOR, "so-noi-vu"), who, strict=True):
        unless(f"{slug}'s lists", await lists(ground, principal), lists_expected(ground, slug))
        unless(f"{slug}'s matrix", await matrix(ground, principal), await matrix_expected(ground, slug))
        unless(f"{slug}'s chase list", await chased(ground, principal), await chased_expected(ground, slug))
        unless(f"{slug}'s ledger", await ledger(ground, principal), await ledger_expected(ground, slug))


def deeds(ground, owner, other, coordinator, outsider, manager):
    """What each caller is refused of the obligations, and what not."""
    has, mine = ground.has[OWNER], ground.has[OTHER]
    owed, nil, waived, reminder = map(has.path, ("owed", "nil", "waived", "reminder"))
    reader = ground.principals["reader"]
    return [
        ("another's obligation", outsider, "get_obligation", owed, 404),
        ("one's own obligation", owner, "get_obligation", owed, 200),
        ("anybody's obligation", manager, "get_obligation", owed, 200),
        ("another's nil return", outsider, "nil_return_obligation", owed, 404),
        ("the coordinator makes none", coordinator, "nil_return_obligation", owed, 403),
        ("a reader makes none", reader, "nil_return_obligation", owed, 403),
        ("one's own nil return", owner, "nil_return_obligation", owed, 200),
        ("a nil return on another of one's own", other, "nil_return_obligation", mine.path("owed"), 200),
        ("a nil return where one stands", owner, "nil_return_obligation", nil, 409),
        ("another's nil return stands", outsider, "retract_nil_return_obligation", nil, 404),
        ("the coordinator takes none back", coordinator, "retract_nil_return_obligation", nil, 403),
        ("one's own taken back", owner, "retract_nil_return_obligation", nil, 200),
        ("nobody gives oneself time", owner, "extend_obligation", owed, 403),
        ("nor does the committee", manager, "extend_obligation", owed, 403),
        ("the coordinator does", coordinator, "extend_obligation", owed, 200),
        ("nobody waives one's own", owner, "waive_obligation", owed, 403),
        ("the coordinator waives", coordinator, "waive_obligation", owed, 200),
        ("nobody ends a waiver", owner, "reinstate_obligation", waived, 403),
        ("the coordinator ends it", coordinator, "reinstate_obligation", waived, 200),
        ("there is none to end", coordinator, "reinstate_obligation", owed, 409),
        ("another's reminder", outsider, "get_reminder", reminder, 404),
        ("one's own reminder", owner, "get_reminder", reminder, 200),
        ("a reminder to another", outsider, "acknowledge_reminder", reminder, 404),
        ("the coordinator answers none", coordinator, "acknowledge_reminder", reminder, 403),
        ("one's own answer", owner, "acknowledge_reminder", reminder, 200),
        ("nobody escalates", owner, "escalate_reminder", reminder, 403),
        ("the coordinator escalates", coordinator, "escalate_reminder", reminder, 200),
        ("an obligation is no reminder", owner, "get_reminder", owed, 404),
        ("nobody reminds", owner, "send_reminders", {}, 403),
        ("nor does the committee remind", manager, "send_reminders", {}, 403),
        ("a year, by anybody", outsider, "get_obligation_year", {}, 200),
        ("nobody opens one", owner, "open_obligation_year", {}, 403),
        ("the calendar, by anybody", outsider, "list_calendar_days", {}, 200),
        ("nobody writes it", owner, "set_calendar_day", {}, 403),
        ("nobody clears it", owner, "clear_calendar_day", {}, 403),
    ]  # fmt: skip


async def reminded(ground, unless, coordinator):
    """Whom reminders reach: those named, or those who owe the duty and period asked for."""
    has, paper = ground.has[OWNER], {"number": "9/CV", "issued_on": "2020-12-20", "issuer": "Sở"}
    every = sorted(str(h.owes["owed"]) for h in ground.has.values())
    owed, nil = str(has.owes["owed"]), str(has.owes["nil"])
    for question, body, sent, skipped in (
        ("reminders by name", {"obligation_ids": [owed, nil], "document": paper}, [owed], [nil]),
        ("reminders by duty", {"duty": REPORT, "period": "2020"}, every, []),
        ("nobody to remind", {"duty": GUIDANCE, "period": "2020-01"}, [], []),
    ):
        async with ground.undone():
            answer = await ground.send(coordinator, "POST", "/v1/reminders", body, Idempotency_Key=str(uuid4()))
        shown = answer.json()
        unless(question, sorted(one["obligation_id"] for one in shown.get("sent", ())), sent)
        unless(question, [one["obligation_id"] for one in shown.get("skipped", ())], skipped)
        papers = [one["document"] and one["document"]["number"] for one in shown.get("sent", ())]
        unless(question, papers, [body.get("document", {}).get("number")] * len(sent))
    unknown = {"obligation_ids": [owed, str(has.draft.id)]}
    async with ground.undone():
        answer = await ground.send(coordinator, "POST", "/v1/reminders", unknown, Idempotency_Key="unknown")
    unless("a reminder of nothing", answer.status_code, 422)


async def moved(ground, unless, owner, coordinator):
    """Moves on the right rows, and on the version that was read."""
    has = ground.has[OWNER]
    for principal, name, kind, member, wanted in (
        (owner, "nil_return_obligation", "owed", "state", "nil_return"),
        (coordinator, "waive_obligation", "owed", "state", "waived"),
        (coordinator, "reinstate_obligation", "waived", "state", "not_due"),
        (owner, "acknowledge_reminder", "reminder", "state", "acknowledged"),
        (coordinator, "escalate_reminder", "reminder", "state", "escalated"),
    ):
        async with ground.undone():
            answer = await ground.ask(principal, name, has.path(kind))
        unless(name, (answer.json().get("id"), answer.json().get(member)), (str(has.path(kind)["id"]), wanted))
        async with ground.undone():
            old = await ground.ask(principal, name, has.path(kind), If_Match='"v9"')
        unless(f"{name} on another version", old.status_code, 412)


def told(ground, principals):
    """How many events of each kind each caller is told of."""
    lists = {principal: lists_expected(ground, slug) for principal, slug in principals.items()}
    return {
        "obligation.created": {principal: len(found["obligations"]) for principal, found in lists.items()},
        "reminder.sent": {principal: len(found["reminders"]) for principal, found in lists.items()},
        **{type: dict.fromkeys(principals, 1) for type in ("obligation_year.opened", "calendar_day.set")},
    }
