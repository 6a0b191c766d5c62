"""What HTTP itself asks of every path, and what hostile input may not do to any."""

import json
import unicodedata
from uuid import uuid4

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter
from structlog.testing import capture_logs

from app.kit.clock import Instant
from app.kit.failures import install
from app.kit.text import Code, Line, Prose, Query
from tests import make
from tests.shape import CANARY, assert_problem

PLANS = "/v1/plans"
ALWAYS = {"X-Request-Id", "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Cache-Control"}
UNSTABLE = {"x-request-id", "ratelimit"}


async def a_stored_plan(world):
    return (await (await world.as_(make.DISTRICT)).post(PLANS, make.a_plan())).json()


def paths(app, method):
    """Every path of an operation, its parameters filled with nothing that exists."""
    for path, operations in app.openapi()["paths"].items():
        if method in operations:
            yield path.replace("{id}", str(uuid4())).replace("{code}", "none").replace("{provision}", "none")


async def posted(caller, body, kind="application/json"):
    """A plan sent as raw bytes, with a key of its own."""
    headers = {"Content-Type": kind, "Idempotency-Key": str(uuid4())}
    return await caller.request("POST", PLANS, content=body, headers=headers)


async def test_head_answers_like_get_without_a_body(world, app):
    caller = await world.as_(make.DISTRICT)
    plan = await a_stored_plan(world)
    more = [f"{PLANS}/{plan['id']}", "/docs", "/assets/ui/swagger-ui.css", "/v1/nothing", "/problems/conflict"]
    for path in [*paths(app, "get"), *more]:
        got, asked = await caller.get(path), await caller.request("HEAD", path)
        assert asked.content == b"", path
        assert asked.status_code == got.status_code, path
        assert {k: v for k, v in asked.headers.items() if k not in UNSTABLE} == {
            k: v for k, v in got.headers.items() if k not in UNSTABLE
        }, path


async def test_options_tells_every_method_without_a_token(api, app):
    documented = app.openapi()["paths"]
    for path, operations in documented.items():
        answer = await api.options(path.replace("{id}", str(uuid4())))
        expected = {method.upper() for method in operations} | {"OPTIONS"}
        assert answer.status_code == 204
        assert answer.content == b""
        assert set(answer.headers["Allow"].split(", ")) == expected | ({"HEAD"} if "GET" in expected else set()), path
    assert (await api.options("/v1/nothing")).status_code == 404
    assert (await api.options("/assets/ui/swagger-ui.css")).headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_every_answer_has_the_security_headers_and_an_id_of_its_own(world, app):
    caller = await world.as_(make.DISTRICT)
    seen = set()
    for path in [*paths(app, "get"), "/docs", "/openapi.json", "/assets/ui/swagger-ui.css", "/v1/nothing"]:
        for answer in [await caller.get(path), await world.api.get(path), await world.api.options(path)]:
            assert set(answer.headers.keys()) >= {name.lower() for name in ALWAYS}, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "server" not in answer.headers
            seen.add(answer.headers["X-Request-Id"])
    assert len(seen) > 3 * len(list(paths(app, "get")))


async def test_answers_with_data_are_kept_by_no_shared_cache(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    for path in (PLANS, f"{PLANS}/{plan['id']}", "/v1/agencies", "/v1/me"):
        assert (await caller.get(path)).headers["Cache-Control"] == "private, no-cache"


NO_PATHS = [
    "/v1/plans/",
    "/v1/provisions/",
    "//v1/provisions",
    "/v1//provisions",
    "/v1/provisions;x=1",
    "/V1/provisions",
    "/v1/../v1/provisions/",
    "/v1/%2e%2e/provisions",
    "/v1/provisions%00",
    "/v1/provisions/%00",
    "/assets/ui/%00",
    "/assets/ui/..%2f..%2fmain.py",
    "/assets/ui/" + "a" * 5000,
    "/assets/ui",
    "/assets/own/",
    "/problems/%F0%9F%92%A9",
    "/problems/%ff%fe",
    "/v1/plans/%ED%A0%80",
]


async def test_a_path_that_is_not_one_is_not_found_and_never_redirected(world):
    for path in NO_PATHS:
        answer = await (await world.as_(make.DISTRICT)).get(path)
        await assert_problem(world.api, answer, "not-found")


async def test_a_header_cannot_change_the_method(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    headers = {"X-HTTP-Method-Override": "DELETE", "If-Match": plan["etag"]}
    assert (await caller.request("POST", f"{PLANS}/{plan['id']}", headers=headers)).status_code == 405
    assert (await caller.get(f"{PLANS}/{plan['id']}", headers=headers)).status_code == 200


@pytest.mark.parametrize("written", ["{}", "W/{}", '"other", {}', '"v1.0", W/{} , "x"', "{},"])
async def test_a_version_the_caller_has_is_not_sent_again(world, written):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    for path in (f"{PLANS}/{plan['id']}", "/v1/provisions/QC.D7"):
        tag = (await caller.get(path)).headers["ETag"]
        for method in ("GET", "HEAD"):
            answer = await caller.request(method, path, headers={"If-None-Match": written.format(tag)})
            assert answer.status_code == 304
            assert answer.content == b""
            assert answer.headers["ETag"] == tag
            assert "content-length" not in answer.headers
            assert "content-type" not in answer.headers


async def test_a_version_that_is_not_the_whole_tag_is_sent(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    path, version = f"{PLANS}/{plan['id']}", plan["etag"].split(".")[0]
    for other in (f'{version}"', f'{version}.00000000"', plan["etag"].strip('"'), "", ",", '"', "\xff"):
        answer = await caller.get(path, headers={"If-None-Match": other.encode("latin-1")})
        assert answer.status_code == 200
        assert answer.json() == plan


async def test_a_tag_does_not_tell_a_stranger_that_the_plan_exists(world):
    plan = await a_stored_plan(world)
    stranger = await world.as_(make.OTHER_DISTRICT)
    answer = await stranger.get(f"{PLANS}/{plan['id']}", headers={"If-None-Match": plan["etag"]})
    await assert_problem(world.api, answer, "not-found")


def text(value, field="title"):
    return json.dumps(make.a_plan(**{field: value})).encode()


def with_raw(value, field="title"):
    return json.dumps(make.a_plan(**{field: "@@"})).replace('"@@"', value).encode()


DEEP = 10_000
HOSTILE = {
    "NaN": with_raw("NaN"),
    "NaN for a number": with_raw("NaN", "year"),
    "infinity": with_raw("Infinity", "year"),
    "a number too large for a float": with_raw("1e400", "year"),
    "a huge integer": with_raw("9" * 5000, "year"),
    "an integer over 64 bits": with_raw("9" * 25, "year"),
    "a float for an integer": with_raw("2027.0", "year"),
    "a string for an integer": with_raw('"2027"', "year"),
    "true for an integer": with_raw("true", "year"),
    "a lone high surrogate": with_raw(f'"{CANARY}\\ud800"'),
    "a lone low surrogate": with_raw(f'"\\udc00{CANARY}"'),
    "a lone surrogate in an enumeration": with_raw(f'"{CANARY}\\ud800"', "kind"),
    "a lone surrogate in a name": json.dumps(make.a_plan()).replace('"title"', f'"{CANARY}\\ud800"').encode(),
    "NUL": with_raw(f'"{CANARY}\\u0000"'),
    "NUL itself": text("@").replace(b"@", b"\x00"),
    "an escape": text(f"\x1b[31m{CANARY}"),
    "a bidirectional control": text(f"{CANARY}\u202egpj.exe"),
    "a bidirectional isolate": text(f"{CANARY}\u2066x\u2069"),
    "a zero-width space": text(f"{CANARY}\u200b"),
    "a byte order mark inside": text(f"\ufeff{CANARY}"),
    "blanks alone": text(" \u00a0\t\n\u3000"),
    "a title of five megabytes": text(CANARY * 900_000),
    "a title of one megabyte": text(CANARY * 170_000),
    "a name of one megabyte": json.dumps({CANARY * 170_000: 1}).encode(),
    "a hundred thousand names": json.dumps({f"{CANARY} {n}": n for n in range(100_000)}).encode(),
    "a name with blanks": json.dumps(make.a_plan() | {f"{CANARY} x": 1}).encode(),
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep arrays in a field": with_raw("[" * DEEP + "]" * DEEP, "tasks"),
    "arrays as deep as the parser goes": with_raw("[" * 900 + "]" * 900, "tasks"),
    "unclosed": b"[" * 100_000,
    "invalid UTF-8": text("@").replace(b"@", b"\xff\xfe"),
    "overlong UTF-8": text("@").replace(b"@", b"\xc0\xaf"),
    "a surrogate in UTF-8": text("@").replace(b"@", b"\xed\xa0\x80"),
    "nothing": b"",
    "null": b"null",
    "a string": f'"{CANARY}"'.encode(),
    "an array": f'["{CANARY}"]'.encode(),
    "a number": b"5",
    "two documents": b"{}{}",
    "a comment": b"{/* */}",
    "a trailing comma": b'{"year": 2027,}',
    "single quotes": b"{'year': 2027}",
    "binary": bytes(range(256)),
    "a day that is not": with_raw("[{}]".replace("{}", json.dumps(make.a_task(starts_on="2027-02-30"))), "tasks"),
    "the year 10000": with_raw("[{}]".replace("{}", json.dumps(make.a_task(starts_on="10000-01-01"))), "tasks"),
    "an end before the start": with_raw("[{}]".replace("{}", json.dumps(make.a_task(ends_on="2001-01-01"))), "tasks"),
    "a clause that is not": with_raw("[{}]".replace("{}", json.dumps(make.a_task(provision=CANARY))), "tasks"),
    "a code with blanks": with_raw("[{}]".replace("{}", json.dumps(make.a_task(code=f"{CANARY} 1"))), "tasks"),
    "an agency that is no id": with_raw(json.dumps([make.a_task(cooperating_agency_ids=[CANARY])]), "tasks"),
    "one task twice": with_raw(json.dumps([make.a_task(), make.a_task()]), "tasks"),
    "an unknown member": json.dumps(make.a_plan(status="accepted")).encode(),
    "somebody else's agency": json.dumps(make.a_plan(agency_id=str(uuid4()))).encode(),
}
REFUSED = {"malformed-json", "validation-failed", "content-too-large"}


async def test_a_hostile_body_is_refused_and_never_repeated(world):
    caller = await world.as_(make.DISTRICT)
    for name, body in HOSTILE.items():
        answer = await posted(caller, body)
        document = await assert_problem(world.api, answer, answer.json()["code"])
        assert document["code"] in REFUSED, name
        assert len(answer.content) < 20_000, name
    assert (await caller.get(PLANS)).json()["items"] == []


async def test_a_hostile_patch_is_refused_and_never_repeated(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": plan["etag"]}
    for name, body in HOSTILE.items():
        answer = await caller.request("PATCH", f"{PLANS}/{plan['id']}", content=body, headers=headers)
        document = await assert_problem(world.api, answer, answer.json()["code"])
        assert document["code"] in REFUSED, name
    assert (await caller.get(f"{PLANS}/{plan['id']}")).json() == plan


async def test_a_patch_nested_as_deep_as_the_parser_goes_is_refused(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": plan["etag"]}
    for depth in (30, 40, 500, 700, 900, 950, 5000):
        body = b'{"a":' * depth + b"1" + b"}" * depth
        answer = await caller.request("PATCH", f"{PLANS}/{plan['id']}", content=body, headers=headers)
        assert answer.json()["code"] in REFUSED, depth


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_json_in_another_encoding_than_plain_utf8_is_refused(world, encoding):
    caller = await world.as_(make.DISTRICT)
    body = json.dumps(make.a_plan(title=CANARY)).encode(encoding)
    answer = await posted(caller, body)
    await assert_problem(world.api, answer, "malformed-json")


NO_JSON = [
    "",
    "/",
    "json",
    "text/json",
    "application/jsonx",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "image/png",
    "application/xml",
    "*/*",
    "\xff",
]


async def test_json_in_a_body_that_is_not_said_to_be_json_is_an_unsupported_media_type(world):
    for kind in NO_JSON:
        caller = await world.as_(make.DISTRICT)
        answer = await posted(caller, json.dumps(make.a_plan()), kind.encode("latin-1"))
        await assert_problem(world.api, answer, "unsupported-media-type")


async def test_an_unknown_member_is_pointed_at_only_where_its_name_looks_like_one(world):
    caller = await world.as_(make.DISTRICT)
    body = make.a_plan(tasks=[make.a_task(colour="red"), make.a_task(**{"a secret / ~": 1})])
    errors = (await caller.post(PLANS, body)).json()["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/tasks/0/colour", "extra_forbidden"),
        ("/tasks/1", "extra_forbidden"),
    ]


HOSTILE_QUERIES = [
    "\x00",
    "a\x00b",
    "\u202e",
    "\ufeff",
    "",
    " ",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "🏛",
    "9" * 400,
    "-1",
    "1e9",
    "null",
    "NaN",
    "true",
    "{}",
    "[]",
    "2027-02-30",
    "QC.D7",
    "a" * 3000,
    "\x7f",
    "\x85",
    "ế",
    "../..",
    "*",
]


async def test_no_query_is_answered_with_a_fault(world, app):
    caller = await world.as_(make.DISTRICT)
    asked = 0
    for path, operations in app.openapi()["paths"].items():
        where = path.replace("{id}", str(uuid4())).replace("{code}", "none")
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] != "query":
                continue
            for value in HOSTILE_QUERIES:
                answer = await caller.get(where, params={parameter["name"]: value})
                assert answer.status_code < 500, (path, parameter["name"], value)
                if answer.is_error:
                    await assert_problem(world.api, answer, answer.json()["code"])
                asked += 1
    assert asked > 300


async def test_no_value_in_a_path_is_answered_with_a_fault(world, app):
    caller = await world.as_(make.DISTRICT)
    for path in app.openapi()["paths"]:
        if "{" not in path:
            continue
        for value in (
            "%00",
            "a%00b",
            "%E2%80%AE",
            "%ff",
            "%20",
            "9" * 400,
            "%F0%9F%8F%9B",
            "..",
            "%5c",
            "'",
            "nan",
            "%2e",
        ):
            where = path.split("{")[0] + value + path.split("}")[1]
            answer = await caller.get(where)
            assert answer.status_code < 500, where


async def test_raw_bytes_in_headers_are_answered_without_a_fault(world):
    plan = await a_stored_plan(world)
    caller = await world.as_(make.DISTRICT)
    for name in (
        "Accept",
        "Accept-Language",
        "If-None-Match",
        "X-Request-Id",
        "traceparent",
        "Prefer",
        "Cookie",
        "Range",
    ):
        for value in (b"\xff\xfe", b"a" * 5000, b",,;;==", b'"', b"\x01", b"bytes=0-"):
            answer = await caller.request("GET", f"{PLANS}/{plan['id']}", headers={name: value})
            assert answer.status_code == 200, (name, value)


async def test_text_comes_back_in_its_one_normal_form(world):
    caller = await world.as_(make.DISTRICT)
    title = "Kế hoạch Đắk Lắk năm 2027"
    sent = f"  {unicodedata.normalize('NFD', title).replace(' ', chr(0xA0))}\n"
    plan = (await caller.post(PLANS, make.a_plan(title=sent))).json()
    assert plan["title"] == title
    assert (await caller.get(f"{PLANS}/{plan['id']}")).json()["title"] == title


async def test_lengths_are_counted_in_the_normal_form(world):
    caller = await world.as_(make.DISTRICT)
    longest = unicodedata.normalize("NFD", "ế" * 300)
    assert len(longest) == 900
    too_long = await caller.post(PLANS, make.a_plan(title=longest + "e"))
    document = await assert_problem(world.api, too_long, "validation-failed")
    assert document["errors"] == [
        {"pointer": "/title", "code": "string_too_long", "detail": "Không quá 300 ký tự (tính theo Unicode NFC)."}
    ]
    assert (await caller.post(PLANS, make.a_plan(title=longest))).status_code == 201


def test_characters_nobody_can_see_are_refused_in_every_kind_of_text():
    for kind in (Code, Line, Prose, Query):
        for (
            hidden
        ) in "\0\x01\x08\x0b\x1f\x7f\x80\x9f\u061c\u200b\u200e\u202a\u202e\u2060\u2066\u2069\ufeff\ud800\udfff":
            with pytest.raises(ValueError, match=r"control|format|unicode"):
                TypeAdapter(kind).validate_python(f"a{hidden}b")


def test_one_line_is_one_line():
    for broken in ("a\nb", "a\rb", "a\u2028b", "a\u2029b"):
        with pytest.raises(ValueError, match="control"):
            TypeAdapter(Line).validate_python(broken)
        assert TypeAdapter(Prose).validate_python(broken) == broken


class Moment(BaseModel):
    moment: Instant


@pytest.fixture
async def instants(app):
    async def take(body: Moment) -> Moment:
        return body

    app.add_api_route("/instants", take, methods=["POST"])
    return app


@pytest.mark.own_app
@pytest.mark.parametrize(
    "naive",
    [
        "2027-03-01T10:00:00",
        "2027-03-01",
        "10:00",
        1_800_000_000,
        1.5,
        "1800000000",
        True,
        "2027-02-30T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
async def test_an_instant_without_its_offset_is_refused(api, instants, naive):
    answer = await api.post("/instants", json={"moment": naive})
    document = await assert_problem(api, answer, "validation-failed")
    assert document["errors"][0]["pointer"] == "/moment"


@pytest.mark.own_app
async def test_an_instant_comes_back_in_the_time_of_the_province(api, instants):
    for sent in ("2027-03-01T03:00:00Z", "2027-03-01T10:00:00+07:00", "2027-02-28T22:00:00-05:00"):
        assert (await api.post("/instants", json={"moment": sent})).json() == {"moment": "2027-03-01T10:00:00+07:00"}


def test_the_handlers_are_installed_once_for_each_family():
    app = FastAPI()
    install(app)
    assert {kind.__name__ for kind in app.exception_handlers} >= {"Problem", "DBAPIError", "OSError", "HTTPException"}


async def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(world, app):
    token = (await world.as_(make.DISTRICT)).token
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": "k"}
    scope = {
        "type": "http", "method": "POST", "path": PLANS, "raw_path": b"", "query_string": b"", "http_version": "1.1",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http", "server": ("test", 80), "client": ("test", 1), "root_path": "",
    }  # fmt: skip
    with capture_logs() as logs:
        await app(scope, receive, send)
    assert sent[0]["status"] in {400, 408}
    assert not [line for line in logs if line["log_level"] == "error"]
