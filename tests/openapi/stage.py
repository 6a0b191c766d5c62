"""Brings the service to where an operation succeeds, and sends the operation's own example to it."""

from functools import partial
from uuid import uuid4

from app.rooms import ROOMS
from tests import make

MACHINES = {name: machine for room in ROOMS for name, machine in room.machines.items()}
REVIEWS = {
    operation
    for kind in ("plan", "report")
    for operation in (f"return_{kind}", f"accept_{kind}", f"remark_on_{kind}", f"resolve_{kind}_remark")
}


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
            ("/v1/reports/{id}", partial(self._on_a_submission, "report")),
            ("/v1/agencies/{id}", self._on_an_agency),
            ("/v1/webhook-endpoints/{id}", self._on_an_endpoint),
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

    async def _on_an_agency(self, operation):
        id = await self.world.agency_id(make.DISTRICT)
        if operation == "get_focal_point":
            await self.done("assign_focal_point", {"id": id})
        return {"id": id}, None, None

    async def _on_an_endpoint(self, _):
        endpoint = await self.done("create_webhook_endpoint")
        return {"id": endpoint["id"]}, endpoint["etag"], None
