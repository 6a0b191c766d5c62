"""The parent of processes that are killed: `worker URL KEY ROUNDS`, or `api URL KEY FD ROUNDS`.

Rounds of -1: one worker that lives. Environment: DIE_AT names the one point at which workers are killed; without it
they take turns.
"""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from functools import partial
from itertools import cycle, islice

import httpx

from app import serve, worker
from app.kit.logs import configure
from app.kit.vault import Vault
from app.main import create_app
from tests import make
from tests.webhooks import crash


def work(url, key, point):
    """One child: a worker that dies at this point, or lives."""
    if point:
        crash.dies(point)
    worker.SPARE_SECONDS = crash.SPARE
    deadline = float(os.environ.get("DEADLINE", crash.DEADLINE))
    settings = make.settings(url, webhook_timeout_seconds=deadline, worker_poll_seconds=0.05)
    asyncio.run(worker.work(settings, Vault(key)))


def answer(url, key, fd):
    """One child: an API process on the socket it inherits."""
    settings = make.settings(url, rate_limit=0, master_key=make.SecretStr(key))
    serve.serve(settings, socket.socket(fileno=os.dup(fd)))


def forked(act):
    """The id of a child that does this."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    random.seed()
    try:
        act()
    finally:
        os._exit(0)


def until_it_answers(fd):
    """Wait for the first answer of a child that has just begun."""
    with socket.socket(fileno=os.dup(fd)) as listening:
        base = "http://{}:{}".format(*listening.getsockname())
    while True:
        try:
            return httpx.get(f"{base}/livez", timeout=5, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)


def main():
    """Fork and bury."""
    configure("error", readable=False)
    kind, url, key, *more = sys.argv[1:]
    child = 0

    def stop(*_):
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    if kind == "worker":
        points = [os.environ["DIE_AT"]] if "DIE_AT" in os.environ else crash.POINTS
        rounds = int(more[0])
        for point in islice(cycle(points), rounds) if rounds > 0 else [None]:
            child = forked(partial(work, url, key, point))
            os.waitpid(child, 0)
        return
    fd, rounds = map(int, more)
    # Made once, before any fork: it takes longer than a round should.
    app = create_app(make.settings(url, rate_limit=0), Vault(key))
    serve.create_app = lambda *_: app
    for _ in range(rounds):
        child = forked(lambda: answer(url, key, fd))
        until_it_answers(fd)
        time.sleep(random.uniform(0, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    child = forked(lambda: answer(url, key, fd))
    print("rounds over", flush=True)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
