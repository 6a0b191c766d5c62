"""A worker as a process of its own, at an instant of the test's choosing."""

import asyncio
import sys
from datetime import datetime

import time_machine

from app import worker
from app.kit.logs import configure
from app.kit.vault import Vault
from tests import make

worker.WATCH_SECONDS = 0.05  # two of them look again and again while the test watches

if __name__ == "__main__":
    url, key, moment = sys.argv[1:]
    configure("info", readable=False)
    with time_machine.travel(datetime.fromisoformat(moment)):
        asyncio.run(worker.work(make.settings(url, worker_poll_seconds=0.05), Vault(key)))
