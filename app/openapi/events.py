"""The events others are told of, from the registry: a webhook and a JSON Schema for each type."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.flow.machine import Machine
from app.openapi.walking import Node
from app.rooms import EVENT_TYPES, PATHS, ROOMS
from app.trail.event_types import EventTypeRead
from app.trail.feed import EventBody
from app.trail.record import EventType

MACHINES: Mapping[str, Machine] = {name: machine for room in ROOMS for name, machine in room.machines.items()}
HEADERS = {
    "webhook-id": ("The event's id: the same in every retry, poll and webhook. Notice repeats by it.", 36),
    "webhook-timestamp": ("Seconds since 1970 of this attempt; refuse what is older than five minutes.", 20),
    "webhook-signature": ("`v1,` and the base64 HMAC-SHA256 over `id.timestamp.body`; one for each live secret.", 1000),
}
SAMPLES = {
    "webhook-id": "0193b3a4-9d10-7b21-8f3e-6a7b8c9d0e1f",
    "webhook-timestamp": "1795420800",
    "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
}


def webhooks(schemas: Node) -> Node:
    """The `webhooks` section; the schema of each type is added to the others."""
    section = {}
    for event in EVENT_TYPES.values():
        name = f"{''.join(word.title() for word in event.name.replace('.', '_').split('_'))}Event"
        schemas[name] = typed(event, schemas["EventBody"], schemas) | {"title": name}
        section[event.name] = {"post": _operation(event, name)}
    return section


def _operation(event: EventType, schema: str) -> Node:
    said: Node = {
        "operationId": f"on_{event.name.replace('.', '_')}",
        "summary": f"{event.title_vi} / {event.title_en}",
        "description": "Gửi tới các điểm nhận đã đăng ký loại sự kiện này và được phép biết.\n\n"
        "Sent to the endpoints that asked for this type and may know of it, at least once, until they answer 2xx.",
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string", "maxLength": length},
                "example": SAMPLES[name],
            }
            for name, (text, length) in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "responses": {
            "204": {"description": "Taken (any 2xx within 15 seconds)"},
            "410": {"description": "Send no more: the endpoint is disabled"},
        },
    }
    if event.provisions:
        said["x-provisions"] = [str(provision) for provision in event.provisions]
    return said


def typed(event: EventType, body: Node, definitions: Node) -> Node:
    """The schema of one type: the common body, with what is fixed for this type."""
    found = _copy(body)
    found["description"] = f"{event.title_vi} / {event.title_en}"
    data = found["properties"]["data"] = _copy(definitions["EventData"])
    resource = data["properties"]["resource"] = _copy(definitions["EventResource"])
    for part in (data, resource):
        part.pop("title", None)
    _fix(found["properties"]["type"], event.name)
    _fix(resource["properties"]["type"], event.resource)
    if PATHS[event.resource] is None:
        resource["properties"]["url"] = {"type": "null", "description": "It is not read through the API."}
    machine = MACHINES.get(event.resource)
    if machine:
        came_from, leads_to = _states(event, machine)
        data["properties"]["state"] = leads_to
        data["properties"]["previous_state"] = came_from
    return found


def _states(event: EventType, machine: Machine) -> tuple[Node, Node]:
    """Between which states the moves of this event lead; without a move the state stays as it is."""
    moves = [move for move in machine.moves.values() if move.event.name == event.name]
    every = _among(type(machine.initial))
    if not moves and machine.told:
        # What others tell of may move it, too.
        return {"anyOf": [every, {"type": "null"}]}, every
    if not moves:
        return {"type": "null", "description": "No move was made."}, every
    sources = {source for move in moves for source in move.sources}
    return _among(sorted(sources)), _among(sorted({move.target for move in moves}))


def _among(states: Sequence[StrEnum] | type[StrEnum]) -> Node:
    values = [str(state) for state in states]
    return {"type": "string", "const": values[0]} if len(values) == 1 else {"type": "string", "enum": values}


def _fix(schema: Node, value: str) -> None:
    description = {"description": schema["description"]} if "description" in schema else {}
    schema.clear()
    schema.update({"type": "string", "const": value, **description})


def _copy(schema: Node) -> Node:
    copied: Node = json.loads(json.dumps(schema))
    return copied


def event_types() -> list[EventTypeRead]:
    """The catalogue, each type with a JSON Schema that stands by itself."""
    body = EventBody.model_json_schema(mode="serialization")
    definitions = body.pop("$defs")
    return [_read(event, body, definitions) for event in EVENT_TYPES.values()]


def _read(event: EventType, body: Node, definitions: Node) -> EventTypeRead:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **typed(event, body, definitions),
        "title": event.name,
        "$defs": {"EventAgency": definitions["EventAgency"]},
    }
    return EventTypeRead(
        name=event.name,
        resource=event.resource,
        title_vi=event.title_vi,
        title_en=event.title_en,
        provisions=[str(provision) for provision in event.provisions],
        json_schema=schema,
    )
