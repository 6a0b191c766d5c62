"""Who may do what with each kind of record: the table written by hand, cell by cell, against the running service."""

import pytest
from sqlmodel import select

from app.law.book import law
from app.law.citing import Clause
from app.records import queries
from app.records.kinds import KINDS
from app.records.models import Record
from tests.provisions.hands import listening, sealed
from tests.records.furnished import done, on_stage, path_to
from tests.records.table import AGENCIES, SLUGS, TABLE


@pytest.fixture(scope="module")
async def records(engine, built, server_url):
    """One of each kind in each state, for all of these tests; every agency has a webhook for all it may know of."""
    async with on_stage(engine, built, server_url) as found:
        await listening(found.world, *SLUGS.values(), types=["*"])
        await found.furnish()
        await sealed(found.world)
        yield found


def test_the_table_speaks_of_every_kind_and_of_nothing_else():
    assert set(TABLE) == set(KINDS)
    for name, entry in TABLE.items():
        kind = KINDS[name]
        assert set(entry.moves) == {step.name for step in kind.steps}, name
        assert entry.states_named <= {str(state) for state in type(kind.initial)}, name
        assert set(entry.told) - {"*"} <= set(entry.moves), name
        assert {Clause(cited) for cited in entry.cites} <= set(kind.provisions), name
        assert entry.named is None or entry.named in kind.named, name


def test_the_duties_of_the_law_name_these_kinds():
    named = {kind for duty in law().duties.values() for kind in duty.produces if kind.startswith("record.")}
    assert named == {f"record.{name}" for name in KINDS}


def test_whoever_is_to_be_told_reads_it_then():
    for name, entry in TABLE.items():
        kind = KINDS[name]
        assert entry.told.get("*", frozenset()) <= entry.reads(kind.initial), name
        for step in kind.steps:
            for source in step.sources:
                assert entry.told.get(step.name, frozenset()) <= entry.reads(step.leads(source)), (name, step.name)


async def test_who_may_make_one(records):
    wrong = []
    for name, entry in TABLE.items():
        for column in AGENCIES:
            answer = await records.create(name, column)
            if answer.status_code != (201 if column in entry.create else 403):
                wrong.append((name, column, answer.status_code))
        anonymous = await records.world.api.post("/v1/records", json={})
        assert anonymous.status_code == 401
    assert wrong == []


async def _listed(records, column, query=""):
    return {item["id"] for item in await records.pages(column, f"/v1/records?limit=200{query}")}


def _expected(records, column):
    return {row["id"] for (name, state), row in records.rows.items() if column in TABLE[name].reads(state)}


def _taken(column, name, state):
    """The events by which a column lost sight of a record on its way to a state."""
    here, found = KINDS[name].initial, []
    for step in path_to(KINDS[name], state):
        to = step.leads(here)
        if column in TABLE[name].reads(here) - TABLE[name].reads(to):
            found.append(step.event.name)
        here = to
    return found


def _named(records, ids):
    return sorted(key for key, row in records.rows.items() if row["id"] in ids)


@pytest.mark.parametrize("column", AGENCIES)
async def test_who_reads_one(records, column):
    """The list shows each state of each kind; the record itself is asked for once of each kind, both ways."""
    known, expected = {row["id"] for row in records.rows.values()}, _expected(records, column)
    listed = await _listed(records, column) & known
    assert _named(records, listed ^ expected) == []
    once = {(name, row["id"] in expected): row for (name, _), row in records.rows.items()}
    for (name, reads), row in once.items():
        assert await records.seen(column, row) == (200 if reads else 404), (column, name)


async def test_who_finds_one(records):
    """A search finds what the searcher may read."""
    for (name, state), row in records.rows.items():
        if state != str(KINDS[name].initial) or KINDS[name].textless:
            continue
        for column in AGENCIES:
            found = await _listed(records, column, f"&kind={name}&state={state}&q={row['title']}")
            assert (row["id"] in found) == (column in TABLE[name].reads(state)), (name, column)


async def test_who_hears_of_one(records):
    """Its events reach who reads it, who is to be told among them; who lost sight of it hears of that, and no more."""
    for column in AGENCIES:
        heard = await records.heard(column)
        for (name, state), row in records.rows.items():
            if column not in TABLE[name].reads(state):
                assert heard.get(row["id"], []) == _taken(column, name, state), (column, name, state)
                continue
            assert row["id"] in heard, (column, name, state)
            way = path_to(KINDS[name], state)
            last = way[-1] if way else None
            if column in TABLE[name].told.get(last.name if last else "*", frozenset()):
                assert (last.event if last else KINDS[name].opened).name in heard[row["id"]], (column, name, state)


@pytest.mark.parametrize("column", AGENCIES)
async def test_who_keeps_a_copy_of_one_and_whose_webhook_is_told(records, column):
    """Changes from the start are of what it reads; deliveries are of that, and of what was taken from its sight."""
    known, expected = {row["id"] for row in records.rows.values()}, _expected(records, column)
    assert _named(records, (await records.copied(column) & known) ^ expected) == []
    expected |= {row["id"] for (name, state), row in records.rows.items() if _taken(column, name, state)}
    assert _named(records, (await records.delivered(column) & known) ^ expected) == []


async def test_who_may_move_one(records):
    """Who may not: 403 who reads it, 404 anybody else (asked once of each kind). Who may is shown the move."""
    wrong = []
    for name, entry in TABLE.items():
        for step in KINDS[name].steps:
            state = str(min(step.sources))
            row = records.rows[name, state]
            for column in AGENCIES:
                if column in entry.moves[step.name]:
                    shown = await done(records.read(column, row))
                    if step.name not in {one["move"] for one in shown["allowed_moves"]}:
                        wrong.append((name, step.name, column, "not shown"))
                elif column in entry.reads(state) or step is KINDS[name].steps[0]:
                    answer = await records.move(
                        row, step.name, column, **({"into_id": row["id"]} if step.merges else {})
                    )
                    if answer.status_code != (403 if column in entry.reads(state) else 404):
                        wrong.append((name, step.name, column, answer.status_code))
    assert wrong == []


async def test_the_public_gets_what_is_public(records):
    """Without a token nothing is read here; what the portal may take is what the table gives to everybody."""
    async with records.world.sessions() as session:
        public = {str(id) for id in await session.scalars(select(Record.id).where(queries.is_public()))}
    for (name, state), row in records.rows.items():
        assert (row["id"] in public) == ("ANONYMOUS" in TABLE[name].reads(state)), (name, state)
    assert (await records.world.api.get("/v1/records")).status_code == 401
