"""The document says everything it must, and nothing that is not so."""

import copy
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator

from app.access.grants import Scope
from app.contract import IncompleteError, check
from app.law.citing import clause
from app.openapi import TAGS, shapes, texts
from app.openapi.answers import UNKNOWN
from app.openapi.samples import ABSENT, VALUES
from app.openapi.texts import OPERATIONS, PARAMETERS
from app.rooms import EVENT_TYPES
from tests.openapi.stage import operations

VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)


def nodes(value):
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from nodes(below)
    elif isinstance(value, list):
        for below in value:
            yield from nodes(below)


def test_the_document_is_complete(document):
    check(document)


@pytest.mark.parametrize("key", ["summary", "summary_vi", "description_vi"])
def test_an_operation_without_words_fails_the_build(document, monkeypatch, key):
    words = copy.deepcopy(dict(OPERATIONS))
    del words["submit_plan"][key]
    monkeypatch.setattr(texts, "OPERATIONS", words)
    with pytest.raises(IncompleteError, match=f"submit_plan lacks {key}"):
        check(document)


def test_words_for_an_operation_that_is_gone_fail_the_build(document, monkeypatch):
    monkeypatch.setattr(texts, "OPERATIONS", {**OPERATIONS, "sing_plan": {}})
    with pytest.raises(IncompleteError, match="no such operation: sing_plan"):
        check(document)


def test_a_value_that_nothing_bounds_fails_the_build(document):
    loose = copy.deepcopy(document)
    del loose["components"]["schemas"]["PlanRead"]["properties"]["title"]["maxLength"]
    with pytest.raises(IncompleteError, match="PlanRead/properties/title"):
        check(loose)


def test_every_operation_speaks_both_languages(document):
    for name, (_, _, operation) in operations(document).items():
        assert VIETNAMESE.search(operation["x-summary-vi"]), name
        assert not VIETNAMESE.search(operation["x-summary-en"]), name
        assert operation["summary"] == f"{operation['x-summary-vi']} / {operation['x-summary-en']}"
        first, _, rest = operation["description"].partition("\n\n")
        assert VIETNAMESE.search(first), name
        assert rest.strip(), name


def test_every_operation_id_is_plain_and_its_own(document):
    names = list(operations(document))
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert not any(re.search(r"[\[\]]|_$|__", name) for name in document["components"]["schemas"])


def test_no_schema_is_named_like_a_member_of_its_own(document):
    for name, schema in document["components"]["schemas"].items():
        assert name.lower() not in {member.replace("_", "").lower() for member in schema.get("properties", {})}, name


def test_the_tags_are_those_used_in_the_regulation_s_order(document):
    used = [tag for _, _, operation in operations(document).values() for tag in operation["tags"]]
    assert list(dict.fromkeys(used)) == [tag["name"] for tag in document["tags"]] == list(TAGS)


def test_security_is_said_of_every_operation(document):
    known = {"oauth2": {scope.value for scope in Scope}, "client": set()}
    assert set(document["components"]["securitySchemes"]) == set(known)
    for name, (_, _, operation) in operations(document).items():
        for requirement in operation["security"]:
            for scheme, scopes in requirement.items():
                assert set(scopes) <= known[scheme], name
                assert bool(scopes) == (scheme == "oauth2"), name


def test_the_rules_for_counted_clients_are_off_for_just_what_is_asked_without_a_token(document):
    ruleset = (Path(__file__).parents[2] / "openapi" / "spectral.yaml").read_text()
    listed = {unquote(path).replace("~1", "/") for path in re.findall(r'openapi\.json#/paths/([^"]+)"', ruleset)}
    found = operations(document).values()
    assert listed == {path for _, path, operation in found if not any("oauth2" in s for s in operation["security"])}


def test_no_refusal_is_shown_with_a_gap_in_its_words(document):
    for code, example in document["components"]["examples"].items():
        assert UNKNOWN not in example["value"]["detail"], code


def test_every_citation_leads_somewhere(document):
    cited = {
        citation
        for part in (document["paths"], document["webhooks"])
        for node in nodes(part)
        for citation in node.get("x-provisions", [])
    }
    assert len(cited) >= 5
    for citation in cited:
        clause(citation)
    for name, (_, path, operation) in operations(document).items():
        rests = path.startswith(("/v1/plans", "/v1/agencies", "/v1/functions", "/v1/responsibilities", "/v1/events"))
        assert bool(operation.get("x-provisions")) >= rests, name


def test_what_a_change_must_carry_is_required(document):
    def required(name, header):
        parameters = operations(document)[name][2]["parameters"]
        return [parameter["required"] for parameter in parameters if parameter["name"] == header]

    assert required("create_plan", "Idempotency-Key") == [True]
    assert required("submit_plan", "Idempotency-Key") == [False]
    assert required("submit_plan", "If-Match") == [True]
    assert required("upsert_plan", "If-Match") == [False]
    assert required("get_plan", "If-None-Match") == [False]


def test_the_webhooks_are_the_registry(document):
    assert list(document["webhooks"]) == list(EVENT_TYPES)
    for name, event in EVENT_TYPES.items():
        operation = document["webhooks"][name]["post"]
        assert operation["summary"] == f"{event.title_vi} / {event.title_en}"
        assert operation.get("x-provisions", []) == [str(provision) for provision in event.provisions]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        properties = document["components"]["schemas"][schema]["properties"]
        assert properties["type"]["const"] == name
        assert properties["data"]["properties"]["resource"]["properties"]["type"]["const"] == event.resource
    submitted = document["components"]["schemas"]["PlanSubmittedEvent"]["properties"]["data"]["properties"]
    assert submitted["state"]["const"] == "submitted"
    assert submitted["previous_state"]["enum"] == ["draft", "returned"]


async def test_the_event_types_are_the_registry_and_open_to_everyone(api):
    answer = await api.get("/v1/event-types")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    items = answer.json()["items"]
    assert [item["name"] for item in items] == list(EVENT_TYPES)
    for item in items:
        assert VIETNAMESE.search(item["title_vi"])
        Draft202012Validator.check_schema(item["json_schema"])
        assert item["json_schema"]["properties"]["type"]["const"] == item["name"]
        references = {node["$ref"] for node in nodes(item["json_schema"]) if "$ref" in node}
        assert references <= {f"#/$defs/{name}" for name in item["json_schema"]["$defs"]}
    narrowed = (await api.get("/v1/event-types?resource=plan")).json()["items"]
    assert {item["resource"] for item in narrowed} == {"plan"}
    assert (await api.get("/v1/event-types?resource=nothing")).json() == {"items": []}


def test_the_data_files_hold_nothing_that_is_not_used(document):
    schemas = document["components"]["schemas"]
    members = {(name, member) for name, schema in schemas.items() for member in schema.get("properties", {})}
    names = {member for _, member in members}
    for place in [*(key for key in VALUES if "." in key and not key.startswith("format.")), *ABSENT]:
        assert tuple(place.split(".")) in members, place
    for name in [*(key for key in VALUES if "." not in key), *shapes.STRINGS, *shapes.ARRAYS, *shapes.INTEGERS]:
        assert name in names, name
    asked = {p["name"] for _, _, operation in operations(document).values() for p in operation.get("parameters", [])}
    assert set(PARAMETERS) <= asked


async def test_the_document_is_served(api, document):
    answer = await api.get("/openapi.json")
    assert answer.json() == document
    again = await api.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert document["openapi"].startswith("3.1")
    used = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert {ref for ref in used if "/responses/" in ref} == {
        f"#/components/responses/{name}" for name in document["components"]["responses"]
    }
