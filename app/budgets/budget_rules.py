"""The way of the province's budget: to finance, to the People's Committee, to its end (QC.D8.K9, QC.D12)."""

from app.access.grants import Scope
from app.budgets.budget_models import BudgetState as S
from app.budgets.budget_schemas import (
    AllocateBudget,
    AppraiseBudget,
    CloseBudget,
    DecideBudget,
    ReturnBudget,
    SettleOwn,
    SubmitBudget,
)
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.trail.record import EventType

OWED, APPRAISAL, BALANCE = clause("QC.D8.K9-b"), clause("QC.D12.K1-a"), clause("QC.D12.K1-b")
SETTLING = clause("QC.D12.K2")
PROVISIONS = tuple(map(str, (OWED, APPRAISAL, BALANCE, SETTLING)))
KIND = "provincial_budget"


def _event(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"budget.{name}", KIND, title_vi, title_en, PROVISIONS)


CONSOLIDATED = _event("consolidated", "Dự toán của tỉnh được tổng hợp", "The province's budget was consolidated")
REBUILT = _event("rebuilt", "Dự toán của tỉnh được tổng hợp lại", "The province's budget was consolidated again")
SUBMITTED = _event("submitted", "Dự toán của tỉnh được gửi thẩm định", "The province's budget was sent to finance")
RETURNED = _event("returned", "Dự toán của tỉnh bị trả lại", "The province's budget was returned")
APPRAISED = _event("appraised", "Dự toán của tỉnh được thẩm định", "The province's budget was appraised")
DECIDED = _event("decided", "Dự toán của tỉnh được quyết định", "The province's budget was decided")
ALLOCATED = _event("allocated", "Nguồn kinh phí được cân đối", "The province's budget was allocated")
ADJUSTED = _event("adjusted", "Dự toán của tỉnh được điều chỉnh", "The province's budget was adjusted")
SETTLED = _event("settled", "Quyết toán được ghi nhận", "A settlement was recorded in the province's budget")
CLOSED = _event("closed", "Dự toán của tỉnh được khép lại", "The province's budget was closed")
EVENTS = (CONSOLIDATED, REBUILT, SUBMITTED, RETURNED, APPRAISED, DECIDED, ALLOCATED, ADJUSTED, SETTLED, CLOSED)

DRAFTS = frozenset({S.draft, S.returned})
SENT, FOUND, STANDS = frozenset({S.with_finance}), frozenset({S.appraised}), frozenset({S.decided})

BUDGET = Machine(
    initial=S.draft,
    moves=(
        Move(
            "submit", DRAFTS, S.with_finance, Scope.budgets_consolidate, Party.owner, OWED, SUBMITTED, SubmitBudget,
            "Send the budget to finance.",
        ),
        Move(
            "return", SENT, S.returned, Scope.budgets_appraise, Party.reviewer, APPRAISAL, RETURNED, ReturnBudget,
            "Return the budget to the coordinator.",
        ),
        Move(
            "appraise", SENT, S.appraised, Scope.budgets_appraise, Party.reviewer, APPRAISAL, APPRAISED,
            AppraiseBudget, "Appraise the budget, line by line.",
        ),
        Move(
            "return-to-finance", FOUND, S.with_finance, Scope.budgets_decide, Party.reviewer, APPRAISAL, RETURNED,
            ReturnBudget, "Return the appraisal to finance.",
        ),
        Move(
            "decide", FOUND, S.decided, Scope.budgets_decide, Party.reviewer, APPRAISAL, DECIDED, DecideBudget,
            "Decide the budget.",
        ),
        Move(
            "allocate", STANDS, S.decided, Scope.budgets_appraise, Party.reviewer, BALANCE, ALLOCATED, AllocateBudget,
            "Say where the money is found.",
        ),
        Move(
            "settle", STANDS, S.decided, Scope.budgets_consolidate, Party.owner, SETTLING, SETTLED, SettleOwn,
            "Settle the coordinator's own lines.",
        ),
        Move(
            "close", STANDS, S.closed, Scope.budgets_appraise, Party.reviewer, SETTLING, CLOSED, CloseBudget,
            "Close the budget.",
        ),
    ),
)  # fmt: skip
