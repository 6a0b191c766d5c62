"""Any story of an annual report: what the service shows agrees with the regulation read slowly (QC.D7.K3-a)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import make
from tests.obligations.hands import BECAUSE, NIL, REPORT, at, instant, opened, owed
from tests.obligations.reference import Story

DAYS = [date(2027, 11, 20), date(2027, 12, 10), date(2027, 12, 14), date(2027, 12, 20), date(2027, 12, 31)]
INSTANTS = [
    instant(written)
    for written in (
        "2027-10-20T08:00:00", "2027-11-13T23:59:59.999", "2027-11-14T00:00:00", "2027-11-20T23:59:59.999",
        "2027-12-10T23:59:59.999", "2027-12-11T00:00:00", "2027-12-14T23:59:59.999", "2027-12-15T00:00:00",
        "2027-12-20T23:59:59.999", "2027-12-21T00:00:00", "2027-12-31T23:59:59.999", "2028-01-01T00:00:00",
    )
]  # fmt: skip
VALUES = {"clock": INSTANTS, "extend": DAYS, "dispatch": [None, *DAYS]}
DOINGS = [
    "submit", "return", "accept", "withdraw", "nil-return", "retract-nil-return", "waive", "reinstate", "extend",
    "dispatch", "clock",
]  # fmt: skip
BODIES = make.BODIES | {
    "nil-return": NIL, "retract-nil-return": BECAUSE, "waive": BECAUSE, "reinstate": BECAUSE,
}  # fmt: skip
REVIEWS = {"return", "accept", "extend", "waive", "reinstate"}


class Told:
    """The story as it is told to the service and to the reference, step by step."""

    def __init__(self, world, agency_id):
        self.world, self.agency_id = world, agency_id
        self.story, self.report, self.now = Story(), None, instant("2027-09-01T08:00:00")

    def next(self, draw):
        """Something to do: mostly what is allowed now, sometimes anything."""
        anything = draw(st.integers(0, 9)) == 9
        doings = [what for what in DOINGS if anything or any(self._may(what, value) for value in _values(what))]
        what = draw(st.sampled_from(doings))
        values = [value for value in _values(what) if anything or self._may(what, value)]
        return what, draw(st.sampled_from(values))

    def _may(self, what, value):
        return value > self.now if what == "clock" else self.story.may(what, self.now, value)

    async def step(self, what, value):
        """Do one thing, allowed or not, and see that both agree on what then stands."""
        if what == "clock":
            self.now = max(self.now, value)
        else:
            self.now += timedelta(microseconds=1)
        async with at(self.world, self.now, make.DISTRICT, make.COORDINATOR) as (district, coordinator):
            if what == "dispatch":
                await opened(coordinator, deadlines={REPORT: value.isoformat()} if value else {})
                self.story.add(self.now, what, value)
            elif what != "clock":
                answer = await self._move(coordinator if what in REVIEWS else district, what, value)
                may = self.story.may(what, self.now, value)
                assert answer.is_success is may, (what, value, answer.text)
                if may:
                    self.story.add(self.now, what, value)
            await self._agree(district)

    async def _move(self, caller, what, day):
        if what in make.BODIES:
            if self.report is None or self.report["state"] == "withdrawn":
                district = await self.world.as_(make.DISTRICT)
                self.report = (await district.post("/v1/reports", make.a_report())).json()
            answer = await caller.move(self.report, what, make.BODIES[what], "reports")
            if answer.is_success:
                self.report = answer.json()
            return answer
        obligation = await owed(caller, self.agency_id)
        body = BECAUSE | {"last_on_time_date": day.isoformat()} if day else BODIES[what]
        return await caller.move(obligation, what, body, "obligations")

    async def _agree(self, district):
        found = await owed(district, self.agency_id)
        whole = (await district.get(f"/v1/obligations/{found['id']}")).json()
        last, first = self.story.last_day(self.now), self.story.received()
        assert {name: found[name] for name in found} == {name: whole[name] for name in found}
        assert (found["state"], found["late"]) == (self.story.state(self.now), self.story.late(self.now))
        assert found["deadline"]["last_on_time_date"] == last.isoformat()
        assert instant(found["deadline"]["due_before"]) == instant(f"{last + timedelta(days=1)}T00:00:00")
        answered = found["submission"]
        assert (answered and datetime.fromisoformat(answered["first_received_at"])) == (
            first if self.story.paper() else None
        )
        if self.report:
            shown = (await district.get(f"/v1/reports/{self.report['id']}")).json()
            assert shown["late"] == (self.story.late(self.now) if self.story.paper() else None)
            self.report = shown


def _values(what):
    return VALUES.get(what, [None])


@pytest.mark.usefixtures("two_members")
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # the story is short enough to be read; to shrink it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data(), st.integers(4, 14))
async def test_state_and_lateness_agree_with_the_regulation_whatever_happens_in_whatever_order(
    world, connection, data, length
):
    agency_id = await world.agency_id(make.DISTRICT)
    await world.credentials(make.DISTRICT)
    await world.credentials(make.COORDINATOR)
    story = await connection.begin_nested()
    told = Told(world, agency_id)
    try:
        await told.step("dispatch", None)
        for _ in range(length):
            await told.step(*told.next(data.draw))
    finally:
        await story.rollback()
