"""One attempt: a signed POST to vetted addresses, within one deadline, no redirect followed, 2 KiB of answer kept."""

import asyncio
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import structlog

from app.kit.clock import now
from app.kit.logs import fault
from app.kit.problems import WebhookUrlForbidden
from app.webhooks.addresses import AddressRules, Target
from app.webhooks.lines import Headers, Lines
from app.webhooks.signing import sign_all

log = structlog.get_logger("app.webhooks")


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


async def post(letter: Letter, rules: AddressRules, lines: Lines, deadline: float) -> Attempt:
    """Try once; every failure is an outcome, none an exception."""
    started = time.perf_counter()

    def done(outcome: str, *answered: Any) -> Attempt:
        return Attempt(outcome, int((time.perf_counter() - started) * 1000), *answered)

    try:
        # A client's own timeouts start anew with every byte: one deadline stands round the whole attempt.
        async with asyncio.timeout(deadline):
            target = await rules.vet(letter.url)
            answer = await lines.post(target, _headers(letter, target), letter.body)
    except WebhookUrlForbidden:
        return done("forbidden_address")
    except TimeoutError:
        return done("timeout")
    except Exception as error:  # noqa: BLE001 - unrecorded, whatever this receiver provokes would be repeated for ever
        return done(_kind(error))
    outcome = "delivered" if 200 <= answer.status < 300 else "refused"  # noqa: PLR2004
    return done(outcome, answer.status, answer.text, answer.retry_after)


def _headers(letter: Letter, target: Target) -> Headers:
    timestamp = int(now().timestamp())
    name = _bracketed(target.host)
    headers = {
        "Host": name if target.port == (443 if target.https else 80) else f"{name}:{target.port}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
        "User-Agent": "ttdn-webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(letter.body)),
        "webhook-id": letter.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign_all(letter.secrets, letter.id, timestamp, letter.body),
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _kind(error: Exception) -> str:
    if isinstance(error, httpcore.ConnectTimeout):
        return "timeout"
    if isinstance(error, httpcore.ConnectError | socket.gaierror):
        return "unreachable"
    if not isinstance(error, httpcore.NetworkError | httpcore.ProtocolError | OSError):
        log.error("webhook.fault", **fault(error))
    return "broken_connection"
