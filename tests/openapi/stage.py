"""Brings the service to where an operation succeeds, and sends the operation's own example to it."""

from uuid import uuid4

from app.rooms import ROOMS
from tests import make

MACHINES = {name: machine for room in ROOMS for name, machine in room.machines.items()}
REVIEWS = {"return_plan", "accept_plan", "remark_on_plan", "resolve_plan_remark"}


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

    def example(self, operation):
        """The request's example and its media type."""
        content = self.operations[operation][2].get("requestBody", {}).get("content", {})
        for kind, media in content.items():
            (example,) = media["examples"].values()
            return example["value"], kind
        return None, None

    async def send(self, operation, values=None, etag=None, query=None):
        """Send an operation with its own examples; path values by name."""
        method, path, said = self.operations[operation]
        body, kind = self.example(operation)
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
        caller = await self.world.as_(make.COORDINATOR if operation in REVIEWS else make.DISTRICT)
        return await caller.request(method, path, **more)

    async def done(self, operation, values=None, etag=None):
        """Send an operation that must succeed; its answer's body."""
        answer = await self.send(operation, values, etag)
        assert answer.is_success, (operation, answer.text)
        return answer.json()

    async def plan(self, *moves):
        """A plan, after these moves."""
        plan = await self.done("create_plan")
        for move in moves:
            plan = await self.done(f"{move}_plan", {"id": plan["id"]}, plan["etag"])
        return plan

    async def remark(self):
        """A remark on a submitted plan."""
        plan = await self.plan("submit")
        return plan, await self.done("remark_on_plan", {"id": plan["id"]})

    async def arranged(self, operation):
        """What the operation needs, brought about: path values, etag, query."""
        _, path, _ = self.operations[operation]
        for beginning, arrange in (
            ("/v1/plans/{id}", self._on_a_plan),
            ("/v1/agencies/{id}", self._on_an_agency),
            ("/v1/webhook-endpoints/{id}", self._on_an_endpoint),
        ):
            if path.startswith(beginning):
                return await arrange(operation)
        return {}, None, None

    async def _on_a_plan(self, operation):
        move = MACHINES["plan"].moves.get(operation.removesuffix("_plan"))
        if operation in {"answer_plan_remark", "resolve_plan_remark"}:
            plan, remark = await self.remark()
            return {"id": plan["id"], "remark_id": remark["id"]}, remark["etag"], None
        if operation == "compare_plan_versions":
            plan = await self.plan("submit", "return")
            plan = await self.done("replace_plan", {"id": plan["id"]}, plan["etag"])
            return {"id": plan["id"]}, None, {"from": 1, "to": plan["version"]}
        if move:
            plan = await self.plan(*way_to(MACHINES["plan"], move.sources))
        else:
            plan = await self.plan(*(["submit"] if operation in REVIEWS else []))
        return {"id": plan["id"]}, plan["etag"], None

    async def _on_an_agency(self, operation):
        id = await self.world.agency_id(make.DISTRICT)
        if operation == "get_focal_point":
            await self.done("assign_focal_point", {"id": id})
        return {"id": id}, None, None

    async def _on_an_endpoint(self, _):
        endpoint = await self.done("create_webhook_endpoint")
        return {"id": endpoint["id"]}, endpoint["etag"], None
