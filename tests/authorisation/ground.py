"""A service on which every agency of the table has something: plans, remarks, endpoints, deliveries, focal points.

Built once for the folder, in a transaction that is rolled back; what a test changes is undone by its savepoint.
"""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from jose import jwt
from sqlalchemy import text
from sqlmodel import col, select

from app.access.actor import OPERATOR, Actor
from app.access.grants import Scope
from app.access.models import FunctionHeld, RevokedToken
from app.agencies import service as agencies
from app.agencies.schemas import FocalPointWrite
from app.audit import rules as audit_rules
from app.flow import remarks
from app.flow.procedure import recorded
from app.flow.remarks import Remark, RemarkWrite
from app.flow.submission import Accept, Return, Submit, Withdraw
from app.flow.versions import ResourceVersion
from app.kit.clock import now, today
from app.kit.db import transaction
from app.kit.etag import Expected
from app.kit.ids import new_id
from app.kit.writes import write
from app.oauth.service import revoke_client
from app.obligations.models import Obligation
from app.plans.models import Plan
from app.plans.schemas import PlanWrite
from app.plans.service import PLANS
from app.reports import consolidated_service, request_service
from app.reports.consolidated_models import ConsolidatedReport
from app.reports.consolidated_schemas import ConsolidateWrite
from app.reports.models import Report
from app.reports.request_schemas import RequestWrite
from app.reports.schemas import ReportWrite
from app.reports.service import REPORTS
from app.rooms import EVENT_TYPES, PATHS, SIGHTS, names_of
from app.trail.models import Event
from app.trail.record import Subject, record
from app.trail.sealer import Sealing, seal
from app.webhooks import rules as webhook_rules
from app.webhooks.fan_out import fan_out
from app.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookRecovery
from tests import make
from tests.access.forger import claims
from tests.authorisation import asked as asked_of
from tests.authorisation import money, owed, portal, press, province, records, working
from tests.authorisation.expected import AGENCIES, COORDINATOR, EVERYBODY, OTHER, OWNER, READS_ALL, ROLES, TABLE

MISSING = "01a00000-0000-7000-8000-000000000000"
FORMER = "cuc-hai-quan"
OF_NOBODY = {"signing_key"}
FOR_ALL = {"obligation_year", "calendar_day"}
NEVER = {
    "id": MISSING, "remark_id": MISSING, "version": "1", "regulation": "qd-0-0000", "provision": "QC.D99",
    "problem": "no-such-problem", "code": "H15.999999", "recovery_id": MISSING,
    "record kind": "no_such_kind", "event type": "plan.never", "move": "withdraw", "name": "no_such_kind",
    "public event": MISSING, "public plan": MISSING, "public record": MISSING, "public product": MISSING,
    "private calendar": "x" * 43, "secret": "x" * 43,
}  # fmt: skip


@dataclass(frozen=True)
class Principal:
    """A kind of caller: what it shows, and what it must be allowed."""

    name: str
    slug: str = OWNER
    token: str | None = None
    genuine: bool = True
    scopes: frozenset[str] = frozenset()

    @property
    def reads_all(self):
        return self.slug in READS_ALL


@dataclass
class Holdings:
    """What one agency has; each by the kind of resource the table speaks of."""

    agency: UUID
    draft: Plan | None = None
    sent: Plan | None = None
    remark: UUID | None = None
    drafted_report: Report | None = None
    sent_report: Report | None = None
    report_remark: UUID | None = None
    request: UUID | None = None
    consolidated: UUID | None = None
    sent_consolidated: UUID | None = None
    bare: Plan | None = None
    budgeted: Plan | None = None
    drafted_estimate: UUID | None = None
    sent_estimate: UUID | None = None
    estimate_remark: UUID | None = None
    decided_estimate: UUID | None = None
    budget: UUID | None = None
    sent_budget: UUID | None = None
    appraised_budget: UUID | None = None
    decided_budget: UUID | None = None
    own_line: dict[str, UUID] = field(default_factory=dict)
    task: UUID | None = None
    cooperation: UUID | None = None
    endpoint: UUID | None = None
    delivery: UUID | None = None
    waiting_delivery: UUID | None = None
    recovery: UUID | None = None
    provincial: dict[str, UUID] = field(default_factory=dict)
    owes: dict[str, UUID] = field(default_factory=dict)
    reminders: dict[int, UUID] = field(default_factory=dict)
    press_event: UUID | None = None
    announced_event: UUID | None = None
    held_event: UUID | None = None
    invitation: UUID | None = None
    series: UUID | None = None
    guidance: UUID | None = None
    supply: UUID | None = None
    product: UUID | None = None
    record: UUID | None = None
    draft_record: UUID | None = None
    press_feed: UUID | None = None
    etags: dict[str, str] = field(default_factory=dict)

    def path(self, kind):
        """The path parameters of the resource of this kind."""
        more = {
            "draft": {"version": 1},
            "sent": {"remark_id": self.remark},
            "recovery": {"id": self.endpoint, "recovery_id": self.recovery},
            "drafted report": {"version": 1},
            "record": {"version": 1, "move": "withdraw"},
            "press event": {"version": 1},
            "supply": {"version": 1},
            "sent report": {"remark_id": self.report_remark},
            "drafted estimate": {"version": 1, "plan_id": self.draft and self.draft.id},
            "sent estimate": {"remark_id": self.estimate_remark},
            "decided estimate": {"line_id": self.own_line.get("decided estimate")},
            "sent budget": {"line_id": self.own_line.get("sent budget")},
            "appraised budget": {"line_id": self.own_line.get("appraised budget")},
            "decided budget": {"line_id": self.own_line.get("decided budget"), "agency_id": self.agency},
        }
        found = self._found(kind)
        return {"id": getattr(found, "id", found)} | more.get(kind, {}) if found else {}

    def _found(self, kind):
        if kind in self.provincial:
            return self.provincial[kind]
        if kind == "reminder":
            return self.reminders[owed.FIRST]
        return (getattr(self, kind.replace(" ", "_"), None) if kind else None) or self.owes.get(kind)


class Ground:
    """The service, the principals, and what each agency has."""

    def __init__(self, world, connection):
        self.world, self.api, self.app, self.connection = world, world.api, world.app, connection
        self.has: dict[str, Holdings] = {}
        self.principals: dict[str, Principal] = {}
        self.shared: dict[str, UUID] = {}
        # As committed, which the build holds to be the code's own: to make it anew takes seconds.
        document = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text("utf-8"))
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, found in document["paths"].items()
            for method, operation in found.items()
        }

    async def build(self):
        async with transaction(self.world.sessions) as session:
            for slug in AGENCIES:
                await self._furnish(session, slug)
            await self._share(session)
        await self._end()
        await self._admit()
        await self._seal()
        await self._deliver()
        return self

    def actor(self, slug, functions=frozenset()):
        return Actor(None, self.has[slug].agency, functions, frozenset(Scope))

    async def _furnish(self, session, slug):
        has = self.has[slug] = Holdings(await self.world.agency_id(slug))
        actor = self.actor(slug)
        has.draft = await self._plan(session, slug, 2027, no_budget_reason=None)
        has.sent = await self._plan(session, slug, 2028, no_budget_reason=None)
        has.bare = await self._plan(session, slug, 2029, no_budget_reason=None)
        await money.estimate(session, actor, has)
        await PLANS.move(session, actor, has.sent.id, PLANS.rules.submit, Expected(None), Submit(**make.SUBMIT))
        content = await PLANS.content(session, has.sent)
        said = [RemarkWrite(pointer="/title", text=f"Ý kiến riêng cho {slug}")]
        (remark,) = await remarks.add(session, actor, "plan", has.sent, content, said)
        has.remark = remark.id
        await self._report(session, actor, has)
        await self._ask(session, has)
        await self._gather(session, actor, has)
        await province.furnish(session, actor, has)
        await money.furnish(session, self, slug, len(self.has))
        endpoint = WebhookEndpoint(
            agency_id=has.agency, state="active", url=f"http://127.0.0.1:9/{slug}", event_types=["plan.*"],
            secret_locked=self.app.state.vault.lock("whsec_x"), verified_at=now(),
        )  # fmt: skip
        session.add(endpoint)
        has.endpoint = endpoint.id
        job = WebhookRecovery(
            endpoint_id=endpoint.id, since=now(), until=now(), event_types=[], states=["parked"], dry_run=True
        )
        session.add(job)
        has.recovery = job.id
        recorded(session, actor, endpoint, webhook_rules.CREATED)
        for name in ("Trước đây", f"Phòng của {slug}"):
            office = FocalPointWrite(no_state_secret=True, kind="organisation", name=name)
            await agencies.assign_focal_point(session, actor, has.agency, Expected(None), office)
            await session.flush()
        owed.furnish(session, has, len(self.has))
        await press.furnish(session, self, slug)
        await records.furnish(session, self, slug)
        portal.furnish(session, self, slug)

    async def _report(self, session, actor, has):
        bodies = [ReportWrite(**make.a_report(year=year)) for year in (2027, 2028)]
        made = [await REPORTS.create(session, actor, body) for body in bodies]
        await write(session)
        has.drafted_report, has.sent_report = [await session.get(Report, report.id) for report in made]
        submit = REPORTS.rules.submit
        await REPORTS.move(session, actor, has.sent_report.id, submit, Expected(None), Submit(**make.SUBMIT))
        content = await REPORTS.content(session, has.sent_report)
        said = [RemarkWrite(pointer="/title", text="Ý kiến")]
        (remark,) = await remarks.add(session, actor, "report", has.sent_report, content, said)
        has.report_remark = remark.id

    async def _ask(self, session, has):
        """A request that asks this agency alone."""
        coordinator = Actor(None, await self.world.agency_id(COORDINATOR), frozenset({"COORD"}), frozenset(Scope))
        asking = RequestWrite(**make.a_request(has.agency, last_on_time_date="2098-01-31"))
        has.request = (await request_service.issue(session, coordinator, asking)).id
        has.owes["asked"] = await session.scalar(select(Obligation.id).where(Obligation.request_id == has.request))

    async def _gather(self, session, actor, has):
        """A consolidated report that is a draft, and one that was sent up."""
        year = 2055 + len(self.has)
        ids = []
        for at, title in ((year, "Nháp"), (year + 20, "Đã trình")):
            made = await consolidated_service.build(session, actor, ConsolidateWrite(year=at, title=title))
            ids.append(made.id)
        has.consolidated, has.sent_consolidated = ids
        row = await session.get(ConsolidatedReport, has.sent_consolidated)
        row.state, row.submitted_at = "submitted", now()

    async def _plan(self, session, slug, year, **more):
        made = await PLANS.create(session, self.actor(slug), PlanWrite(**make.a_plan(year=year, **more)))
        await write(session)
        return await session.get(Plan, made.id)

    async def _share(self, session):
        """The owner's plans that are shared, and those that look as if they were."""
        asked = [make.a_task(cooperating_agency_ids=[str(self.has[OTHER].agency)])]
        steps = {
            "asked, a draft": ({"tasks": asked}, ()),
            "asked, sent": ({"tasks": asked}, ("submit",)),
            "asked, no more": ({"tasks": asked}, ("submit", "return")),
            "asked, withdrawn": ({"tasks": asked}, ("submit", "withdraw")),
            "shareable, a draft": ({"shareable": True}, ()),
            "shareable, sent": ({"shareable": True}, ("submit",)),
            "shareable, accepted": ({"shareable": True}, ("submit", "accept")),
            "shareable, withdrawn": ({"shareable": True}, ("submit", "accept", "withdraw")),
            "accepted, not shareable": ({}, ("submit", "accept")),
        }
        bodies = {"submit": Submit(**make.SUBMIT), "accept": Accept(), "withdraw": Withdraw(**make.WITHDRAW)}
        bodies["return"] = Return(**make.RETURN)
        for year, (name, (more, moves)) in enumerate(steps.items(), 2040):
            plan = await self._plan(session, OWNER, year, **more)
            for move in moves:
                own = move in {"submit", "withdraw"}
                actor = self.actor(OWNER) if own else self.actor(COORDINATOR, frozenset({"COORD"}))
                made = PLANS.rules.machine.moves[move]
                await PLANS.move(session, actor, plan.id, made, Expected(None), bodies[move])
            self.shared[name] = plan.id
        gone = await self._plan(session, OWNER, 2050, no_budget_reason=None)
        await money.drafted(session, self.actor(OWNER), gone)  # which is deleted with it
        self.deleted = gone.id
        await PLANS.delete(session, self.actor(OWNER), gone.id, Expected(None))
        # Kinds that no agency owns: one event of each type.
        for type in EVENT_TYPES.values():
            if type.resource in OF_NOBODY:
                record(session, OPERATOR, type, Subject(new_id(), 1, None))
        # An agency that did something on another's record.
        record(session, self.actor(OTHER), audit_rules.READ, Subject(new_id(), 1, self.has[OWNER].agency))
        # What belongs to another kind of resource that has the same id is another's.
        has = self.has[OWNER]
        session.add(Remark(resource_type="other", resource_id=has.sent.id, resource_version=1, pointer="", text="x"))
        for plan in (has.draft, has.sent):
            session.add(ResourceVersion(resource_type="other", resource_id=plan.id, version=2, content={"year": 0}))
        owed.share(session)
        await asked_of.share(session, self)
        await province.share(session, self)
        await working.share(session, self)
        await press.share(session, self)
        await records.share(session, self)
        again = PlanWrite(**make.a_plan(year=2040, title="Sửa", tasks=asked))
        await PLANS.replace(session, self.actor(OWNER), self.shared["asked, a draft"], Expected(None), again)
        alone = PlanWrite(**make.a_plan(year=2042))
        await PLANS.replace(session, self.actor(OWNER), self.shared["asked, no more"], Expected(None), alone)

    async def _end(self):
        """Functions that an agency held until today, will hold one day, and holds until then: only the last counts."""
        future, old = today() + timedelta(days=400), date(2014, 1, 1)
        times = (("MEMBER", old, today()), ("MEMBER", future, None), ("PRESS", old, future))
        async with self.as_role("NONE") as session:
            agency = self.has[FORMER].agency
            for function, start, end in times:
                held = {"function": function, "agency_id": agency, "valid_from": start, "valid_to": end}
                session.add(FunctionHeld(**held, singleton=False))
            await owed.rename(session, self.has[OWNER].agency)

    async def _seal(self):
        how = Sealing("http://test", PATHS, names_of, fan_out(SIGHTS, self.app.state.snapshot.now))
        async with self.as_role("ttdn_worker") as session:
            while await seal(session, how):
                pass

    @staticmethod
    def _to(has, plan_id):
        event = select(Event.id).where(Event.resource_id == plan_id)
        mine = WebhookDelivery.endpoint_id == has.endpoint
        return select(WebhookDelivery).where(mine, col(WebhookDelivery.event_id).in_(event))

    async def _deliver(self):
        """A delivery of each agency: of the event of its own draft, with an answer of its receiver."""
        async with self.as_role("ttdn_worker") as session:
            for slug, has in self.has.items():
                delivery, waiting = [
                    (await session.scalars(self._to(has, plan.id))).one() for plan in (has.draft, has.bare)
                ]
                has.delivery, has.waiting_delivery = delivery.id, waiting.id
                session.add(
                    WebhookAttempt(
                        delivery_id=delivery.id, endpoint_id=has.endpoint, number=1, started_at=now(),
                        milliseconds=5, status_code=500, outcome="refused", answer=f"Máy nhận của {slug} hỏng",
                    )
                )  # fmt: skip

    async def _admit(self):
        """One token for each kind of caller."""
        everything = frozenset(AGENCIES[OWNER][1])
        world, snapshot = self.world, self.app.state.snapshot
        told = [
            Principal("anonymous", genuine=False),
            Principal("garbage", token="x.y.z", genuine=False),
        ]
        made = await world.credentials(OWNER)
        expired = self._claims(made.client_id)
        form, basic = {"grant_type": "client_credentials"}, (str(made.client_id), made.client_secret)
        ended = await world.credentials(OWNER)
        await world.refresh()
        basic = (str(ended.client_id), ended.client_secret)
        revoked = (await self.api.post("/oauth/token", data=form, auth=basic)).json()["access_token"]
        await self.revoke(ended.client_id)
        taken_back = await world.token(OWNER)
        said = jwt.get_unverified_claims(taken_back)
        async with self.as_role("NONE") as session:
            until = now() + timedelta(minutes=10)
            session.add(RevokedToken(jti=said["jti"], client_id=UUID(said["client_id"]), expires_at=until))
        told += [
            Principal("taken back", token=taken_back, genuine=False),
            Principal("expired", token=snapshot.state.signing.sign(expired), genuine=False),
            Principal("revoked", token=revoked, genuine=False),
            Principal(
                "another agency's client",
                token=self._another_s((await world.credentials(OTHER)).client_id),
                genuine=False,
            ),
        ]
        await world.refresh()
        self.reader = await world.credentials(OWNER, "reader")
        for scope in ("registry:read", "events:read"):
            token = await world.token(OWNER, scope=scope)
            told.append(Principal(f"asked for {scope}", token=token, scopes=frozenset({scope})))
        for role, scopes in ROLES.items():
            token = await world.token(OWNER, role)
            told.append(Principal(role, token=token, scopes=frozenset(scopes) & everything))
        for slug, (function, scopes) in AGENCIES.items():
            token = await world.token(slug)
            told.append(Principal(f"{function} {slug}", slug, token, scopes=frozenset(scopes)))
        self.principals = {principal.name: principal for principal in told}

    def _claims(self, client_id):
        issued = int((now() - timedelta(minutes=20)).timestamp())
        scope = " ".join(EVERYBODY)
        return claims(client_id, self.has[OWNER].agency, scope=scope, iat=issued, exp=issued + 600, jti="expired")

    def _another_s(self, client_id):
        """A genuine signature over a client that is not of the agency."""
        said = self._claims(client_id)
        late = {"iat": said["iat"] + 20 * 60, "exp": said["exp"] + 20 * 60}
        return self.app.state.snapshot.state.signing.sign(said | late)

    async def revoke(self, client_id):
        async with self.as_role("NONE") as session:
            await revoke_client(session, client_id)
        await self.world.refresh()

    @asynccontextmanager
    async def as_role(self, role):
        """A transaction in another role, with the app's own afterwards."""
        async with transaction(self.world.sessions) as session:
            await session.execute(text(f"SET LOCAL ROLE {role}"))
            yield session
            await session.flush()
            for task in session.info.pop("last", ()):
                await task(session)
            await session.execute(text("SET LOCAL ROLE ttdn_app"))

    @asynccontextmanager
    async def undone(self):
        """Whatever happens inside is taken back."""
        savepoint = await self.connection.begin_nested()
        try:
            yield
        finally:
            await savepoint.rollback()

    async def fingerprint(self):
        """Every row of every table, but for the counters of requests and the log of readings: one value for each."""
        async with self.undone():
            await self.connection.execute(text("SET LOCAL ROLE NONE"))
            if not hasattr(self, "_digests"):
                named = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(:apart)")
                apart = {"apart": ["rate_window", "record_access"]}
                tables = sorted((await self.connection.scalars(named, apart)).all())
                # A sum does not ask for the rows in an order, which costs more than the hashes.
                one = "SELECT '{0}', count(*), sum(hashtextextended(t::text, 0)) FROM {0} AS t"
                self._digests = text(" UNION ALL ".join(map(one.format, tables)))
            return {name: rest for name, *rest in await self.connection.execute(self._digests)}

    async def send(self, principal, method, path, body=None, media=None, **headers):
        """Send a request as this principal."""
        headers = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if principal.token:
            headers["Authorization"] = f"Bearer {principal.token}"
        content = None
        if media == "application/x-www-form-urlencoded":
            return await self.api.request(method, path, data=body, headers=headers)
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = media or "application/json"
        return await self.api.request(method, path, content=content, headers=headers)

    def request(self, name, parameters, slug=OWNER, **headers):
        """Method, path, body and headers of a request that the operation takes."""
        method, path, operation = self.operations[name]
        row = TABLE[name]
        body = money.filled(row.body, {"plan_id": self.has[slug].bare.id, "line_id": MISSING} | parameters)
        known = {"source": "hscv", "external_id": "KH-1", "year": "2098", "day": str(owed.CALENDAR_DAY)}
        known |= {key: str(value) for key, value in parameters.items()}
        path = path.format_map(known)
        if row.query:
            path += "?" + "&".join(f"{key}={value}" for key, value in row.query.items())
        media = next(iter(operation.get("requestBody", {}).get("content", {})), None)
        takes = {parameter["name"] for parameter in operation.get("parameters", ())}
        if "If-Match" in takes and not name.startswith("upsert_"):
            headers.setdefault("If_Match", "*")
        if "Idempotency-Key" in takes:
            headers.setdefault("Idempotency_Key", str(uuid4()))
        return (method, path, body, media), headers

    async def ask(self, principal, name, parameters, method=None, **headers):
        """Send the operation's own request."""
        (usual, path, body, media), headers = self.request(name, parameters, principal.slug, **headers)
        return await self.send(principal, method or usual, path, body, media, **headers)

    def parameters(self, row, principal, target):
        """The path parameters of the resource a case is about."""
        known = {"regulation": "QD26-2013", "provision": "QC.D7", "problem": "not-found", "code": "H15"}
        known |= {"public event": self.events["public"], "public plan": self.for_all, "record kind": "difficulty"}
        known |= {"event type": "plan.created", "private calendar": portal.secret(press.PRESS)}
        known |= {"public record": self.records[records.OUT], "public product": self.has[OWNER].product}
        if row.on in known:
            value = NEVER[row.on] if target == "missing" else known[row.on]
            return {"id": value, "code": value, "name": value, "secret": value}
        if target == "missing":
            return NEVER
        foreign = OTHER if principal.slug == OWNER else OWNER
        return self.has[principal.slug if target == "own" else foreign].path(row.on)


def told(answer):
    """All that an answer tells, but for the id of its request."""
    id = answer.headers["x-request-id"]
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "x-request-id")
    return answer.status_code, headers, answer.content.replace(id.encode(), b"")
