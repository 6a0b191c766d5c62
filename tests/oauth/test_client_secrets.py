"""Client secrets: two at most, an end where one is wanted, and when one was last used."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import cli
from app.kit.clock import now
from app.kit.db import transaction
from app.oauth.service import create_client, list_clients, revoke_client, rotate_secret
from tests import make
from tests.oauth.hands import FORM, basic, operate
from tests.statements import counting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def works(world, made):
    answer = await world.api.post("/oauth/token", data=FORM, auth=basic(made))
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def listed(world, client_id):
    (found,) = [client for client in await operate(world, list_clients) if client.id == client_id]
    return found


@pytest.mark.parametrize("rotations", [1, 2, 5])
async def test_two_secrets_work_at_most_and_they_are_the_newest(world, rotations):
    made = [await world.credentials(make.DISTRICT)]
    for _ in range(rotations):
        made.append(await operate(world, rotate_secret, made[0].client_id, 30 * DAY))
    assert [await works(world, one) for one in made] == [False] * (rotations - 1) + [True, True]
    assert len((await listed(world, made[0].client_id)).secrets) == 2


async def test_a_rotation_that_overlaps_nothing_leaves_one(world):
    first = await world.credentials(make.DISTRICT)
    second = await operate(world, rotate_secret, first.client_id, timedelta(0))
    assert [await works(world, first), await works(world, second)] == [False, True]
    assert len((await listed(world, first.client_id)).secrets) == 1


async def test_a_secret_may_have_an_end_of_its_own(world):
    made = await operate(world, create_client, make.DISTRICT, "reader", "x", DAY)
    (secret,) = (await listed(world, made.client_id)).secrets
    assert abs(secret.expires_at - now() - DAY) < timedelta(minutes=1)
    assert await works(world, made)
    newer = await operate(world, rotate_secret, made.client_id, 30 * DAY, 2 * DAY)
    ends = [secret.expires_at for secret in (await listed(world, made.client_id)).secrets]
    assert ends[1] == secret.expires_at  # no rotation lengthens it
    assert ends[0] > ends[1]
    assert await works(world, newer)
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(text("UPDATE client_secret SET expires_at = now() - interval '1 second'"))
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    assert not await works(world, newer)
    assert (await listed(world, made.client_id)).secrets == []


async def used(world, client_id):
    async with world.sessions() as session:
        statement = "SELECT last_used_at FROM client_secret WHERE client_id = :id ORDER BY created_at"
        return list(await session.scalars(text(statement), {"id": client_id}))


async def test_when_a_secret_was_last_used_is_known_to_the_hour(world, engine):
    made = await world.credentials(make.DISTRICT)
    assert await used(world, made.client_id) == [None]
    assert not await works(world, make.Credentials(made.client_id, "wrong"))
    assert await used(world, made.client_id) == [None]
    assert await works(world, made)
    (first,) = await used(world, made.client_id)
    assert abs(now() - first) < timedelta(minutes=1)
    with counting(engine) as statements:
        assert await works(world, made)
    assert not [statement for statement in statements if "UPDATE" in statement]
    assert await used(world, made.client_id) == [first]
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE client_secret SET last_used_at = now() - interval '61 minutes' WHERE client_id = :id"),
            {"id": made.client_id},
        )
    assert await works(world, made)
    (again,) = await used(world, made.client_id)
    assert again >= first


async def test_only_the_secret_that_was_used_says_so(world):
    made = await world.credentials(make.DISTRICT)
    newer = await operate(world, rotate_secret, made.client_id, DAY)
    assert await works(world, newer)
    old, new = await used(world, made.client_id)
    assert old is None
    assert new is not None


async def test_the_list_shows_what_an_operator_wants_to_know(world):
    made = await world.credentials(make.DISTRICT, "reader")
    assert (await listed(world, made.client_id)).words()[1:] == (
        make.DISTRICT, "reader", f"{make.DISTRICT} reader", "live", "secrets: 1", "last used: never", "next end: never",
    )  # fmt: skip
    assert await works(world, made)
    await operate(world, rotate_secret, made.client_id, DAY)
    words = (await listed(world, made.client_id)).words()
    assert words[5] == "secrets: 2"
    assert words[6].startswith(f"last used: {now():%Y-%m-%d}")
    assert words[7].startswith(f"next end: {now() + DAY:%Y-%m-%d}")
    await operate(world, revoke_client, made.client_id)
    assert (await listed(world, made.client_id)).words()[4:6] == ("revoked", "secrets: 0")


@pytest.mark.parametrize("days", ["0", "-1", "4000", "x"])
def test_the_command_line_takes_no_lifetime_that_makes_no_sense(days):
    for words in (
        ["client", "create", make.DISTRICT, "reader"],
        ["client", "rotate", "00000000-0000-0000-0000-000000000001"],
    ):
        assert CliRunner().invoke(cli, [*words, "--expires-days", days]).exit_code == 2
