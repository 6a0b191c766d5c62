"""What tests of a year work with: the clock, the year's settings, and what the agencies send."""

from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import time_machine
from sqlalchemy import func, select, text

from app.access.models import FunctionHeld
from app.agencies.models import Agency
from app.kit.clock import now
from app.kit.db import transaction
from app.obligations import watch
from app.trail.models import Event
from tests import make

REPORT, PLAN = "QC.D7.K3-a", "QC.D7.K1-a"
DISPATCH = {"number": "12/STTTT-TTBCXB", "issued_on": "2027-01-04", "issuer": "Sở Thông tin và Truyền thông"}
NIL = {"reason": "Không phát sinh", "no_state_secret": True}
BECAUSE = {"reason": "Theo chỉ đạo"}


class World(make.World):
    """The service, with one client for each agency however often it takes a new token."""

    def __init__(self, *given):
        super().__init__(*given)
        self._known = {}

    async def credentials(self, slug, role="integration"):
        if (slug, role) not in self._known:
            self._known[slug, role] = await super().credentials(slug, role)
        return self._known[slug, role]

    async def operator(self, statement, **values):
        """What only the operator may do: a statement in the owner's role."""
        async with transaction(self.sessions) as session:
            await session.execute(text("SET LOCAL ROLE NONE"))
            await session.execute(text(statement), values)
            await session.execute(text("SET LOCAL ROLE ttdn_app"))
        await self.refresh()


def instant(written):
    """An instant; without an offset, of the province."""
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else datetime.fromisoformat(f"{written}+07:00")


@asynccontextmanager
async def at(world, moment, *slugs):
    """Callers at an instant, with tokens of that instant; more of them through `world.as_`."""
    with time_machine.travel(instant(moment) if isinstance(moment, str) else moment, tick=False):
        await world.refresh()
        world._tokens.clear()
        yield [await world.as_(slug) for slug in slugs]


def settings_of(deadlines: Mapping[str, str] | None = None, **changes):
    """The settings of a year: dates by duty, and what else is to differ."""
    dates = [{"duty": duty, "last_on_time_date": day} for duty, day in (deadlines or {}).items()]
    return {"document": DISPATCH, "deadlines": dates, "weekend_policy": "none"} | changes


async def opened(coordinator, year=2027, **changes):
    """Open a year, or run it otherwise."""
    path = f"/v1/obligation-years/{year}"
    found = (await coordinator.get(path)).json()
    tag = found["etag"] if found["opened_at"] else None
    answer = await coordinator.put(path, settings_of(**changes), tag)
    assert answer.is_success, answer.text
    return answer


async def sent(caller, of="reports", body=None):
    """A report (or another paper) drafted and submitted."""
    row = (await caller.post(f"/v1/{of}", body or make.a_report())).json()
    answer = await caller.move(row, "submit", make.SUBMIT, of)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def all_of(caller, path):
    """Every item of a list, over its pages."""
    items, path = [], f"{path}{'&' if '?' in path else '?'}limit=200"
    page = (await caller.get(path)).json()
    while page["next_cursor"]:
        items += page["items"]
        page = (await caller.get(f"{path}&cursor={page['next_cursor']}")).json()
    return items + page["items"]


async def owed(caller, agency_id, duty=REPORT, year=2027):
    """What an agency owes for one duty of a year."""
    (found,) = await all_of(caller, f"/v1/obligations?agency={agency_id}&duty={duty}&year={year}")
    return found


async def members(world):
    """The slugs of the agencies that are members of the coordination, in 2027."""
    async with world.sessions() as session:
        held = select(Agency.slug).join(FunctionHeld, FunctionHeld.agency_id == Agency.id)
        return sorted(set(await session.scalars(held.where(FunctionHeld.function == "MEMBER"))))


async def moved(caller, obligation, move, body):
    """A move on an obligation that must be allowed."""
    answer = await caller.move(obligation, move, body, "obligations")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def looked(world, moment, *steps):
    """What a worker does when it looks at this moment: until nothing is left to tell; how much each step told."""
    counts = {}
    with time_machine.travel(instant(moment), tick=False):
        for step in steps or (watch.tell, watch.remind, watch.escalate):
            told = None
            while told != 0:
                async with transaction(world.sessions) as session:
                    told = await step(session, now())
                counts[step.__name__] = counts.get(step.__name__, 0) + told
    return counts


async def told_of(world, type):
    """How often each resource was told of with this event."""
    async with world.sessions() as session:
        rows = await session.execute(
            select(Event.resource_id, func.count()).where(Event.type == type).group_by(Event.resource_id)
        )
        return {str(id): count for id, count in rows.all()}
