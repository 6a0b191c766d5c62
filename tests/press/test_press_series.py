"""Series: what they make, and edits of one occurrence, of those that follow, of all (QC.D8.K7)."""

from datetime import date

import pytest

from app.press.series_dates import covered, days, written
from app.press.series_models import Covers
from app.press.series_schemas import RuleWrite
from tests import make
from tests.press.hands import BECAUSE, OWNER, done, moved, patched, read, recorded
from tests.shape import assert_problem

RULE = {"from_day": "2027-01-01", "at": "08:30"}


def of(**rule):
    return [f"{day:%d/%m/%Y}" for day in days(RuleWrite(**RULE | rule))]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"weekday": "TU", "week": 2, "count": 3}, ["12/01/2027", "09/02/2027", "09/03/2027"]),
        ({"weekday": "FR", "week": -1, "from_day": "2027-11-01", "count": 3},
         ["26/11/2027", "31/12/2027", "28/01/2028"]),
        ({"month_day": 15, "until": "2027-03-15"}, ["15/01/2027", "15/02/2027", "15/03/2027"]),
        ({"month_day": 15, "until": "2027-03-14"}, ["15/01/2027", "15/02/2027"]),
        # 2028 is a leap year: the 29th of February is there, and is the last day for the 30th and the 31st.
        ({"month_day": 29, "from_day": "2027-12-01", "count": 4},
         ["29/12/2027", "29/01/2028", "29/02/2028", "29/03/2028"]),
        ({"month_day": 31, "from_day": "2027-12-01", "count": 5},
         ["31/12/2027", "31/01/2028", "29/02/2028", "31/03/2028", "30/04/2028"]),
        ({"month_day": 30, "from_day": "2029-01-01", "count": 3}, ["30/01/2029", "28/02/2029", "30/03/2029"]),
        ({"month_day": -1, "from_day": "2028-02-01", "count": 2}, ["29/02/2028", "31/03/2028"]),
        ({"month_day": 10, "from_day": "2027-01-11", "count": 1}, ["10/02/2027"]),
        ({"month_day": 10, "from_day": "2027-01-11", "until": "2027-01-31"}, []),
    ],
)  # fmt: skip
def test_the_days_of_a_rule(rule, found):
    assert of(**rule) == found


def test_a_series_without_a_near_end_stops_after_five_years():
    assert len(of(month_day=1, until="2199-12-31")) == 60


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"weekday": "TU", "week": 2, "count": 12}, "FREQ=MONTHLY;BYDAY=2TU;COUNT=12"),
        ({"month_day": 30, "count": 12}, "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=12"),
        ({"month_day": -1, "count": 12}, "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=12"),
    ],
)
def test_the_rule_as_calendars_write_it(rule, text):
    assert written(RuleWrite(**RULE | rule), 12) == text


@pytest.mark.parametrize(
    ("covers", "day", "found"),
    [
        (Covers.same_month, date(2028, 2, 8), (date(2028, 2, 1), date(2028, 2, 29))),
        (Covers.previous_month, date(2028, 1, 8), (date(2027, 12, 1), date(2027, 12, 31))),
        (Covers.previous_month, date(2028, 3, 31), (date(2028, 2, 1), date(2028, 2, 29))),
        (Covers.none, date(2028, 3, 31), (None, None)),
    ],
)
def test_which_month_an_occurrence_speaks_about(covers, day, found):
    assert covered(covers, day) == found


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"count": 3}, "one_rule"),
        ({"weekday": "TU", "count": 3}, "one_rule"),
        ({"weekday": "TU", "week": 2, "month_day": 3, "count": 3}, "one_rule"),
        ({"month_day": 0, "count": 3}, "one_rule"),
        ({"weekday": "TU", "week": 0, "count": 3}, "one_rule"),
        ({"month_day": 3}, "one_end"),
        ({"month_day": 3, "count": 3, "until": "2027-12-31"}, "one_end"),
        ({"month_day": 3, "until": "2026-12-31"}, "no_occurrence"),
        ({"month_day": 3, "count": 61}, "less_than_equal"),
    ],
)
async def test_a_rule_that_says_nothing_or_too_much_is_refused(world, rule, code):
    answer = await (await world.as_(OWNER)).post("/v1/press-series", make.a_series(rule=rule))
    document = await assert_problem(world.api, answer, "validation-failed")
    assert [error["code"] for error in document["errors"]] == [code]


async def a_series(world, **rule):
    """The last Tuesday of four months round the turn of 2027 and the leap day of 2028."""
    rule = rule or {"from_day": "2027-11-01", "weekday": "TU", "week": -1, "count": 4}
    caller = await world.as_(OWNER)
    series = await done(caller.post("/v1/press-series", make.a_series(rule=rule, covers="previous_month")), 201)
    return series, await events_of(world, series)


async def events_of(world, series):
    return [await done(read(world, OWNER, f"/v1/press-events/{id}")) for id in series["event_ids"]]


def starts(events):
    return [event["starts_at"] and event["starts_at"].removesuffix(":00+07:00") for event in events]


LAST_TUESDAYS = ["2027-11-30T08:30", "2027-12-28T08:30", "2028-01-25T08:30", "2028-02-29T08:30"]


async def test_a_series_makes_events_of_their_own(world):
    series, events = await a_series(world)
    assert series["rrule"] == "FREQ=MONTHLY;BYDAY=-1TU;COUNT=4"
    assert starts(events) == LAST_TUESDAYS
    assert [event["uid"] for event in events] == [
        f"{series['id']}-{day}" for day in ("20271130", "20271228", "20280125", "20280229")
    ]
    assert [(event["period_from"], event["period_to"]) for event in events] == [
        ("2027-10-01", "2027-10-31"), ("2027-11-01", "2027-11-30"), ("2027-12-01", "2027-12-31"),
        ("2028-01-01", "2028-01-31"),
    ]  # fmt: skip
    assert {(event["state"], event["series_id"], event["sequence"]) for event in events} == {("draft", series["id"], 0)}
    assert [event["recurrence_id"] for event in events] == [event["starts_at"] for event in events]
    for event in events:
        assert [row.type for row in await recorded(world, event)] == ["press_event.scheduled"]
    listed = await done(read(world, OWNER, f"/v1/press-events?series={series['id']}"))
    assert {item["id"] for item in listed["items"]} == set(series["event_ids"])


@pytest.mark.parametrize(
    ("scope", "at", "touched"),
    [
        (None, 1, [1]),
        ("this", 1, [1]),
        ("this_and_following", 1, [1, 2, 3]),
        ("this_and_following", 3, [3]),
        ("all", 2, [0, 1, 2, 3]),
    ],
)
async def test_an_edit_reaches_as_far_as_it_says(world, scope, at, touched):
    series, events = await a_series(world)
    await done(patched(world, events[at], {"place": "Nơi mới", "agenda": ["x"]}, scope=scope))
    after = await events_of(world, series)
    assert [number for number, event in enumerate(after) if event["place"] == "Nơi mới"] == touched
    for number, (old, new) in enumerate(zip(events, after, strict=True)):
        assert (new["uid"], new["recurrence_id"]) == (old["uid"], old["recurrence_id"])
        assert new["version"] == (2 if number in touched else 1)
        assert starts([new]) == starts([old])
        history = await done(read(world, OWNER, f"/v1/press-events/{new['id']}/versions"))
        assert [version["version"] for version in history["items"]] == list(range(1, new["version"] + 1))
    path = f"/v1/press-events/{events[at]['id']}"
    first = await done(read(world, OWNER, f"{path}/versions/1"))
    assert (first["place"], first["sequence"], first["state"]) == (events[at]["place"], 0, "draft")
    changes = await done(read(world, OWNER, f"{path}/difference?from=1&to=2"))
    assert {change["path"].split("/")[1] for change in changes["changes"]} == {"place", "agenda"}


async def test_times_move_by_as_much_across_the_year_s_end_and_the_leap_day(world):
    """A day later and at two: 29 February becomes 1 March, 31 December 1 January; the uids stay."""
    series, events = await a_series(world, from_day="2027-12-01", month_day=31, count=4)
    assert starts(events) == ["2027-12-31T08:30", "2028-01-31T08:30", "2028-02-29T08:30", "2028-03-31T08:30"]
    change = {"starts_at": "2028-01-01T14:00:00+07:00", "ends_at": "2028-01-01T15:00:00+07:00"}
    await done(patched(world, events[0], change, scope="this_and_following"))
    after = await events_of(world, series)
    assert starts(after) == ["2028-01-01T14:00", "2028-02-01T14:00", "2028-03-01T14:00", "2028-04-01T14:00"]
    assert [event["ends_at"][11:16] for event in after] == ["15:00"] * 4
    assert [event["uid"] for event in after] == [event["uid"] for event in events]
    assert series["event_ids"] == [event["id"] for event in after]
    # What follows is told by where the series had planned them, wherever they stand by now.
    await done(patched(world, after[2], {"place": "Nơi mới"}, scope="this_and_following"))
    assert [event["place"] == "Nơi mới" for event in await events_of(world, series)] == [False, False, True, True]


async def test_what_was_held_or_cancelled_is_not_touched(world):
    series, events = await a_series(world)
    for move in ("announce", "hold"):
        await done(moved(world, events[0], move))
    for move in ("announce", "cancel"):
        await done(moved(world, events[1], move))
    before = await events_of(world, series)
    await done(patched(world, events[3], {"title": "Tên mới"}, scope="all"))
    after = await events_of(world, series)
    assert after[:2] == before[:2]
    assert [event["title"] for event in after[2:]] == ["Tên mới"] * 2
    answer = await patched(world, events[0], {"title": "Tên mới"}, scope="all")
    await assert_problem(world.api, answer, "wrong-state")


async def test_announced_occurrences_tell_their_calendars_and_move_only_with_a_reason(world):
    series, events = await a_series(world)
    await done(moved(world, events[1], "announce"))
    await done(patched(world, events[0], {"place": "Nơi mới"}, scope="all"))
    assert [event["sequence"] for event in await events_of(world, series)] == [0, 1, 0, 0]
    times = {"starts_at": "2027-12-01T08:30:00+07:00", "ends_at": None}
    answer = await patched(world, events[0], times, scope="all")
    assert answer.json()["errors"][0]["code"] == "reschedule_instead"
    assert starts(await events_of(world, series)) == LAST_TUESDAYS  # all or none


async def test_rescheduling_reaches_as_far_as_it_says_too(world):
    series, events = await a_series(world)
    for number in (0, 1, 2):
        await done(moved(world, events[number], "announce"))
    await done(moved(world, events[2], "postpone"))
    times = {"starts_at": "2027-12-29T09:00:00+07:00", "ends_at": "2027-12-29T10:00:00+07:00"}
    await done(moved(world, events[1], "reschedule", **times, scope="this_and_following"))
    after = await events_of(world, series)
    assert starts(after) == ["2027-11-30T08:30", "2027-12-29T09:00", None, "2028-03-01T09:00"]
    assert [event["sequence"] for event in after] == [0, 1, 1, 0]
    assert [event["uid"] for event in after] == [event["uid"] for event in events]
    last = [row.type for row in await recorded(world, after[3])]
    assert last == ["press_event.scheduled", "press_event.updated"]


async def test_a_postponed_occurrence_moves_the_others_by_what_it_had(world):
    series, events = await a_series(world)
    for number in (0, 1):
        await done(moved(world, events[number], "announce"))
    await done(moved(world, events[0], "postpone"))
    times = {"starts_at": "2027-12-01T08:30:00+07:00", "ends_at": None}
    await done(moved(world, events[0], "reschedule", **times, scope="all"))
    after = await events_of(world, series)
    assert starts(after) == ["2027-12-01T08:30", "2027-12-29T08:30", "2028-01-26T08:30", "2028-03-01T08:30"]
    assert after[1]["change_reason"] == BECAUSE["reason"]
    told = [(row.type, row.previous_state, row.state) for row in await recorded(world, after[1])]
    assert told[-1] == ("press_event.rescheduled", "announced", "announced")


async def test_each_occurrence_has_its_own_period_and_an_event_alone_has_no_others(world):
    _, events = await a_series(world)
    period = {"period_from": "2027-09-01", "period_to": "2027-09-30"}
    answer = await patched(world, events[0], period, scope="all")
    assert answer.json()["errors"][0]["code"] == "only_this"
    assert (await done(patched(world, events[0], period)))["period_from"] == "2027-09-01"
    alone = await done((await world.as_(OWNER)).post("/v1/press-events", make.a_press_event()), 201)
    answer = await patched(world, alone, {"place": "x"}, scope="all")
    document = await assert_problem(world.api, answer, "invalid-parameter")
    assert document["errors"][0]["code"] == "no_series"


async def test_a_series_is_its_agency_s_and_of_those_who_read_all(world):
    series, events = await a_series(world)
    await done(moved(world, events[0], "announce"))
    for slug, status in ((OWNER, 200), (make.COORDINATOR, 200), (make.OTHER_DISTRICT, 404)):
        assert (await read(world, slug, f"/v1/press-series/{series['id']}")).status_code == status
    assert (await patched(world, events[0], {"place": "x"}, make.OTHER_DISTRICT, "all")).status_code == 403
