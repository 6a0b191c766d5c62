"""The procedure of an agency's budget estimate (QC.D7.K1): its plan's moves are its own, and then the budget's."""

from app.access.grants import Scope
from app.budgets.models import EstimateState as E
from app.budgets.schemas import Settle
from app.flow.machine import Machine, Move, Party
from app.flow.submission_rules import Scopes, SubmissionRules
from app.law.citing import clause

OWED = clause("QC.D7.K1-b")
SETTLING = clause("QC.D12.K2")


class EstimateRules(SubmissionRules):
    """A submission that is sent, returned, accepted and taken back with its plan; only settling is asked for alone."""

    def __init__(self) -> None:
        super().__init__(
            "budget_estimate",
            "dự toán",
            "a budget estimate",
            send=OWED,
            review=clause("QC.D8.K2"),
            # Who reviews a plan reviews what goes with it.
            scopes=Scopes(Scope.budgets_read, Scope.budgets_write, Scope.plans_submit, Scope.plans_review),
        )
        self.decided = self._event("decided", "Dự toán được quyết định", "A budget estimate was decided")
        self.adjusted = self._event("adjusted", "Dự toán được điều chỉnh", "A budget estimate was adjusted")
        self.settled = self._event("settled", "Dự toán được quyết toán", "A budget estimate was settled")
        self.settle = Move(
            "settle", frozenset({E.decided}), E.settled, Scope.budgets_write, Party.owner, SETTLING, self.settled,
            Settle, "Settle what was decided: what was spent, line by line.",
        )  # fmt: skip
        told = [state for state in E if state is not E.settled]
        self.machine = Machine(initial=E.draft, moves=(self.settle,), told=told)


ESTIMATE = EstimateRules()
EVENTS = (*ESTIMATE.events, ESTIMATE.decided, ESTIMATE.adjusted, ESTIMATE.settled)
