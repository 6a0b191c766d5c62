"""What an operation answers: headers, the ways of failing that any operation has, and shared components for both."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from app.kit.pages import Page
from app.kit.problems import CATALOGUE, MEDIA_TYPE, Entry
from app.openapi.asking import KEY, MATCH, PREFER, is_tagged
from app.openapi.texts import said
from app.openapi.walking import Node, json_schema, name_of, nodes, operations

BASE = "https://ttdn.daklak.example"
REQUEST_ID = "0193b3a4-8c1d-7aa0-b7c4-5e1d2f3a4b5c"
HEADERS: dict[str, tuple[str, int, str]] = {
    "X-Request-Id": ("The id of this request, also in the service's log.", 36, REQUEST_ID),
    "ETag": ("The version of this representation: for If-Match and If-None-Match.", 64, '"v3.1f0a9c2e"'),
    "Location": ("The address of the resource.", 2000, f"{BASE}/v1/plans/0193b3a4-6f1e-7c55-9d10-2b8f5a7c4e21"),
    "Link": (
        'Of a list: the next page, `rel="next"`; absent on the last one. If deprecated: why, `rel="deprecation"`.',
        2100,
        f'<{BASE}/v1/plans?cursor=x>; rel="next"',
    ),
    "RateLimit-Policy": ("How many requests a client has in a window of seconds.", 64, '"client";q=600;w=60'),
    "RateLimit": ("How many are left, and in how many seconds the window ends.", 64, '"client";r=598;t=42'),
    "Retry-After": ("Try again after so many seconds.", 10, "2"),
    "WWW-Authenticate": ("What the token lacks (RFC 6750).", 300, 'Bearer error="invalid_token"'),
    "Idempotency-Replayed": ("`true`: the first answer to this Idempotency-Key, again.", 4, "true"),
    "Content-Language": ("The language of the texts.", 2, "vi"),
    "Preference-Applied": ("What was heeded of `Prefer`.", 100, "return=minimal"),
    "Last-Modified": ("When it last changed; absent in the second after.", 40, "Tue, 09 Mar 2027 01:30:00 GMT"),
    "Access-Control-Allow-Origin": ("A page on any site may read what is public.", 1, "*"),
    "Deprecation": ("Since when the operation is deprecated (RFC 9745): seconds since 1970.", 20, "@1798736400"),
    "Sunset": ("From when it will not be there any more (RFC 8594).", 40, "Thu, 30 Dec 2027 17:00:00 GMT"),
    "Accept-Patch": ("The media type that PATCH takes.", 100, "application/merge-patch+json"),
}
LIMITS = ("RateLimit-Policy", "RateLimit")
# What a status always tells in its headers, and what a code does.
BY_STATUS = {
    401: ["WWW-Authenticate"],
    403: ["WWW-Authenticate"],
    412: ["ETag"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
BY_CODE = {"idempotency-in-progress": ["Retry-After"]}
OPTIONAL = {"Link", "Last-Modified", "Idempotency-Replayed", "Preference-Applied", *LIMITS}
OPTIONAL |= {"WWW-Authenticate", "Retry-After", "Accept-Patch", "Content-Language"}
FACTS: dict[str, dict[str, Any]] = {
    "insufficient-scope": {"scope": "plans:submit"},
    "content-too-large": {"limit": 1_048_576},
    "not-acceptable": {"offered": "application/json"},
    "unsupported-media-type": {"expected": "application/json"},
    "wrong-state": {
        "state": "accepted",
        "allowed_moves": [{"move": "withdraw", "provision": "QC.D7.K1"}],
        "provisions": ["QC.D7.K1"],
    },
    "precondition-failed": {"etag": '"v4.77c0b1d2"'},
    "state-secret-refused": {"provisions": ["QC.D4.K5", "QC.D7.K6"]},
    "not-permitted": {"provisions": ["QC.D7.K1"]},
    "validation-failed": {
        "errors": [{"pointer": "/tasks/0/title", "code": "missing", "detail": "Thiếu trường bắt buộc."}]
    },
    "invalid-parameter": {
        "errors": [{"parameter": "limit", "code": "less_than_equal", "detail": "Không được quá 200."}]
    },
}
UNKNOWN = "…"
REASON = "Cơ quan đã có một kế hoạch của năm này. Sửa kế hoạch đó, hoặc thu hồi rồi lập lại."


def answer(document: Node, open_paths: Sequence[str] = ()) -> None:
    """Complete every operation's responses; what lies under an open path may be read from any site."""
    components = document["components"]
    shared: dict[str, Node] = {}
    for method, path, operation in operations(document):
        is_open = method == "get" and any(f"{path}/".startswith(f"{open}/") for open in open_paths)
        more = ["Access-Control-Allow-Origin"] if is_open else []
        more += ["Deprecation", "Link"] if operation.get("deprecated") else []
        _succeed(document, method, operation, [*more, *(["Sunset"] if "x-sunset" in operation else [])])
        _fail(method, path, operation, shared)
    components["responses"] = dict(sorted(shared.items()))
    said_here = {name_of(node) for part in (document["paths"], shared) for node in nodes(part)}
    components["headers"] = {name: _header(name) for name in HEADERS if name in said_here}
    meant = {code for response in shared.values() for code in response["content"][MEDIA_TYPE]["examples"]}
    components["examples"] = {code: _example(entry) for code, entry in CATALOGUE.items() if code in meant}


def _header(name: str) -> Node:
    text, length, example = HEADERS[name]
    kind = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400} if name == "Retry-After" else {}
    schema = kind or {"type": "string", "maxLength": length}
    required = {} if name in OPTIONAL else {"required": True}
    return {"description": text, **required, "schema": schema, "example": int(example) if kind else example}


def _refer(names: Iterable[str]) -> Node:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _succeed(document: Node, method: str, operation: Node, more: list[str]) -> None:
    takes = {parameter["name"] for parameter in operation.get("parameters", [])}
    tagged = is_tagged(document, operation)
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        schema = json_schema(response.get("content", {}))
        names = ["X-Request-Id", *more, *said(operation).get("headers", [])]
        names += ["ETag"] if tagged else []
        names += ["Location"] if int(status) in said(operation).get("location", []) else []
        names += ["Link"] if schema and (name_of(schema) or "").endswith(Page.__name__) and takes >= {"cursor"} else []
        names += ["Idempotency-Replayed"] if KEY["name"] in takes else []
        names += ["Preference-Applied"] if PREFER["name"] in takes else []
        names += LIMITS if _is_secured(operation) else []
        response["headers"] = {**response.get("headers", {}), **_refer(names)}
        if response["description"] == "Successful Response":
            response["description"] = {"201": "Created", "204": "Done, nothing to say"}.get(status, "Done")
    if PREFER["name"] in takes and "200" in operation["responses"] and method != "get":
        short = dict(operation["responses"]["200"]["headers"])
        operation["responses"]["204"] = {"description": "Done (`Prefer: return=minimal`)", "headers": short}
    if tagged and method == "get":
        told = [*more, *said(operation).get("headers", [])]
        names = ["X-Request-Id", "ETag", *told, *(LIMITS if _is_secured(operation) else ())]
        unchanged = {"description": "What you have still stands (`If-None-Match`)", "headers": _refer(names)}
        operation["responses"]["304"] = unchanged


def _is_secured(operation: Node) -> bool:
    return any("oauth2" in scheme for scheme in operation["security"])


def _fail(method: str, path: str, operation: Node, shared: dict[str, Node]) -> None:
    """Refusals are problem documents in their own media type, the same wherever the same codes are meant."""
    by_status: dict[str, list[str]] = {}
    for status, response in list(operation["responses"].items()):
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if name_of(schema) == "ProblemDocument":
            by_status[status] = re.findall(r"`([a-z-]+)`", response["description"])
        elif name_of(schema) == "HTTPValidationError":
            del operation["responses"][status]
        elif int(status) >= 400:  # noqa: PLR2004 - a refusal of another kind (RFC 6749)
            response["headers"] = _refer(["X-Request-Id", *BY_STATUS.get(int(status), [])])
    for code in _common(method, path, operation):
        by_status.setdefault(str(CATALOGUE[code].status), []).append(code)
    for status, named in by_status.items():
        codes = [code for code in CATALOGUE if code in named]
        name = "Or".join("".join(word.title() for word in code.split("-")) for code in codes)
        patch = status == "415" and method == "patch"
        name += "MergePatch" if patch else ""
        shared.setdefault(name, _problem(int(status), codes, ["Accept-Patch"] if patch else []))
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _common(method: str, path: str, operation: Node) -> Iterable[str]:
    """How any operation of this kind may fail, whatever it does."""
    yield "internal"
    if operation["operationId"] != "livez":
        yield "unavailable"
    if _is_secured(operation):
        yield from ("invalid-token", "insufficient-scope", "quota-exceeded")
        if method != "get":
            yield "outcome-unknown"
    if "{" in path:
        yield "not-found"
    if "requestBody" in operation:
        yield "content-too-large"
    parameters = operation.get("parameters", [])
    if any(p["in"] == "query" or p["name"] in {KEY["name"], MATCH["name"], PREFER["name"]} for p in parameters):
        yield "invalid-parameter"
    if any(p["name"] == PREFER["name"] for p in parameters):
        yield "not-acceptable"


def _problem(status: int, codes: list[str], more: list[str]) -> Node:
    headers = ["X-Request-Id", "Content-Language", *BY_STATUS.get(status, []), *more]
    headers += [header for code in codes for header in BY_CODE.get(code, [])]
    headers += LIMITS if 400 <= status < 500 and status != 401 else []  # noqa: PLR2004 - classes of statuses
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    titles = {code: CATALOGUE[code].title for code in codes}
    return {
        "description": "; ".join(f"`{code}`: {title['vi']} / {title['en']}" for code, title in titles.items()),
        "headers": _refer(dict.fromkeys(headers)),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def _example(entry: Entry) -> Node:
    facts = FACTS.get(entry.code, {})
    texts = defaultdict(lambda: UNKNOWN, {"reason_vi": REASON, **facts})
    value = {
        "type": f"{BASE}/problems/{entry.code}",
        "title": entry.title["vi"],
        "status": entry.status,
        "detail": entry.detail["vi"].format_map(texts),
        "instance": REQUEST_ID,
        "code": entry.code,
        **facts,
    }
    return {"summary": f"{entry.title['vi']} / {entry.title['en']}", "value": value}
