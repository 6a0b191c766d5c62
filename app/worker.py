"""The worker process: seals, delivers webhooks, watches deadlines, sweeps; several share the work by PostgreSQL."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import structlog

from app.access import idempotency, limits
from app.access.snapshot import Snapshot
from app.kit.clock import now, today
from app.kit.db import Sessions, make_engine, make_sessions, transaction
from app.kit.logs import fault
from app.kit.roles import Role
from app.kit.vault import Vault
from app.metrics import heartbeat
from app.obligations import watch
from app.press import event_watch
from app.reports import request_service
from app.rooms import PATHS, SIGHTS, names_of
from app.settings import Settings
from app.trail.checkpoints import Signer
from app.trail.notary import Notary
from app.trail.poke import Bell
from app.trail.sealer import Sealing, seal
from app.webhooks import challenge, claims, handover, recovery, standing
from app.webhooks.addresses import AddressRules
from app.webhooks.claims import Places
from app.webhooks.delivery import Courier
from app.webhooks.fan_out import fan_out
from app.webhooks.letters import Desk
from app.webhooks.lines import Lines
from app.webhooks.recording import Recorder

log = structlog.get_logger("app.worker")

AT_ONCE = 128
RESERVE = 32  # places that endpoints which fail or let us wait never take
SWEEP_SECONDS = 3600.0
WATCH_SECONDS = 15.0
TEND_SECONDS = 1.0
PAUSE_SECONDS = 1.0
GATHER_SECONDS = 0.015
SPARE_SECONDS = 30  # a lease outlasts the attempt by the time it takes to fetch the letter and to record the answer


class Worker:
    """Sealing and delivering, until told to stop; what is under way is finished first."""

    def __init__(self, sessions: Sessions, settings: Settings, vault: Vault) -> None:
        self._sessions = sessions
        self._snapshot = Snapshot(sessions, vault)
        # Nobody is told later of an event that was fanned out without them: who holds what, as the sealer sees it.
        self._sealing = Sealing(settings.public_url, PATHS, names_of, fan_out(SIGHTS, self._snapshot.now))
        addresses = AddressRules.of_settings(settings)
        self._courier = Courier(
            sessions=sessions,
            desk=Desk(sessions, SIGHTS, vault),
            recorder=Recorder(sessions),
            lines=Lines(addresses.ca_file),
            addresses=addresses,
            schedule=settings.webhook_retry_seconds,
            deadline=settings.webhook_timeout_seconds,
            lease=timedelta(seconds=settings.webhook_timeout_seconds + SPARE_SECONDS),
            places=Places(settings.webhook_in_flight, settings.webhook_rate, RESERVE),
        )
        self._give_up = timedelta(hours=settings.webhook_give_up_hours)
        self._notary = Notary(sessions, Signer(vault), settings.checkpoints)
        self.outbox = Bell(settings.worker_poll_seconds)
        self._sealed = Bell(settings.worker_poll_seconds)
        self._tending = Bell(TEND_SECONDS)
        self._hour = Bell(SWEEP_SECONDS)
        self._clock = Bell(WATCH_SECONDS)
        self._heart = Bell(heartbeat.SECONDS)
        self._pulse = heartbeat.Pulse(sessions)
        self._expected: tuple[int, date] | None = None
        self._stopping = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take nothing new, and end when what is under way is done."""
        self._stopping.set()
        for bell in (self.outbox, self._sealed, self._tending, self._hour, self._clock, self._heart):
            bell.ring()

    async def run(self) -> None:
        """Work until stopped."""
        await asyncio.gather(
            self._keep(self.seal_once, self.outbox, GATHER_SECONDS),
            self._keep(self.deliver_once, self._sealed, GATHER_SECONDS),
            self._keep(self.tend_once, self._tending),
            self._keep(self.sweep_once, self._hour),
            self._keep(self.watch_once, self._clock),
            self._keep(self._pulse.beat, self._heart),
        )
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._courier.lines.aclose()

    async def _keep(self, once: Callable[[], Awaitable[int]], bell: Bell, gather: float = 0.0) -> None:
        """Repeat while there is something to do; wait for the bell when there is not.

        No two rounds begin within `gather` seconds: who comes after a pause is served at once, and a crowd together.
        """
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                if not await once():
                    await bell.wait()
                if (left := began + gather - time.monotonic()) > 0:
                    await asyncio.sleep(left)
            except Exception as error:  # noqa: BLE001 - a fault in sealing must not end delivering, nor the reverse
                # The database is away, or the moment was bad: nothing is lost, the rows are still there.
                log.warning("worker.pause", **fault(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), PAUSE_SECONDS)

    async def seal_once(self) -> int:
        """Seal what has committed; how many events."""
        async with transaction(self._sessions) as session:
            count = await seal(session, self._sealing)
        if count:
            log.info("sealed", events=count)
            self._sealed.ring()
            self._tending.ring()
        return count

    async def sweep_once(self) -> int:
        """Delete what has served its time: old idempotency keys, past counts. Sign the log."""
        async with transaction(self._sessions) as session:
            await idempotency.forget(session)
            await limits.forget(session)
            await claims.forget(session)
        await self._notary.checkpoint()
        return 0

    async def watch_once(self) -> int:
        """See what is expected, what has come due, and whom to remind; how much there was to tell."""
        seen = ((await self._snapshot.fresh()).version, today())
        if seen != self._expected:
            # A new day, or somebody's functions changed: others may be expected to send something.
            async with transaction(self._sessions) as session:
                await watch.expect(session, now())
            self._expected = seen
        told = 0
        released = (event_watch.release, event_watch.release_materials)
        for step in (watch.tell, watch.remind, watch.escalate, request_service.follow, *released):
            async with transaction(self._sessions) as session:
                told += await step(session, now())
        async with transaction(self._sessions) as session:
            told += await standing.give_up(session, self._give_up)
        async with transaction(self._sessions) as session:
            told += await handover.hand_over(session)
        if told:
            log.info("watched", told=told)
            self.outbox.ring()
            self._sealed.ring()
        return told

    async def tend_once(self) -> int:
        """Ask new endpoints for their proof, and go on with recoveries; whether more is to be done at once."""
        for asked in await challenge.claim(self._courier):
            self._start(challenge.ask(self._courier, asked), endpoint=str(asked.id))
        await self._courier.lines.sweep()
        state = await self._snapshot.fresh()
        async with transaction(self._sessions) as session:
            went_on = await recovery.step(session, SIGHTS, state)
        if went_on:
            self._sealed.ring()
        return went_on

    async def deliver_once(self) -> int:
        """Claim what is due and start sending it; how many deliveries were claimed."""
        free = AT_ONCE - len(self._under_way)
        if free <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return 1
        state = await self._snapshot.fresh()
        claimed = await self._courier.claim(free)
        if not claimed:
            return 0
        for delivery, letter in await self._courier.desk.letters(claimed, state):
            self._start(self._courier.deliver(delivery, letter), delivery=str(delivery.id))
        return len(claimed)

    def _start(self, sending: Coroutine[Any, Any, None], **what: str) -> None:
        task = asyncio.create_task(self._send(sending, what))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, sending: Coroutine[Any, Any, None], what: Mapping[str, str]) -> None:
        try:
            await sending
        except Exception as error:  # noqa: BLE001 - a task's own error would only be seen when it is thrown away
            # Not recorded: the lease ends and it is sent again, with the same id.
            log.warning("delivery.unrecorded", **what, **fault(error))
        finally:
            self._sealed.ring()


async def work(settings: Settings, vault: Vault) -> None:
    """Run the worker until SIGTERM or SIGINT."""
    assert settings.database_url is not None, "the command line fills in the database"
    engine = make_engine(
        settings.database_url.get_secret_value(), role=Role.worker, pool_size=settings.pool_size, name="ttdn-worker"
    )
    worker = Worker(make_sessions(engine), settings, vault)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    try:
        async with worker.outbox.listening(engine):
            log.info("worker.started")
            await worker.run()
    finally:
        await engine.dispose()
    log.info("worker.stopped")
