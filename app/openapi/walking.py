"""Going through the document: its operations, its schemas, what a reference leads to."""

from collections.abc import Iterator
from typing import Any

METHODS = frozenset({"get", "put", "post", "delete", "patch"})
Node = dict[str, Any]


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Method, path and operation of everything the API has."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def nodes(value: Any) -> Iterator[Node]:
    """Every object in a part of the document, the part itself first."""
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from nodes(below)
    elif isinstance(value, list):
        for below in value:
            yield from nodes(below)


def resolved(document: Node, node: Node) -> Node:
    """The node that a reference leads to, or the node itself."""
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def name_of(node: Node) -> str | None:
    """The name of the component that a node refers to."""
    found = node.get("$ref")
    return found.rpartition("/")[2] if isinstance(found, str) else None


def json_schema(content: Node) -> Node | None:
    """The schema of an answer's JSON, where it has any."""
    found = (media.get("schema") for kind, media in content.items() if "json" in kind)
    return next(found, None)
