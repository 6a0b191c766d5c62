"""A number is a number and a day is a day, in every body that any operation reads."""

from datetime import date, datetime
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.kit.clock import Day
from tests import make
from tests.shape import assert_problem

LAX = {"int", "float", "bool", "decimal", "date", "datetime", "time", "timedelta"}


def bodies(app):
    """The model of every JSON body of every operation."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.dependant.body_params:
            for parameter in route.dependant.body_params:
                kind = parameter.field_info.annotation
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    yield route.path, kind


def loose(schema, guarded=False):
    """The scalar kinds in a core schema that take something else for themselves."""
    if isinstance(schema, dict):
        kind = schema.get("type")
        guarded = guarded or kind == "function-before"
        # What has fields may have one that is called `type`.
        if isinstance(kind, str) and kind in LAX and not schema.get("strict") and not guarded:
            yield kind
        for name, part in schema.items():
            if name not in {"serialization", "metadata"}:
                yield from loose(part, guarded)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from loose(part, guarded)


def model_parts(schema):
    """The core schema of a model, without the validators that stand round the whole of it."""
    return schema.get("schema", schema) if schema.get("type", "").startswith("function") else schema


def test_no_body_has_a_field_that_takes_text_or_truth_for_a_number_or_a_number_for_a_day(app):
    seen = set()
    for path, model in bodies(app):
        seen.add(path)
        assert not list(loose(model_parts(model.__pydantic_core_schema__))), (path, model.__name__)
    assert len(seen) > 5


@pytest.mark.parametrize(
    "given", [20_000, 0, 1.5, True, "2027-3-1", "2027-03-01T00:00:00", "2027-03-01T00:00:00Z", "20270301", "1", "",
              "2027-02-30", "0001-01-01", "9999-12-31", " 2027-03-01", "２０２７-03-01", None, datetime(2027, 3, 1)]  # noqa: DTZ001
)  # fmt: skip
def test_a_day_is_written_out_and_nothing_else(given):
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(given)


def test_a_day_is_the_same_day_again():
    assert TypeAdapter(Day).validate_python("2027-03-01") == TypeAdapter(Day).validate_python(date(2027, 3, 1))


async def test_a_body_with_something_like_a_number_or_a_day_is_refused_at_its_place(world):
    caller = await world.as_(make.DISTRICT)
    cases = [
        *[({"year": year}, "/year") for year in ("2027", True, 2027.0, 2027.5, [2027], None)],
        *[({"shareable": truth}, "/shareable") for truth in (1, 0, "true", "yes", 1.0)],
        *[
            ({"tasks": [make.a_task(starts_on=day)]}, "/tasks/0/starts_on")
            for day in (1_800_000_000, True, "2027-03-01T00:00:00+07:00", "01/03/2027")
        ],
    ]
    for changes, pointer in cases:
        headers = {"Idempotency-Key": str(uuid4())}
        answer = await caller.request("POST", "/v1/plans", json=make.a_plan(**changes), headers=headers)
        document = await assert_problem(world.api, answer, "validation-failed")
        assert [error["pointer"] for error in document["errors"]] == [pointer], changes
    plan = (await caller.post("/v1/plans", make.a_plan())).json()
    for declared in (1, "true", 1.0, False, None):
        answer = await caller.move(plan, "submit", {"no_state_secret": declared})
        await assert_problem(world.api, answer, "validation-failed")
