"""A department's system, on the generated Python client: gets a token, drafts a plan, submits it.

Run by `check.py` in the environment of the generator: BASE_URL, CLIENT_ID and CLIENT_SECRET in the environment.
"""

import base64
import os
from uuid import uuid4

from ttdn_client import AuthenticatedClient
from ttdn_client.api.oauth import issue_token
from ttdn_client.api.plans import create_plan, get_plan, list_plans, submit_plan, withdraw_plan
from ttdn_client.models import (
    Audience,
    ContentCategory,
    IssueTokenForm,
    PlanPage,
    PlanRead,
    PlanWrite,
    ProblemDocument,
    SubmissionState,
    Submit,
    TaskWrite,
    TokenAnswer,
    Withdraw,
)

BASE = os.environ["BASE_URL"]
TITLE = "Kế hoạch thông tin đối ngoại huyện Buôn Đôn (máy khách Python)"


def token() -> str:
    """An access token, by the generated operation."""
    both = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()
    client = AuthenticatedClient(base_url=BASE, token=base64.b64encode(both).decode(), prefix="Basic")
    answer = issue_token.sync(client=client, body=IssueTokenForm(grant_type="client_credentials"))
    assert isinstance(answer, TokenAnswer), answer
    return answer.access_token


def main() -> None:
    """Draft, be refused without a declaration of version, submit, and see it submitted."""
    client = AuthenticatedClient(base_url=BASE, token=token())
    task = TaskWrite(
        code="NV-01",
        title="Chuyên trang tiếng Anh giới thiệu du lịch Buôn Đôn",
        content_category=ContentCategory.IMAGE_PROMOTION,
        audiences=[Audience.FOREIGN_ORG_OR_PERSON],
    )
    plan = create_plan.sync(
        client=client,
        body=PlanWrite(year=2031, title=TITLE, no_budget_reason="Không phát sinh", tasks=[task]),
        idempotency_key=str(uuid4()),
    )
    assert isinstance(plan, PlanRead), plan
    assert plan.state is SubmissionState.DRAFT
    sent = submit_plan.sync(id=plan.id, client=client, body=Submit(no_state_secret=True), if_match=plan.etag)
    assert isinstance(sent, PlanRead), sent
    stale = submit_plan.sync(id=plan.id, client=client, body=Submit(no_state_secret=True), if_match=plan.etag)
    assert isinstance(stale, ProblemDocument), stale
    read = get_plan.sync(id=plan.id, client=client)
    assert isinstance(read, PlanRead), read
    assert (read.state, read.title) == (SubmissionState.SUBMITTED, TITLE)
    assert [move.move for move in read.allowed_moves] == ["withdraw"]
    page = list_plans.sync(client=client, year=2031)
    assert isinstance(page, PlanPage), page
    assert plan.id in {item.id for item in page.items}
    refused = list_plans.sync(client=AuthenticatedClient(base_url=BASE, token="nothing"))
    assert isinstance(refused, ProblemDocument), refused
    assert refused.status == 401
    gone = withdraw_plan.sync(id=plan.id, client=client, body=Withdraw(reason="Thử máy khách"), if_match=read.etag)
    assert isinstance(gone, PlanRead), gone
    print("Python client: submitted a plan")


if __name__ == "__main__":
    main()
