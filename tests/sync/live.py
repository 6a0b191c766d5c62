"""The service as two real processes on a database of its own, and systems that sync with it by the reference client."""

import asyncio
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import httpx

from tests import make
from tests.wire.server import ROOT, Server

SCRIPT = ROOT / "docs" / "sync" / "nightly_sync.py"
PATIENCE = 20


def reference():
    """The reference client's own code."""
    spec = importlib.util.spec_from_file_location("nightly_sync", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PAUSE_SECONDS = 0
    return module


class Live:
    """`ttdn serve` and `ttdn worker`."""

    def __init__(self, url, credentials):
        self.url, self.credentials = url, credentials
        self.server = Server(url, None, log_level="info")
        self.worker, self.callers = None, {}

    def start(self):
        self.server.settings["base_url"] = self.server.base
        self.server.start()
        environment = {"TTDN_DATABASE_URL": self.url, "TTDN_MASTER_KEY": make.MASTER_KEY}
        command = [sys.executable, "-m", "app.cli", "worker"]
        self.worker = subprocess.Popen(
            command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", **environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def end(self):
        for http in self.callers.values():
            http.close()
        self.worker.kill()
        self.worker.wait()
        self.server.end()

    def count(self, table):
        async def ask():
            connection = await asyncpg.connect(self.url)
            try:
                return await connection.fetchval(f"SELECT count(*) FROM {table}")
            finally:
                await connection.close()

        return asyncio.run(ask())

    def settle(self):
        """Wait until all that happened is sealed."""
        give_up = time.monotonic() + PATIENCE
        while self.count("outbox"):
            assert time.monotonic() < give_up
            time.sleep(0.02)

    def caller(self, slug):
        """HTTP with a token of this agency's system."""
        if slug not in self.callers:
            self.callers[slug] = self._caller(slug)
        return self.callers[slug]

    def _caller(self, slug):
        made = self.credentials[slug]
        http = httpx.Client(base_url=self.server.base, timeout=30, trust_env=False)
        form, basic = {"grant_type": "client_credentials"}, (str(made.client_id), made.client_secret)
        token = http.post("/oauth/token", data=form, auth=basic).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return http

    def environment(self, slug):
        made = self.credentials[slug]
        return {
            "SYNC_URL": self.server.base,
            "SYNC_SOURCE": "nightly",
            "SYNC_CLIENT_ID": str(made.client_id),
            "SYNC_CLIENT_SECRET": made.client_secret,
            "PATH": "/usr/bin:/bin",
        }


class Killed(BaseException):
    """The process of a system ends here, as by SIGKILL."""


class Faulty(httpx.BaseTransport):
    """The network: request by request it is fine, loses the request, loses the answer, or the system dies."""

    def __init__(self, faults=()):
        self.inner, self.faults = httpx.HTTPTransport(), list(faults)

    def handle_request(self, request):
        fault = self.faults.pop(0) if self.faults else "fine"
        if fault == "request lost":
            raise httpx.ConnectError("lost", request=request)
        if fault == "killed before":
            raise Killed
        answer = self.inner.handle_request(request)
        answer.read()
        if fault == "answer lost":
            raise httpx.ReadError("lost", request=request)
        if fault == "killed after":
            raise Killed
        return answer

    def close(self):
        self.inner.close()


class System:
    """One agency's system: its folder, and the reference client."""

    def __init__(self, live, slug, folder):
        self.live, self.slug, self.folder = live, slug, Path(folder)
        self.module = reference()
        (self.folder / "out").mkdir(parents=True, exist_ok=True)

    def write(self, key, body):
        (self.folder / "out" / f"{key}.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")

    def sync(self, faults=()):
        """One run, which may be killed; what became of the items pushed."""
        made = self.live.credentials[self.slug]
        transport = Faulty(faults)
        with httpx.Client(base_url=self.live.server.base, transport=transport, timeout=30) as http:
            run = self.module.Sync(http, (str(made.client_id), made.client_secret), self.folder, "test")
            try:
                run.push()
                run.pull()
            except Killed:
                return None
        return dict(run.became)

    def copy(self):
        return {file.stem: json.loads(file.read_text("utf-8")) for file in (self.folder / "in").glob("*/*.json")}

    def server_has(self):
        """Everything the agency may read, asked for one by one."""
        http, paths = self.live.caller(self.slug), []
        for path in ("/v1/plans", "/v1/reports"):
            asked = {"limit": 200}
            while asked:
                page = http.get(path, params=asked).json()
                paths += [f"{path}/{item['id']}" for item in page["items"]]
                asked = page["next_cursor"] and asked | {"cursor": page["next_cursor"]}
        return {path.rpartition("/")[2]: http.get(path).json() for path in paths}
