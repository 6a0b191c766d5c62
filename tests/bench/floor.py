"""The floor: bare Starlette and asyncpg, JSON made by PostgreSQL. It checks nothing: no token, no rule, no problem."""

import json
import os
import uuid

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ONE = """
SELECT version, (to_jsonb(p) || jsonb_build_object('tasks', coalesce((
    SELECT jsonb_agg(to_jsonb(t) ORDER BY position) FROM plan_task AS t WHERE t.plan_id = p.id), '[]')))::text
FROM plan AS p WHERE id = $1
"""
LIST = "SELECT coalesce(json_agg(p), '[]')::text FROM (SELECT * FROM plan ORDER BY id DESC LIMIT 50) AS p"
CREATE = """
WITH made AS (
    INSERT INTO plan (id, agency_id, state, version, created_at, updated_at, kind, year, title, shareable)
    VALUES ($1, $2, 'draft', 1, now(), now(), 'agency_annual', $3, $4, false) RETURNING *
), task AS (
    INSERT INTO plan_task
        (id, plan_id, position, code, title, content_category, direction, audiences, cooperating_agency_ids)
    SELECT $5, id, 0, $6, $7, $8, 'outward', $9, '{}' FROM made
), told AS (
    INSERT INTO event (id, type, occurred_at, resource_type, resource_id, resource_version, agency_id, provisions, data)
    SELECT $10, 'plan.created', now(), 'plan', id, 1, agency_id, '{}', '{}' FROM made
)
SELECT to_json(made)::text FROM made
"""
BULK = """
WITH given AS (
    SELECT source, external_id, body ->> 'kind' AS kind, (body ->> 'year')::int AS year, body ->> 'title' AS title,
           (body ->> 'period_start')::date AS period_start, (body ->> 'period_end')::date AS period_end
    FROM json_to_recordset($1::json) AS g (source text, external_id text, body json)
), made AS (
    INSERT INTO report (id, agency_id, state, version, created_at, updated_at, source, external_id, kind, year, title,
                        period_start, period_end, sections, indicators, difficulties)
    SELECT gen_random_uuid(), $2, 'draft', 1, now(), now(), source, external_id, kind, year, title,
           period_start, period_end, '[]', '[]', '[]'
    FROM given
    ON CONFLICT (agency_id, source, external_id) WHERE state <> 'withdrawn'
    DO UPDATE SET title = excluded.title, version = report.version + 1 WHERE report.title <> excluded.title
    RETURNING id, version, agency_id
), told AS (
    INSERT INTO event (id, type, occurred_at, resource_type, resource_id, resource_version, agency_id, provisions, data)
    SELECT gen_random_uuid(), 'report.created', now(), 'report', id, version, agency_id, '{}', '{}' FROM made
)
SELECT coalesce(json_agg(made), '[]')::text FROM made
"""
AGENCY = uuid.UUID(os.environ["BENCH_AGENCY"])


def sent(body: str, etag: str | None = None, status: int = 200) -> Response:
    headers = {"ETag": etag} if etag else {}
    return Response(body, status, headers, "application/json")


async def read(request: Request) -> Response:
    version, body = await request.app.state.pool.fetchrow(ONE, uuid.UUID(request.path_params["id"]))
    etag = f'"v{version}"'
    if request.headers.get("if-none-match") == etag:
        return Response(None, 304, {"ETag": etag})
    return sent(body, etag)


async def listed(request: Request) -> Response:
    return sent(await request.app.state.pool.fetchval(LIST))


async def create(request: Request) -> Response:
    plan = json.loads(await request.body())
    task = plan["tasks"][0]
    ids = [uuid.uuid4() for _ in range(3)]
    values = (ids[0], AGENCY, plan["year"], plan["title"], ids[1], task["code"], task["title"])
    body = await request.app.state.pool.fetchval(CREATE, *values, task["content_category"], task["audiences"], ids[2])
    return sent(body, '"v1"', 201)


async def bulk(request: Request) -> Response:
    lines = b"[" + b",".join((await request.body()).splitlines()) + b"]"
    return sent(await request.app.state.pool.fetchval(BULK, lines.decode(), AGENCY), status=207)


class Pool:
    """The app's pool, opened when it starts."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    async def __aenter__(self) -> None:
        self.app.state.pool = await asyncpg.create_pool(os.environ["BENCH_URL"], min_size=10, max_size=10)

    async def __aexit__(self, *_: object) -> None:
        await self.app.state.pool.close()


app = Starlette(
    routes=[
        Route("/plans", listed),
        Route("/plans", create, methods=["POST"]),
        Route("/plans/{id}", read),
        Route("/reports/bulk", bulk, methods=["POST"]),
    ],
    lifespan=Pool,
)
