"""The procedure of every submission, as one table: its agency drafts, sends and takes back; who receives it reviews."""

from dataclasses import dataclass

from app.access.actor import Actor
from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.flow.submission import Accept, Return, Submit, Withdraw
from app.flow.submission import SubmissionState as S
from app.law.citing import Clause
from app.trail.record import EventType

DRAFTS = frozenset({S.draft, S.returned})
DELETABLE = frozenset({S.draft})
SENT = frozenset({S.submitted})
# Until the coordinator has built on it, an agency may take back what it sent; the event is the notice.
RECALLABLE = frozenset({S.submitted, S.returned, S.accepted})


@dataclass(frozen=True, slots=True)
class Scopes:
    """What each step asks of its caller."""

    read: Scope
    write: Scope
    submit: Scope
    review: Scope


class SubmissionRules:
    """One kind of submission: what it is called, the provisions that order it and its review, its events and moves."""

    def __init__(self, kind: str, name_vi: str, name_en: str, send: Clause, review: Clause, scopes: Scopes) -> None:
        self.kind, self.scopes, self.provisions = kind, scopes, (send,)
        # Whoever holds the function that receives it sends to itself.
        self.recipients = frozenset(f for duty in send.duties for f in duty.functions("recipient"))
        a, an = name_vi[0].upper() + name_vi[1:], name_en[0].upper() + name_en[1:]
        bare = name_en.partition(" ")[2]
        self.created = self._event("created", f"{a} được lập", f"{an} was drafted")
        self.replaced = self._event("replaced", f"{a} được sửa", f"{an} was edited")
        self.deleted = self._event("deleted", f"Bản nháp {name_vi} bị xóa", f"A draft {bare} was deleted")
        self.submitted = self._event("submitted", f"{a} được gửi", f"{an} was submitted")
        self.returned = self._event("returned", f"{a} bị trả lại", f"{an} was returned")
        self.accepted = self._event("accepted", f"{a} được tiếp nhận", f"{an} was accepted")
        self.withdrawn = self._event("withdrawn", f"{a} được thu hồi", f"{an} was withdrawn")
        self.consolidated = self._event("consolidated", f"{a} được tổng hợp", f"{an} was consolidated")
        self.released = self._event("released", f"{a} ra khỏi bản tổng hợp", f"{an} was released from consolidation")
        self.remarked = self._event("remarked", f"{a} có ý kiến", f"{an} was remarked on")
        self.remark_answered = self._event("remark_answered", "Ý kiến được giải trình", "A remark was answered")
        self.remark_resolved = self._event("remark_resolved", "Ý kiến được khép lại", "A remark was resolved")
        self.submit = Move(
            "submit", DRAFTS, S.submitted, scopes.submit, Party.owner, send, self.submitted, Submit,
            f"Submit {name_en} to the coordinator.",
        )  # fmt: skip
        self.withdraw = Move(
            "withdraw", RECALLABLE, S.withdrawn, scopes.submit, Party.owner, send, self.withdrawn, Withdraw,
            f"Take back {name_en} that was sent.",
        )  # fmt: skip
        self.return_ = Move(
            "return", SENT, S.returned, scopes.review, Party.reviewer, review, self.returned, Return,
            f"Return {name_en} to its agency, with a reason.",
        )  # fmt: skip
        self.accept = Move(
            "accept", SENT, S.accepted, scopes.review, Party.reviewer, review, self.accepted, Accept,
            f"Accept a submitted {bare}.",
        )  # fmt: skip
        moves = (self.submit, self.withdraw, self.return_, self.accept)
        self.machine = Machine(initial=S.draft, moves=moves, told=(S.consolidated,))

    def _event(self, name: str, title_vi: str, title_en: str) -> EventType:
        return EventType(f"{self.kind}.{name}", self.kind, title_vi, title_en, self.provisions)

    @property
    def events(self) -> tuple[EventType, ...]:
        """Everything that is told of it."""
        return (
            self.created, self.replaced, self.deleted, self.submitted, self.returned, self.accepted, self.withdrawn,
            self.consolidated, self.released, self.remarked, self.remark_answered, self.remark_resolved,
        )  # fmt: skip

    def received_by(self, actor: Actor) -> bool:
        """Whether the actor's agency holds a function that receives these submissions."""
        return not self.recipients.isdisjoint(actor.functions)
