"""Dates as the clauses, dispatches and extensions give them: no clock, no database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.law.book import law
from app.obligations.deadlines import (
    Calendar,
    Deadline,
    Ordered,
    Terms,
    WeekendPolicy,
    after,
    by_clause,
    deadline,
    extended,
    midnight,
    periods,
    rule,
    warnings,
)
from app.obligations.models import DueSource

DUTIES = law().duties
PLAN, REPORT, AD_HOC, FOCAL, BRIEFING = (
    DUTIES[id] for id in ("QC.D7.K1-a", "QC.D7.K3-a", "QC.D7.K3-b", "QC.D7.K4-a", "QC.D8.K7")
)
DAYS = st.dates(date(2013, 1, 1), date(2100, 12, 31))
NONE, NEXT = WeekendPolicy.none, WeekendPolicy.next_working_day


def terms(policy=NONE, soon=30, calendar=None, duty=None, document=None, **ordered):
    orders = {duty.id: Ordered(**ordered)} if duty else {}
    return Terms(policy, soon, calendar or Calendar(), orders, document)


def year(duty, of=2027):
    (found,) = periods(duty, of)
    return found


def test_a_year_is_one_period_and_a_month_each_is_twelve():
    (whole,) = periods(REPORT, 2028)
    assert (whole.key, whole.year, whole.start, whole.end) == ("2028", 2028, date(2028, 1, 1), date(2029, 1, 1))
    months = list(periods(BRIEFING, 2028))
    assert [month.key for month in months] == [f"2028-{number:02}" for number in range(1, 13)]
    assert {month.year for month in months} == {2028}
    assert all(one.end == following.start for one, following in pairwise(months))
    assert (months[0].start, months[-1].end) == (whole.start, whole.end)
    for duty in (AD_HOC, FOCAL):
        assert list(periods(duty, 2028)) == []


@pytest.mark.parametrize(("of", "last"), [(2027, 28), (2028, 29), (2100, 28), (2096, 29)])
def test_february_ends_as_the_calendar_says(of, last):
    february = list(periods(BRIEFING, of))[1]
    assert by_clause(BRIEFING, february) == date(of, 2, last)
    assert deadline(BRIEFING, february, terms()).due_before == midnight(date(of, 3, 1))


@pytest.mark.parametrize(
    ("duty", "named", "last"),
    [
        (REPORT, "annual_before 12-15", date(2027, 12, 14)),
        (PLAN, "set_by dispatch", None),
        (AD_HOC, "set_by request", None),
        (FOCAL, "standing", None),
        (BRIEFING, "within month", date(2027, 1, 31)),
    ],
    ids=lambda value: getattr(value, "id", None),
)
def test_each_rule_of_the_text_has_its_word_and_its_date(duty, named, last):
    assert rule(duty) == named
    period = next(periods(duty, 2027), None)
    if period:
        found = deadline(duty, period, terms(soon=10))
        assert (found.rule, found.last_on_time_date) == (named, last)
        assert found.source == (DueSource.clause if last else None)
        assert found.due_before == (midnight(last + timedelta(days=1)) if last else None)
        assert found.soon_at == (midnight(last - timedelta(days=10)) if last else None)


def test_every_duty_that_comes_round_has_a_rule():
    words = {rule(duty).partition(" ")[0] for duty in DUTIES.values()}
    assert words <= {
        "annual_before", "set_by", "within", "immediate", "standing", "on_event", "on_request", "annual", "monthly",
        "once",
    }  # fmt: skip


def test_before_15_december_ends_with_the_14th_in_the_province():
    found = deadline(REPORT, year(REPORT), terms())
    assert found.due_before == datetime(2027, 12, 14, 17, tzinfo=UTC)
    assert found.due_before.isoformat() == "2027-12-15T00:00:00+07:00"


def test_a_dispatch_comes_before_the_clause_and_brings_its_document_cutoff_and_lock():
    ordered = {"last_on_time_date": date(2027, 12, 10), "data_cutoff": date(2027, 11, 30)}
    paper = {"number": "12/STTTT"}
    found = deadline(REPORT, year(REPORT), terms(duty=REPORT, document=paper, locks_on=date(2028, 1, 15), **ordered))
    assert (found.source, found.document) == (DueSource.dispatch, paper)
    assert (found.last_on_time_date, found.data_cutoff) == (date(2027, 12, 10), date(2027, 11, 30))
    assert found.locks_at == midnight(date(2028, 1, 15))


def test_a_dispatch_that_sets_no_date_leaves_the_clauses_and_lends_no_document():
    found = deadline(REPORT, year(REPORT), terms(duty=REPORT, document={"number": "1"}, data_cutoff=date(2027, 11, 30)))
    assert (found.source, found.document, found.data_cutoff) == (DueSource.clause, None, date(2027, 11, 30))
    undated = deadline(PLAN, year(PLAN), terms(duty=PLAN, locks_on=date(2028, 1, 1)))
    assert (undated.source, undated.due_before, undated.soon_at) == (None, None, None)
    assert undated.locks_at == midnight(date(2028, 1, 1))


@given(DAYS, st.frozensets(DAYS, max_size=5), st.frozensets(DAYS, max_size=5), st.integers(0, 180))
def test_a_last_day_only_ever_moves_to_the_next_working_day(day, holidays, made_working, soon):
    calendar = Calendar(holidays | {day + timedelta(days=1)}, made_working)
    stays = deadline(PLAN, year(PLAN), terms(NONE, soon, calendar, PLAN, last_on_time_date=day))
    moves = deadline(PLAN, year(PLAN), terms(NEXT, soon, calendar, PLAN, last_on_time_date=day))
    assert stays.last_on_time_date == day
    assert calendar.works(moves.last_on_time_date)
    between = (moves.last_on_time_date - day).days
    assert not any(calendar.works(day + timedelta(days=past)) for past in range(between))
    for found in (stays, moves):
        assert found.due_before == after(found.last_on_time_date)
        assert found.due_before - found.soon_at == timedelta(days=soon + 1)


def test_a_day_made_working_works_even_where_it_is_a_holiday_or_a_sunday():
    sunday = date(2031, 12, 14)
    assert not Calendar().works(sunday)
    assert Calendar(made_working=frozenset({sunday})).works(sunday)
    assert Calendar(frozenset({sunday}), frozenset({sunday})).works(sunday)
    assert not Calendar(frozenset({date(2031, 12, 15)})).works(date(2031, 12, 15))


def test_a_last_day_on_new_years_eve_may_move_into_the_next_year():
    friday_off = Calendar(frozenset({date(2027, 12, 31)}))
    (*_, december) = periods(BRIEFING, 2027)
    found = deadline(BRIEFING, december, terms(NEXT, calendar=friday_off))
    assert found.last_on_time_date == date(2028, 1, 3)


@given(st.none() | DAYS, DAYS, st.integers(0, 180))
def test_an_extension_never_leaves_an_agency_worse_off(common, given_until, soon):
    due = Deadline("set_by dispatch", soon_days=soon)
    if common:
        due = deadline(PLAN, year(PLAN), terms(soon=soon, duty=PLAN, last_on_time_date=common))
    found = extended(due, given_until, {"number": "9"})
    assert found.last_on_time_date == max(given_until, common or given_until)
    assert found.due_before == after(found.last_on_time_date)
    assert found.due_before - found.soon_at == timedelta(days=soon + 1)
    own = common is None or given_until > common
    assert (found.source == DueSource.extension) is own
    assert (found.document == {"number": "9"}) is own


@pytest.mark.parametrize(
    ("ordered", "calendar", "policy", "codes"),
    [
        ({}, Calendar(), NONE, []),
        ({"data_cutoff": date(2027, 11, 30)}, Calendar(), NONE, []),
        # A6: figures up to 14 December leave no day at all before «trước ngày 15 tháng 12».
        ({"data_cutoff": date(2027, 12, 14)}, Calendar(), NONE, ["cutoff_too_close"]),
        ({"data_cutoff": date(2027, 12, 13)}, Calendar(), NONE, []),
        ({"data_cutoff": date(2027, 12, 13)}, Calendar(frozenset({date(2027, 12, 14)})), NONE,
         ["cutoff_too_close", "on_a_day_off"]),
        ({"data_cutoff": date(2027, 12, 13)}, Calendar(frozenset({date(2027, 12, 14)})), NEXT, []),
        ({"last_on_time_date": date(2027, 12, 10)}, Calendar(), NONE, ["differs_from_clause"]),
        ({"last_on_time_date": date(2027, 12, 14)}, Calendar(), NONE, []),
        ({"last_on_time_date": date(2027, 12, 12)}, Calendar(), NONE, ["differs_from_clause", "on_a_day_off"]),
        ({"last_on_time_date": date(2027, 12, 12)}, Calendar(), NEXT, ["differs_from_clause"]),
        ({"locks_on": date(2027, 12, 14)}, Calendar(), NONE, ["locks_before_due"]),
        ({"locks_on": date(2027, 12, 15)}, Calendar(), NONE, []),
    ],
)  # fmt: skip
def test_sources_that_contradict_each_other_are_warned_of(ordered, calendar, policy, codes):
    assert warnings(REPORT, year(REPORT), terms(policy, 30, calendar, REPORT, **ordered)) == codes


def test_what_has_no_date_contradicts_nothing():
    ordered = {"data_cutoff": date(2027, 12, 31), "locks_on": date(2027, 1, 1)}
    assert warnings(PLAN, year(PLAN), terms(duty=PLAN, **ordered)) == []
