"""One attempt: a signed POST to vetted addresses, within one deadline, no redirect followed, 2 KiB of answer kept."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import httpx
import structlog

from app.kit.clock import now
from app.kit.logs import fault
from app.kit.problems import WebhookUrlForbidden
from app.webhooks.addresses import AddressRules, Target
from app.webhooks.signing import sign_all

log = structlog.get_logger("app.webhooks")

KEPT = 2048
CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent where."""

    url: str
    secrets: Sequence[str]
    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it."""

    outcome: str
    milliseconds: int
    status_code: int | None = None
    answer: str | None = None
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Only a 2xx is a delivery."""
        return self.outcome == "delivered"


async def post(letter: Letter, rules: AddressRules, deadline: float) -> Attempt:
    """Try once; every failure is an outcome, none an exception."""
    started = time.perf_counter()

    def done(outcome: str, status: int | None = None, answer: str | None = None, after: str | None = None) -> Attempt:
        return Attempt(outcome, int((time.perf_counter() - started) * 1000), status, answer, after)

    try:
        # httpx's own timeouts start anew with every byte: one deadline stands round the whole attempt.
        async with asyncio.timeout(deadline):
            target = await rules.vet(letter.url)
            status, answer, after = await _exchange(letter, target, _trust(rules.ca_file))
    except WebhookUrlForbidden:
        return done("forbidden_address")
    except TimeoutError:
        return done("timeout")
    except Exception as error:  # noqa: BLE001 - unrecorded, whatever this receiver provokes would be repeated for ever
        return done(_kind(error))
    outcome = "delivered" if 200 <= status < 300 else "refused"  # noqa: PLR2004
    return done(outcome, status, answer, after)


async def _exchange(letter: Letter, target: Target, trust: ssl.SSLContext) -> tuple[int, str, str | None]:
    """The answer of the first address that takes the connection; each has five seconds for that."""
    *others, last = target.addresses
    for address in others:
        with suppress(httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent: the next one may be asked
            return await _asked(letter, target, address, trust)
    return await _asked(letter, target, last, trust)


async def _asked(letter: Letter, target: Target, address: str, trust: ssl.SSLContext) -> tuple[int, str, str | None]:
    url = f"{'https' if target.https else 'http'}://{_bracketed(address)}:{target.port}{target.path}"
    # A connection of its own: httpx pools by address, and a second name there would skip its certificate check.
    async with (
        httpx.AsyncClient(
            verify=trust,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        ) as client,
        client.stream(
            "POST",
            url,
            content=letter.body,
            headers=_headers(letter, target),
            extensions={"sni_hostname": target.host},
        ) as response,
    ):
        kept = b""
        async for chunk in response.aiter_raw():
            kept += chunk
            if len(kept) >= KEPT:
                break
        text = kept[:KEPT].decode("utf-8", "replace").replace("\0", "")
        return response.status_code, text, response.headers.get("retry-after")


def _headers(letter: Letter, target: Target) -> dict[str, str]:
    timestamp = int(now().timestamp())
    name = _bracketed(target.host)
    return {
        "Host": name if target.port == (443 if target.https else 80) else f"{name}:{target.port}",
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "ttdn-webhooks/1",
        "webhook-id": letter.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign_all(letter.secrets, letter.id, timestamp, letter.body),
    }


@lru_cache(maxsize=4)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Whom to believe: read once, since each reading holds up everything else for 15 ms."""
    trust = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        trust.load_verify_locations(ca_file)
    return trust


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _kind(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "timeout"
    if isinstance(error, httpx.ConnectError | socket.gaierror):
        return "unreachable"
    if not isinstance(error, httpx.HTTPError | OSError):
        log.error("webhook.fault", **fault(error))
    return "broken_connection"
