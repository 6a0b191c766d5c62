"""A whole year of every member agency, by a test clock (QC.D7.K1, QC.D7.K3-a, QD.D2)."""

from collections import Counter

from sqlalchemy import select

from app.obligations import watch
from app.trail.models import Event
from tests import make
from tests.obligations.hands import (
    BECAUSE,
    NIL,
    PLAN,
    REPORT,
    all_of,
    at,
    looked,
    members,
    moved,
    opened,
    owed,
    sent,
    settings_of,
    told_of,
)
from tests.obligations.recount import as_cells, cells, laid_out, read_csv, read_xlsx, recounted

OPENED = "2027-01-04T08:00:00"
FATES = (
    "in_time", "too_late", "returned", "late_and_returned", "taken_back", "taken_back_late", "nothing", "nil",
    "extended", "extended_late", "waived", "latecomer",
)  # fmt: skip
# When an agency first sends its report, by what is to become of it; the others send on the 10th.
SENDS = {
    "in_time": "2027-12-14T23:59:59.999",
    "too_late": "2027-12-15T00:00:00",
    "late_and_returned": "2027-12-16T09:00:00",
    "extended": "2027-12-20T23:59:59.999",
    "extended_late": "2027-12-21T00:00:00",
    "nothing": None,
    "nil": None,
    "waived": None,
}
BECOMES = {
    "in_time": ("received_on_time", False),
    "too_late": ("received_late", True),
    "returned": ("received_on_time", False),
    "late_and_returned": ("accepted", True),
    "taken_back": ("received_on_time", False),
    "taken_back_late": ("received_late", True),
    "nothing": ("overdue", None),
    "nil": ("nil_return", False),
    "extended": ("received_on_time", False),
    "extended_late": ("received_late", True),
    "waived": ("waived", None),
    "latecomer": ("received_on_time", False),
    "coordinator": ("accepted", False),
    "other": ("received_on_time", False),
}


class Year:
    """The walk: who is fated to what, and what each has sent."""

    def __init__(self, world, slugs):
        self.world = world
        others = [slug for slug in slugs if slug != make.COORDINATOR]
        self.of = dict(zip(FATES, others, strict=False)) | {"coordinator": make.COORDINATOR}
        self.fate = dict.fromkeys(slugs, "other") | {slug: fate for fate, slug in self.of.items()}
        self.reports = {}

    async def begin(self):
        """The latecomer is no member yet; the coordinator opens the year and sets the date of the plans."""
        await self.world.operator(
            "UPDATE function_held SET valid_from = '2027-07-01' WHERE function IN ('MEMBER', 'DISTRICT')"
            " AND agency_id = (SELECT id FROM agency WHERE slug = :slug)",
            slug=self.of["latecomer"],
        )
        async with at(self.world, OPENED, make.COORDINATOR) as (coordinator,):
            await opened(coordinator, deadlines={PLAN: "2027-03-31"})

    async def plans(self):
        """Plans: two agencies are late with theirs, one sends none."""
        async with at(self.world, "2027-03-30T09:00:00"):
            for slug, fate in self.fate.items():
                if fate not in {"too_late", "nothing", "latecomer"}:
                    await sent(await self.world.as_(slug), "plans", make.a_plan(tasks=[make.a_task()]))
        await self.look("2027-03-31T23:59:59", "2027-04-01T00:00:00")
        async with at(self.world, "2027-04-01T00:00:00", self.of["too_late"]) as (late,):
            await sent(late, "plans", make.a_plan())

    async def look(self, *moments):
        """The worker looks, and again: it has nothing more to tell."""
        for moment in moments:
            await looked(self.world, moment)
            assert await looked(self.world, moment) == {"tell": 0, "remind": 0, "escalate": 0}

    async def send(self, moment):
        """Everybody whose report is due to arrive at this instant."""
        async with at(self.world, moment):
            for slug, fate in self.fate.items():
                if SENDS.get(fate, "2027-12-10T09:00:00") == moment:
                    self.reports[slug] = await sent(await self.world.as_(slug))

    async def move(self, moment, fate, *names):
        """Moves on one agency's report."""
        slug = self.of[fate]
        async with at(self.world, moment, slug, make.COORDINATOR) as (agency, coordinator):
            for name in names:
                mover = coordinator if name in {"return", "accept"} else agency
                moved_to = await mover.move(self.reports[slug], name, make.BODIES[name], "reports")
                assert moved_to.status_code == 200, moved_to.text
                self.reports[slug] = moved_to.json()

    async def owing(self, moment, fate, move, body):
        """A move on what one agency owes."""
        slug = self.of[fate]
        async with at(self.world, moment, slug, make.COORDINATOR) as (agency, coordinator):
            found = await owed(coordinator, await self.world.agency_id(slug))
            await moved(agency if move == "nil-return" else coordinator, found, move, body)

    async def reporting(self):
        """November and December."""
        given = BECAUSE | {"last_on_time_date": "2027-12-20"}
        await self.look("2027-11-13T23:59:59", "2027-11-14T00:00:00")
        await self.owing("2027-11-20T09:00:00", "extended", "extend", given)
        await self.owing("2027-11-20T09:00:00", "extended_late", "extend", given)
        await self.owing("2027-11-20T09:00:00", "waived", "waive", BECAUSE)
        await self.look("2027-11-20T10:00:00")
        await self.owing("2027-12-01T09:00:00", "nil", "nil-return", NIL)
        await self.send("2027-12-10T09:00:00")
        await self.move("2027-12-12T09:00:00", "returned", "return")
        await self.move("2027-12-11T09:00:00", "taken_back", "withdraw")
        await self.move("2027-12-14T09:00:00", "taken_back_late", "withdraw")
        async with at(self.world, "2027-12-14T12:00:00", self.of["taken_back"]) as (agency,):
            self.reports[self.of["taken_back"]] = await sent(agency)
        await self.send("2027-12-14T23:59:59.999")
        await self.look("2027-12-14T23:59:59.999")
        await self.send("2027-12-15T00:00:00")
        await self.look("2027-12-15T00:00:00")
        await self.send("2027-12-16T09:00:00")
        async with at(self.world, "2027-12-16T10:00:00", self.of["taken_back_late"]) as (agency,):
            self.reports[self.of["taken_back_late"]] = await sent(agency)
        await self.move("2027-12-18T09:00:00", "late_and_returned", "return")
        await self.move("2027-12-20T09:00:00", "returned", "submit")
        await self.move("2027-12-20T09:00:00", "late_and_returned", "submit", "accept")
        await self.send("2027-12-20T23:59:59.999")
        await self.send("2027-12-21T00:00:00")
        await self.look("2027-12-21T00:00:00", "2027-12-22T08:00:00")


async def test_a_whole_year_of_every_member_agency_ends_as_the_regulation_says(world):
    year = Year(world, await members(world))
    assert len(year.fate) > 30
    await year.begin()
    await year.plans()
    await year.reporting()
    ids = {slug: str(await world.agency_id(slug)) for slug in year.fate}
    async with at(world, "2027-12-22T09:00:00", make.COORDINATOR) as (coordinator,):
        owing = {one["agency_id"]: one for one in await all_of(coordinator, f"/v1/obligations?duty={REPORT}&year=2027")}
        plans = {one["agency_id"]: one for one in await all_of(coordinator, f"/v1/obligations?duty={PLAN}&year=2027")}
        matrix = (await coordinator.get("/v1/obligations/matrix?year=2027")).json()
        assert laid_out(matrix) == await recounted(coordinator, 2027)
        files = {
            kind: (await coordinator.get(f"/v1/obligations/matrix?year=2027&format={kind}")).content
            for kind in ("csv", "xlsx")
        }
    # Every agency ended as it was fated to, and only the extended ones had another date than the rest.
    assert {year.fate[slug]: (owing[id]["state"], owing[id]["late"]) for slug, id in ids.items()} == BECOMES
    dates = {slug: owing[id]["deadline"]["last_on_time_date"] for slug, id in ids.items()}
    assert {year.fate[slug] for slug, day in dates.items() if day == "2027-12-20"} == {"extended", "extended_late"}
    assert set(dates.values()) == {"2027-12-14", "2027-12-20"}
    # Who joined in July owes no plan of March.
    assert ids.keys() - {slug for slug, id in ids.items() if id in plans} == {year.of["latecomer"]}
    assert Counter(one["state"] for one in plans.values()) == {
        "received_on_time": len(ids) - 4, "accepted": 1, "received_late": 1, "overdue": 1,
    }  # fmt: skip
    # Who filed nothing stands in the matrix; who had nothing to file is not missing.
    column = {
        item["agency"]["id"]: next(cell for cell in item["cells"] if cell["duty"] == REPORT)
        for item in matrix["items"]
        if any(cell["duty"] == REPORT for cell in item["cells"])
    }
    assert [id for id, cell in column.items() if cell["missing"]] == [ids[year.of["nothing"]]]
    assert (column[ids[year.of["nil"]]]["received"], column[ids[year.of["nil"]]]["nil_return"]) == (1, 1)
    assert as_cells(read_csv(files["csv"])) == as_cells(read_xlsx(files["xlsx"])) == cells(matrix)
    # Told once for each date: soon due to all who owed it then, overdue to those who had sent nothing.
    soon, overdue = await told_of(world, "obligation.due_soon"), await told_of(world, "obligation.overdue")
    assert set(overdue.values()) == {1}
    reports = {one["id"]: year.fate[slug] for slug, id in ids.items() for one in [owing[id]]}
    assert {fate for id, fate in reports.items() if id in overdue} == {
        "taken_back_late", "late_and_returned", "nothing",
    }  # fmt: skip
    assert {year.fate[slug]: soon[owing[id]["id"]] for slug, id in ids.items()} == {
        fate: 2 if "extended" in fate else 1 for fate in BECOMES
    }


async def every_event(world):
    async with world.sessions() as session:
        return set(await session.scalars(select(Event.id)))


async def test_a_new_dispatch_leaves_what_was_judged_alone_and_moves_the_rest(world):
    late, missing = make.DISTRICT, make.OTHER_DISTRICT
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
    async with at(world, "2027-12-15T00:00:00", late, make.COORDINATOR) as (district, coordinator):
        await sent(district)
        judged = await owed(coordinator, await world.agency_id(late))
        await opened(coordinator, deadlines={REPORT: "2027-12-31"})
        assert await owed(coordinator, await world.agency_id(late)) == judged
        assert (judged["state"], judged["late"]) == ("received_late", True)
        found = await owed(coordinator, await world.agency_id(missing))
        assert (found["state"], found["deadline"]["source"]) == ("due", "dispatch")
        assert found["deadline"]["last_on_time_date"] == "2027-12-31"
        assert found["deadline"]["document"]["number"] == settings_of()["document"]["number"]


async def test_a_year_opened_twice_changes_nothing(world):
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        first = await opened(coordinator, deadlines={PLAN: "2027-03-31"})
        assert first.status_code == 201
        listed, events = await all_of(coordinator, "/v1/obligations?year=2027"), await every_event(world)
        assert len(listed) > 60
    async with at(world, "2027-01-05T08:00:00", make.COORDINATOR) as (coordinator,):
        again = await opened(coordinator, deadlines={PLAN: "2027-03-31"})
        assert again.status_code == 200
        assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
        assert await all_of(coordinator, "/v1/obligations?year=2027") == listed
        assert await every_event(world) == events
    await looked(world, "2027-01-05T08:00:00", watch.expect)  # the worker makes 2028 as well
    assert await looked(world, "2027-01-06T08:00:00", watch.expect) == {"expect": 0}
    async with at(world, "2027-01-05T09:00:00", make.COORDINATOR) as (coordinator,):
        assert await all_of(coordinator, "/v1/obligations?year=2027") == listed
