"""The chain of one year, from the first plan to the closed budget: every agency of the register, through HTTP alone.

Every amount is held to a ledger of the test's own, at every tier, over all and by category.
"""

import csv
from collections import Counter
from io import StringIO
from random import Random

import pytest

from tests import make
from tests.chain.ledger import CATEGORIES, Ledger
from tests.obligations.hands import DISPATCH, all_of, at, opened

YEAR = 2027
DECISION = {"number": "3012/QĐ-UBND", "issued_on": "2026-12-25", "issuer": "UBND tỉnh", "sha256": "0" * 64}
SIGNED = {"name": "Nguyễn Văn Hòa", "title": "Chủ tịch", "capacity": "TM."}
SENT = make.SUBMIT | {"document": DISPATCH}
SOURCES = ("provincial_budget", "central_budget", "own_revenue")
PLAN, ESTIMATE, REPORT, TASK = "QC.D7.K1-a", "QC.D7.K1-b", "QC.D7.K3-a", "QC.D7.K1-c"
OFFICES = {make.COORDINATOR, make.COMMITTEE, make.FINANCE}
COLUMNS = {"Đề nghị": "requested", "Thẩm định": "appraised", "Quyết định": "decided", "Quyết toán": "spent"}
COUNTED = ("expected", "received", "late", "nil_return", "missing")


class Province:
    """The agencies of the register, their callers, and what becomes of each."""

    def __init__(self, world):
        self.world, self.random, self.ledger = world, Random(YEAR), Ledger()
        self.ids, self.writers, self.members = {}, [], set()
        self.plans, self.estimates, self.lines, self.tasks = {}, {}, {}, {}
        self.silent, self.late, self.without = set(), set(), set()

    async def begin(self):
        """Who there is and who may send, by the register and by each one's own token."""
        for item in await all_of(await self.world.as_(make.COORDINATOR), "/v1/agencies"):
            self.ids[item["slug"]] = item["id"]
        for slug in self.ids:
            me = (await (await self.world.as_(slug)).get("/v1/me")).json()
            if "plans:write" in me["scopes"]:
                self.writers.append(slug)
            if "MEMBER" in me["functions"] or "DISTRICT" in me["functions"]:
                self.members.add(slug)
        others = [slug for slug in self.writers if slug in self.members - OFFICES]
        self.silent, self.late, self.without = set(others[:2]), set(others[2:5]), set(others[5:8])

    async def post(self, slug, path, body, status=200):
        """A request that must be answered so."""
        answer = await (await self.world.as_(slug)).post(path, body, "*" if status == 200 else None)
        assert answer.status_code == status, (slug, path, answer.text)
        return answer.json()

    async def get(self, slug, path):
        """A resource that must be there."""
        answer = await (await self.world.as_(slug)).get(path)
        assert answer.status_code == 200, (slug, path, answer.text)
        return answer.json()

    def lines_of(self, slug):
        """An estimate's lines, with amounts up to some hundred million đồng."""
        lines = []
        for number in range(self.random.randint(1, 4)):
            quantity, norm = self.random.randint(1, 400), self.random.randint(1, 9_000) * 100
            lines.append({
                "code": f"DT-{number}", "task_code": "NV-00", "content": f"Khoản {number} của {slug}",
                "category": self.random.choice(CATEGORIES), "funding_source": self.random.choice(SOURCES),
                "quantity": str(quantity), "norm_vnd": norm, "amount_vnd": quantity * norm,
            })  # fmt: skip
        return lines

    async def draft(self, slug):
        """A plan, and beside it an estimate or the reason for none."""
        partner = self.random.choice([other for other in self.writers if other != slug])
        tasks = [
            make.a_task(code=f"NV-{n:02}", title=f"Việc {n} của {slug}", cooperating_agency_ids=[self.ids[partner]])
            for n in range(self.random.randint(1, 3))
        ]
        reason = "Dùng kinh phí thường xuyên." if slug in self.without else None
        plan = await self.post(slug, "/v1/plans", make.a_plan(year=YEAR, tasks=tasks, no_budget_reason=reason), 201)
        self.plans[slug] = plan["id"]
        if slug not in self.without:
            lines = self.lines_of(slug)
            body = make.an_estimate(plan["id"], lines=lines)
            self.estimates[slug] = (await self.post(slug, "/v1/budget-estimates", body, 201))["id"]
            self.ledger.ask(slug, lines)

    async def send(self, slug):
        """The plan is sent, and the estimate with it."""
        await self.post(slug, f"/v1/plans/{self.plans[slug]}/submit", make.SUBMIT)

    async def corrected(self, slug):
        """The coordinator returns a plan; its agency corrects the estimate that went with it, and sends both again."""
        refusal = {"reason": "missing_budget", "note": "Tính lại theo định mức."}
        await self.post(make.COORDINATOR, f"/v1/plans/{self.plans[slug]}/return", refusal)
        lines = self.lines_of(slug)
        body = make.an_estimate(self.plans[slug], lines=lines)
        caller = await self.world.as_(slug)
        answer = await caller.put(f"/v1/budget-estimates/{self.estimates[slug]}", body, "*")
        assert answer.status_code == 200, answer.text
        self.ledger.ask(slug, lines)
        await self.send(slug)

    async def accept(self, slug):
        """The coordinator accepts what others sent."""
        if slug != make.COORDINATOR:
            await self.post(make.COORDINATOR, f"/v1/plans/{self.plans[slug]}/accept", {})


@pytest.mark.provision("QC.D7.K1", "QC.D7.K3", "QC.D8.K2", "QC.D8.K8", "QC.D8.K9", "QC.D12.K1")
async def test_a_year_of_the_whole_province_comes_out_to_the_dong(world):
    province = Province(world)
    async with at(world, "2026-06-01T08:00:00"):
        await province.begin()
        assert len(province.ids) >= 59
        dates = {PLAN: "2026-07-20", ESTIMATE: "2026-07-20", REPORT: None}
        await opened(await world.as_(make.COORDINATOR), YEAR, deadlines={d: day for d, day in dates.items() if day})
    await plans_arrive(province)
    await the_plan_of_the_province(province)
    budget = await the_budget(province)
    await tasks_are_carried_out(province)
    await the_year_is_reported(province)
    await the_money_is_settled(province, budget)
    await the_matrix_says_the_same(province)


async def plans_arrive(province):
    """July 2026: most in time, some late, some never; some are returned and corrected."""
    world = province.world
    async with at(world, "2026-07-10T09:00:00"):
        for slug in province.writers:
            if slug not in province.silent:
                await province.draft(slug)
                if slug not in province.late:
                    await province.send(slug)
        returned = [slug for slug in province.estimates if slug not in province.late | OFFICES][:5]
        for slug in returned:
            await province.corrected(slug)
    async with at(world, "2026-07-21T00:00:00"):
        for slug in province.late:
            await province.send(slug)
        for slug in province.plans:
            await province.accept(slug)
        for slug, id in province.estimates.items():
            shown = await province.get(slug, f"/v1/budget-estimates/{id}")
            assert shown["state"] == "accepted"
            assert shown["total_vnd"] == sum(line.amounts["requested"] for line in province.ledger.of(slug).values())
            assert {line["decided_vnd"] for line in shown["lines"]} == {None}


async def the_plan_of_the_province(province):
    """December 2026: built, returned once, merged and cut, approved, issued to all."""
    world, committee = province.world, make.COMMITTEE
    async with at(world, "2026-12-10T09:00:00"):
        body = {"year": YEAR, "title": f"Kế hoạch của tỉnh năm {YEAR}"}
        plan = await province.post(make.COORDINATOR, "/v1/provincial-plans", body, 201)
        path = f"/v1/provincial-plans/{plan['id']}"
        assert {item["plan_id"] for item in plan["absorbed"]} == set(province.plans.values())
        absent = {item["agency_id"]: item["state"] for item in plan["absent"]}
        assert absent == {province.ids[slug]: "missing" for slug in province.silent}
        first, second, cut, *rest = plan["tasks"]
        gathered = [task["sources"] for task in plan["tasks"]]
        merged = written(first) | {"sources": first["sources"] + second["sources"], "title": "Việc chung"}
        words = {"title": plan["title"], "tasks": [merged, *map(written, rest)]}
        words["dropped"] = [{"task_id": id, "reason": "Trùng với năm trước"} for id in cut["sources"]]
        coordinator = await world.as_(make.COORDINATOR)
        kept = await coordinator.put(path, words | {"tasks": words["tasks"][1:]}, "*")
        assert kept.status_code == 200, kept.text
        refused = await coordinator.post(f"{path}/submit", SENT, "*")
        assert refused.status_code == 422, "a source that is nowhere is not lost in silence"
        assert (await coordinator.put(path, words, "*")).status_code == 200
        await province.post(make.COORDINATOR, f"{path}/submit", SENT)
        await province.post(committee, f"{path}/return", {"reason": "Nêu rõ cơ quan chủ trì."})
        await province.post(make.COORDINATOR, f"{path}/submit", SENT)
        await province.post(committee, f"{path}/approve", {"document": DECISION, "signatory": SIGNED})
        issued = await province.post(committee, f"{path}/issue", {"effective_from": f"{YEAR}-01-01"})
        placed = [id for task in issued["tasks"] for id in task["sources"]] + cut["sources"]
        assert Counter(placed) == Counter(id for ids in gathered for id in ids), "none twice, none lost"
        for slug in province.ids:
            assert (await province.get(slug, path))["state"] == "issued"
        for slug, id in province.plans.items():
            assert (await province.get(slug, f"/v1/plans/{id}"))["state"] == "consolidated"
        province.tasks = {task["code"]: task for task in issued["tasks"]}


def written(task):
    """A task as it is written again."""
    return {name: value for name, value in task.items() if name not in {"id", "carried_from"}}


async def the_budget(province):
    """December 2026: one budget of all estimates, appraised line by line, decided, allocated, adjusted."""
    world, ledger = province.world, province.ledger
    async with at(world, "2026-12-15T09:00:00"):
        own = {
            "code": "DP-01", "content": "Hội nghị toàn tỉnh", "category": "programme",
            "funding_source": "provincial_budget", "requested_vnd": 321_000_000,
        }  # fmt: skip
        body = {"year": YEAR, "title": f"Dự toán của tỉnh năm {YEAR}", "own_lines": [own]}
        budget = await province.post(make.COORDINATOR, "/v1/provincial-budgets", body, 201)
        path = f"/v1/provincial-budgets/{budget['id']}"
        ledger.lines["", "DP-01"] = line = type(next(iter(ledger.lines.values())))(
            "", "DP-01", "programme", "provincial_budget"
        )
        line.amounts["requested"] = 321_000_000
        assert {item["estimate_id"] for item in budget["content"]["included"]} == set(province.estimates.values())
        await province.post(make.COORDINATOR, f"{path}/submit", SENT)
        lines = await all_of(await world.as_(make.FINANCE), f"{path}/lines")
        slugs = {id: slug for slug, id in province.ids.items()}
        known = {
            line["id"]: ("" if line["estimate_id"] is None else slugs[line["agency_id"]], line["code"])
            for line in lines
        }
        assert set(known.values()) == set(ledger.lines), "every line once, and no other"
        assert {known[line["id"]][0] for line in lines if line["self_appraised"]} == {make.FINANCE}
        await hold_to(province, path, "requested")
        said = []
        for line in lines:
            amount = line["requested_vnd"] * province.random.choice([100, 100, 90, 75, 0]) // 100
            ledger.lines[known[line["id"]]].amounts["appraised"] = amount
            said.append({"line_id": line["id"], "appraised_vnd": amount, "opinion": "Theo định mức"})
        await province.post(make.FINANCE, f"{path}/appraise", {"lines": said, "document": DECISION})
        await hold_to(province, path, "requested", "appraised")
        exceptions = []
        for line in lines:
            kept = ledger.lines[known[line["id"]]].amounts
            kept["decided"] = kept["appraised"]
            if province.random.random() < 0.1:
                kept["decided"] = kept["requested"] // 2
                exceptions.append({"line_id": line["id"], "decided_vnd": kept["decided"], "reason": "Theo chỉ đạo"})
        decision = {"document": DECISION, "signatory": SIGNED, "exceptions": exceptions}
        await province.post(make.COMMITTEE, f"{path}/decide", decision)
        await hold_to(province, path, "requested", "appraised", "decided", "current")
        cut = [id for id, key in known.items() if ledger.lines[key].current >= 3_000][:3]
        for id in cut:
            ledger.lines[known[id]].amounts["change"] = -1_000
        changes = [{"line_id": id, "change_vnd": -1_000, "reason": "Tiết kiệm"} for id in cut]
        await province.post(make.COMMITTEE, f"{path}/adjustments", {"document": DECISION, "lines": changes}, 201)
        allocations = [
            {"category": category, "funding_source": source, "amount_vnd": amount}
            for (category, source), amount in sorted(ledger.by_place().items())
        ]
        await province.post(make.FINANCE, f"{path}/allocate", {"allocations": allocations})
        shown = await hold_to(province, path, "requested", "appraised", "decided", "change", "current")
        assert {(c["category"], c["unallocated_vnd"]) for c in shown["categories"]} == {(c, 0) for c in CATEGORIES}
        await each_sees_its_own(province, path)
        return path


async def hold_to(province, path, *tiers):
    """The budget's sums are the ledger's, over all and by category; the table of its lines adds up to them too."""
    shown = await province.get(make.FINANCE, path)
    for found, category in ((shown["totals"], None), *((c, c["category"]) for c in shown["categories"])):
        wanted = province.ledger.totals(category)
        for tier in tiers:
            assert found[f"{tier}_vnd"] == wanted[f"{tier}_vnd"], (category, tier)
    return shown


async def each_sees_its_own(province, path):
    """What was decided about its own lines, and nothing else of the budget."""
    for slug, id in province.estimates.items():
        mine = province.ledger.of(slug)
        shown = await province.get(slug, f"/v1/budget-estimates/{id}")
        found = {line["code"]: (line["amount_vnd"], line["decided_vnd"], line["change_vnd"]) for line in shown["lines"]}
        wanted = ("requested", "decided", "change")
        assert found == {code: tuple(line.amounts[tier] for tier in wanted) for code, line in mine.items()}, slug
        assert "appraised" not in str(shown)
        province.lines[slug] = {line["code"]: line["id"] for line in shown["lines"]}
        if slug not in OFFICES:
            caller = await province.world.as_(slug)
            assert (await caller.get(path)).status_code == 404
            other = next(other for other in province.estimates.values() if other != id)
            assert (await caller.get(f"/v1/budget-estimates/{other}")).status_code == 404


async def tasks_are_carried_out(province):
    """2027: leads report, partners answer, the coordinator checks; plan against actual is recounted."""
    world = province.world
    done = Counter()
    async with at(world, "2027-05-01T09:00:00"):
        rows = await all_of(await world.as_(make.COORDINATOR), f"/v1/plan-tasks?year={YEAR}")
        assert {row["code"] for row in rows} == set(province.tasks)
        slugs = {id: slug for slug, id in province.ids.items()}
        for place, row in enumerate(sorted(rows, key=lambda row: row["code"])):
            lead, path = slugs[row["agency_id"]], f"/v1/plan-tasks/{row['id']}"
            if place % 3 == 2:
                done[lead, "not_started"] += 1
                continue
            report = {"no_state_secret": True, "done": "Đã triển khai."}
            await province.post(lead, f"{path}/progress", report | {"percent": 50, "pace": "on_track"})
            done[lead, "in_progress" if place % 3 else "completed"] += 1
            if place % 3 == 0:
                await province.post(lead, f"{path}/complete", report)
                check = {"checked_on": "2027-05-01", "finding": "satisfactory"}
                checked = await (await world.as_(make.COORDINATOR)).post(f"{path}/checks", check, "*")
                assert checked.status_code == 201, checked.text
        for slug in province.writers:
            asked = await all_of(await world.as_(slug), f"/v1/cooperations?agency={province.ids[slug]}")
            for item in asked:
                move = province.random.choice(["accept", "decline"])
                await province.post(slug, f"/v1/cooperations/{item['id']}/{move}", {"answer": "Đã xem xét."})
        execution = await province.get(make.COMMITTEE, f"/v1/plan-tasks/execution?year={YEAR}")
        states = ("not_started", "in_progress", "completed")
        found = {(slugs[item["key"]], state): item[state] for item in execution["items"] for state in states}
        assert +Counter(found) == done
        assert execution["total"]["planned"] == sum(done.values()) == len(province.tasks)


async def the_year_is_reported(province):
    """December 2027: reports in time and late, consolidated, put before the committee."""
    world = province.world
    for moment, slugs in (
        ("2027-12-14T23:59:59", [slug for slug in province.writers if slug not in province.late | province.silent]),
        ("2027-12-15T00:00:00", sorted(province.late)),
    ):
        async with at(world, moment):
            for slug in slugs:
                report = await province.post(slug, "/v1/reports", make.a_report(year=YEAR), 201)
                await province.post(slug, f"/v1/reports/{report['id']}/submit", make.SUBMIT)
                if slug != make.COORDINATOR:
                    await province.post(make.COORDINATOR, f"/v1/reports/{report['id']}/accept", {})
    async with at(world, "2027-12-20T09:00:00"):
        body = {"year": YEAR, "title": f"Báo cáo tổng hợp năm {YEAR}"}
        made = await province.post(make.COORDINATOR, "/v1/consolidated-reports", body, 201)
        late = {item["agency_id"] for item in made["content"]["included"] if item["late"]}
        assert late == {province.ids[slug] for slug in province.late}
        assert {item["agency_id"] for item in made["content"]["absent"]} == {province.ids[s] for s in province.silent}
        path = f"/v1/consolidated-reports/{made['id']}"
        await province.post(make.COORDINATOR, f"{path}/submit", SENT)
        await province.post(make.COMMITTEE, f"{path}/acknowledge", {})
        for slug in province.ids:
            assert (await province.get(slug, path))["state"] == "acknowledged"


async def the_money_is_settled(province, path):
    """Each settles its own lines; one never does, and is named when the budget is closed."""
    world, ledger = province.world, province.ledger
    last = next(slug for slug in sorted(province.estimates) if slug not in OFFICES)
    async with at(world, "2027-12-25T09:00:00"):
        for slug, id in province.estimates.items():
            if slug == last:
                continue
            said = []
            for code, line in ledger.of(slug).items():
                line.amounts["spent"] = line.current * province.random.choice([100, 98, 103]) // 100
                said.append({"line_id": province.lines[slug][code], "spent_vnd": line.amounts["spent"]})
            await province.post(slug, f"/v1/budget-estimates/{id}/settle", {"no_state_secret": True, "lines": said})
        (own,) = [x for x in await all_of(await world.as_(make.FINANCE), f"{path}/lines") if x["estimate_id"] is None]
        spent = ledger.lines["", "DP-01"].amounts["spent"] = ledger.lines["", "DP-01"].current
        settled = {"no_state_secret": True, "lines": [{"line_id": own["id"], "spent_vnd": spent}]}
        await province.post(make.COORDINATOR, f"{path}/settle", settled)
        caller = await world.as_(make.FINANCE)
        assert (await caller.post(f"{path}/close", {"unsettled": []}, "*")).status_code == 422
        await province.post(make.FINANCE, f"{path}/close", {"unsettled": [province.ids[last]]})
        shown = await hold_to(province, path, "requested", "appraised", "decided", "change", "current", "spent")
        assert shown["state"] == "closed"
        table = (await caller.get(f"{path}/lines?format=csv")).content.decode("utf-8-sig")
        rows = list(csv.DictReader(StringIO(table)))
        sums = [row for row in rows if row["Cơ quan"].startswith("Cộng")]
        assert len(rows) - len(sums) == len(ledger.lines)
        for title, tier in COLUMNS.items():
            assert sum(int(row[title] or 0) for row in sums) == ledger.totals()[f"{tier}_vnd"], title


async def the_matrix_says_the_same(province):
    """Who owed what and what came of it, recounted from what was sent."""
    async with at(province.world, "2027-12-31T09:00:00"):
        matrix = await province.get(make.COORDINATOR, f"/v1/obligations/matrix?year={YEAR}")
    found = {duty["duty"]: tuple(duty["total"][name] for name in COUNTED) for duty in matrix["duties"]}
    number, silent, late, without = map(len, (province.members, province.silent, province.late, province.without))
    assert found[PLAN] == (number, number - silent, late, 0, silent)
    assert found[ESTIMATE] == (number, number - silent, late, without, silent)
    assert found[REPORT] == (number, number - silent, late, 0, silent)
    assert found[TASK][0] == len(province.tasks)
