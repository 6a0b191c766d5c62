"""A headless Chromium at the end of a WebSocket (DevTools protocol): what a page asks for, says, and shows."""

import asyncio
import json
import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)
PATIENCE = 60


class Page:
    """One tab, and everything it did."""

    def __init__(self, socket):
        self._socket, self._last, self._waiting = socket, 0, {}
        self.requests, self.said, self.failed = [], [], []

    async def listen(self):
        async for message in self._socket:
            found = json.loads(message)
            if "id" in found:
                self._waiting.pop(found["id"]).set_result(found)
            else:
                self._note(found["method"], found["params"])

    def _note(self, method, told):
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Network.loadingFailed":
            self.failed.append(told.get("blockedReason") or told["errorText"])
        elif method == "Log.entryAdded":
            self.said.append(f"{told['entry']['level']}: {told['entry']['text']}")
        elif method == "Runtime.exceptionThrown":
            self.said.append(f"exception: {told['exceptionDetails']}")
        elif method == "Runtime.consoleAPICalled" and told["type"] in {"error", "warning", "assert"}:
            self.said.append(f"{told['type']}: {[item.get('value') for item in told['args']]}")

    async def ask(self, method, **params):
        self._last += 1
        answer = self._waiting[self._last] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        async with asyncio.timeout(PATIENCE):
            return (await answer)["result"]

    async def value(self, expression):
        """What an expression is worth in the page."""
        found = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, expression):
        """Wait until an expression is true in the page."""
        async with asyncio.timeout(PATIENCE):
            while not await self.value(expression):  # noqa: ASYNC110 - the browser is another process
                await asyncio.sleep(0.1)


@asynccontextmanager
async def opened(url):
    """A page of its own browser, on its way to the address."""
    home = Path(tempfile.mkdtemp(prefix="ttdn-browser-"))
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    flags += ["--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={home}"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(PROGRAM, *flags, "about:blank", stdout=quiet, stderr=quiet)
    try:
        port = await _port(home / "DevToolsActivePort")
        async with asyncio.timeout(PATIENCE), connect(await _address(port), max_size=None, proxy=None) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            for domain in ("Network", "Log", "Runtime", "Page"):
                await page.ask(f"{domain}.enable")
            await page.ask("Page.navigate", url=url)
            yield page
            listening.cancel()
    finally:
        process.kill()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)


async def _port(file):
    async with asyncio.timeout(PATIENCE):
        while not (file.exists() and file.read_text().count("\n")):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])


async def _address(port):
    """The WebSocket of the only tab there is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    tabs = json.loads(await reader.readexactly(length))
    writer.close()
    return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
