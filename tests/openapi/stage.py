"""Brings the service to where an operation succeeds, and sends the operation's own example to it."""

from functools import partial
from uuid import uuid4

from sqlalchemy import text

from app.kit.db import transaction
from app.rooms import ROOMS
from tests import make
from tests.press import hands as press
from tests.provincial import hands as provincial
from tests.records import hands as records
from tests.tasks import hands as tasks
from tests.webhooks.posts import PROVEN

MACHINES = {name: machine for room in ROOMS for name, machine in room.machines.items()}
REVIEWS = {
    operation
    for kind in ("plan", "report", "budget_estimate")
    for operation in (f"return_{kind}", f"accept_{kind}", f"remark_on_{kind}", f"resolve_{kind}_remark")
}
COMMITTEE, PRESS = "ubnd-tinh", "bao-dak-lak"
# Whose systems make which operations; all others are the district's.
MAKERS = dict.fromkeys(REVIEWS, make.COORDINATOR) | {
    "extend_obligation": make.COORDINATOR,
    "waive_obligation": make.COORDINATOR,
    "reinstate_obligation": make.COORDINATOR,
    "open_obligation_year": make.COORDINATOR,
    "set_calendar_day": make.COORDINATOR,
    "clear_calendar_day": make.COORDINATOR,
    "send_reminders": make.COORDINATOR,
    "escalate_reminder": make.COORDINATOR,
    "issue_report_request": make.COORDINATOR,
    "extend_report_request": make.COORDINATOR,
    "close_report_request": make.COORDINATOR,
    "cancel_report_request": make.COORDINATOR,
    "build_consolidated_report": make.COORDINATOR,
    "get_consolidated_report": make.COORDINATOR,
    "rebuild_consolidated_report": make.COORDINATOR,
    "submit_consolidated_report": make.COORDINATOR,
    "return_consolidated_report": COMMITTEE,
    "acknowledge_consolidated_report": COMMITTEE,
    "direct_consolidated_report": COMMITTEE,
    "check_plan_task": make.COORDINATOR,
    "accept_cooperation": tasks.PARTNER,
    "decline_cooperation": tasks.PARTNER,
    "contribute_cooperation": tasks.PARTNER,
    "get_cooperation": tasks.PARTNER,
    "draft_provincial_plan": make.COORDINATOR,
    "get_provincial_plan": make.COORDINATOR,
    "list_provincial_plan_sources": make.COORDINATOR,
    "replace_provincial_plan": make.COORDINATOR,
    "patch_provincial_plan": make.COORDINATOR,
    "delete_provincial_plan": make.COORDINATOR,
    "gather_provincial_plan": make.COORDINATOR,
    "submit_provincial_plan": make.COORDINATOR,
    "amend_provincial_plan": make.COORDINATOR,
    "close_provincial_plan": make.COORDINATOR,
    "return_provincial_plan": COMMITTEE,
    "approve_provincial_plan": COMMITTEE,
    "issue_provincial_plan": COMMITTEE,
    "supersede_provincial_plan": COMMITTEE,
    "list_press_invitations": PRESS,
    "get_press_invitation": PRESS,
    "accept_press_invitation": PRESS,
    "decline_press_invitation": PRESS,
    "issue_press_guidance": make.COORDINATOR,
    "get_press_guidance": make.COORDINATOR,
    "withdraw_press_guidance": make.COORDINATOR,
    "delete_record": records.HOLDERS["INVEST"],
    "list_record_accesses": make.COORDINATOR,
    "create_press_feed": PRESS,
    "list_press_feeds": PRESS,
    "get_press_feed": PRESS,
    "revoke_press_feed": PRESS,
    "publish_press_product": PRESS,
    "change_press_product": PRESS,
}
MAKERS |= dict.fromkeys(
    (
        "build_provincial_budget", "get_provincial_budget", "rebuild_provincial_budget", "submit_provincial_budget",
        "list_budget_lines", "settle_provincial_budget",
    ),
    make.COORDINATOR,
)  # fmt: skip
MAKERS |= {f"{move}_provincial_budget": make.FINANCE for move in ("return", "appraise", "allocate", "close")}
MAKERS |= {f"{move}_provincial_budget": COMMITTEE for move in ("return_to_finance", "decide", "adjust")}


def operations(document):
    """Operation id -> method, path and operation."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def way_to(machine, states):
    """The names of the moves that lead from the first state to one of these."""
    ways = {machine.initial: []}
    waiting = [machine.initial]
    while waiting:
        state = waiting.pop(0)
        if state in states:
            return ways[state]
        for move in machine.moves.values():
            if state in move.sources and move.target not in ways:
                ways[move.target] = [*ways[state], move.name]
                waiting.append(move.target)
    raise AssertionError(states)


class Stage:
    """A world, the document, and what was brought about so far."""

    def __init__(self, world, document):
        self.world, self.document = world, document
        self.operations = operations(document)
        self.ids = {}
        """What stands in the place of an example's ids: by the name of the member, or of the list it is in."""

    def example(self, operation):
        """The request's example and its media type."""
        content = self.operations[operation][2].get("requestBody", {}).get("content", {})
        for kind, media in content.items():
            (example,) = media["examples"].values()
            return example["value"], kind
        return None, None

    def maker(self, operation):
        """The agency whose system makes an operation."""
        return MAKERS.get(operation, make.DISTRICT)

    async def send(self, operation, values=None, etag=None, query=None):
        """Send an operation with its own examples; path values by name."""
        method, path, said = self.operations[operation]
        body, kind = self.example(operation)
        body = self._with_ids(body)
        headers = {}
        names = {parameter["name"] for parameter in said.get("parameters", [])}
        if "Idempotency-Key" in names:
            headers["Idempotency-Key"] = str(uuid4())
        if etag and "If-Match" in names:
            headers["If-Match"] = etag
        examples = {p["name"]: p["example"] for p in said.get("parameters", []) if "example" in p}
        for name, value in (examples | (values or {})).items():
            path = path.replace(f"{{{name}}}", str(value))
        asked = {p["name"] for p in said.get("parameters", []) if p["in"] == "query"}
        params = {name: value for name, value in examples.items() if name in asked} | (query or {})
        more = {"params": params, "headers": headers}
        if kind == "application/x-www-form-urlencoded":
            more["data"] = body
        elif kind is not None:
            more["json"] = body
            headers["Content-Type"] = kind
        if said["security"] == [{"client": []}]:
            made = await self.world.credentials(make.DISTRICT)
            await self.world.refresh()
            return await self.world.api.request(method, path, auth=(str(made.client_id), made.client_secret), **more)
        if said["security"] == []:
            return await self.world.api.request(method, path, **more)
        caller = await self.world.as_(self.maker(operation))
        return await caller.request(method, path, **more)

    def _with_ids(self, body, of=None):
        """The example with ids of what there is."""
        if isinstance(body, dict):
            return {name: self._with_ids(value, name) for name, value in body.items()}
        if isinstance(body, list):
            return [self._with_ids(value, of) for value in body]
        return self.ids.get(of, body)

    async def done(self, operation, values=None, etag=None):
        """Send an operation that must succeed; its answer's body."""
        answer = await self.send(operation, values, etag)
        assert answer.is_success, (operation, answer.text)
        return answer.json()

    async def submission(self, kind, *moves):
        """A plan or a report, after these moves."""
        row = await self.done(f"create_{kind}")
        for move in moves:
            row = await self.done(f"{move}_{kind}", {"id": row["id"]}, row["etag"])
        return row

    async def arranged(self, operation):
        """What the operation needs, brought about: path values, etag, query."""
        _, path, _ = self.operations[operation]
        for beginning, arrange in (
            ("/v1/plans/{id}", partial(self._on_a_submission, "plan")),
            ("/v1/provincial-plans/{id}", self._on_a_plan_of_the_province),
            ("/v1/plan-tasks/{id}", self._on_a_task),
            ("/v1/cooperations/{id}", self._on_a_cooperation),
            ("/v1/reports/{id}", partial(self._on_a_submission, "report")),
            ("/v1/budget-estimates/{id}", self._on_an_estimate),
            ("/v1/budget-estimates", self._beside_a_plan),
            ("/v1/provincial-budgets/{id}", self._on_a_budget),
            ("/v1/agencies/{id}", self._on_an_agency),
            ("/v1/webhook-endpoints/{id}", self._on_an_endpoint),
            ("/v1/obligations/{id}", self._on_an_obligation),
            ("/v1/obligations", self._in_a_year),
            ("/v1/calendar-days", self._on_a_day),
            ("/v1/reminders/{id}", self._on_a_reminder),
            ("/v1/reminders", self._among_reminders),
            ("/v1/report-requests/{id}", partial(self._on_the_way, "report_request", "issue_report_request")),
            (
                "/v1/consolidated-reports/{id}",
                partial(self._on_the_way, "consolidated_report", "build_consolidated_report"),
            ),
            ("/v1/press-events/{id}", self._on_a_press_event),
            ("/v1/press-invitations", self._on_an_invitation),
            ("/v1/press-series/{id}", partial(self._on_what_was, "make_press_series")),
            ("/v1/press-guidance/{id}", partial(self._on_the_way, "press_guidance", "issue_press_guidance")),
            ("/v1/information-supplies/{id}", partial(self._on_what_was, "record_information_supply")),
            ("/v1/records/{id}", self._on_a_record),
            ("/v1/record-accesses", self._on_a_reading),
            ("/v1/press-feeds/{id}", partial(self._on_what_was, "create_press_feed")),
            ("/v1/press-calendars/{secret}", self._on_a_private_calendar),
            ("/v1/public/press-events", self._on_a_public_event),
            ("/v1/public/plans/{id}", self._on_an_issued_plan),
            ("/v1/public/records", self._on_a_public_record),
            ("/v1/public/investment-statistics", self._on_a_public_record),
            ("/v1/public/press-products", partial(self._on_what_was, "publish_press_product")),
            ("/v1/press-products/{id}", partial(self._on_what_was, "publish_press_product")),
        ):
            if path.startswith(beginning):
                return await arrange(operation)
        return {}, None, None

    async def _on_a_submission(self, kind, operation):
        machine = MACHINES[kind]
        move = machine.moves.get(operation.removesuffix(f"_{kind}"))
        if operation in {f"answer_{kind}_remark", f"resolve_{kind}_remark"}:
            row = await self.submission(kind, "submit")
            remark = await self.done(f"remark_on_{kind}", {"id": row["id"]})
            return {"id": row["id"], "remark_id": remark["id"]}, remark["etag"], None
        if operation == f"compare_{kind}_versions":
            row = await self.submission(kind, "submit", "return")
            row = await self.done(f"replace_{kind}", {"id": row["id"]}, row["etag"])
            return {"id": row["id"]}, None, {"from": 1, "to": row["version"]}
        if move:
            row = await self.submission(kind, *way_to(machine, move.sources))
        else:
            row = await self.submission(kind, *(["submit"] if operation in REVIEWS else []))
        return {"id": row["id"]}, row["etag"], None

    async def _on_a_plan_of_the_province(self, operation):
        """With one plan that it absorbs; what supersedes it is issued."""
        await self.submission("plan", "submit", "accept")
        if operation == "supersede_provincial_plan":
            other = await provincial.own(self.world)
            self.ids["by_plan_id"] = (await provincial.made(self.world, other, "submit", "approve", "issue"))["id"]
        if operation == "amend_provincial_plan":
            row = await self.done("draft_provincial_plan")
            row = await provincial.made(self.world, row, "submit", "approve", "issue")
            return {"id": row["id"]}, row["etag"], None
        return await self._on_the_way("provincial_plan", "draft_provincial_plan", operation)

    async def _beside_a_plan(self, _=None):
        """A plan that gives no reason for having no estimate."""
        district = await self.world.as_(make.DISTRICT)
        answer = await district.post("/v1/plans", make.a_plan(no_budget_reason=None))
        assert answer.status_code == 201, answer.text
        self.ids["plan_id"] = answer.json()["id"]
        return {}, None, None

    async def _on_an_estimate(self, operation):
        await self._beside_a_plan()
        row = await self.done("create_budget_estimate")
        path = {"id": row["id"]}
        if operation == "settle_budget_estimate":
            return path, await self._decided(row), None
        if operation in {"answer_budget_estimate_remark", "resolve_budget_estimate_remark"}:
            await self.done("submit_plan", {"id": self.ids["plan_id"]}, "*")
            remark = await self.done("remark_on_budget_estimate", path)
            return path | {"remark_id": remark["id"]}, remark["etag"], None
        if operation == "compare_budget_estimate_versions":
            row = await self.done("replace_budget_estimate", path, row["etag"])
            return path, None, {"from": 1, "to": row["version"]}
        if operation in REVIEWS:
            await self.done("submit_plan", {"id": self.ids["plan_id"]}, "*")
        return path, row["etag"], None

    async def _decided(self, estimate):
        """The estimate with one line, in a budget that was decided."""
        patch = {"lines": [make.a_line()]}
        district = await self.world.as_(make.DISTRICT)
        headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
        answer = await district.request("PATCH", f"/v1/budget-estimates/{estimate['id']}", json=patch, headers=headers)
        assert answer.is_success, answer.text
        for operation in ("submit_plan", "accept_plan"):
            await self.done(operation, {"id": self.ids["plan_id"]}, "*")
        budget = await self.done("build_provincial_budget")
        await self._through(budget["id"], "submit", "appraise", "decide")
        shown = await self.done("get_budget_estimate", {"id": estimate["id"]})
        self.ids["line_id"] = shown["lines"][0]["id"]
        return shown["etag"]

    async def _through(self, id, *moves):
        """A budget after these moves, every line as it was asked for."""
        for move in moves:
            caller = await self.world.as_(self.maker(f"{move}_provincial_budget"))
            lines = (await caller.get(f"/v1/provincial-budgets/{id}/lines")).json()["items"]
            found = [{"line_id": line["id"], "appraised_vnd": line["requested_vnd"]} for line in lines]
            body = self.example(f"{move}_provincial_budget")[0] | {
                "appraise": {"lines": found},
                "decide": {"exceptions": []},
            }.get(move, {})
            answer = await caller.post(f"/v1/provincial-budgets/{id}/{move}", body, "*")
            assert answer.is_success, answer.text
        return answer.json() if moves else None

    async def _on_a_budget(self, operation):
        machine = MACHINES["provincial_budget"]
        row = await self.done("build_provincial_budget")
        move = machine.moves.get(operation.removesuffix("_provincial_budget").replace("_", "-"))
        sources = move.sources if move else {"decided"} if operation == "adjust_provincial_budget" else {"draft"}
        row = await self._through(row["id"], *way_to(machine, sources)) or row
        coordinator = await self.world.as_(make.COORDINATOR)
        (line,) = (await coordinator.get(f"/v1/provincial-budgets/{row['id']}/lines")).json()["items"]
        self.ids |= {"line_id": line["id"], "unsettled": line["agency_id"]}
        return {"id": row["id"]}, row["etag"], None

    async def _on_a_task(self, operation):
        await tasks.issued(self.world, await tasks.a_task(self.world, partners=(tasks.PARTNER,)))
        self.ids["partner_agency_id"] = str(await self.world.agency_id(tasks.OUTSIDER))
        (row,) = await tasks.tasks_of(self.world, make.DISTRICT)
        if operation == "check_plan_task":
            row = await tasks.reported(self.world, row, "complete")
        return {"id": row["id"]}, row["etag"], None

    async def _on_a_cooperation(self, _):
        await self._on_a_task(_)
        row = await tasks.cooperation(self.world)
        return {"id": row["id"]}, row["etag"], None

    async def _on_an_agency(self, operation):
        id = await self.world.agency_id(make.DISTRICT)
        if operation == "get_focal_point":
            await self.done("assign_focal_point", {"id": id})
        return {"id": id}, None, None

    async def _on_an_endpoint(self, operation):
        endpoint = await self.done("create_webhook_endpoint")
        values = {"id": endpoint["id"]}
        if operation == "test_webhook_endpoint":
            await self.proven()
        if operation == "get_webhook_recovery":
            values["recovery_id"] = (await self.done("start_webhook_recovery", values))["id"]
        return values, endpoint["etag"], None

    async def proven(self):
        """Every endpoint has answered its challenge."""
        async with transaction(self.world.sessions) as session:
            await session.execute(text(PROVEN))

    async def _in_a_year(self, _=None):
        """A year in which everybody owes what the text dates."""
        await self.done("open_obligation_year", {"year": 2026})
        return {}, None, None

    async def obligation(self, *moves):
        """The district's report of 2026, after these moves."""
        await self._in_a_year()
        (owed,) = (await self.done("list_obligations"))["items"]
        for move in moves:
            owed = await self.done(f"{move.replace('-', '_')}_obligation", {"id": owed["id"]}, owed["etag"])
        return owed

    async def _on_an_obligation(self, operation):
        move = MACHINES["obligation"].moves.get(operation.removesuffix("_obligation").replace("_", "-"))
        owed = await self.obligation(*(way_to(MACHINES["obligation"], move.sources) if move else ()))
        return {"id": owed["id"]}, owed["etag"], None

    async def _on_a_day(self, operation):
        if operation == "set_calendar_day":
            return {}, None, None
        return {}, (await self.done("set_calendar_day"))["etag"], None

    async def reminder(self):
        """A reminder of the district's report."""
        owed = await self.obligation()
        coordinator = await self.world.as_(make.COORDINATOR)
        answer = await coordinator.post("/v1/reminders", {"obligation_ids": [owed["id"]]})
        assert answer.status_code == 201, answer.text
        (reminder,) = answer.json()["sent"]
        return reminder

    async def _on_a_reminder(self, _):
        reminder = await self.reminder()
        return {"id": reminder["id"]}, reminder["etag"], None

    async def _among_reminders(self, operation):
        await (self._in_a_year() if operation == "send_reminders" else self.reminder())
        return {}, None, None

    async def _on_the_way(self, kind, create, operation):
        """A resource of this kind, after the moves that lead to where the operation may be made."""
        machine = MACHINES[kind]
        row = await self.done(create)
        move = machine.moves.get(operation.removesuffix(f"_{kind}"))
        for name in way_to(machine, move.sources) if move else ():
            row = await self.done(f"{name}_{kind}", {"id": row["id"]}, row["etag"])
        return {"id": row["id"]}, row["etag"], None

    async def _on_what_was(self, create, operation):
        """A resource that has no procedure, after this operation."""
        row = await self.done(create)
        if operation == "compare_information_supply_versions":
            row = await self.done("correct_information_supply", {"id": row["id"]}, row["etag"])
        return {"id": row["id"]}, row["etag"], None

    async def _on_a_record(self, operation):
        """A difficulty; what is deleted is a profile that is not out."""
        if operation != "delete_record":
            row = await self.done("create_record")
            if operation == "compare_record_versions":
                row = await self.done("replace_record", {"id": row["id"]}, row["etag"])
            return {"id": row["id"]}, row["etag"], None
        row = await records.recorded(self.world, "investment_profile")
        return {"id": row["id"]}, row["etag"], None

    async def _on_a_reading(self, _):
        """A restricted record that was read."""
        row = await records.recorded(self.world, "complaint_case")
        assert await records.read(self.world, make.DISTRICT, row) == 200
        return {}, None, None

    async def _on_a_press_event(self, operation):
        if operation == "replace_press_proceedings":
            operation = "conclude_press_event"
        values, etag, more = await self._on_the_way("press_event", "schedule_press_event", operation)
        if operation == "compare_press_event_versions":
            await self.done("patch_press_event", values, etag)
        return values, etag, more

    async def _on_a_public_event(self, _):
        event = await press.an_event(self.world, "announce")
        return {"id": event["id"]}, None, None

    async def _on_an_issued_plan(self, _):
        plan = await provincial.own(self.world)
        plan = await provincial.made(self.world, plan, "submit", "approve", "issue")
        return {"id": plan["id"]}, None, None

    async def _on_a_public_record(self, operation):
        """A rebuttal, of which something is kept; or figures that are out."""
        if operation == "list_public_investment_statistics":
            await records.a_record(self.world, "investment_statistic", "release")
            return {}, None, None
        record = await records.a_record(self.world, "rebuttal", "draft", "approve", "publish")
        return {"id": record["id"]}, None, None

    async def _on_a_private_calendar(self, _):
        url = (await self.done("create_press_feed"))["url"]
        return {"secret": url.rpartition("/")[2].removesuffix(".ics")}, None, None

    async def _on_an_invitation(self, _):
        """The press body's invitation to an event of the district."""
        values, etag, _ = await self._on_a_press_event("hold_press_event")
        await self.done("invite_to_press_event", values, etag)
        (invitation,) = (await self.done("list_press_invitations"))["items"]
        return {"id": invitation["id"]}, invitation["etag"], None
