"""On the real service: what was refused is found nowhere, byte for byte, once the database has written everything."""

import json
import re
import signal
import unicodedata
from uuid import uuid4

import httpx
import pytest

from tests import make
from tests.house.conftest import home  # noqa: F401 - a fixture
from tests.house.test_up import Service
from tests.secrecy.asked import COMMITTEE, FOREIGN, PRESS, requests
from tests.shape import CANARY

pytestmark = pytest.mark.real

KEPT = "k3pts4mple"
"""Sent in what is accepted: it must be found, or looking proves nothing."""
CHUNK = 1 << 20
SYSTEMS = {
    make.DISTRICT: "district",
    make.COORDINATOR: "coordinator",
    "so-tai-chinh": "finance",
    COMMITTEE: "committee",
    PRESS: "press",
    FOREIGN: "foreign",
}


class Remote:
    """An agency's demo system, calling like `make.Caller`, over the network."""

    def __init__(self, service, name):
        self.http = httpx.Client(base_url=service.base, trust_env=False, timeout=30)
        own = json.loads((service.data / "demo-credentials.json").read_text())["clients"][name]
        form = {"grant_type": "client_credentials"}
        answer = self.http.post("/oauth/token", data=form, auth=(own["client_id"], own["client_secret"]))
        self.client_id = own["client_id"]
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def request(self, method, path, **more):
        return self.http.request(method, path, **more)

    async def get(self, path):
        return self.http.get(path)

    async def post(self, path, body, etag=None):
        headers = {"Idempotency-Key": str(uuid4())} | ({"If-Match": etag} if etag else {})
        return self.http.post(path, json=body, headers=headers)

    async def put(self, path, body, etag=None):
        return self.http.put(path, json=body, headers={"If-Match": etag} if etag else {})


@pytest.fixture
def callers(service):
    found = {slug: Remote(service, name) for slug, name in SYSTEMS.items()}
    yield found
    for remote in found.values():
        remote.http.close()


@pytest.fixture
def service(home):  # noqa: F811 - the fixture that is imported
    service = Service(home / "data").start()
    yield service
    service.process.kill()
    service.process.wait()


async def test_what_was_refused_is_nowhere_on_disk_in_logs_or_in_answers(service, callers):
    district = callers[make.DISTRICT]
    asked = await requests(district, callers[make.COORDINATOR], callers[COMMITTEE], callers[PRESS], callers[FOREIGN])
    kept = await district.post("/v1/plans", make.a_plan(year=2040, title=f"Kế hoạch {KEPT}"))
    assert kept.status_code == 201, kept.text
    expected = []
    for one in asked:
        for marking in ("MẬT", unicodedata.normalize("NFD", f"Độ mật: Tối mật\n{CANARY}"), {CANARY: ["toi mat"]}):
            body = {"title": CANARY, "no_state_secret": CANARY, **one.body, "note": marking, CANARY: CANARY}
            headers = {"Idempotency-Key": str(uuid4())} if one.method == "POST" else {}
            answer = await callers[one.who].request(
                one.method, f"{one.path}?note={CANARY}", json=body, headers={**headers, **one.headers}
            )
            assert answer.json()["code"] == "state-secret-refused", answer.text
            assert CANARY not in answer.text + str(answer.headers)
            expected.append((callers[one.who].client_id, answer.headers["X-Request-Id"]))
    assert service.stop(signal.SIGTERM) == 0  # its last checkpoint writes every page and flushes the log before it
    said = "".join(service.lines)
    assert CANARY not in said
    # One line for each, which says who, when and where; the line of the request itself has the same id.
    lines = [line for line in service.lines if "state_secret.refused" in line]
    assert len(lines) == len(expected)
    for line, (client, request_id) in zip(lines, expected, strict=True):
        assert f"client={client}" in line
        assert f"request_id={request_id}" in line
        assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z ", line)
        assert set(re.findall(r"(\w+)=", line)) == {"client", "request_id", "route"}
        assert re.search(r"route=/v1/[a-z/{}_-]+$", line.strip())
    files = [path for path in service.data.rglob("*") if path.is_file()]
    holding = {word: [path for path in files if holds(path, word.encode())] for word in (KEPT, CANARY)}
    assert any("pg_wal" in str(path) for path in holding[KEPT])
    assert any("/base/" in str(path) for path in holding[KEPT])
    assert holding[CANARY] == []


def holds(path, word):
    """Whether a file has these bytes somewhere."""
    with path.open("rb") as file:
        before = b""
        while part := file.read(CHUNK):
            if word in before + part:
                return True
            before = part[-len(word) :]
    return False
