"""Examples: put together from the schemas, a real-looking value for each property; whole bodies where said so."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from app.openapi.texts import said
from app.openapi.walking import Node, name_of, operations, resolved

_DATA = tomllib.loads((files("app.openapi") / "samples.toml").read_text("utf-8"))
VALUES: Mapping[str, Any] = _DATA["values"]
ABSENT = frozenset(_DATA["absent"])


def exemplify(document: Node) -> None:
    """Give every body, in and out, an example."""
    for _, _, operation in operations(document):
        words = said(operation)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            value = words.get("request", _Sampler(document).of(content["schema"]))
            content["examples"] = {operation["operationId"]: {"value": value}}
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if "problem" in kind:
                    continue
                value = _Sampler(document).of(content["schema"])
                if isinstance(value, dict) and status.startswith("2"):
                    value = value | words.get("response", {})
                content["examples"] = {
                    operation["operationId"]: {"value": "<!doctype html>" if kind == "text/html" else value}
                }
    for item in document["webhooks"].values():
        for content in item["post"]["requestBody"]["content"].values():
            name = name_of(content["schema"])
            content["examples"] = {str(name): {"value": _Sampler(document).of(content["schema"])}}


class _Sampler:
    """Composes one value; a schema within itself is left empty."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._within: list[str] = []

    def of(self, schema: Node, place: str = "", member: str = "") -> Any:
        """A value of the schema, at this property of that schema."""
        exact = f"{place}.{member}"
        known = exact if exact in VALUES else member
        if known in VALUES and (known == exact or _fits(VALUES[known], schema)):
            return VALUES[known]
        if "$ref" in schema:
            return self._referred(schema)
        if "anyOf" in schema or "oneOf" in schema:
            return self._either(schema, place, member)
        for shown in (schema.get("examples"), schema.get("enum"), [schema["const"]] if "const" in schema else None):
            if shown:
                return shown[0]
        return self._plain(schema, place, member)

    def _referred(self, schema: Node) -> Any:
        name = str(name_of(schema))
        self._within.append(name)
        value = self.of(resolved(self._document, schema), name)
        self._within.pop()
        return value

    def _either(self, schema: Node, place: str, member: str) -> Any:
        options = schema.get("anyOf") or schema["oneOf"]
        if schema.get("examples"):
            return schema["examples"][0]
        nullable = any(option.get("type") == "null" for option in options)
        first = next(option for option in options if option.get("type") != "null")
        if nullable and (("$ref" not in first and "properties" not in first) or f"{place}.{member}" in ABSENT):
            return None
        return self.of(first, place, member)

    def _plain(self, schema: Node, place: str, member: str) -> Any:
        match schema.get("type"):
            case "object":
                return {
                    name: self.of(below, place, name)
                    for name, below in schema.get("properties", {}).items()
                    if f"{place}.{name}" not in ABSENT or name in schema.get("required", [])
                }
            case "array":
                below = schema.get("items", {})
                return [] if name_of(below) in self._within else [self.of(below, place, member)]
            case "integer":
                return schema.get("default", schema.get("minimum", 0))
            case "boolean":
                return schema.get("default", False)
            case "string":
                return schema.get("default", VALUES.get(f"format.{schema.get('format')}", "…"))
        return None


def _fits(value: Any, schema: Node) -> bool:
    """Whether a value may stand where its name alone was asked for."""
    options = [schema, *schema.get("anyOf", [])]
    kinds: Mapping[str, type] = {"string": str, "integer": int, "array": list, "object": dict, "boolean": bool}
    for option in options:
        kind = kinds.get(str(option.get("type")))
        if kind is None or not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            continue
        if isinstance(value, list):
            items = option.get("items", {})
            return all("$ref" not in items and _fits(below, items) for below in value)
        if value in option.get("enum", [value]):
            return True
    return False
