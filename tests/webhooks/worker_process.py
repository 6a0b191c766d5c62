"""A worker as a process of its own, for tests that kill it."""

import asyncio
import sys

from app import worker
from app.kit.logs import configure
from app.kit.vault import Vault
from tests import make

worker.SPARE_SECONDS = 0.5  # a lease that a test can wait for

if __name__ == "__main__":
    url, key = sys.argv[1:]
    configure("info", readable=False)
    asyncio.run(worker.work(make.settings(url, webhook_timeout_seconds=3.0, worker_poll_seconds=0.05), Vault(key)))
