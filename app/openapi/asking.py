"""What a request carries: security, parameters and the headers that the routes' dependencies read."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.kit.etag import if_match
from app.kit.routing import Route
from app.openapi.texts import said
from app.openapi.walking import Node, json_schema, operations, resolved

TAG = r'(W/)?"v[0-9]{1,9}(\.[0-9a-f]{1,16})?"'
TOKEN_OPERATION = "issue_token"  # noqa: S105 - the name of an operation
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Your own key for this request (a UUID, say): sent again with it within 7 days, the request is "
    "answered again and done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "example": "0193b3a4-6f1e-7c55-9d10-2b8f5a7c4e21",
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the version you read.",
    "schema": {"type": "string", "maxLength": 1000, "pattern": f"^(\\*|{TAG}( ?, ?{TAG})*)$"},
    "example": '"v3.1f0a9c2e"',
}
NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag you have: while it stands, the answer is 304 without a body.",
    "schema": {"type": "string", "maxLength": 1000},
}
PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "RFC 7240: `handling=strict` refuses unknown query parameters; `return=minimal` leaves out "
    "the body of what was made or changed; `wait=30` waits for the next event of the feed. What was heeded is named in "
    "Preference-Applied.",
    "schema": {"type": "string", "maxLength": 300},
    "example": "return=minimal",
}


def ask(document: Node, app: FastAPI) -> None:
    """Say of every operation what it takes."""
    routes = _routes(app)
    schemes = document["components"].setdefault("securitySchemes", {})
    schemes["client"] = {
        "type": "http",
        "scheme": "basic",
        "description": "Mã và mật khẩu của hệ thống, chỉ để lấy mã truy cập / Client id and secret, to get a token.",
    }
    for scheme in schemes.values():
        if scheme["type"] == "oauth2":
            scheme["description"] = (
                "Mã truy cập của một hệ thống, sống 10 phút / An access token of one system, for 10 minutes: a JWT as "
                "RFC 9068 has it, checked as RFC8725 advises."
            )
    for method, _, operation in operations(document):
        name = operation["operationId"]
        operation.setdefault("security", [{"client": []}] if name == TOKEN_OPERATION else [])
        operation["parameters"] = [_plain(parameter) for parameter in operation.get("parameters", [])]
        calls = list(_calls(routes[name].dependant))
        _headers(operation, {getattr(call, "__name__", ""): call for call in calls})
        operation.update(_end(calls))
        if isinstance(routes[name], Route):
            operation["parameters"].append(dict(PREFER))
        if method == "get" and is_tagged(document, operation):
            operation["parameters"].append(dict(NONE_MATCH))
        if not operation["parameters"]:
            del operation["parameters"]
        for parameter, value in said(operation).get("parameters", {}).items():
            for found in operation.get("parameters", []):
                if found["name"] == parameter:
                    found["example"] = value


def _end(calls: list[Any]) -> Node:
    """What the declaration that an operation is to go says of it."""
    for call in calls:
        if hasattr(call, "sunset"):
            return {"deprecated": True} | ({"x-sunset": call.sunset.isoformat()} if call.sunset else {})
    return {}


def is_tagged(document: Node, operation: Node) -> bool:
    """Whether the answer carries an ETag: its body shows it, or the data file says so."""
    if said(operation).get("etag"):
        return True
    for status, response in operation["responses"].items():
        schema = json_schema(response.get("content", {})) if status.startswith("2") else None
        if schema is not None and "etag" in resolved(document, schema).get("properties", {}):
            return True
    return False


def _routes(app: FastAPI) -> Mapping[str, APIRoute]:
    found = (context.original_route for context in iter_route_contexts(app.routes))
    return {route.operation_id or route.name: route for route in found if isinstance(route, APIRoute)}


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


def _headers(operation: Node, calls: Mapping[str, Any]) -> None:
    """Headers that a dependency reads, said in full; FastAPI takes all of them for optional."""
    keyed = [call for call in calls.values() if hasattr(call, "required")]
    for index, parameter in enumerate(operation["parameters"]):
        if parameter["name"] == KEY["name"]:
            operation["parameters"][index] = {**KEY, "required": any(call.required for call in keyed)}
        elif parameter["name"] == MATCH["name"]:
            operation["parameters"][index] = {**MATCH, "required": if_match in calls.values()}


def _plain(parameter: Node) -> Node:
    """A parameter is left out, never null."""
    schema = parameter["schema"]
    if "anyOf" in schema:
        (kept,) = [option for option in schema.pop("anyOf") if option.get("type") != "null"]
        parameter = {**parameter, "schema": {**kept, **schema}}
    parameter["schema"].pop("title", None)
    parameter["schema"].pop("description", None)
    return parameter
