"""Rows that go in one statement at the end: what arrives is what was given, and it stands or falls as one."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.access.idempotency import IdempotencyRecord
from app.agencies.models import Agency
from app.kit.db import transaction
from app.kit.writes import insert
from app.plans.models import Plan, PlanTask
from tests import make


def plan(agency_id, **more):
    given = {"state": "draft", "kind": "agency_annual", "year": 2030, "title": "Kế hoạch"} | more
    return Plan(agency_id=agency_id, **given).model_dump()


async def agency(session):
    return (await session.scalars(select(Agency.id).where(Agency.slug == make.DISTRICT))).one()


async def test_every_kind_of_column_arrives_as_it_was_given(sessions):
    given = {"id": uuid4(), "signatory": {"name": 'Y Thanh \\ "Niê"', "n": [1, None]}, "objectives": "a\nb\t\u2028'"}
    task = {"position": 0, "code": "1", "title": "x", "content_category": "other", "direction": "outward"}
    lists = {"audiences": ["a,b", '{"}', ""], "cooperating_agency_ids": [uuid4()], "starts_on": date(2030, 2, 28)}
    key = {
        "client_id": uuid4(),
        "key": "k",
        "fingerprint": bytes(range(256)),
        "status": 201,
        "headers": {"etag": '"v"'},
    }
    key |= {"body_locked": "x", "created_at": datetime(2030, 1, 1, 1, 2, 3, 456789, tzinfo=UTC)}
    async with transaction(sessions) as session:
        insert(session, PlanTask, PlanTask(plan_id=given["id"], **task, **lists).model_dump())  # before its plan
        insert(session, Plan, plan(await agency(session), **given))
        insert(session, IdempotencyRecord, key)
    async with sessions() as session:
        row = await session.get_one(Plan, given["id"])
        assert {name: getattr(row, name) for name in given} == given
        assert (row.document, row.source, row.version, row.shareable) == (None, None, 1, False)
        (stored,) = await session.scalars(select(PlanTask).where(PlanTask.plan_id == given["id"]))
        assert {name: getattr(stored, name) for name in task | lists} == task | lists
        assert (await session.get_one(IdempotencyRecord, (key["client_id"], "k"))).model_dump() == key


async def test_one_bad_row_takes_all_with_it(sessions):
    id = uuid4()

    async def work():
        async with transaction(sessions) as session:
            insert(session, Plan, plan(await agency(session), id=id))
            insert(session, Plan, plan(uuid4()))

    with pytest.raises(DBAPIError) as refused:
        await work()
    assert refused.value.orig.sqlstate == "23503"
    async with sessions() as session:
        assert await session.get(Plan, id) is None
