"""The coordinator's system: registers a webhook endpoint, checks signatures, returns a plan once, then accepts it."""

import base64
import hmac
import json
import queue
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from client import Client, say

WHO = "Sở TT&TT"
LIMIT_SECONDS = 90
TOLERANCE_SECONDS = 300
RETURN = {"reason": "missing_content", "note": "Bổ sung nhiệm vụ ở khu vực biên giới (QC.D14)."}

Inbox = queue.Queue[tuple[dict[str, str], bytes]]


def main(credentials: Path) -> None:
    """Play the coordinator's part."""
    inbox: Inbox = queue.Queue()
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), handler(inbox))
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    call = Client.named(credentials, "coordinator")
    url = f"http://127.0.0.1:{receiver.server_port}/ttdn"
    forget_earlier(call)
    created = call(
        "POST", "/v1/webhook-endpoints", {"url": url, "event_types": ["plan.submitted"], "description": "demo"}
    )
    if created.status_code != 201:
        sys.exit(f"{WHO}: {created.text}")
    endpoint = created.json()
    wait_until_active(call, endpoint["id"])
    say(WHO, f"registered a webhook endpoint: {url}; it gave back the challenge")
    try:
        review(call, inbox, endpoint["secret"])
    finally:
        call("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}", etag="*")
    receiver.shutdown()


def wait_until_active(call: Client, id: str) -> None:
    """The service asks the receiver for its proof; nothing is sent to it before."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while call("GET", f"/v1/webhook-endpoints/{id}").json()["state"] != "active":
        if time.monotonic() > give_up:
            sys.exit(f"{WHO}: the endpoint is not active within {LIMIT_SECONDS} s")
        time.sleep(0.2)


def review(call: Client, inbox: Inbox, secret: str) -> None:
    """Answer two notifications: return the first plan, accept the second."""
    known: set[str] = set()
    for decide in (give_back, accept):
        event = next_event(inbox, secret, known)
        plan = call("GET", event["data"]["resource"]["url"]).json()
        tasks = len(plan["tasks"])
        say(
            WHO, f"fetched the plan with its own token: version {plan['version']}, state {plan['state']}, {tasks} tasks"
        )
        decide(call, plan)


def next_event(inbox: Inbox, secret: str, known: set[str]) -> dict[str, Any]:
    """The next notification that is genuine and new."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up:
        try:
            headers, body = inbox.get(timeout=1)
        except queue.Empty:
            continue
        if not genuine(secret, headers, body):
            sys.exit(f"{WHO}: a notification carries a wrong signature")
        if headers["webhook-id"] in known:
            continue  # delivered at least once: the id tells a repeat
        known.add(headers["webhook-id"])
        event = json.loads(body)
        if event["data"]["agency"]["name"].endswith("Buôn Đôn"):
            say(WHO, f"notified: {event['type']} of {event['data']['agency']['name']}; the signature is right")
            return event
    sys.exit(f"{WHO}: no notification within {LIMIT_SECONDS} s")


def genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Standard Webhooks: HMAC-SHA256 over id, timestamp and the exact body; not older than five minutes."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split())


def give_back(call: Client, plan: dict[str, Any]) -> None:
    """Return the plan with a coded reason."""
    decide(call, plan, "return", RETURN)
    say(WHO, f"returned it: {RETURN['reason']}")


def accept(call: Client, plan: dict[str, Any]) -> None:
    """Accept the plan."""
    decide(call, plan, "accept", {})
    say(WHO, "accepted it")


def decide(call: Client, plan: dict[str, Any], move: str, body: dict[str, Any]) -> None:
    """Make a move on the version just read; one that was made already, unseen, is fine."""
    answer = call("POST", f"/v1/plans/{plan['id']}/{move}", body, plan["etag"])
    if answer.status_code in {409, 412} and call("GET", f"/v1/plans/{plan['id']}").json()["state"] != plan["state"]:
        return
    if answer.status_code != 200:
        sys.exit(f"{WHO}: {move}: {answer.status_code} {answer.text}")


def forget_earlier(call: Client) -> None:
    """Delete the endpoints that runs before this one left behind."""
    for old in call("GET", "/v1/webhook-endpoints?limit=200").json()["items"]:
        if old["description"] == "demo":
            call("DELETE", f"/v1/webhook-endpoints/{old['id']}", etag="*")


def handler(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    """A receiver that gives a challenge back, puts what else arrives into the inbox, and answers at once."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            event = json.loads(body)
            answer = b""
            if event["type"] == "webhook_endpoint.challenge":
                # Its signature could be checked only once the secret is known, which may come after the challenge.
                answer = event["data"]["challenge"].encode()
            else:
                inbox.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing: the play prints its own lines."""

    return Receiver


if __name__ == "__main__":
    main(Path(sys.argv[1]))
