"""What is said of each operation: English from the routes' docstrings, the rest from `operations.toml`."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from app.law.citing import clause
from app.openapi.walking import Node, operations

OPERATIONS: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    (files("app.openapi") / "operations.toml").read_text("utf-8")
)
PARAMETERS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (files("app.openapi") / "parameters.toml").read_text("utf-8")
)
NEEDED = frozenset({"summary", "summary_vi", "description_vi"})
KNOWN = NEEDED | {
    "provisions",
    "etag",
    "location",
    "headers",
    "answers",
    "accepts",
    "request",
    "response",
    "parameters",
}


def said(operation: Node) -> Mapping[str, Any]:
    """What the data file says of an operation."""
    return OPERATIONS.get(operation["operationId"], {})


def say(document: Node) -> None:
    """Give every operation its summary and description in both languages, and its provisions."""
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            words = PARAMETERS.get(parameter["name"])
            if words and "description" not in parameter:
                parameter["description"] = f"{words['vi']} / {words['en']}"
        words = said(operation)
        if NEEDED - set(words):
            continue  # a service must start even so; `contract` refuses to write such a document
        operation["summary"] = f"{words['summary_vi']} / {words['summary']}"
        operation["x-summary-vi"], operation["x-summary-en"] = words["summary_vi"], words["summary"]
        operation["description"] = (
            f"{words['description_vi'].strip()}\n\n{_paragraphs(operation.get('description', ''))}"
        )
        if words.get("provisions"):
            cited = [*operation.get("x-provisions", []), *map(str, map(clause, words["provisions"]))]
            operation["x-provisions"] = list(dict.fromkeys(cited))


def _paragraphs(text: str) -> str:
    """The text without the line breaks that only the source needs."""
    return "\n\n".join(" ".join(part.split("\n")) for part in text.split("\n\n"))


def gaps(document: Node) -> list[str]:
    """What the data file leaves out or says of operations that do not exist."""
    there = {operation["operationId"] for _, _, operation in operations(document)}
    found = [f"no such operation: {name}" for name in sorted(OPERATIONS.keys() - there)]
    for name in sorted(there):
        words = OPERATIONS.get(name, {})
        found += [f"{name} lacks {key}" for key in sorted(NEEDED - set(words))]
        found += [f"{name} has an unknown key {key}" for key in sorted(set(words) - KNOWN)]
    for _, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if "description" not in parameter:
                found.append(f"parameters.toml lacks {parameter['name']} ({path})")
    return found
