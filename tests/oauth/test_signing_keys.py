"""Signing keys rotate with overlap: what one signed is understood until it ends, on every process."""

import asyncio
import json
from datetime import timedelta

import pytest
from jose import jwt
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from app.access.snapshot import at
from app.access.tokens import LEEWAY, LONGEST_LIFE
from app.cli import cli
from app.kit.clock import now
from app.kit.db import transaction
from app.kit.vault import Vault
from app.oauth import keys
from app.oauth.keys import OVERLAP, key_id, list_keys, retire_key, rotate_key
from app.oauth.service import OperatorError
from app.rooms import SIGHTS
from app.trail.feed import seen
from app.trail.models import Event
from tests import make
from tests.oauth.hands import another_process, get_token, operate, refused, rows, until


def kid(token):
    return jwt.get_unverified_header(token)["kid"]


async def published(api):
    answer = await api.get("/oauth/jwks.json")
    assert '"d"' not in answer.text
    assert "PRIVATE" not in answer.text
    assert answer.headers["Cache-Control"] == f"public, max-age={keys.JWKS_SECONDS}"
    for key in answer.json()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    return [key["kid"] for key in answer.json()["keys"]]


async def states(world):
    return [(row[0], row[1]) for row in await operate(world, list_keys)]


async def test_a_new_key_is_published_at_once_and_signs_later(world):
    made = await world.credentials(make.DISTRICT)
    (old,) = await published(world.api)
    new = await operate(world, rotate_key, make.vault())
    await world.refresh()
    assert await published(world.api) == [old, new.kid]
    assert kid(await get_token(world.api, made)) == old
    assert await states(world) == [(old, "signs"), (new.kid, "announced")]
    assert new.signs_from - new.created_at == OVERLAP
    # Whoever reads the published keys has read them anew, and every process has, before the new key signs.
    assert timedelta(seconds=keys.JWKS_SECONDS + 1) < OVERLAP


async def test_the_old_key_verifies_until_its_last_token_has_ended_and_no_longer(world, app):
    made = await world.credentials(make.DISTRICT)
    await world.refresh()
    token = await get_token(world.api, made)
    new = await operate(world, rotate_key, make.vault(), timedelta(0))
    await world.refresh()
    newer = await get_token(world.api, made)
    assert (kid(newer), kid(token) == new.kid) == (new.kid, False)
    for one in (token, newer):
        assert not await refused(world.api, one)()
    assert await states(world) == [(kid(token), "verifies"), (new.kid, "signs")]
    ring = app.state.snapshot._ring
    assert ring[0].ends_at == new.signs_from + LONGEST_LIFE + timedelta(seconds=LEEWAY)
    assert set(at(ring, ring[0].ends_at - timedelta(seconds=1))[0]) == {kid(token), new.kid}
    assert set(at(ring, ring[0].ends_at)[0]) == {new.kid}


async def test_keys_begin_and_end_by_the_clock_without_any_change_in_the_database(world, app, monkeypatch):
    made = await world.credentials(make.DISTRICT)
    await world.refresh()
    token = await get_token(world.api, made)
    new = await operate(world, rotate_key, make.vault())
    await world.refresh()
    version = app.state.snapshot.state.version
    later = now() + OVERLAP
    monkeypatch.setattr("app.access.snapshot.now", lambda: later)
    await world.refresh()
    assert kid(await get_token(world.api, made)) == new.kid
    assert not await refused(world.api, token)()
    much_later = later + timedelta(minutes=16)
    monkeypatch.setattr("app.access.snapshot.now", lambda: much_later)
    await world.refresh()
    assert await published(world.api) == [new.kid]
    assert await refused(world.api, token)()
    assert app.state.snapshot.state.version == version


async def test_a_retired_key_s_tokens_are_refused(world):
    made = await world.credentials(make.DISTRICT)
    await world.refresh()
    token = await get_token(world.api, made)
    new = await operate(world, rotate_key, make.vault(), timedelta(0))
    await operate(world, retire_key, kid(token))
    await world.refresh()
    assert await refused(world.api, token)()
    assert not await refused(world.api, await get_token(world.api, made))()
    assert await published(world.api) == [new.kid]
    answer = await world.api.post(
        "/oauth/introspect", data={"token": token}, auth=(str(made.client_id), made.client_secret)
    )
    assert answer.json() == {"active": False}


async def test_a_key_verified_against_an_older_look_is_refused_by_the_newer_one(world, app):
    made = await world.credentials(make.DISTRICT)
    await world.refresh()
    token = await get_token(world.api, made)
    await operate(world, rotate_key, make.vault(), timedelta(0))
    await operate(world, retire_key, kid(token))
    assert kid(token) in app.state.snapshot.state.keys
    app.state.snapshot.expire()
    assert await refused(world.api, token)()


async def test_no_key_is_retired_while_tokens_would_have_none_to_be_signed_with(world):
    (only,) = await published(world.api)
    with pytest.raises(OperatorError, match="rotate` first"):
        await operate(world, retire_key, only)
    new = await operate(world, rotate_key, make.vault())
    with pytest.raises(OperatorError, match="signs only from"):
        await operate(world, retire_key, only)
    with pytest.raises(OperatorError, match="rotate` first"):
        await operate(world, retire_key, new.kid)
    for unknown in ("", "x", only[:-1], "-x"):
        with pytest.raises(OperatorError, match="No key"):
            await operate(world, retire_key, unknown)
    newest = await operate(world, rotate_key, make.vault(), timedelta(0))
    await operate(world, retire_key, only)
    await operate(world, retire_key, new.kid)
    with pytest.raises(OperatorError, match="No key"):
        await operate(world, retire_key, only)
    assert await states(world) == [(only, "retired"), (new.kid, "retired"), (newest.kid, "signs")]


async def test_a_key_under_another_master_key_is_not_made(world):
    before = await states(world)
    with pytest.raises(OperatorError, match="no key was made"):
        await operate(world, rotate_key, Vault("A" * 43 + "="))
    assert await states(world) == before


async def test_a_key_long_at_its_end_is_thrown_away_at_the_next_rotation(world):
    (old,) = await published(world.api)
    await operate(world, rotate_key, make.vault())
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(
            text("UPDATE signing_key SET retired_at = now() - interval '1 hour' WHERE kid = :kid"), {"kid": old}
        )
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    await operate(world, rotate_key, make.vault())
    assert old not in dict(await states(world))
    assert len(await states(world)) == 2


async def test_rotation_is_told_in_the_log_and_to_coordinators_alone(world, app):
    new = await operate(world, rotate_key, make.vault(), timedelta(0))
    (old,) = [key for key, state in await states(world) if state == "verifies"]
    await operate(world, retire_key, old)
    told = await rows(
        world, "SELECT type, resource_id, data FROM event WHERE resource_type = 'signing_key' ORDER BY id"
    )
    assert [(type, id, data["kid"]) for type, id, data in told] == [
        ("signing_key.rotated", key_id(new.kid), new.kid),
        ("signing_key.retired", key_id(old), old),
    ]
    assert "PRIVATE" not in str(told)
    snapshot = app.state.snapshot
    for slug, count in [(make.COORDINATOR, 2), (make.DISTRICT, 0), ("ubnd-tinh", 0)]:
        token = await world.token(slug)
        actor = await snapshot.authenticate(token, "http://test")
        async with world.sessions() as session:
            found = await session.scalars(select(Event.id).where(seen(actor, {"signing_key": SIGHTS["signing_key"]})))
            assert len(found.all()) == count, slug


@pytest.mark.real
async def test_over_a_rotation_every_process_understands_every_token_all_the_while(real_world):
    world = real_world
    made = await world.credentials(make.DISTRICT)
    async with another_process(world.url) as first, another_process(world.url) as second:
        old_token = await get_token(first, made)
        old = kid(old_token)
        new = await operate(world, rotate_key, make.vault(), timedelta(seconds=1.5))

        async def both_published():
            return [await published(api) for api in (first, second)] == [[old, new.kid]] * 2

        assert await until(both_published) <= 1.0
        issued = set()
        while now() < new.signs_from + timedelta(seconds=1.2):
            for here, there in ((first, second), (second, first)):
                token = await get_token(here, made)
                issued.add(kid(token))
                assert not await refused(there, token)()
                assert not await refused(there, old_token)()
            await asyncio.sleep(0.03)
        assert issued == {old, new.kid}
        assert {kid(await get_token(api, made)) for api in (first, second)} == {new.kid}
        await operate(world, retire_key, old)
        waits = await asyncio.gather(*(until(refused(api, old_token)) for api in (first, second)))
        assert max(waits) <= 1.0
        assert [await published(api) for api in (first, second)] == [[new.kid]] * 2


@pytest.mark.real
async def test_two_operators_who_rotate_at_once_leave_one_key_without_an_end(real_world):
    await asyncio.gather(*(operate(real_world, rotate_key, make.vault()) for _ in range(2)))
    found = await rows(real_world, "SELECT retired_at FROM signing_key ORDER BY created_at")
    assert len(found) == 3
    assert [ends is None for (ends,) in found] == [False, False, True]


@pytest.mark.real
def test_the_operator_rotates_lists_and_retires_from_the_command_line(own_database, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "app.commands.get_settings", lambda: make.settings(own_database, master_key=make.SecretStr(make.MASTER_KEY))
    )
    monkeypatch.setattr("app.kit.logs.configure", lambda *_, **__: None)

    def run(*words):
        result = CliRunner().invoke(cli, ["signing-keys", *words])
        return result.exit_code, result.output

    (_, listed) = run("list")
    old = listed.split("\t")[0]
    assert listed.split("\t")[1] == "signs"
    code, made = run("rotate")
    assert code == 0
    new = made.split()[0]
    assert [line.split("\t")[:2] for line in run("list")[1].splitlines()] == [[old, "signs"], [new, "announced"]]
    code, said = run("retire", old)
    assert code == 1
    assert "signs only from" in said
    code, said = run("retire", "-a-name-with-a-hyphen-in-front")
    assert (code, "No key" in said) == (1, True)
    assert "PRIVATE" not in json.dumps([listed, made, said])
