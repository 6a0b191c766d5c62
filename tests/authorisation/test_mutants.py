"""Every small mistake in who may see or do what is noticed: the functions that decide are made wrong, one at a time."""

from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from app.access import grants
from app.access.actor import Actor
from app.access.gate import gate
from app.access.snapshot import Snapshot, State, holds
from app.agencies import queries as agency_queries
from app.agencies import room as agency_room
from app.agencies import service as agency_service
from app.audit import queries as audit_queries
from app.budgets import budget_queries
from app.budgets import queries as estimate_queries
from app.flow import losses, machine, remarks, versions
from app.flow.machine import Machine
from app.flow.papers import Papers
from app.kit import db
from app.obligations import chase, matrix, reminder_queries, reminders
from app.obligations import queries as obligation_queries
from app.plans import queries as plan_queries
from app.portal import holding_queries
from app.portal import plan_queries as public_plan_queries
from app.portal import press_queries as portal_queries
from app.portal import product_queries as public_product_queries
from app.portal import record_queries as public_record_queries
from app.press import (
    event_queries,
    event_rules,
    guidance_queries,
    invitation_queries,
    product_queries,
    series_queries,
    supply_queries,
)
from app.provincial import queries as provincial_queries
from app.records import access_queries
from app.records import queries as record_queries
from app.reports import consolidated_queries, request_queries
from app.reports import queries as report_queries
from app.rooms import RESOURCES
from app.statistics import queries as statistics_queries
from app.sync import queries as sync_queries
from app.tasks import cooperation_queries
from app.tasks import queries as task_queries
from app.trail import feed
from app.webhooks import delivery_service as webhook_deliveries
from app.webhooks import queries as webhook_queries
from tests.authorisation import leaks
from tests.authorisation.expected import TABLE
from tests.authorisation.mutants import Mutant, closures, mutants

# The functions that decide, and where to look first for what they get wrong.
ROWS = {
    plan_queries.visible: leaks.rows,
    plan_queries._visible: leaks.rows,
    Papers.one: leaks.parts,
    Papers.filed: leaks.deeds,
    Papers.external: leaks.writes,
    plan_queries.tasks: leaks.parts,
    plan_queries.sight: leaks.feeds,
    provincial_queries.visible: leaks.plans_of_the_province,
    provincial_queries._visible: leaks.plans_of_the_province,
    provincial_queries._named: leaks.plans_of_the_province,
    provincial_queries.one: leaks.plans_of_the_province,
    provincial_queries.built: leaks.plans_of_the_province,
    provincial_queries.tasks: leaks.plans_of_the_province,
    provincial_queries.sight: leaks.feeds,
    task_queries.visible: leaks.works,
    task_queries.one: leaks.works,
    cooperation_queries.visible: leaks.works,
    cooperation_queries.one: leaks.works,
    task_queries.sight: leaks.feeds,
    cooperation_queries.sight: leaks.feeds,
    report_queries.visible: leaks.rows,
    obligation_queries.visible: leaks.obligations,
    obligation_queries.one: leaks.obligations,
    obligation_queries.named: leaks.obligations,
    obligation_queries.missing: leaks.obligations,
    reminder_queries.visible: leaks.obligations,
    reminder_queries.one: leaks.obligations,
    obligation_queries.for_all: leaks.feeds,
    matrix.counted: leaks.obligations,
    chase._owed: leaks.obligations,
    chase._reminded: leaks.obligations,
    request_queries.visible: leaks.requests,
    request_queries.one: leaks.requests,
    request_queries.asking: leaks.requests,
    request_queries.sight: leaks.feeds,
    consolidated_queries.visible: leaks.requests,
    consolidated_queries.one: leaks.requests,
    consolidated_queries.sight: leaks.feeds,
    estimate_queries.visible: leaks.budgets,
    estimate_queries._visible: leaks.budgets,
    estimate_queries.lines: leaks.budgets,
    estimate_queries.sight: leaks.feeds,
    budget_queries.visible: leaks.budgets,
    budget_queries._visible: leaks.budgets,
    budget_queries.one: leaks.budgets,
    budget_queries.lines: leaks.budgets,
    budget_queries.sight: leaks.feeds,
    event_queries.visible: leaks.press,
    event_queries._visible: leaks.press,
    event_queries.hosting: leaks.press,
    event_queries._meant_for: leaks.press,
    event_queries._unembargoed: leaks.press,
    event_queries.one: leaks.press,
    event_queries.kept: leaks.press,
    event_queries.occurrences: leaks.press,
    event_queries.materials: leaks.press,
    event_queries.sight: leaks.feeds,
    invitation_queries.visible: leaks.press,
    invitation_queries._visible: leaks.press,
    invitation_queries.one: leaks.press,
    invitation_queries.sight: leaks.feeds,
    guidance_queries.visible: leaks.press,
    guidance_queries.one: leaks.press,
    guidance_queries.sight: leaks.feeds,
    series_queries.visible: leaks.press,
    series_queries.sight: leaks.feeds,
    supply_queries.visible: leaks.press,
    supply_queries.one: leaks.press,
    supply_queries.kept: leaks.press,
    supply_queries.sight: leaks.feeds,
    product_queries.visible: leaks.press,
    product_queries.one: leaks.press,
    statistics_queries.visible: leaks.statistics,
    record_queries.visible: leaks.records,
    record_queries._visible: leaks.records,
    record_queries.one: leaks.records,
    record_queries.kept: leaks.records,
    record_queries.external: leaks.records,
    record_queries.contributions: leaks.records,
    record_queries.linked: leaks.records,
    record_queries.sight: leaks.feeds,
    record_queries.is_public: leaks.portal,
    access_queries.visible: leaks.records,
    event_queries.is_public: leaks.portal,
    event_queries.handed_out: leaks.press,
    portal_queries.visible: leaks.portal,
    portal_queries.for_the_press: leaks.portal,
    portal_queries.hosted_by: leaks.portal,
    public_plan_queries.visible: leaks.portal,
    public_product_queries.visible: leaks.portal,
    public_record_queries.visible: leaks.portal,
    holding_queries.visible: leaks.portal,
    holding_queries.one: leaks.portal,
    holding_queries.sight: leaks.feeds,
    audit_queries.visible: leaks.audits,
    audit_queries._visible: leaks.audits,
    audit_queries.newest: leaks.audits,
    audit_queries.onwards: leaks.audits,
    webhook_queries.visible: leaks.rows,
    webhook_queries.one: leaks.parts,
    webhook_queries.deliveries: leaks.rows,
    webhook_queries.among: leaks.rows,
    webhook_queries.attempts: leaks.parts,
    webhook_queries.recovery: leaks.deeds,
    webhook_queries.waiting: leaks.parts,
    webhook_queries.sight: leaks.feeds,
    agency_room.sight: leaks.feeds,
    agency_queries.focal_points: leaks.parts,
    agency_queries.focal_point: leaks.parts,
    feed.seen: leaks.feeds,
    feed.own_or_all: leaks.feeds,
    losses.told: leaks.feeds,
    sync_queries._seen: leaks.changes,
    sync_queries._known: leaks.changes,
    sync_queries._concerns: leaks.changes,
    remarks._on: leaks.parts,
    versions.versions: leaks.parts,
    versions.content_at: leaks.parts,
}
DEEDS = {
    machine._is_party: leaks.deeds,
    Machine.allowed: leaks.parts,
    Machine.check: leaks.writes,
    Machine.check_editable: leaks.writes,
    Actor.reads_all.fget: leaks.rows,
    grants.allowed: leaks.deeds,
    State.functions: leaks.deeds,
    holds: leaks.deeds,
    Snapshot.actor: leaks.deeds,
    remarks._standing: leaks.writes,
    agency_service.assign_focal_point: leaks.deeds,
    agency_service.list_focal_points: leaks.deeds,
    db.found_row: leaks.deeds,
    event_rules.check_bearer: leaks.press,
    reminders.move: leaks.obligations,
    reminders.remind: leaks.obligations,
    reminders._check_known: leaks.obligations,
    webhook_deliveries._found: leaks.deeds,
}
FEWEST = 120

# Parts of the name of a mutant that says nothing of rights, or that no caller could tell; each with its reason.
BESIDE = {
    "for_the_press: event_queries.visible(actor).where(PressEvent.state": "what was never announced has no entry",
    "for_all: return col(Event.id).is_not(None) → true()": "the same: every event has an id",
    "and_(received, o.c.late.is_(True)) → without part 1": "a CHECK: late is said only of what was received",
    "body.duty or '' → without part 2": "without a duty there are ids, and the other branch",
    "body.period or '' → without part 2": "as the duty",
    "onwards: visible(actor).where(*inside, *wanted.conditions()) → without condition 1": "where in the log it begins",
    "if lock: statement = statement.with_for_update()": "which rows are locked, not who sees them",
    "== any_(cast(ids,... → without condition 1": "what is found is looked up by its id",
    "WebhookEndpoint.id).in_(ids)) → without condition 1": "as that",
    "records.access_queries.visible: ": "the scope that asks for it is given to the same functions alone",
    "in_(ids.correlate... → without part 1": "no id is that of two types",
    "sync.queries._concerns: return deleted → true()": "who reads all sees what was not deleted, and is not told of it",
    "_seen: and_(type == literal(kind), _known(one.shape.known(actor), id)) → without part 1": "as that",
    "claims.kid not in self._state.... → without part 2": "a key that ended between two looks; `verify` asked before",
    "_authenticated(request) request.sta... → if True": "a second look at the same token finds the same",
    "if standing is not None: request": "headers that tell of the limit",
    "assign_focal_point: if before is not None: if expected is None: raise PreconditionRequi... → if True": "versions",
}


def beside(name):
    return any(part in name for part in BESIDE)


def called(function):
    return f"{function.__module__.removeprefix('app.')}.{function.__qualname__}"


async def test_the_service_as_it_stands_has_no_leak(ground):
    assert await leaks.first_leak(ground) is None


@pytest.mark.parametrize("function", [*ROWS, *DEEDS], ids=called)
async def test_a_mistake_in_who_may_see_or_do_what_is_noticed(ground, function):
    alive, first = [], [*told_of(function), (ROWS | DEEDS)[function]]
    for mutant in mutants(function):
        if not beside(mutant.name):
            with mutant.standing(ground.app):
                leak = await leaks.first_leak(ground, first)
            if leak is None:
                alive.append(mutant.name)
            else:
                first.insert(0, leak.part)  # which may well notice the next one too
    assert alive == []


def told_of(function):
    """The feeds of the kinds of resource of which a function says who is told."""
    return [leaks.feeds_of(name) for name, resource in RESOURCES.items() if resource.sight is function]


async def test_a_gate_that_does_not_look_at_the_scope_is_noticed(ground):
    """`admit` was made once for each operation: the mistake goes into every one."""
    gates = {call.gate for route in iter_route_contexts(ground.app.routes) for call in calls_of(route)}
    assert len(gates) >= len({row.scope for row in TABLE.values() if row.scope})
    found, kept = list(closures(gate, "admit")), next(iter(gates)).__code__
    assert len(found) >= 5
    alive = []
    for wrong, code in found:
        if beside(wrong):
            continue
        for admit in gates:
            admit.__code__ = code
        try:
            leak = await leaks.first_leak(ground, [leaks.deeds])
        finally:
            for admit in gates:
                admit.__code__ = kept
        alive += [wrong] if leak is None else []
    assert alive == []


def calls_of(route):
    pending, found = [route.original_route.dependant] if hasattr(route.original_route, "dependant") else [], []
    while pending:
        part = pending.pop()
        pending += part.dependencies
        found += [part.call] if hasattr(part.call, "gate") else []
    return found


def everybody(move, owner, actor, named):
    return True


async def test_a_machine_whose_every_caller_is_a_party_is_noticed(ground):
    with Mutant(machine._is_party, "everybody", everybody.__code__).standing(ground.app):
        assert await leaks.first_leak(ground, [leaks.deeds]) is not None


def all_of_it(actor):
    return __import__("sqlalchemy").true()


@pytest.mark.parametrize("name", RESOURCES)
async def test_a_kind_of_resource_whose_events_are_told_to_everybody_is_noticed(ground, name):
    sight = RESOURCES[name].sight
    if sight in {agency_room.sight, obligation_queries.for_all}:
        return  # that is its rule; the reverse is tested above
    with Mutant(sight, "everybody", all_of_it.__code__).standing(ground.app):
        assert await leaks.first_leak(ground, [leaks.feeds_of(name)]) is not None


def test_every_rule_of_every_room_is_made_wrong():
    """`visible`, and what a room says of its events, wherever a room keeps its queries."""
    root = Path(__file__).parents[2]
    places = [path for path in (root / "app").rglob("*queries.py") if "def visible" in path.read_text()]
    assert len(places) >= 6
    for path in places:
        module = import_module(".".join(path.relative_to(root).with_suffix("").parts))
        own = [f for f in vars(module).values() if isfunction(f) and f.__module__ == module.__name__]
        assert {f for f in own if f.__name__ in {"visible", "one", "sight"}} <= set(ROWS), path


def test_there_are_enough_mistakes_to_notice():
    names = [mutant.name for function in (*ROWS, *DEEDS) for mutant in mutants(function)]
    gates = [wrong for wrong, _ in closures(gate, "admit")]
    assert len(names) + len(gates) >= FEWEST
    assert all(any(part in name for name in (*names, *gates)) for part in BESIDE)
    assert sum(map(beside, (*names, *gates))) <= (len(names) + len(gates)) / 20
