"""Checkpoints every hour: one row in the database, and one line in a file beside it, which a restore does not undo."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from app.kit import canonical
from app.kit.db import Sessions, transaction
from app.kit.logs import fault
from app.trail.checkpoints import FaultError, Signer, make, shown

log = structlog.get_logger("app.trail")

FILE = "log.jsonl"


class Notary:
    """Signs the log as it stands, and keeps what it signed."""

    def __init__(self, sessions: Sessions, signer: Signer, folder: Path) -> None:
        self._sessions, self._signer, self._file = sessions, signer, folder / FILE

    async def checkpoint(self) -> None:
        """Make a checkpoint if there is anything new. A log that does not fit is not signed: that is an alarm."""
        try:
            async with transaction(self._sessions) as session:
                made = await make(session, self._signer)
            if made is not None:
                await asyncio.to_thread(keep, self._file, shown(made))
        except FaultError as error:
            log.error("audit.fault", found=str(error))  # noqa: TRY400 - where in this code it was found says nothing
        except OSError as error:
            log.error("checkpoint.unwritten", **fault(error))  # noqa: TRY400 - as everywhere, without a trace


def kept(folder: Path) -> list[dict[str, Any]]:
    """The checkpoints that a folder keeps, oldest first; a last line that a crash cut short is none."""
    file = folder / FILE
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return [json.loads(line) for line in lines]


def keep(file: Path, said: Mapping[str, Any]) -> None:
    """Add a checkpoint to the file, on disk when this returns, unless it is the last one there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as opened:
        opened.seek(0)
        whole = opened.read()
        end = whole.rfind(b"\n") + 1
        lines = whole[:end].splitlines()
        if lines and json.loads(lines[-1])["sequence"] == said["sequence"]:
            return
        opened.truncate(end)
        opened.write(canonical.written(said) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
