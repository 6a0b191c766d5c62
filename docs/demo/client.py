"""A department system's client: one token, renewed in time, and patience with a service that restarts."""

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 30.0


class Client:
    """Requests with a token; what fails because the service is away is tried again."""

    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=10, trust_env=False)
        self._credentials = (client_id, client_secret)
        self._token, self._renew_at = "", 0.0

    @classmethod
    def named(cls, credentials: Path, name: str) -> "Client":
        """The client of this name in a credentials file."""
        found = json.loads(credentials.read_text())
        own = found["clients"][name]
        return cls(found["base_url"], own["client_id"], own["client_secret"])

    def __call__(self, method: str, path: str, body: Any = None, etag: str | None = None) -> httpx.Response:
        """Send one request; wait out a service that is restarting."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        # One key for every try: what was done although its answer was lost is not done again, only answered again.
        own = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        own |= {"If-Match": etag} if etag else {}
        while True:
            try:
                headers = {"Authorization": f"Bearer {self._fresh_token()}", **own}
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in {401, 429, 503} and not in_progress(answer):
                return answer
            if time.monotonic() > give_up:
                sys.exit(f"{method} {path}: {answer.text if answer is not None else 'no answer'}")
            self._renew_at = 0.0
            time.sleep(0.5)

    def _fresh_token(self) -> str:
        if time.monotonic() > self._renew_at:
            form = {"grant_type": "client_credentials"}
            answer = self._http.post("/oauth/token", data=form, auth=self._credentials)
            if answer.status_code != httpx.codes.OK:
                raise httpx.TransportError(answer.text)
            granted = answer.json()
            self._token = granted["access_token"]
            self._renew_at = time.monotonic() + granted["expires_in"] - 60
        return self._token


def in_progress(answer: httpx.Response) -> bool:
    """Whether an earlier try of the same request is still being served."""
    return answer.status_code == httpx.codes.CONFLICT and answer.json()["code"] == "idempotency-in-progress"


def say(who: str, what: str) -> None:
    """Print one step."""
    print(f"{who:<12} {what}", flush=True)
