"""Schemas as the outside reader needs them: plain names, no noise, and a bound on everything."""

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from app.openapi.texts import said
from app.openapi.walking import Node, json_schema, name_of, nodes, operations

_BOUNDS: Mapping[str, Mapping[str, Any]] = tomllib.loads((files("app.openapi") / "bounds.toml").read_text("utf-8"))
STRINGS: Mapping[str, int] = _BOUNDS["strings"]
ARRAYS: Mapping[str, int] = _BOUNDS["arrays"]
INTEGERS: Mapping[str, tuple[int, int]] = {name: (low, high) for name, (low, high) in _BOUNDS["integers"].items()}
# The longest text of each format; instants go out with microseconds and +07:00.
FORMATS = {"uuid": 36, "date": 10, "date-time": 32}
LONGEST_PAGE = 1_000_000
# A schema is not named like a member of its own: generators of clients make one variable of the two.
CLEARER = {
    "AnnualBefore": "DueBefore",
    "Immediate": "DueImmediate",
    "Linkset": "ApiCatalog",
    "SetBy": "DueSetBy",
    "Within": "DueWithin",
}
INT32 = 2**31 - 1


def shape(document: Node) -> None:
    """Bring every schema of the document into its published form."""
    schemas = document["components"]["schemas"]
    _rename(document, {name: _plain_name(name) for name in schemas})
    schemas = document["components"]["schemas"]
    for _, _, operation in operations(document):
        _accept(operation, schemas)
        _answer(operation)
        _page(operation)
    for schema in schemas.values():
        for node in nodes(schema.get("properties", {})):
            if isinstance(node.get("title"), str):  # a property may itself be called `title`
                del node["title"]
    for part in (document["paths"], schemas, document["webhooks"]):
        _bind(part, "")
    document["components"]["schemas"] = dict(sorted(schemas.items()))


def _plain_name(name: str) -> str:
    if name in CLEARER:
        return CLEARER[name]
    if name.startswith("Page_"):
        return name.removeprefix("Page_").removesuffix("_").removesuffix("Read").removesuffix("Summary") + "Page"
    if name.startswith("Body_"):
        return "".join(word.title() for word in name.removeprefix("Body_").split("_")) + "Form"
    return name


def _rename(document: Node, names: Mapping[str, str]) -> None:
    for node in nodes(document):
        name = name_of(node)
        if name is not None and name in names:
            node["$ref"] = f"#/components/schemas/{names[name]}"
    schemas = document["components"]["schemas"]
    for old, new in names.items():
        schemas[old]["title"] = new
    document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}


def _accept(operation: Node, schemas: Node) -> None:
    """A merge patch takes what the whole takes, every member optional, null to remove it (RFC 7396)."""
    whole = said(operation).get("accepts")
    if whole:
        name = f"{whole.removesuffix('Write')}Patch"
        patch = json.loads(json.dumps(schemas[whole])) | {"title": name}
        patch["description"] = "A JSON Merge Patch (RFC 7396): members replace, null removes, arrays go whole."
        patch.pop("required", None)
        for member in patch["properties"].values():
            member.pop("default", None)
        schemas[name] = patch
        for content in operation["requestBody"]["content"].values():
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _answer(operation: Node) -> None:
    """An answer that the code passes on as it was stored, under the name of its schema."""
    whole = said(operation).get("answers")
    if whole:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response["content"]["application/json"]["schema"] = {"$ref": f"#/components/schemas/{whole}"}
    for status, response in operation["responses"].items():
        schema = json_schema(response.get("content", {})) if status.startswith("2") else None
        if schema is not None:
            schema.pop("title", None)


def _page(operation: Node) -> None:
    """A page for people, beside the JSON."""
    for response in operation["responses"].values():
        for kind, media in response.get("content", {}).items():
            if kind == "text/html":
                media["schema"]["maxLength"] = LONGEST_PAGE


def _bind(value: Any, name: str) -> None:
    """Bound what lies below, by the name of the property it belongs to."""
    if isinstance(value, list):
        for below in value:
            _bind(below, name)
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            _bound(value, name)
        if "in" in value and "schema" in value:  # a parameter
            name = value["name"]
        for key, below in value.items():
            if key in {"properties", "$defs"} and isinstance(below, dict):
                for member, schema in below.items():
                    _bind(schema, member)
            elif key not in {"example", "examples", "default", "const", "enum"}:
                _bind(below, name)


def _bound(schema: Node, name: str) -> None:
    match schema["type"]:
        case "string" if not schema.keys() & {"enum", "const", "maxLength"}:
            if schema.get("format") in FORMATS:
                schema["maxLength"] = FORMATS[schema["format"]]
            elif name in STRINGS:
                schema["maxLength"] = STRINGS[name]
        case "array" if "maxItems" not in schema and name in ARRAYS:
            schema["maxItems"] = ARRAYS[name]
        case "integer" if not schema.keys() & {"enum", "const"}:
            if not {"minimum", "maximum"} <= schema.keys() and name in INTEGERS:
                low, high = INTEGERS[name]
                schema.setdefault("minimum", low)
                schema.setdefault("maximum", high)
            for end in ("minimum", "maximum"):
                if isinstance(schema.get(end), float):
                    schema[end] = int(schema[end])
            schema.setdefault("format", "int32" if schema.get("maximum", INT32 + 1) <= INT32 else "int64")


def unbounded(document: Node) -> list[str]:
    """Strings, arrays and integers whose size nothing limits."""
    found = []
    for place, node in _places(document, ""):
        kinds = node.get("type")
        if "enum" in node or "const" in node or not isinstance(kinds, str):
            continue
        needed = {"string": {"maxLength"}, "array": {"maxItems"}, "integer": {"minimum", "maximum"}}.get(kinds, set())
        if not needed <= node.keys():
            found.append(place)
    return found


def _places(value: Any, place: str) -> list[tuple[str, Node]]:
    found = []
    if isinstance(value, dict):
        found.append((place, value))
        for key, below in value.items():
            if key not in {"example", "examples", "default", "const", "enum"}:
                found += _places(below, f"{place}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            found += _places(below, f"{place}/{index}")
    return found
