"""Every operation of the document, against every kind of caller, on its own, another's and nobody's resource."""

import pytest

from app.main import create_app
from app.openapi import TAGS
from tests import make
from tests.authorisation.expected import AGENCIES, APPRAISED, APPRAISER, COORDINATOR, OTHER, OWNER, RULES, TABLE

FEWEST = 2_000
THOROUGHLY = {OWNER, OTHER, COORDINATOR, "ubnd-tinh", "cuc-hai-quan"}
EVERYBODYS = {
    "regulation", "provision", "problem", "code", "record kind", "event type",
    "public event", "public plan", "public record", "public product", "private calendar",
}  # fmt: skip
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
NOTED = {"list_audit", "export_audit"}  # who reads them is written down


def targets(row, path):
    if "{" not in path or row.rule == "collection":
        return ("",)
    return ("known", "missing") if row.on in EVERYBODYS else ("own", "foreign", "missing")


def cases(ground, tag=None):
    """Operation, method, caller, resource: all there are, or those of one group of operations."""
    for name, (method, path, operation) in ground.operations.items():
        if tag and tag not in operation["tags"]:
            continue
        for principal in ground.principals.values():
            for target in targets(TABLE[name], path):
                # Nobody's resource, and HEAD: not by every agency of the table.
                briefly = principal.slug not in THOROUGHLY
                if target == "missing" and briefly:
                    continue
                yield name, method, principal, target
                if method == "GET" and target == "foreign" and not briefly:
                    yield name, "HEAD", principal, target


def expected(row, principal, target):  # noqa: PLR0911 - one line for each kind of refusal
    """Status and code (None: a success) that the table wants."""
    if row.rule == "credentials":
        return 401, None
    if row.rule != "public":
        if not principal.genuine:
            return 401, "invalid-token"
        if row.scope not in principal.scopes:
            return 403, "insufficient-scope"
    if target == "missing":
        return 404, "not-found"
    if row.by and principal.slug not in row.by:
        return 403, "not-permitted"
    if target in {"", "known"}:
        return row.status, None
    reads = principal.reads_all or (principal.slug == APPRAISER and row.on in APPRAISED)
    own, foreign, for_all = RULES[row.rule]
    outcome = own if target == "own" else for_all if reads else foreign
    return {"ok": (row.status, None), "not-found": (404, "not-found"), "not-permitted": (403, "not-permitted")}[outcome]


def test_every_operation_has_its_row_and_every_row_its_operation(ground):
    assert set(TABLE) == set(ground.operations)


def test_the_table_names_the_scopes_that_the_document_declares(ground):
    declared = {
        name: next(iter(operation.get("security", ())), {}).get("oauth2", [])
        for name, (_, _, operation) in ground.operations.items()
    }
    assert declared == {name: [row.scope] if row.scope else [] for name, row in TABLE.items()}


def test_the_matrix_is_large_enough(ground):
    number = sum(1 for _ in cases(ground))
    print(f"\n{len(ground.operations)} operations, {len(ground.principals)} callers, {number} cases")
    assert number >= FEWEST


async def test_one_agency_for_each_function_of_the_register_is_in_the_table(ground):
    reader = ground.principals[f"DISTRICT {OWNER}"]
    found = (await ground.send(reader, "GET", "/v1/functions?as_of=2013-11-04")).json()["items"]
    held = {function["function"] for function in found if function["holders"]}
    assert held == {function for function, _ in AGENCIES.values()}


@pytest.mark.parametrize("tag", TAGS)
async def test_every_caller_gets_what_the_table_says(ground, tag):
    before = await ground.fingerprint()
    for name in {case[0] for case in cases(ground, tag)}:
        for _, method, principal, target in (case for case in cases(ground, tag) if case[0] == name):
            await answers_as_expected(ground, name, method, principal, target)
        # Refused or undone: nothing of all this is left, not a row, not an event, not a key.
        assert await ground.fingerprint() == before, name


async def answers_as_expected(ground, name, method, principal, target):
    row, case = TABLE[name], (name, method, principal.name, target)
    parameters = ground.parameters(row, principal, target)
    status, code = expected(row, principal, target)
    if (method in CHANGING or name in NOTED) and code is None:
        async with ground.undone():
            answer = await ground.ask(principal, name, parameters)
            assert answer.status_code == status, (case, answer.text)
        return
    answer = await ground.ask(principal, name, parameters, method)
    assert answer.status_code == status, (case, answer.text)
    if method == "HEAD":
        assert answer.content == b"", case
    elif code:
        assert answer.json()["code"] == code, (case, answer.text)
        if code == "insufficient-scope":
            challenge = f'Bearer error="insufficient_scope", scope="{row.scope}"'
            assert answer.headers["www-authenticate"] == challenge, case


async def test_refused_writes_leave_nothing_one_by_one(ground):
    """The same as above, looked at after each single request: for those who come furthest before they are refused."""
    writers = [ground.principals[f"DISTRICT {OTHER}"], ground.principals["COORD so-tttt"]]
    before = await ground.fingerprint()
    for name, (method, path, _) in ground.operations.items():
        if method not in CHANGING or "foreign" not in targets(TABLE[name], path):
            continue
        for principal in writers:
            if expected(TABLE[name], principal, "foreign")[1]:
                answer = await ground.ask(principal, name, ground.parameters(TABLE[name], principal, "foreign"))
                assert answer.status_code in {403, 404}, (name, principal.name)
                assert await ground.fingerprint() == before, (name, principal.name)


def test_the_document_does_not_depend_on_who_makes_it(ground, server_url):
    assert create_app(make.settings(server_url), make.vault()).openapi() == ground.app.openapi()
