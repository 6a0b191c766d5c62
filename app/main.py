"""The API process: `create_app()` puts the rooms together."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from fastapi import FastAPI
from sqlalchemy import QueuePool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app import __version__
from app.access.limits import Limiter
from app.access.snapshot import Snapshot
from app.kit import docs, failures, meters, probes, problem_pages, revision
from app.kit.db import Sessions, make_engine, make_reads, make_sessions
from app.kit.middleware import Envelope
from app.kit.reader import Reader
from app.kit.roles import Role
from app.kit.routing import Allowances, Directory
from app.kit.vault import Vault
from app.openapi import describe
from app.openapi.events import event_types
from app.portal.editions import Editions
from app.portal.holders import Holders
from app.rooms import EVENT_TYPES, RESOURCES, ROOMS, SIGHTS
from app.settings import Settings
from app.sync.queries import Log
from app.trail.feed import Feed
from app.trail.poke import Poker
from app.trail.waiting import Waiting
from app.webhooks.addresses import AddressRules
from app.webhooks.service import Desk

# What is the same for everybody, and public.
OPEN_PATHS = (
    "/v1/public", "/v1/regulations", "/v1/provisions", "/v1/event-types", "/v1/record-kinds", "/problems",
    "/openapi.json",
)  # fmt: skip


def create_app(settings: Settings, vault: Vault, *, sessions: Sessions | None = None) -> FastAPI:
    """Build the app; without `sessions` it opens its own pool on the configured database when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if sessions is None:
                await stack.enter_async_context(_serving(app, settings, vault))
            yield

    app = FastAPI(
        title="Phối hợp thông tin đối ngoại tỉnh Đắk Lắk",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        root_path_in_servers=False,
        # FastAPI would send the texts of refused bodies to any collector that the environment names.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    routers = (*(router for room in ROOMS for router in room.routers), problem_pages.router, probes.router)
    routes = [route for router in routers for route in router.routes]
    app.router = Directory(routes=routes, lifespan=lifespan, redirect_slashes=False)
    furnish(app, settings, vault, sessions)
    docs.install(app)
    failures.install(app)
    app.add_middleware(
        Envelope,
        body_limit=settings.body_limit,
        public_url=settings.public_url,
        root_path=settings.root_path,
        open_paths=OPEN_PATHS,
    )
    describe(app)
    return app


def furnish(app: FastAPI, settings: Settings, vault: Vault, sessions: Sessions | None) -> None:
    """Put in place everything that requests find on `app.state`; what needs a database waits until there is one."""
    app.state.settings = settings
    app.state.vault = vault
    app.state.feed = Feed(SIGHTS)
    app.state.resources = RESOURCES
    app.state.changes = Log({name: known.summary for name, known in RESOURCES.items() if known.summary})
    app.state.attention = [room.attention for room in ROOMS if room.attention]
    app.state.schema_head = revision.head()
    app.state.allowances = Allowances(app)
    app.state.event_types = event_types()
    app.state.desk = Desk(vault, AddressRules.of_settings(settings), EVENT_TYPES)
    if sessions is not None:
        app.state.sessions = app.state.reads = sessions
        app.state.reader = Reader(sessions.kw["bind"])
        _publish(app)
        app.state.snapshot = Snapshot(sessions, vault)
        app.state.limiter = Limiter(sessions, settings.rate_limit)
        app.state.waiting = Waiting(sessions)


def _publish(app: FastAPI) -> None:
    """Put in place what answers those who ask without a token."""
    app.state.editions = Editions(app.state.reader)
    app.state.press_feeds = Holders(app.state.reader, app.state.editions.standing)


@asynccontextmanager
async def _serving(app: FastAPI, settings: Settings, vault: Vault) -> AsyncIterator[None]:
    """The pool, the snapshot, the poker and the listener of one process."""
    assert settings.database_url is not None, "the command line fills in the database"
    url = settings.database_url.get_secret_value()
    half = settings.pool_size // 2
    engine = make_engine(url, role=Role.app, pool_size=settings.pool_size - half, name="ttdn-api")
    readers = make_engine(url, role=Role.app, pool_size=half, name="ttdn-reader")
    listener = make_engine(url, role=Role.app, pool_size=1, name="ttdn-listener")
    poker = Poker(engine)
    app.state.sessions = make_sessions(engine, poke=poker.poke)
    app.state.reads = make_reads(engine)
    app.state.reader = reader = Reader(readers, keep=half)
    _publish(app)
    app.state.snapshot = Snapshot(app.state.sessions, vault)
    app.state.limiter = Limiter(app.state.sessions, settings.rate_limit)
    app.state.waiting = Waiting(app.state.reads)
    # A wrong master key ends the start, not the first request; a database that is away for now does not.
    with suppress(SQLAlchemyError, OSError):
        await app.state.snapshot.refresh()
    loops = (
        app.state.snapshot.follow(),
        poker.run(),
        app.state.waiting.follow(listener),
        _measure(engine, reader, app.state.waiting),
    )
    tasks = [asyncio.create_task(loop) for loop in loops]
    # What is there now stays for good: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        reader.close()
        for one in (engine, readers, listener):
            await one.dispose()


async def _measure(engine: AsyncEngine, reader: Reader, waiting: Waiting) -> None:
    """Note once a second what is in use, until cancelled."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    while True:
        meters.POOL.set(pool.checkedout() + reader.in_use)
        meters.WAITERS.set(len(waiting))
        await asyncio.sleep(1)
