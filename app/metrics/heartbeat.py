"""That a worker lives, written where every machine can see it."""

import os
import socket
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from app.kit.clock import now
from app.kit.db import Sessions, Timestamptz, transaction
from app.kit.ids import new_id

SECONDS = 10.0
FORGOTTEN = timedelta(days=1)


class WorkerHeartbeat(SQLModel, table=True):
    """A worker process, and when it was last there."""

    __tablename__ = "worker_heartbeat"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host: str
    pid: int
    started_at: datetime = Field(sa_type=Timestamptz)
    seen_at: datetime = Field(sa_type=Timestamptz)


class Pulse:
    """One worker's heartbeat."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._who = {"id": new_id(), "host": socket.gethostname(), "pid": os.getpid(), "started_at": now()}

    async def beat(self) -> int:
        """Say that this worker is there; forget those that were killed long ago."""
        moment = now()
        seen = insert(WorkerHeartbeat).values(**self._who, seen_at=moment)
        async with transaction(self._sessions) as session:
            await session.execute(seen.on_conflict_do_update(index_elements=["id"], set_={"seen_at": moment}))
            await session.execute(delete(WorkerHeartbeat).where(col(WorkerHeartbeat.seen_at) < moment - FORGOTTEN))
        return 0
