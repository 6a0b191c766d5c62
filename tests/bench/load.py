"""A load generator of its own process: some connections, each asking again as soon as it is answered."""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit


async def main(plan: dict) -> dict:
    """Run one plan: `url`, `requests` (method, path, headers, body), `connections`, `seconds`."""
    target = urlsplit(plan["url"])
    prepared = [wire(target.netloc, *request) for request in plan["requests"]]
    turn = iter(range(10**12))
    times: list[float] = []
    statuses: dict[int, int] = {}
    stop = time.perf_counter() + plan["seconds"]

    async def one() -> None:
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        while time.perf_counter() < stop:
            writer.write(fresh(prepared[next(turn) % len(prepared)]))
            asked = time.perf_counter()
            status = await answer(reader)
            times.append(time.perf_counter() - asked)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(plan["connections"])))
    spent = time.perf_counter() - began
    times.sort()
    return {
        "per_second": len(times) / spent,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
        "statuses": statuses,
    }


def wire(host: str, method: str, path: str, headers: dict, body: str | None) -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    content = (body or "").encode()
    if body is not None:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


_count = iter(range(10**12))


def fresh(request: bytes) -> bytes:
    """A key of its own for each request that asks for one."""
    return request.replace(b"@KEY@", b"%020d" % next(_count), 1) if b"@KEY@" in request else request


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    at = head.lower().find(b"content-length:")
    if at >= 0:
        length = int(head[at + 15 : head.index(b"\r\n", at)])
        if length:
            await reader.readexactly(length)
    return status


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
