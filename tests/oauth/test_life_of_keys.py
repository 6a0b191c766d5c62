"""A long random life of signing keys, in simulated time: nobody's token is lost that should live."""

import random
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.access.snapshot import Term, at
from app.access.tokens import LONGEST_LIFE
from app.kit.clock import now
from app.oauth import keys
from app.oauth.keys import OVERLAP, retire_key, rotate_key
from app.oauth.service import OperatorError
from tests import make
from tests.oauth.hands import operate, rows


class Life:
    """A random life of keys in simulated time, seen by processes that look up to a second late, by clocks apart."""

    def __init__(self, world, seed):
        self.world, self.chance = world, random.Random(seed)
        self.moment = now() + timedelta(seconds=5)
        self.history, self.tokens, self.stolen = [], [], set()

    async def look(self):
        """What the database holds from now on."""
        found = await rows(self.world, "SELECT kid, signs_from, retired_at FROM signing_key ORDER BY created_at")
        ring = [Term(SimpleNamespace(kid=name), begins, ends) for name, begins, ends in found]
        self.history.append((self.moment if self.history else self.moment - timedelta(hours=1), ring))

    def process(self):
        """Any process: its clock, what verifies there, and what signs."""
        looked = self.moment - timedelta(seconds=self.chance.uniform(0, 1))
        clock = self.moment + timedelta(seconds=self.chance.uniform(-2, 2))
        return clock, *at(next(ring for since, ring in reversed(self.history) if since <= looked), clock)

    async def wait(self):
        self.moment += timedelta(seconds=self.chance.choice([0.5, 0.5, 3, 20, 300, 900, 1200]))

    async def rotate(self):
        await operate(self.world, rotate_key, make.vault(), self.chance.choice([OVERLAP, OVERLAP, 30 * OVERLAP]))
        await self.look()

    async def retire(self):
        victim = self.chance.choice(self.history[-1][1]).key.kid
        with suppress(OperatorError):
            await operate(self.world, retire_key, victim)
            self.stolen.add(victim)
            await self.look()
            self.moment += timedelta(seconds=5)  # every process has seen it, and every clock is past it

    async def issue(self):
        clock, _, signing = self.process()
        self.tokens.append((signing.kid, clock + LONGEST_LIFE))

    def check(self):
        """Something signs, and each live token is understood by whoever is asked, unless its key was stolen."""
        clock, verifying, signing = self.process()
        assert signing.kid in verifying
        for name, ends in self.tokens:
            clock, verifying, _ = self.process()
            assert clock >= ends or (name in verifying) == (name not in self.stolen)


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_rotated_and_retired_every_live_token_is_understood_everywhere(world, monkeypatch, seed):
    life = Life(world, seed)
    monkeypatch.setattr(keys, "now", lambda: life.moment)
    await life.look()
    actions = [life.wait, life.wait, life.wait, life.rotate, life.retire, life.retire, life.issue, life.issue]
    for _ in range(120):
        await life.chance.choice(actions)()
        life.check()
    assert len(life.tokens) > 10
    assert life.stolen
