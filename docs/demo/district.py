"""Buôn Đôn district's system: submits its plan, corrects it when it is returned, until it is accepted."""

import sys
import time
from pathlib import Path
from typing import Any

from client import Client, say

YEAR = 2027
WHO = "Buôn Đôn"
TASKS: list[dict[str, Any]] = [
    {
        "code": "NV-01",
        "title": "Chuyên trang tiếng Anh giới thiệu du lịch sinh thái Buôn Đôn",
        "content_category": "image_promotion",
        "audiences": ["foreign_org_or_person", "overseas_vietnamese"],
        "starts_on": f"{YEAR}-03-01",
        "ends_on": f"{YEAR}-06-30",
    }
]
BORDER_TASK = {
    "code": "NV-02",
    "title": "Thông tin đối ngoại tại khu vực biên giới",
    "content_category": "policy_and_achievement",
    "audiences": ["provincial_public"],
    "provision": "QC.D14",
}
NO_BUDGET = "Kinh phí bố trí trong dự toán chi thường xuyên"
LIMIT_SECONDS = 90


def main(credentials: Path) -> None:
    """Play the district's part."""
    call = Client.named(credentials, "district")
    agency = call("GET", "/v1/me").json()["agency_id"]
    plan = fresh_draft(call, agency)
    say(WHO, f"drafted its plan of {YEAR}: {plan['id']}")
    submit(call, plan["id"])
    say(WHO, "submitted it")
    plan = wait_for(call, plan["id"], "returned")
    say(WHO, f"learns it was returned: {plan['returned']['reason']} ({plan['returned']['note']})")
    corrected = {"year": YEAR, "title": plan["title"], "no_budget_reason": NO_BUDGET, "tasks": [*TASKS, BORDER_TASK]}
    change(call, plan["id"], "PUT", "", corrected)
    say(WHO, "corrected it: a task for the border area")
    submit(call, plan["id"])
    say(WHO, "submitted it again")
    plan = wait_for(call, plan["id"], "accepted")
    say(WHO, f"sees it accepted, version {plan['version']}; first submitted {plan['first_submitted_at']}")


def fresh_draft(call: Client, agency: str) -> dict[str, Any]:
    """A draft to start from: what an earlier run left is taken back, or used when it is a draft."""
    title = f"Kế hoạch thông tin đối ngoại huyện Buôn Đôn năm {YEAR}"
    body = {"year": YEAR, "title": title, "no_budget_reason": NO_BUDGET, "tasks": TASKS}
    found = call("GET", f"/v1/plans?agency={agency}&year={YEAR}").json()["items"]
    # An agency has one live plan for a year.
    live = next((plan for plan in found if plan["state"] != "withdrawn"), None)
    if live and live["state"] == "draft":
        change(call, live["id"], "PUT", "", body)
        return read(call, live["id"])
    if live:
        change(call, live["id"], "POST", "/withdraw", {"reason": "Lập lại kế hoạch"})
        say(WHO, f"took back the plan of an earlier run: {live['id']}")
    created = call("POST", "/v1/plans", body)
    if created.status_code == 409:
        # The answer to an earlier try was lost, the plan was not.
        return fresh_draft(call, agency)
    return expect(created, 201).json()


def submit(call: Client, id: str) -> None:
    """Send the plan."""
    signatory = {"name": "Y Demo Niê", "title": "Phó Chủ tịch UBND huyện", "capacity": "KT."}
    change(call, id, "POST", "/submit", {"no_state_secret": True, "signatory": signatory})


def change(call: Client, id: str, method: str, move: str, body: dict[str, Any]) -> None:
    """Make a change on the version last read; one that was made already, unseen, is fine."""
    before = read(call, id)
    answer = call(method, f"/v1/plans/{id}{move}", body, before["etag"])
    if answer.status_code in {409, 412} and read(call, id)["version"] == before["version"] + 1:
        return
    expect(answer, 200)


def read(call: Client, id: str) -> dict[str, Any]:
    """Read the plan."""
    return expect(call("GET", f"/v1/plans/{id}"), 200).json()


def wait_for(call: Client, id: str, state: str) -> dict[str, Any]:
    """Look until the plan is in this state."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up:
        plan = read(call, id)
        if plan["state"] == state:
            return plan
        time.sleep(0.3)
    sys.exit(f"{WHO}: the plan was not {state} within {LIMIT_SECONDS} s")


def expect(answer: Any, status: int) -> Any:
    """The answer, or the end of the play."""
    if answer.status_code != status:
        sys.exit(f"{WHO}: {answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
