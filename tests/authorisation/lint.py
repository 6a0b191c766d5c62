"""Finds every query on a room's table that does not start at `visible(actor)`.

A table is a room's unless `OPEN` says why it is open. A query on one may stand in a room's `queries.py`, in a function
that starts at `visible`, and nowhere else; whatever stands elsewhere is in `ALLOWED`, with its reason.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

OPEN = {
    "Agency": "the register is open to every client",
    "AgencyName": "the register",
    "AgencyCode": "the register",
    "AgencyParent": "the register",
    "AgencyAlias": "the register",
    "FunctionHeld": "the register",
    "ObligationYear": "how a year is run, for every client",
    "ObligationDeadline": "the dates of a year, for every client",
    "CalendarDay": "the days off, for every client",
    "AccessVersion": "a counter that every process watches",
    "PublicVersion": "counters that every process watches",
    "Outbox": "the sealer's own list of ids",
    "RateWindow": "counters of requests and of failed attempts",
}

# Each entry: file and function, and why a query on a room's table may stand there without `visible`.
ALLOWED = {
    "app/access/idempotency.py:forget": "the worker deletes what is a week old, whoever made it",
    "app/access/idempotency.py:<module>": "the key is looked up together with the caller's own client id",
    "app/access/snapshot.py:Snapshot._read": "the gate's snapshot: clients and keys, shown to nobody",
    "app/agencies/queries.py:focal_points": "work contacts are for every client (QC.D7.K4)",
    "app/audit/service.py:begin_export": "the head of the log: a number",
    "app/budgets/adjusting.py:_write": "counts the adjustments of a budget that was found through `visible`",
    "app/budgets/budget_queries.py:changes": "takes lines that were found through `visible`",
    "app/budgets/budget_queries.py:held": "takes the id of a budget that was found through `visible`",
    "app/budgets/budget_service.py:rebuild": "the lines of a budget that was found through `visible`, made anew",
    "app/budgets/building.py:_sources": "every agency's accepted estimates, for its maker, who reads all",
    "app/budgets/closing.py:allocate": "the allocations of a budget that was found through `visible`, made anew",
    "app/budgets/held.py:estimates": "the estimates in a budget that was found through `visible`",
    "app/budgets/queries.py:_decided": "which budgets were decided: their lines are shown to whose estimate it is",
    "app/budgets/queries.py:lines": "takes the id of an estimate that was found through `visible`",
    "app/budgets/queries.py:of_plan": "takes the id of a plan that was found through its own `visible`",
    "app/budgets/queries.py:tiers": "what became of the lines of an estimate in the row outside",
    "app/budgets/queries.py:total": "the lines of an estimate in the row outside",
    "app/budgets/settlement.py:_lines": "the lines of an estimate that was found through `visible`",
    "app/budgets/totals.py:_tiers": "the lines of a budget in the row outside",
    "app/budgets/totals.py:self_appraised": "the lines of a budget in the row outside",
    "app/flow/remarks.py:_on": "takes a row that was found through its room's `visible`",
    "app/flow/remarks.py:add": "counts on top of `_on`",
    "app/flow/versions.py:versions": "takes the id of a row that was found through its room's `visible`",
    "app/flow/versions.py:content_at": "takes a row that was found through its room's `visible`",
    "app/metrics/queries.py:<module>": "how many there are and how old, for the operator",
    "app/metrics/heartbeat.py:Pulse.beat": "the worker's own row",
    "app/obligations/absent.py:absent": "names who is absent, for the coordinator, who reads all",
    "app/obligations/asked.py:_of": "the obligations of a request that was found through its own `visible`",
    "app/obligations/calendar.py:_follow": "which years there are; `settle` then works for the service itself",
    "app/obligations/chase.py:_owed": "joins the reminders of obligations that come from `visible`",
    "app/obligations/chase.py:_reminded": "joins the obligations of reminders that come from `visible`",
    "app/obligations/expected.py:extensions": "what was granted for obligations that were found or settled",
    "app/obligations/expected.py:settle": "the expected set is the service's own work, for every agency",
    "app/obligations/expected.py:settle_watched": "the expected set is the service's own work, for every agency",
    "app/obligations/receipts.py:_owed": "what a submission answers, by the agency of its own row",
    "app/obligations/receipts.py:_by": "what a submission answered, by the id of its own row",
    "app/obligations/reminders.py:next_number": "the next number of a year, whoever was reminded",
    "app/obligations/watch.py:escalate": "the worker watches the clock for every agency",
    "app/obligations/watch.py:_free": "the worker watches the clock for every agency",
    "app/obligations/watch.py:_years": "the worker watches the clock for every agency",
    "app/press/counting.py:events": "what `statistics.queries.visible` then narrows to whom it may be counted for",
    "app/press/counting.py:products": "as the events",
    "app/press/counting.py:supplies": "as the events",
    "app/portal/feeds.py:_entries": "names and dates beside the events that come from a `visible`",
    "app/portal/holders.py:<module>": "the feeds that secrets lead to, shown to nobody",
    "app/portal/press_queries.py:turns": "the instants at which caches let go, of whatever will show",
    "app/portal/press_queries.py:turns_of_materials": "the instants at which caches let go, of whatever will show",
    "app/press/event_watch.py:release": "the worker watches the clock for every agency",
    "app/press/event_watch.py:release_materials": "the worker watches the clock for every agency",
    "app/press/materials.py:replace": "the materials of an event that was found through `visible`",
    "app/press/monthly.py:_attached": "the guidance on an event that was found through `visible`: it meets a duty",
    "app/press/monthly.py:_standing": "the guidance of the agency whose own was found through `visible`",
    "app/press/monthly.py:withdrawn": "the event of guidance that was found through `visible`",
    "app/press/series_service.py:_occurrences": "takes a series that was found through `visible`",
    "app/records/counting.py:records": "what `statistics.queries.visible` then narrows to whom it may be counted for",
    "app/records/gathering.py:difficulties": "every agency's difficulties, for the consolidated report's maker",
    "app/reports/consolidated_service.py:_included": "the reports in a consolidated one found through `visible`",
    "app/reports/consolidated_service.py:_sources": "every agency's accepted reports, for its maker, who reads all",
    "app/reports/request_queries.py:asking": "the request that an agency's own report answers",
    "app/reports/request_service.py:_standing": "the request of a report that was found through `visible`",
    "app/reports/request_service.py:follow": "the worker sees who has answered",
    "app/reports/request_service.py:_missing": "the obligations of a request that was found through `visible`",
    "app/reports/request_service.py:_next_number": "the next number of a year, whoever asked",
    "app/oauth/service.py:list_clients": "the operator's command line",
    "app/oauth/service.py:_client": "the operator's command line",
    "app/oauth/service.py:ensure_signing_key": "the operator's command line",
    "app/oauth/service.py:_live": "the operator's command line",
    "app/oauth/keys.py:_all": "the operator's command line",
    "app/oauth/proof.py:_proven": "the token endpoint: who knows the secret is the client",
    "app/oauth/proof.py:_note_use": "the token endpoint, on a secret that was proven",
    "app/plans/queries.py:tasks": "takes the id of a plan that was found through `visible`",
    "app/provincial/gathering.py:_sources": "every agency's accepted plans, for the coordinator, who reads all",
    "app/provincial/gathering.py:_tasks": "the tasks of the plans that a plan found through `visible` has taken in",
    "app/provincial/gathering.py:plans_in": "the plans in one of the province that was found through `visible`",
    "app/provincial/queries.py:tasks": "takes the id of a plan that was found through `visible`",
    "app/sync/queries.py:_standing": "the log; `_seen` asks each room's own rule",
    "app/sync/queries.py:_lost": "what this agency could see before; `_seen` asks what it still can",
    "app/sync/queries.py:_ends": "the head of the log: a number",
    "app/tasks/assignment.py:ended": "what follows from the end of a plan, for every agency that has a task in it",
    "app/tasks/assignment.py:cooperations": "who works on a task that was found through `visible`",
    "app/tasks/assignment.py:_owed_still": "the task of an obligation, for whoever redates it",
    "app/tasks/counting.py:tasks": "what `statistics.queries.visible` then narrows to whom it may be counted for",
    "app/tasks/execution.py:_counted": "joins the obligations of tasks that come from `visible`",
    "app/tasks/reads.py:<module>": "the obligation of a task that comes from `visible`",
    "app/tasks/assignment.py:_standing": "what an amendment carries over, for every agency that has a task in it",
    "app/trail/audit.py:<module>": "the operator's audit of the whole log",
    "app/trail/audit.py:_outside": "the operator's audit of the whole log",
    "app/trail/checkpoints.py:audit": "the operator's audit of the whole log",
    "app/trail/checkpoints.py:make": "the worker signs where the log ends",
    "app/flow/losses.py:told": "what this agency could see before: of its loss it is told",
    "app/trail/waiting.py:Waiting._look": "the head of the log: a number",
    "app/trail/feed.py:Feed._compile": "the log: `seen(actor, sights)` asks each room's own rule",
    "app/trail/sealer.py:<module>": "the sealer numbers every event",
    "app/up.py:_live": "the demonstration's own clients",
    "app/webhooks/challenge.py:claim": "the worker asks what is pending, for every agency",
    "app/webhooks/challenge.py:_record": "the worker, on an endpoint it asked",
    "app/webhooks/claims.py:<module>": "the worker claims what is due, for every agency",
    "app/webhooks/claims.py:held": "the worker, on a delivery it claimed",
    "app/webhooks/claims.py:forget": "the worker sweeps counts of seconds",
    "app/webhooks/fan_out.py:<module>": "the sealer's fan-out; `seen` asks for each agency",
    "app/webhooks/fan_out.py:fan_out.may_see": "the sealer's fan-out; `seen` asks for each agency",
    "app/webhooks/handover.py:<module>": "the worker, when a function goes to another agency; `letters` asks `seen`",
    "app/webhooks/letters.py:Desk._statement": "the worker; `seen` asks whether the agency may still be told",
    "app/webhooks/recording.py:<module>": "the worker, on deliveries it claimed",
    "app/webhooks/queries.py:attempts": "takes a delivery that was found through `deliveries`",
    "app/webhooks/queries.py:waiting": "takes an endpoint that was found through `one`",
    "app/webhooks/queries.py:outcomes": "takes an endpoint that was found through `one`",
    "app/webhooks/queries.py:attention": "how many endpoints need a person, for the operator's probe: a number",
    "app/webhooks/recovery.py:step": "the worker, on recoveries that were asked for",
    "app/webhooks/recovery.py:_window": "the head of the log: a number",
    "app/webhooks/recovery.py:_missed": "the worker; `seen` asks for the endpoint's agency",
    "app/webhooks/recovery.py:_queue": "the worker, on deliveries of the endpoint it found",
    "app/webhooks/standing.py:<module>": "the worker, after a delivery",
    "app/webhooks/standing.py:took": "the worker, on endpoints it locked after a delivery",
    "app/webhooks/standing.py:failed": "the worker, after a failure",
    "app/webhooks/standing.py:turn": "takes an endpoint that was found and locked",
    "app/webhooks/standing.py:give_up": "the worker watches the clock for every agency",
}

READING = {
    "select", "update", "delete", "exists", "aliased", "join", "outerjoin", "select_from", "with_only_columns",
    "add_columns", "get", "get_one", "query", "table", "over", "union", "merge", "refresh_from",
}  # fmt: skip
RULE = "visible"


@dataclass(frozen=True)
class Finding:
    """A query on a room's table without `visible`."""

    where: str
    line: int
    tables: tuple[str, ...]


class Tables:
    """The tables of the house: class name to table name."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.names: dict[str, str] = {}
        for source in sources.values():
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ClassDef) and any(k.arg == "table" for k in node.keywords):
                    self.names[node.name] = next(_table_names(node), node.name.lower())

    @cached_property
    def guarded(self) -> Mapping[str, str]:
        return {name: table for name, table in self.names.items() if name not in OPEN}

    @cached_property
    def in_sql(self) -> re.Pattern[str]:
        named = "|".join(self.guarded.values())
        return re.compile(rf"\b(?:from|join|update|into|table|using)\s+(?:only\s+)?\"?({named})\b", re.IGNORECASE)


def _table_names(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "__tablename__":
            yield ast.literal_eval(item.value)


def sources(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted((root / "app").rglob("*.py"))}


def findings(files: Mapping[str, str], tables: Tables | None = None) -> list[Finding]:
    """Every bare query of these files."""
    tables = tables or Tables(files)
    return [finding for path, source in files.items() for finding in Module(path, source, tables).findings()]


class Module:
    """One file, and what its functions ask of the database."""

    def __init__(self, path: str, source: str, tables: Tables) -> None:
        self.path, self.tree, self.tables = path, ast.parse(source), tables
        self.aliases = self._aliases()

    def _aliases(self) -> dict[str, str]:
        """What the tables are called here."""
        found = {name: name for name in self.tables.guarded}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                found |= {a.asname: a.name for a in node.names if a.asname and a.name in self.tables.guarded}
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in found:
                found |= {t.id: found[node.value.id] for t in node.targets if isinstance(t, ast.Name)}
        return found

    def findings(self) -> Iterator[Finding]:
        for name, statements in self._functions(self.tree, ""):
            if self._is_rule(name):
                continue
            safe = self._starting_at_the_rule(statements)
            for statement in statements:
                for call, found in self._queries(statement):
                    if id(statement) not in safe:
                        yield Finding(f"{self.path}:{name or '<module>'}", call.lineno, tuple(sorted(found)))

    def _functions(self, node: ast.AST, prefix: str) -> Iterator[tuple[str, list[ast.stmt]]]:
        """Each function with its own simple statements; what stands outside of all belongs to the module."""
        own: list[ast.stmt] = []
        pending = list(ast.iter_child_nodes(node))
        while pending:
            item = pending.pop(0)
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from self._functions(item, f"{prefix}{item.name}." if prefix else f"{item.name}.")
            elif isinstance(item, ast.stmt) and not any(isinstance(c, ast.stmt) for c in ast.iter_child_nodes(item)):
                own.append(item)
            elif isinstance(item, ast.stmt):
                own += [ast.Expr(value=e) for e in ast.iter_child_nodes(item) if isinstance(e, ast.expr)]
                own += [
                    ast.Expr(value=i.context_expr) for i in ast.iter_child_nodes(item) if isinstance(i, ast.withitem)
                ]
                pending[:0] = [c for c in ast.iter_child_nodes(item) if not isinstance(c, ast.expr | ast.withitem)]
            else:
                pending[:0] = list(ast.iter_child_nodes(item))
        yield prefix.rstrip("."), own

    @cached_property
    def _calls(self) -> Mapping[str, set[str]]:
        """Which functions of this file each one calls by name."""
        return {
            node.name: {c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
            for node in self.tree.body
            if isinstance(node, ast.FunctionDef)
        }

    def _is_rule(self, name: str) -> bool:
        """`visible(actor)` itself, and what it is made of, in a room's `queries.py`."""
        if not self.path.endswith("queries.py"):
            return False
        parts, todo = {RULE}, [RULE]
        while todo:
            below = self._calls.get(todo.pop(), set()) & set(self._calls) - parts
            parts |= below
            todo += below
        return name in parts

    @cached_property
    def _starting(self) -> set[str]:
        """The functions of this file that return something that starts at the rule."""
        found = {RULE}
        while True:
            more = {
                node.name
                for node in self.tree.body
                if isinstance(node, ast.FunctionDef) and node.name not in found and self._returns(node, found)
            }
            if not more:
                return found
            found |= more

    def _returns(self, node: ast.FunctionDef, known: set[str]) -> bool:
        returns = [r for r in ast.walk(node) if isinstance(r, ast.Return) and r.value is not None]
        return bool(returns) and all(self._mentions(r, known | self._tainted(node.body, known)) for r in returns)

    def _tainted(self, statements: list[ast.stmt], known: set[str]) -> set[str]:
        found: set[str] = set()
        for statement in statements:
            if isinstance(statement, ast.Assign) and self._mentions(statement.value, known | found):
                found |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
        return found

    @staticmethod
    def _mentions(node: ast.AST, names: set[str]) -> bool:
        return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))

    def _starting_at_the_rule(self, statements: list[ast.stmt]) -> set[int]:
        """The statements of a `queries.py` that stand on `visible(actor)`; no query of another file may."""
        if not self.path.endswith("queries.py"):
            return set()
        known = self._starting | self._tainted(statements, self._starting)
        return {id(statement) for statement in statements if self._mentions(statement, known)}

    def _queries(self, statement: ast.stmt) -> Iterator[tuple[ast.Call, set[str]]]:
        for call in ast.walk(statement):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            if name in READING:
                found = {n for argument in given for n in self._named(argument)}
            elif name in {"text", "execute", "exec_driver_sql", "scalars", "scalar", "literal_column"}:
                found = {t for argument in given for t in self._in_text(argument)}
            else:
                continue
            if found:
                yield call, found

    def _named(self, argument: ast.expr) -> Iterator[str]:
        """Tables named outright; those of a query that stands inside are that query's own."""
        if (
            isinstance(argument, ast.Call)
            and getattr(argument.func, "id", getattr(argument.func, "attr", "")) in READING
        ):
            return
        if isinstance(argument, ast.Name) and argument.id in self.aliases:
            yield self.aliases[argument.id]
        for child in ast.iter_child_nodes(argument):
            if isinstance(child, ast.expr):
                yield from self._named(child)

    def _in_text(self, argument: ast.expr) -> Iterator[str]:
        for part in ast.walk(argument):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from (match[1] for match in self.tables.in_sql.finditer(part.value))
