"""A nightly sync of plans, both ways; safe to stop and to run again at any moment. README.md beside it says more."""

import json
import sys
import time
from collections import Counter
from os import environ as env
from pathlib import Path
from uuid import uuid4

import httpx

MOST_BYTES, TRIES, PAUSE_SECONDS = 500_000, 8, 1.0  # the service takes 5,000 lines and 2 MB in one call
AGAIN = {401, 408, 429, 500, 502, 503, 504}


class Sync:
    """One system's folder: `out` is pushed, `in` is kept like the service, `state.json` says how far that has come."""

    def __init__(self, http: httpx.Client, client: tuple[str, str], folder: Path, source: str) -> None:
        self.http, self.client, self.folder, self.source = http, client, folder, source
        self.token, self.became = "", Counter[str]()

    def ask(self, method: str, url: str, headers: dict[str, str] | None = None, **more: object) -> httpx.Response:
        """Ask until there is an answer; what got none is asked again with the same Idempotency-Key."""
        for attempt in range(TRIES):
            try:
                if not self.token:
                    form = {"grant_type": "client_credentials"}
                    self.token = self.http.post("/oauth/token", data=form, auth=self.client).json()["access_token"]
                sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
                answer = self.http.request(method, url, headers=sent, **more)
                if answer.status_code not in AGAIN and "Retry-After" not in answer.headers:
                    return answer
                self.token = "" if answer.status_code == 401 else self.token
            except (httpx.TransportError, KeyError, ValueError) as error:
                print(f"{method} {url}: {error!r}", file=sys.stderr)
            time.sleep(PAUSE_SECONDS * 2**attempt)
        raise SystemExit(f"{method} {url}: no answer; run the sync again")

    def push(self) -> None:
        """Send every file of `out`, its name as its external id."""
        calls, self.became = [b""], Counter()
        for file in sorted((self.folder / "out").glob("*.json")):
            item = {"source": self.source, "external_id": file.stem, "body": json.loads(file.read_text("utf-8"))}
            calls += [] if len(calls[-1]) < MOST_BYTES else [b""]
            calls[-1] += json.dumps(item, ensure_ascii=False).encode() + b"\n"
        for lines in filter(None, calls):
            headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": str(uuid4())}
            answer = self.ask("POST", "/v1/plans/bulk", headers, content=lines)
            items = answer.raise_for_status().json()["items"]
            self.became.update(item["status"] for item in items)
            problems = {item["external_id"]: item["problem"] for item in items if item["problem"]}
            print(*problems.items(), sep="\n", file=sys.stderr)

    def pull(self) -> None:
        """Bring `in` to what the service has now."""
        file, begin = self.folder / "state.json", {"since": None, "seen": []}
        state = json.loads(file.read_text()) if file.exists() else begin
        more = True
        while more:
            since = {"since": state["since"]} if state["since"] else {}
            answer = self.ask("GET", "/v1/changes", params={"types": "plan,report", "limit": 200, **since})
            if since and answer.status_code in {400, 410}:  # of no use any more: all from the beginning
                state, answer = begin, self.ask("GET", "/v1/changes", params={"types": "plan,report", "limit": 200})
            page = answer.raise_for_status().json()
            for item in page["items"]:
                self.keep(self.folder / "in" / item["type"] / f"{item['id']}.json", item)
            more, seen = page.get("next_page"), state["seen"]
            seen = None if seen is None else [*seen, *(item["id"] for item in page["items"])]
            for kept in (self.folder / "in").glob("*/*.json") if seen is not None and not more else ():
                if kept.stem not in seen:  # what did not come from the beginning to the end is gone
                    kept.unlink()
            state = {"since": more or page["sync_token"], "seen": seen if more else None}
            write(file, json.dumps(state))  # only now: what a page told is on disk before it is passed over

    def keep(self, file: Path, item: dict) -> None:
        """Keep one resource whole, or throw it away."""
        answer = None if "removed" in item else self.ask("GET", item["href"])
        if answer is None or answer.status_code == 404:
            file.unlink(missing_ok=True)
        else:
            write(file, answer.raise_for_status().text)


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_suffix(".new").write_text(text, "utf-8")
    file.with_suffix(".new").replace(file)


if __name__ == "__main__":
    with httpx.Client(base_url=env["SYNC_URL"], timeout=60) as http:
        sync = Sync(http, (env["SYNC_CLIENT_ID"], env["SYNC_CLIENT_SECRET"]), Path(sys.argv[1]), env["SYNC_SOURCE"])
        sync.push()
        sync.pull()
    print(json.dumps(sync.became))
    sys.exit(1 if sync.became["failed"] else 0)
