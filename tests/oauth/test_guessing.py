"""Guessing secrets: ten failures a minute, of one client from one address, counted over every process."""

import asyncio
import re
from collections import Counter
from contextlib import AsyncExitStack
from urllib.parse import unquote
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.access import limits
from app.oauth.proof import Attempt, Doorkeeper
from tests import make
from tests.oauth.hands import FORM, another_process, assert_refused, basic, from_address, get_token, rows
from tests.statements import counting

WINDOW = 1_000_000


@pytest.fixture(autouse=True)
def one_window(monkeypatch):
    monkeypatch.setattr(limits, "this_window", lambda: (WINDOW, 30))


async def guess(api, client_id, secret="wrong"):
    return await api.post("/oauth/token", data=FORM, auth=(str(client_id), secret))


async def test_after_ten_failures_in_a_minute_nothing_is_compared_any_more(world):
    made = await world.credentials(make.DISTRICT)
    for _ in range(10):
        assert_refused(await guess(world.api, made.client_id), "invalid_client", 401)
    for secret in ("wrong", made.client_secret):
        answer = await guess(world.api, made.client_id, secret)
        assert_refused(answer, "invalid_client", 429)
        assert answer.headers["Retry-After"] == "30"


async def test_the_next_minute_begins_anew(world, monkeypatch):
    made = await world.credentials(make.DISTRICT)
    for _ in range(11):
        answer = await guess(world.api, made.client_id)
    assert answer.status_code == 429
    monkeypatch.setattr(limits, "this_window", lambda: (WINDOW + 1, 60))
    for _ in range(10):
        assert (await guess(world.api, made.client_id)).status_code == 401
    assert (await guess(world.api, made.client_id)).status_code == 429


async def test_the_right_secret_from_another_address_works_all_the_while(world, app):
    made = await world.credentials(make.DISTRICT)
    for _ in range(12):
        await guess(world.api, made.client_id)
    async with from_address(app, "10.1.2.3") as elsewhere:
        assert (await guess(elsewhere, made.client_id, made.client_secret)).status_code == 200
        assert (await guess(elsewhere, made.client_id)).status_code == 401
    another = await world.credentials(make.DISTRICT)
    assert (await guess(world.api, another.client_id, another.client_secret)).status_code == 200


async def test_every_operation_that_asks_for_the_secret_counts(world):
    made = await world.credentials(make.DISTRICT)
    token = await get_token(world.api, made)
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] * 4:
        form = FORM | {"token": token}
        answer = await world.api.post(path, data=form, auth=(str(made.client_id), "wrong"))
    assert_refused(answer, "invalid_client", 429)


async def test_an_unknown_client_takes_the_same_path_and_gets_the_same_answers(world, engine):
    made = await world.credentials(make.DISTRICT)
    seen = {}
    for client_id in (made.client_id, uuid4(), "no uuid"):
        with counting(engine) as statements:
            answers = [await guess(world.api, client_id) for _ in range(12)]
        seen[client_id] = (
            [answer.status_code for answer in answers],
            {answer.text for answer in answers},
            {tuple((n, v) for n, v in answer.headers.items() if n != "x-request-id") for answer in answers},
            [re.sub(r"\d+$", "", statement) for statement in statements],  # savepoints are numbered
        )
    known, *unknown = seen.values()
    assert known[0] == [401] * 10 + [429] * 2
    assert unknown == [known, known]


async def test_another_spelling_of_a_client_id_is_no_other_client(world):
    made = await world.credentials(make.DISTRICT)
    plain = str(made.client_id)
    spellings = [
        plain,
        plain.upper(),
        plain.replace("-", ""),
        f"{{{plain}}}",
        f"urn%3Auuid%3A{plain}",
        plain.replace("-", "", 1),
    ]
    for spelling in spellings * 2:
        answer = await guess(world.api, spelling)
    assert_refused(answer, "invalid_client", 429)
    assert len({Attempt.of(unquote(spelling), "", "a").key for spelling in spellings}) == 1
    assert Attempt.of(plain, "", "a").key != Attempt.of(plain, "", "b").key


async def test_only_failures_write(world, engine):
    made = await world.credentials(make.DISTRICT)
    await get_token(world.api, made)
    with counting(engine) as statements:
        await get_token(world.api, made)
    assert not [s for s in statements if not s.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    assert not await rows(world, "SELECT 1 FROM rate_window WHERE key LIKE 'guess %'")
    await guess(world.api, made.client_id)
    assert [used for (used,) in await rows(world, "SELECT used FROM rate_window WHERE key LIKE 'guess %'")] == [1]


async def test_who_is_refused_for_guessing_costs_no_statement(world, engine):
    made = await world.credentials(make.DISTRICT)
    for _ in range(11):
        await guess(world.api, made.client_id)
    with counting(engine) as statements:
        assert (await guess(world.api, made.client_id)).status_code == 429
    assert statements == []


async def test_guessing_is_logged_once_without_the_secret(world):
    made = await world.credentials(make.DISTRICT)
    with capture_logs() as logs:
        for _ in range(30):
            await guess(world.api, made.client_id, "a-wrong-secret")
    told = {"client": str(made.client_id), "address": "127.0.0.1", "log_level": "warning"}
    assert [line for line in logs if line["event"] == "client.guessing"] == [told | {"event": "client.guessing"}]
    assert len([line for line in logs if line["event"] == "client.refused"]) == 10
    assert "a-wrong-secret" not in str(logs)


async def test_what_is_remembered_of_guessers_is_bounded(sessions, monkeypatch):
    monkeypatch.setattr("app.oauth.proof.MOST_KNOWN", 3)
    keeper = Doorkeeper(sessions)
    for number in range(7):
        keeper._close(Attempt.of(str(number), "", "a"), WINDOW, "a")
    assert len(keeper._closed) <= 3
    assert not keeper._turns


@pytest.mark.real
async def test_four_processes_together_compare_ten_guesses_and_hardly_more(real_world):
    world = real_world
    made = await world.credentials(make.DISTRICT)
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(another_process(world.url)) for _ in range(4)]
        for client_id in (made.client_id, uuid4()):
            tries = (guess(api, client_id) for _ in range(40) for api in processes)
            counts = Counter(answer.status_code for answer in await asyncio.gather(*tries))
            assert set(counts) == {401, 429}
            assert 10 <= counts[401] <= 10 + len(processes) - 1, counts


@pytest.mark.real
async def test_a_client_that_asks_for_many_tokens_at_once_gets_them_all(real_world):
    made = await real_world.credentials(make.DISTRICT)
    async with another_process(real_world.url) as api:
        answers = await asyncio.gather(*(api.post("/oauth/token", data=FORM, auth=basic(made)) for _ in range(60)))
        assert {answer.status_code for answer in answers} == {200}
        assert not await rows(real_world, "SELECT 1 FROM rate_window WHERE key LIKE 'guess %'")
