"""Plain functions that make what tests need: settings, clients with tokens, bodies."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import select

from app.access.models import Client
from app.access.snapshot import Snapshot
from app.agencies.models import Agency
from app.kit.db import Sessions, transaction
from app.kit.vault import Vault
from app.oauth.service import Credentials, create_client
from app.settings import Settings

MASTER_KEY = Fernet.generate_key().decode()
_HOME = TemporaryDirectory(prefix="ttdn-test-data-")

# The real agencies of the register, by what they are in the tests.
DISTRICT = "ubnd-buon-don"
OTHER_DISTRICT = "ubnd-cu-kuin"
FINANCE, COMMITTEE = "so-tai-chinh", "ubnd-tinh"
COORDINATOR = "so-tttt"


def vault() -> Vault:
    """The vault of this run."""
    return Vault(MASTER_KEY)


def settings(url: str, **changes: Any) -> Settings:
    """Settings of a service on this database, deaf to the environment."""
    values: dict[str, Any] = {
        "database_url": SecretStr(url),
        "base_url": "http://test",
        "dev": True,
        "data_dir": Path(_HOME.name),
    } | changes
    return Settings.model_construct(**{**Settings(_env_file=None).model_dump(), **values})


class World:
    """The service seen from outside: one HTTP client, and tokens of any agency's systems."""

    def __init__(self, sessions: Sessions, api: httpx.AsyncClient, app: FastAPI, url: str | None = None) -> None:
        self.sessions, self.api, self.app, self.url = sessions, api, app, url
        self._tokens: dict[tuple[str, str], str] = {}

    async def credentials(self, slug: str, role: str = "integration") -> Credentials:
        """A new client of an agency."""
        async with transaction(self.sessions) as session:
            # The app's own role may not register clients: that is the operator's.
            await session.execute(text("SET LOCAL ROLE NONE"))
            made = await create_client(session, slug, role, f"{slug} {role}")
            await session.flush()
            await session.execute(text("SET LOCAL ROLE ttdn_app"))
        return made

    async def token(self, slug: str, role: str = "integration", scope: str | None = None) -> str:
        """An access token for an agency's system, through the token endpoint."""
        made = await self.credentials(slug, role)
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        answer = await self.api.post("/oauth/token", data=form, auth=(str(made.client_id), made.client_secret))
        assert answer.status_code == 200, answer.text
        await self.refresh()
        return str(answer.json()["access_token"])

    async def as_(self, slug: str, role: str = "integration") -> "Caller":
        """A caller of this agency; the same token each time."""
        if (slug, role) not in self._tokens:
            self._tokens[slug, role] = await self.token(slug, role)
        return Caller(self.api, self._tokens[slug, role])

    async def refresh(self) -> None:
        """Make the gate see what was just changed."""
        snapshot: Snapshot = self.app.state.snapshot
        await snapshot.refresh()

    async def agency_id(self, slug: str) -> UUID:
        """The id of an agency of the register."""
        async with self.sessions() as session:
            found = await session.scalar(select(Agency.id).where(Agency.slug == slug))
            assert found is not None
            return found

    async def clients(self) -> list[Client]:
        """Every client there is."""
        async with self.sessions() as session:
            return list((await session.scalars(select(Client))).all())


class Caller:
    """An HTTP client with one token."""

    def __init__(self, api: httpx.AsyncClient, token: str) -> None:
        self.api, self.token = api, token

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self.api.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return await self.request("GET", path, **more)

    async def post(self, path: str, json: Any = None, etag: str | None = None) -> httpx.Response:
        """POST, with a key of its own, naming a version where one is given."""
        headers = {"Idempotency-Key": str(uuid4())} | ({"If-Match": etag} if etag else {})
        return await self.request("POST", path, json=json, headers=headers)

    async def put(self, path: str, json: Any, etag: str | None = None) -> httpx.Response:
        """PUT, naming a version where one is given."""
        return await self.request("PUT", path, json=json, headers={"If-Match": etag} if etag else {})

    async def move(self, row: dict[str, Any], move: str, body: Any, of: str = "plans") -> httpx.Response:
        """Make a move on a plan (or on what else is submitted), on the version last seen."""
        return await self.post(f"/v1/{of}/{row['id']}/{move}", body, row["etag"])


def a_task(**changes: Any) -> dict[str, Any]:
    """A task of a plan."""
    return {
        "code": "NV-01",
        "title": "Chuyên trang tiếng Anh giới thiệu du lịch Buôn Đôn",
        "content_category": "image_promotion",
        "audiences": ["foreign_org_or_person"],
        "starts_on": "2027-03-01",
        "ends_on": "2027-06-30",
    } | changes


def a_plan(**changes: Any) -> dict[str, Any]:
    """A plan of a year, that says why it has no estimate."""
    return {
        "year": 2027,
        "title": "Kế hoạch thông tin đối ngoại năm 2027",
        "no_budget_reason": NO_BUDGET,
        "tasks": [a_task()],
    } | changes


def an_estimate(plan_id: str, **changes: Any) -> dict[str, Any]:
    """An estimate of a plan."""
    title = "Dự toán thông tin đối ngoại năm 2027"
    return {"plan_id": plan_id, "title": title, "lines": [a_line()]} | changes


def a_line(**changes: Any) -> dict[str, Any]:
    """A line of an estimate."""
    return {
        "code": "DT-01",
        "task_code": "NV-01",
        "content": "Biên dịch chuyên trang tiếng Anh",
        "category": "programme",
        "funding_source": "provincial_budget",
        "unit": "trang",
        "quantity": "120",
        "norm_vnd": 150_000,
        "amount_vnd": 18_000_000,
    } | changes


def a_report(**changes: Any) -> dict[str, Any]:
    """An annual report."""
    return {
        "kind": "annual",
        "year": 2027,
        "title": "Báo cáo thông tin đối ngoại năm 2027",
        "sections": [{"area": "QC.D5.K2", "text": "Hoàn thành 11 trong 12 nhiệm vụ."}],
        "effect_evaluation": "Lượng truy cập tăng gấp rưỡi.",
        "indicators": [an_indicator()],
        "difficulties": [{"kind": "personnel", "description": "Thiếu người biết tiếng Anh."}],
    } | changes


def an_indicator(**changes: Any) -> dict[str, Any]:
    """An indicator of a report."""
    return {"code": "TIN-BAI", "title": "Tin, bài đã đăng", "number": "48", "unit": "bài"} | changes


def a_request(*agency_ids: UUID, **changes: Any) -> dict[str, Any]:
    """A request for an ad hoc report from these agencies."""
    return {
        "title": "Báo cáo đột xuất về phóng viên nước ngoài",
        "period_start": "2027-01-01",
        "period_end": "2027-03-31",
        "last_on_time_date": "2099-04-10",
        "targets": {"agency_ids": [str(id) for id in agency_ids]},
    } | changes


async def asked(world: World, *slugs: str, **changes: Any) -> dict[str, Any]:
    """A request that the coordinator has issued to these agencies."""
    ids = [await world.agency_id(slug) for slug in slugs]
    answer = await (await world.as_(COORDINATOR)).post("/v1/report-requests", a_request(*ids, **changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


NO_BUDGET = "Kinh phí bố trí trong dự toán chi thường xuyên"
SPEAKER = {"name": "Trần Thị Mai", "title": "Phó Giám đốc", "authorisation": "assigned"}


def a_press_event(**changes: Any) -> dict[str, Any]:
    """A briefing that could be announced."""
    return {
        "title": "Giao ban báo chí tháng 3",
        "form": "periodic_briefing",
        "starts_at": "2099-03-10T08:30:00+07:00",
        "ends_at": "2099-03-10T10:30:00+07:00",
        "place": "Trung tâm báo chí",
        "spokesperson": SPEAKER,
        "visibility": "public",
    } | changes


def a_series(**changes: Any) -> dict[str, Any]:
    """A briefing every second Tuesday; `rule` adds to the rule."""
    rule = {"from_day": "2027-01-01", "at": "08:30", "minutes": 120} | changes.pop(
        "rule", {"weekday": "TU", "week": 2, "count": 12}
    )
    event = a_press_event()
    return {name: value for name, value in event.items() if not name.endswith("_at")} | {"rule": rule} | changes


def a_guidance(**changes: Any) -> dict[str, Any]:
    """Orientation of the press."""
    return {
        "no_state_secret": True,
        "kind": "orientation",
        "all_press": True,
        "title": "Định hướng thông tin",
        "text": "Tập trung giới thiệu Lễ hội cà phê.",
    } | changes


def a_supply(**changes: Any) -> dict[str, Any]:
    """That information was given to the press."""
    return {
        "no_state_secret": True,
        "topic": "Kết quả xúc tiến du lịch",
        "form": "direct",
        "supplied_on": "2027-04-02",
        "spokesperson": SPEAKER,
    } | changes


def a_product(**changes: Any) -> dict[str, Any]:
    """A column of a press body."""
    return {
        "no_state_secret": True,
        "kind": "column",
        "title": "Đất và người",
        "language": "en",
        "audience": "foreign_org_or_person",
        "first_date": "2027-01-10",
    } | changes


SUBMIT = {"no_state_secret": True}
RETURN = {"reason": "missing_content", "note": "Bổ sung nhiệm vụ khu vực biên giới."}
WITHDRAW = {"reason": "Lập lại theo chỉ đạo mới"}
BODIES: dict[str, dict[str, Any]] = {"submit": SUBMIT, "return": RETURN, "accept": {}, "withdraw": WITHDRAW}
